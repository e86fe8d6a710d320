"""The figures of one chart, down-sampled by the store: what the chart wrapper draws for a point.

``range`` names a time that ends now; ``alarm`` is the time of an alarm of that point, with the limit that held then.
"""

from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from zhulian.alarms import queries as alarms
from zhulian.alarms.queries import Curve
from zhulian.alarms.rules import shown_span
from zhulian.audit.rules import Subject
from zhulian.dashboards import queries as kept
from zhulian.organisations import queries
from zhulian.organisations.queries import PointRow
from zhulian.organisations.queries.placed_points import placed_points
from zhulian.portal.looks import shown
from zhulian.portal.pages.access import Visit, page, reach
from zhulian.portal.pages.alarm_limits import alarm_limits, alarm_mark
from zhulian.portal.pages.enterprises import number
from zhulian.portal.pages.live_factory import now_us
from zhulian.portal.pages.mark_values import mark_values
from zhulian.portal.telemetry_access import telemetry
from zhulian.portal.templatetags.zhulian import moment, quantity
from zhulian.telemetry.queries import Series
from zhulian.vocabulary.clock import to_datetime, to_time_us
from zhulian.vocabulary.freshness import LATE_AFTER_POLLS, SHORTEST_GRACE_S
from zhulian.vocabulary.readings import TimeUs

RANGES = {
    "1h": (3_600, gettext_lazy("1 小时")),
    "24h": (86_400, gettext_lazy("24 小时")),
    "7d": (7 * 86_400, gettext_lazy("7 天")),
    "30d": (30 * 86_400, gettext_lazy("30 天")),
}
"""Range → seconds and words."""
DEFAULT_RANGE = "24h"
MOST_BUCKETS = 600
Row = list[float | int | None]


def chosen_range(given: str) -> str:
    """A range that exists; anything else is a day."""
    return given if given in RANGES else DEFAULT_RANGE


def bounds(range_name: str) -> tuple[TimeUs, TimeUs]:
    """Start and end of a range that ends now."""
    end = now_us()
    return TimeUs(end - RANGES[range_name][0] * 1_000_000), end


def alarm_bounds(curve: Curve) -> tuple[TimeUs, TimeUs]:
    """Start and end of the time of an alarm."""
    start, end = shown_span(curve.started_at, curve.ended_at, to_datetime(now_us()), curve.delay_s)
    return to_time_us(start), to_time_us(end)


@require_safe
@page
def series(request: Visit, point_id: int) -> HttpResponseBase:
    """At most 600 buckets with mean, lowest and highest, or the readings themselves where they are few."""
    machine, point = queries.machine_of_point(request.rights, point_id)
    shown(request.rights, "machine", Subject("machine", machine.id, machine.name), machine.enterprise, is_part=True)
    alarm = number(request.GET, "alarm", 0)
    curve = alarms.curve(request.rights, alarm, point.id) if alarm else None
    start, end = alarm_bounds(curve) if curve else bounds(chosen_range(request.GET.get("range", "")))
    happened = kept.marks(
        request.rights, placed_points(request.rights, [point.id]), to_datetime(start), to_datetime(end)
    )
    reached = reach(lambda: telemetry().series(machine.enterprise, point.id, start, end, MOST_BUCKETS), None)
    if reached.value is None:
        return JsonResponse({"error": reached.outage})
    if not reached.value.times_us:
        return JsonResponse({"empty": _("这段时间没有可画的读数。可以换一段更长的时间，或查看设备是否连得上。")})
    drawn = {
        "marks": [*([alarm_mark(curve, end // 1_000)] if curve else []), *map(mark_values, happened)],
        "alarms": alarm_limits(request.rights, machine.id, point.id, curve),
    }
    return JsonResponse(_figures(point, reached.value) | drawn)


def _figures(point: PointRow, found: Series) -> dict[str, object]:
    limits = [(point.low, _("下限")), (point.high, _("上限"))]
    return {
        "name": point.name,
        "unit": point.unit,
        "start_ms": found.start_us // 1000,
        "end_ms": found.end_us // 1000,
        "bucket_s": found.bucket_s,
        "rows": with_gaps(found, longest_gap_s(found, point.reports_every_s)),
        "limits": [{"value": value, "words": f"{words} {value:g}"} for value, words in limits if value is not None],
        "words": _words(),
        "note": _note(found),
    }


def _words() -> dict[str, str]:
    return {
        "time": _("时间"),
        "value": _("数值"),
        "mean": _("平均"),
        "low": _("最低"),
        "high": _("最高"),
        "count": _("条数"),
    }


def _note(found: Series) -> str:
    values = {"total": quantity(found.total), "last": moment(found.last_us), "bucket": quantity(found.bucket_s, 0)}
    if found.bucket_s:
        return _("%(total)s 条读数，每 %(bucket)s 秒汇成一点：线为平均，色带为最低到最高。最新 %(last)s") % values
    return _("%(total)s 条读数，逐条绘制。最新 %(last)s") % values


def longest_gap_s(found: Series, reports_every_s: float) -> float:
    """Beyond this a line must not be drawn through: the point was silent."""
    return max(LATE_AFTER_POLLS * reports_every_s, SHORTEST_GRACE_S, 2.5 * found.bucket_s)


def with_gaps(found: Series, gap_s: float) -> list[Row]:
    """Rows of time (ms), mean, lowest, highest, count; a row of nothing stands in every gap."""
    rows: list[Row] = []
    columns = zip(found.times_us, found.means, found.lows, found.highs, found.counts, strict=True)
    before: int | None = None
    for time_us, mean, low, high, count in columns:
        if before is not None and time_us - before > gap_s * 1_000_000:
            rows.append([(before + time_us) // 2_000, None, None, None, 0])
        rows.append([time_us // 1000, mean, low, high, count])
        before = time_us
    return rows
