"""Downloads: the readings of a machine, and the list of enterprises as it is filtered on screen, as CSV or Excel.

``machine_export`` takes ``form`` (csv or xlsx) and either ``span`` (1h, 24h, 7d, 30d) or ``start`` and ``end``;
``enterprise_export`` takes ``form`` and the filters of the list. Pages link to both.
"""

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from urllib.parse import quote

import openpyxl
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from zhulian.organisations import queries
from zhulian.organisations.queries import EnterpriseFilter, MachineRow
from zhulian.organisations.rules import RecordsError, industry_name
from zhulian.organisations.tenancy import visible_to
from zhulian.portal.telemetry_access import telemetry
from zhulian.vocabulary.clock import SHANGHAI, system_clock, to_datetime, to_time_us
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.places import BY_CODE
from zhulian.vocabulary.readings import Quality, TimeUs

MOST_ROWS = 200_000
"""Readings as they came up to here; beyond it, means of about an hour."""
_HOUR_US = 3_600_000_000
_STRETCH_US = 1_500 * _HOUR_US
"""Series have at most 2,000 buckets, so long ranges are asked for in stretches."""
SPANS = {"1h": timedelta(hours=1), "24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
SAMPLE = Text("演示数据", "Sample data")
QUALITIES = {
    Quality.GOOD: Text("正常", "Good"),
    Quality.UNCERTAIN: Text("存疑", "Uncertain"),
    Quality.BAD: Text("无效", "Bad"),
}
_FORMULA = re.compile(r"^[=+\-@\t\r]")
Value = str | float | int | datetime | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table on its way out. ``notes`` say where it comes from; they get a sheet of their own in Excel."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Sequence[Value]]
    notes: tuple[tuple[str, str], ...]
    is_sample: bool


def _refusing(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A refusal is one readable line instead of a file."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            raise
        except ZhulianError as fault:
            status = 422 if isinstance(fault, RecordsError) else 503
            return HttpResponse(fault.in_language(_language()), "text/plain; charset=utf-8", status)

    return answered


@require_safe
@_refusing
def machine_export(request: HttpRequest, machine: int) -> HttpResponse:
    """Readings of one machine in a range, oldest first."""
    found = queries.machine(visible_to(request.user), machine)
    start_us, end_us = _range(request)
    points = {row.id: row for row in found.points}
    totals = {point: telemetry().series(found.enterprise, point, start_us, end_us, 1).total for point in points}
    is_whole = sum(totals.values()) <= MOST_ROWS
    rows = _readings(found, start_us, end_us) if is_whole else _means(found, start_us, end_us)
    kind = (
        Text("逐条读数", "each reading")
        if is_whole
        else Text(
            f"超过 {MOST_ROWS} 条，按约一小时取平均、最小、最大",
            f"more than {MOST_ROWS} readings: mean, least and greatest of about an hour",
        )
    )
    return _answer(
        request,
        Sheet(
            name=found.name,
            columns=_titles(_READING_COLUMNS if is_whole else _MEAN_COLUMNS),
            rows=rows,
            notes=_machine_notes(found, start_us, end_us, sum(totals.values()), kind),
            is_sample=found.is_sample,
        ),
    )


@require_safe
@_refusing
def enterprise_export(request: HttpRequest) -> HttpResponse:
    """Every enterprise that the list's filters leave, not only the page on screen."""
    scope = visible_to(request.user)
    rows = list(queries.every_enterprise(scope, enterprise_filter(request)))
    hidden = scope.hidden_enterprises()
    notes = (
        (_say(Text("来源", "Source")), _say(Text("企业档案", "Enterprise files"))),
        (_say(Text("导出时间", "Exported at")), _local(system_clock()).isoformat(" ", "seconds")),
        (_say(Text("行数", "Rows")), str(len(rows))),
        (_say(Text("权限以外", "Beyond your rights")), str(hidden)),
    )
    name = _say(Text("企业列表", "Enterprises"))
    is_sample = any(row.is_sample for row in rows)
    return _answer(request, Sheet(name, _titles(_ENTERPRISE_COLUMNS), map(_enterprise, rows), notes, is_sample))


def enterprise_filter(request: HttpRequest) -> EnterpriseFilter:
    """The filters of the enterprise list as its URL carries them: q, area, industry, above_scale, connected, order."""
    wanted = request.GET.get
    choice = {"1": True, "0": False}
    return EnterpriseFilter(
        text=wanted("q", "")[:120],
        area=wanted("area", ""),
        industry=wanted("industry", ""),
        above_scale=choice.get(wanted("above_scale", "")),
        connected=choice.get(wanted("connected", "")),
        order=wanted("order", "id"),
    )


_READING_COLUMNS = (
    Text("时间", "Time"), Text("点位", "Point"), Text("单位", "Unit"),
    Text("数值", "Value"), Text("文字", "Text"), Text("质量", "Quality"),
)  # fmt: skip
_MEAN_COLUMNS = (
    Text("时间", "Time"), Text("点位", "Point"), Text("单位", "Unit"), Text("平均", "Mean"),
    Text("最小", "Least"), Text("最大", "Greatest"), Text("读数条数", "Readings"),
)  # fmt: skip
_ENTERPRISE_COLUMNS = (
    Text("企业名称", "Enterprise"), Text("统一社会信用代码", "Credit code"), Text("行业代码", "Industry code"),
    Text("行业", "Industry"), Text("县区", "District"), Text("统计归属", "Reporting area"), Text("规上", "Above scale"),
    Text("网关", "Gateways"), Text("设备", "Machines"), Text("点位", "Points"), Text("标记", "Mark"),
)  # fmt: skip


def _readings(machine: MachineRow, start_us: TimeUs, end_us: TimeUs) -> Iterator[Sequence[Value]]:
    points = {row.id: row for row in machine.points}
    for reading in telemetry().rows(machine.enterprise, list(points), start_us, end_us):
        row = points[reading.point]
        value = None if reading.quality is Quality.BAD else reading.value
        yield _local(reading.time_us), row.name, row.unit, value, reading.text or "", _say(QUALITIES[reading.quality])


def _means(machine: MachineRow, start_us: TimeUs, end_us: TimeUs) -> Iterator[Sequence[Value]]:
    for row in machine.points:
        for since_us in range(start_us, end_us, _STRETCH_US):
            until_us = TimeUs(min(since_us + _STRETCH_US, end_us))
            hours = -(-(until_us - since_us) // _HOUR_US)
            found = telemetry().series(machine.enterprise, row.id, TimeUs(since_us), until_us, hours)
            buckets = zip(found.times_us, found.means, found.lows, found.highs, found.counts, strict=True)
            for time_us, mean, low, high, count in buckets:
                yield _local(TimeUs(time_us)), row.name, row.unit, mean, low, high, count


def _enterprise(row: queries.EnterpriseRow) -> Sequence[Value]:
    district, area = BY_CODE[row.district], BY_CODE[row.reporting_area]
    return (
        row.name,
        row.credit_code,
        row.industry,
        _say(industry_name(row.industry)),
        _say(Text(district.name_zh, district.name_en)),
        _say(Text(area.name_zh, area.name_en)),
        _say(Text("是", "yes") if row.above_scale else Text("否", "no")),
        row.gateways,
        row.machines,
        row.points,
        _say(SAMPLE) if row.is_sample else "",
    )


def _machine_notes(
    machine: MachineRow, start_us: TimeUs, end_us: TimeUs, total: int, kind: Text
) -> tuple[tuple[str, str], ...]:
    newest = telemetry().latest(machine.enterprise, [row.id for row in machine.points]).values()
    last = max((one.time_us for one in newest), default=None)
    never = _say(Text("还没有读数", "no reading yet"))
    return (
        (_say(Text("企业", "Enterprise")), machine.enterprise_name),
        (_say(Text("设备", "Machine")), machine.name),
        (_say(Text("网关", "Gateway")), machine.gateway_name),
        (_say(Text("协议与地址", "Protocol and address")), f"{machine.protocol} {machine.address}"),
        (_say(Text("开始", "From")), _local(start_us).isoformat(" ", "seconds")),
        (_say(Text("结束（不含）", "Until (excluded)")), _local(end_us).isoformat(" ", "seconds")),
        (_say(Text("读数条数", "Readings")), str(total)),
        (_say(Text("内容", "Content")), _say(kind)),
        (_say(Text("最新读数", "Newest reading")), _local(last).isoformat(" ", "seconds") if last else never),
        (_say(Text("时区", "Time zone")), "Asia/Shanghai (UTC+8)"),
        (_say(Text("数据来源说明", "Attribution")), machine.source_note),
    )


def _range(request: HttpRequest) -> tuple[TimeUs, TimeUs]:
    span = request.GET.get("span", "24h")
    now = to_datetime(system_clock())
    end = _moment(request.GET.get("end", "")) or now
    start = _moment(request.GET.get("start", "")) or end - SPANS.get(span, SPANS["24h"])
    if span not in SPANS or not timedelta(0) < end - start <= timedelta(days=3660):
        raise _wrong("开始应早于结束，最长十年", "start lies before end, at most ten years")
    return to_time_us(start), to_time_us(end)


def _moment(given: str) -> datetime | None:
    """A time as a form sends it; without a zone it is meant as pages show it, in Shanghai."""
    if not given:
        return None
    try:
        moment = datetime.fromisoformat(given.replace(" ", "+"))
        return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
    except ValueError as fault:
        raise _wrong(f"看不懂时间“{given[:40]}”", f"“{given[:40]}” is no time") from fault


def _answer(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    form = request.GET.get("form", "xlsx")
    if form not in _FORMS:
        raise _wrong("格式只有 csv 和 xlsx", "the forms are csv and xlsx")
    content_type, write = _FORMS[form]
    mark = f" {_say(SAMPLE)}" if sheet.is_sample else ""
    day = _local(system_clock()).strftime("%Y-%m-%d")
    name = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", f"{sheet.name} {day}{mark}.{form}")
    answer = HttpResponse(write(sheet), content_type)
    answer["Content-Disposition"] = f"attachment; filename=\"zhulian.{form}\"; filename*=UTF-8''{quote(name)}"
    return answer


def _as_csv(sheet: Sheet) -> bytes:
    """With a byte order mark, because Excel takes the file for GBK without one. Sample data says so in each row."""
    sink = io.StringIO(newline="")
    mark = (_say(SAMPLE),) if sheet.is_sample else ()
    writer = csv.writer(sink)
    writer.writerow([*sheet.columns, *mark])
    writer.writerows([*map(_csv_cell, row), *mark] for row in sheet.rows)
    return sink.getvalue().encode("utf-8-sig")


def _as_xlsx(sheet: Sheet) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    table = book.create_sheet(_say(Text("数据", "Data")))
    table.freeze_panes = "A2"
    for index in range(len(sheet.columns)):
        table.column_dimensions[chr(ord("A") + index)].width = 22
    table.append(sheet.columns)
    for row in sheet.rows:
        table.append([_xlsx_cell(value) for value in row])
    notes = book.create_sheet(_say(Text("说明", "Notes")))
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 24, 90
    for note in ((_say(SAMPLE), _say(Text("是", "yes"))),) * sheet.is_sample + sheet.notes:
        notes.append([_xlsx_cell(value) for value in note])
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        return file.read()


_FORMS: dict[str, tuple[str, Callable[[Sheet], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", _as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _as_xlsx),
}


def _csv_cell(value: Value) -> Value:
    return value.isoformat(" ", "milliseconds") if isinstance(value, datetime) else _harmless(value)


def _xlsx_cell(value: Value) -> Value:
    """Excel knows no zones; its times are those of Shanghai, as on the pages."""
    return value.replace(tzinfo=None) if isinstance(value, datetime) else _harmless(value)


def _harmless(value: Value) -> Value:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay numbers."""
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    return f"'{text}" if _FORMULA.match(text) else text


def _local(time_us: TimeUs) -> datetime:
    return to_datetime(time_us).astimezone(SHANGHAI).replace(tzinfo=None)


def _titles(columns: Sequence[Text]) -> tuple[str, ...]:
    return tuple(_say(column) for column in columns)


def _say(text: Text) -> str:
    return text.in_language(_language())


def _language() -> str:
    return get_language() or "zh-hans"


def _wrong(zh: str, en: str) -> RecordsError:
    return RecordsError(
        "export_wrong",
        Text(f"不能这样导出：{zh}。", f"It cannot be exported like this: {en}."),
        Text("请回到页面重新选择。", "Go back to the page and choose again."),
    )
