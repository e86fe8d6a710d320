"""The readings of one machine as a file: each reading, or hourly means where they are very many.

``machine_export`` takes ``form`` (csv or xlsx) and either ``span`` (1h, 24h, 7d, 30d) or ``start`` and ``end``.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from zhulian.audit.rules import Subject
from zhulian.organisations import queries
from zhulian.organisations.queries import MachineRow
from zhulian.organisations.rules import RecordsError
from zhulian.organisations.tenancy import visible_to
from zhulian.portal.exports import NOTES, SAMPLE, Download, download, refused
from zhulian.portal.looks import taken
from zhulian.portal.telemetry_access import telemetry
from zhulian.portal.templatetags.zhulian import said
from zhulian.spreadsheets.writing import Column, Sheet, Value
from zhulian.vocabulary.clock import SHANGHAI, system_clock, to_datetime, to_time_us
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.readings import Quality, TimeUs

MOST_ROWS = 200_000
"""Readings as they came up to here; beyond it, means of about an hour."""
HOUR_US = 3_600_000_000
STRETCH_US = 1_500 * HOUR_US
"""Series have at most 2,000 buckets, so long ranges are asked for in stretches."""
SPANS = {"1h": timedelta(hours=1), "24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
QUALITIES = {
    Quality.GOOD: Text("正常", "Good"),
    Quality.UNCERTAIN: Text("存疑", "Uncertain"),
    Quality.BAD: Text("无效", "Bad"),
}


def refusing(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A refusal is one readable line instead of a file."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            raise
        except ZhulianError as fault:
            status = 422 if isinstance(fault, RecordsError) else 503
            return HttpResponse(said(fault), "text/plain; charset=utf-8", status)

    return answered


@require_safe
@refusing
def machine_export(request: HttpRequest, machine: int) -> Download:
    """Readings of one machine in a range, oldest first."""
    scope = visible_to(request.user)
    found = queries.machine(scope, machine)
    start_us, end_us = _range(request)
    points = {row.id: row for row in found.points}
    totals = {point: telemetry().series(found.enterprise, point, start_us, end_us, 1).total for point in points}
    is_whole = sum(totals.values()) <= MOST_ROWS
    sheet = Sheet(
        name=found.name,
        columns=[Column(said(title), 22) for title in (_READING_COLUMNS if is_whole else _MEAN_COLUMNS)],
        rows=_readings(found, start_us, end_us) if is_whole else _means(found, start_us, end_us),
        notes=_machine_notes(found, start_us, end_us, sum(totals.values()), _EACH if is_whole else _HOURLY),
        sample_words=said(SAMPLE) if found.is_sample else "",
        notes_name=said(NOTES),
    )
    form, rows = request.GET.get("form", "xlsx"), sum(totals.values())
    file = download(sheet, form)
    subject = Subject("machine", found.id, found.name)
    taken(scope, subject, rows, form, owner=found.enterprise, filters=request.get_full_path())
    return file


_READING_COLUMNS = (
    Text("时间", "Time"), Text("点位", "Point"), Text("单位", "Unit"),
    Text("数值", "Value"), Text("文字", "Text"), Text("质量", "Quality"),
)  # fmt: skip
_MEAN_COLUMNS = (
    Text("时间", "Time"), Text("点位", "Point"), Text("单位", "Unit"), Text("平均", "Mean"),
    Text("最小", "Least"), Text("最大", "Greatest"), Text("读数条数", "Readings"),
)  # fmt: skip
_EACH = Text("逐条读数", "each reading")
_HOURLY = Text(
    f"超过 {MOST_ROWS} 条，按约一小时取平均、最小、最大",
    f"more than {MOST_ROWS} readings: mean, least and greatest of about an hour",
)


def _readings(machine: MachineRow, start_us: TimeUs, end_us: TimeUs) -> Iterator[Sequence[Value]]:
    points = {row.id: row for row in machine.points}
    for reading in telemetry().rows(machine.enterprise, list(points), start_us, end_us):
        row = points[reading.point]
        value = None if reading.quality is Quality.BAD else reading.value
        yield local(reading.time_us), row.name, row.unit, value, reading.text or "", said(QUALITIES[reading.quality])


def _means(machine: MachineRow, start_us: TimeUs, end_us: TimeUs) -> Iterator[Sequence[Value]]:
    for row in machine.points:
        for since_us in range(start_us, end_us, STRETCH_US):
            until_us = TimeUs(min(since_us + STRETCH_US, end_us))
            hours = -(-(until_us - since_us) // HOUR_US)
            found = telemetry().series(machine.enterprise, row.id, TimeUs(since_us), until_us, hours)
            buckets = zip(found.times_us, found.means, found.lows, found.highs, found.counts, strict=True)
            for time_us, mean, low, high, count in buckets:
                yield local(TimeUs(time_us)), row.name, row.unit, mean, low, high, count


def _machine_notes(
    machine: MachineRow, start_us: TimeUs, end_us: TimeUs, total: int, kind: Text
) -> tuple[tuple[str, str], ...]:
    newest = telemetry().latest(machine.enterprise, [row.id for row in machine.points]).values()
    last = max((one.time_us for one in newest), default=None)
    never = said(Text("还没有读数", "no reading yet"))
    return (
        (said(Text("企业", "Enterprise")), machine.enterprise_name),
        (said(Text("设备", "Machine")), machine.name),
        (said(Text("网关", "Gateway")), machine.gateway_name),
        (said(Text("协议与地址", "Protocol and address")), f"{machine.protocol} {machine.address}"),
        (said(Text("开始", "From")), local(start_us).isoformat(" ", "seconds")),
        (said(Text("结束（不含）", "Until (excluded)")), local(end_us).isoformat(" ", "seconds")),
        (said(Text("读数条数", "Readings")), str(total)),
        (said(Text("内容", "Content")), said(kind)),
        (said(Text("最新读数", "Newest reading")), local(last).isoformat(" ", "seconds") if last else never),
        (said(Text("时区", "Time zone")), "Asia/Shanghai (UTC+8)"),
        (said(Text("数据来源说明", "Attribution")), machine.source_note),
    )


def _range(request: HttpRequest) -> tuple[TimeUs, TimeUs]:
    span = request.GET.get("span", "24h")
    now = to_datetime(system_clock())
    end = _moment(request.GET.get("end", "")) or now
    start = _moment(request.GET.get("start", "")) or end - SPANS.get(span, SPANS["24h"])
    if span not in SPANS or not timedelta(0) < end - start <= timedelta(days=3660):
        raise refused("开始应早于结束，最长十年", "start lies before end, at most ten years")
    return to_time_us(start), to_time_us(end)


def _moment(given: str) -> datetime | None:
    """A time as a form sends it; without a zone it is meant as pages show it, in Shanghai."""
    if not given:
        return None
    try:
        moment = datetime.fromisoformat(given.replace(" ", "+"))
        return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
    except ValueError as fault:
        raise refused(f"看不懂时间“{given[:40]}”", f"“{given[:40]}” is no time") from fault


def local(time_us: TimeUs) -> datetime:
    """A time as files carry it: in Shanghai, without a zone."""
    return to_datetime(time_us).astimezone(SHANGHAI).replace(tzinfo=None)
