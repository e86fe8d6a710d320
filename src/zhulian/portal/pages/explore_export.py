"""What the explorer shows as a file: the readings of its points in its range, oldest first, with the same filters.

``p`` the points, ``start`` and ``end`` in milliseconds, ``form`` csv, xlsx or parquet. A sheet holds up to 200,000
readings as they came, beyond it means of about an hour; Parquet holds every reading, streamed as the interface's file.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from zhulian.organisations.queries.placed_points import PlacedPoint, placed_points
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope, visible_to
from zhulian.portal.api.reading_files import FORMS, PointFile, StreamedFile
from zhulian.portal.exports import NOTES, SAMPLE, download
from zhulian.portal.looks import table, taken
from zhulian.portal.pages.explore import wanted_points
from zhulian.portal.pages.explore_series import Asked, asked
from zhulian.portal.pages.machine_export import HOUR_US, MOST_ROWS, QUALITIES, STRETCH_US, local, refusing
from zhulian.portal.telemetry_access import telemetry
from zhulian.portal.templatetags.zhulian import said
from zhulian.spreadsheets.writing import Column, Sheet, Value
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.readings import PointId, Quality, TenantId, TimeUs

NAME = Text("数据探索", "Explorer")
_PLACE = (Text("时间", "Time"), Text("企业", "Enterprise"), Text("设备", "Machine"), Text("点位", "Point"),
          Text("单位", "Unit"))  # fmt: skip
_EACH = (Text("数值", "Value"), Text("文字", "Text"), Text("质量", "Quality"))
_MEANS = (Text("平均", "Mean"), Text("最小", "Least"), Text("最大", "Greatest"), Text("读数条数", "Readings"))
Places = Mapping[PointId, PlacedPoint]


@require_safe
@refusing
def explore_export(request: HttpRequest) -> HttpResponseBase:
    """The file; 404 when none of the points is in sight."""
    scope, wanted = visible_to(request.user), asked(request.GET.get("start", ""), request.GET.get("end", ""), "1")
    ids = wanted_points(request.GET.get("p", ""))
    points = {placed.point.id: placed for placed in placed_points(scope, ids)}
    if not points:
        raise NotVisibleError(Text("点位", "point"))
    form = request.GET.get("form", "xlsx")
    total = sum(_total(placed, wanted) for placed in points.values())
    if form == "parquet":
        _note(scope, points, total, form, request.get_full_path())
        return _parquet(points, wanted)
    is_whole = total <= MOST_ROWS
    sheet = Sheet(
        name=said(NAME),
        columns=[Column(said(title), 22) for title in (*_PLACE, *(_EACH if is_whole else _MEANS))],
        rows=_readings(points, wanted) if is_whole else _means(points, wanted),
        notes=_notes(points, wanted, total, len(ids) - len(points), is_whole=is_whole),
        sample_words=said(SAMPLE) if any(placed.is_sample for placed in points.values()) else "",
        notes_name=said(NOTES),
    )
    file = download(sheet, form)
    _note(scope, points, total, form, request.get_full_path())
    return file


def _parquet(points: Places, wanted: Asked) -> StreamedFile:
    """Every reading; what is known of the points stands in the metadata, as in the interface's file."""
    told = {number: _told(placed) for number, placed in points.items()}
    batches = chain.from_iterable(
        telemetry().batches(tenant, ids, wanted.start_us, wanted.end_us)
        for tenant, ids in _by_enterprise(points).items()
    )
    is_sample = any(placed.is_sample for placed in points.values())
    return StreamedFile(FORMS["parquet"], PointFile(told, batches), "readings-sample" if is_sample else "readings")


def _told(placed: PlacedPoint) -> Mapping[str, object]:
    point = placed.point
    return {
        "name": point.name, "unit": point.unit, "machine": point.machine, "machine_name": placed.machine_name,
        "enterprise": placed.enterprise, "enterprise_name": placed.enterprise_name, "is_sample": placed.is_sample,
    }  # fmt: skip


def _total(placed: PlacedPoint, wanted: Asked) -> int:
    return telemetry().series(placed.enterprise, placed.point.id, wanted.start_us, wanted.end_us, 1).total


def _by_enterprise(points: Places) -> dict[TenantId, list[PointId]]:
    found: dict[TenantId, list[PointId]] = {}
    for number, placed in points.items():
        found.setdefault(placed.enterprise, []).append(number)
    return found


def _where(time_us: TimeUs, placed: PlacedPoint) -> tuple[Value, ...]:
    return local(time_us), placed.enterprise_name, placed.machine_name, placed.point.name, placed.point.unit


def _readings(points: Places, wanted: Asked) -> Iterator[Sequence[Value]]:
    for tenant, ids in _by_enterprise(points).items():
        for row in telemetry().rows(tenant, ids, wanted.start_us, wanted.end_us):
            value = None if row.quality is Quality.BAD else row.value
            yield *_where(row.time_us, points[row.point]), value, row.text or "", said(QUALITIES[row.quality])


def _means(points: Places, wanted: Asked) -> Iterator[Sequence[Value]]:
    for placed in points.values():
        for since_us in range(wanted.start_us, wanted.end_us, STRETCH_US):
            until_us = TimeUs(min(since_us + STRETCH_US, wanted.end_us))
            hours = -(-(until_us - since_us) // HOUR_US)
            found = telemetry().series(placed.enterprise, placed.point.id, TimeUs(since_us), until_us, hours)
            buckets = zip(found.times_us, found.means, found.lows, found.highs, found.counts, strict=True)
            for time_us, mean, low, high, count in buckets:
                yield *_where(TimeUs(time_us), placed), mean, low, high, count


def _notes(points: Places, wanted: Asked, total: int, hidden: int, *, is_whole: bool) -> Sequence[tuple[str, str]]:
    each = Text("逐条读数", "each reading")
    means = Text(
        f"超过 {MOST_ROWS} 条，按约一小时取平均、最小、最大",
        f"more than {MOST_ROWS} readings: mean, least and greatest of about an hour",
    )
    names = "、".join(f"{placed.machine_name} {placed.point.name}" for placed in points.values())
    return (
        (said(Text("点位", "Points")), names),
        (said(Text("开始", "From")), local(wanted.start_us).isoformat(" ", "seconds")),
        (said(Text("结束（不含）", "Until (excluded)")), local(wanted.end_us).isoformat(" ", "seconds")),
        (said(Text("读数条数", "Readings")), str(total)),
        (said(Text("内容", "Content")), said(each if is_whole else means)),
        (said(Text("权限以外", "Beyond your rights")), str(hidden)),
        (said(Text("时区", "Time zone")), "Asia/Shanghai (UTC+8)"),
    )


def _note(scope: Scope, points: Places, rows: int, form: str, filters: str) -> None:
    """One entry for each enterprise whose readings are taken along."""
    for tenant in _by_enterprise(points):
        taken(scope, table("explore", NAME), rows, form, owner=tenant, filters=filters)
