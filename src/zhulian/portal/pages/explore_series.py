"""One point in one range, as the explorer and the tiles of dashboards draw it: never more than 2,000 entries.

``start`` and ``end`` are milliseconds since 1970, ``most`` how many entries the screen has room for. Where each entry
is a single reading, doubtful ones carry their quality; a point that knows few whole values, or speaks in words, comes
as stretches of time in one state. The answer has an entity tag, so that asking again costs no transfer.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import msgspec
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from zhulian.audit.rules import Subject
from zhulian.organisations import queries
from zhulian.organisations.queries import PointRow
from zhulian.organisations.rules import RecordsError
from zhulian.portal.looks import shown
from zhulian.portal.pages.access import Visit, page, reach
from zhulian.portal.pages.alarm_limits import alarm_limits
from zhulian.portal.pages.series import longest_gap_s, with_gaps
from zhulian.portal.telemetry_access import telemetry
from zhulian.retention.queries import thinned_days
from zhulian.telemetry.queries import Asked as OfPoint
from zhulian.telemetry.queries import Basis, Series, Source, StateSpan
from zhulian.vocabulary.clock import SHANGHAI, to_datetime
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.readings import Quality, Reading, TenantId, TimeUs

MOST_ENTRIES = 2_000
LONGEST_MS = 3_660 * 86_400_000
MOST_STATES = 8
"""A point without unit whose values in the range are so few whole numbers is drawn as states."""
MOST_STRETCHES = 500
WHOLE = 0.99
"""A range with this share of its readings misses none worth a word."""
Row = list[float | int | None]
Stretch = list[float | int | str | None]
"""Start and end in milliseconds, value, words; no value where several states share one bucket."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A range of one point, as the address says it."""

    start_us: TimeUs
    end_us: TimeUs
    most: int


@require_safe
@page
def explore_series(request: Visit, point_id: int) -> HttpResponseBase:
    """The entries of the range with source, coverage and freshness, or in words why there are none."""
    machine, point = queries.machine_of_point(request.rights, point_id)
    shown(request.rights, "machine", Subject("machine", machine.id, machine.name), machine.enterprise, is_part=True)
    wanted = asked(request.GET.get("start", ""), request.GET.get("end", ""), request.GET.get("most", "600"))
    reached = reach(lambda: figures(machine.enterprise, point, wanted), None)
    if reached.value is None:
        return HttpResponse(msgspec.json.encode({"error": reached.outage}), "application/json", 503)
    body = msgspec.json.encode(reached.value | {"alarms": alarm_limits(request.rights, machine.id, point.id)})
    answer = HttpResponse(body, "application/json")
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    answer["ETag"], answer["Cache-Control"] = tag, "private, no-cache"
    return get_conditional_response(request, etag=tag, response=answer) or answer


def asked(start: str, end: str, most: str) -> Asked:
    """The range that an address asks for; an error says what is wrong with it."""
    try:
        start_ms, end_ms, entries = int(start), int(end), int(most)
    except ValueError as fault:
        raise wrong_range() from fault
    if not 0 < end_ms - start_ms <= LONGEST_MS or abs(end_ms) > 2**45:
        raise wrong_range()
    return Asked(TimeUs(start_ms * 1_000), TimeUs(end_ms * 1_000), min(max(entries, 1), MOST_ENTRIES))


def wrong_range() -> RecordsError:
    """Start and end that are no range."""
    return RecordsError(
        "range_wrong",
        Text(
            "时间范围不对：开始应早于结束，最长十年。",
            "The range is wrong: it has to end after it starts, within ten years.",
        ),
        Text("请重新选择时间范围。", "Choose the range again."),
    )


def figures(tenant: TenantId, point: PointRow, wanted: Asked) -> dict[str, object]:
    """What is drawn of ``point``: ``rows`` of a line, or ``states``."""
    every_us = int(point.reports_every_s * 1e6)
    found = telemetry().series(tenant, point.id, wanted.start_us, wanted.end_us, wanted.most, every_us=every_us)
    gap_s = longest_gap_s(found, point.reports_every_s)
    thinned = {"thinned": _thinned_days(tenant, found)}
    if _is_state(tenant, point, found):
        about = OfPoint(point.id, every_us, int(gap_s * 1e6))
        answer = telemetry().states(tenant, about, wanted.start_us, wanted.end_us, min(wanted.most, MOST_STRETCHES))
        states = [_stretch(one) for one in answer.spans]
        return _basis(found, answer.basis, gap_s) | thinned | {"bucket_s": 0.0, "states": states}
    return (
        _basis(found, found.basis, gap_s)
        | thinned
        | {
            "rows": with_gaps(found, gap_s),
            "doubtful": doubtful(_each(tenant, point, found)),
        }
    )


def _basis(found: Series, basis: Basis, gap_s: float) -> dict[str, object]:
    return {
        "point": found.point,
        "start": found.start_us // 1_000,
        "end": found.end_us // 1_000,
        "bucket_s": found.bucket_s,
        "source": basis.source.value,
        "gap_s": gap_s,
        "total": found.total,
        "last": basis.newest_us and basis.newest_us // 1_000,
        "coverage": basis.share,
    }


def _thinned_days(tenant: TenantId, found: Series) -> int:
    """Days of the range whose readings went, by retention or on demand; asked only where some are missing."""
    if found.basis.source in {Source.HOUR, Source.DAY} or (found.basis.share or 0.0) >= WHOLE:
        return 0
    first, last = (to_datetime(at).astimezone(SHANGHAI).date() for at in (found.start_us, TimeUs(found.end_us - 1)))
    days = [(tenant, first + timedelta(days=number)) for number in range((last - first).days + 1)]
    return len(thinned_days(telemetry(), days))


def _is_state(tenant: TenantId, point: PointRow, found: Series) -> bool:
    """Few whole values, or words. A point with a unit measures something and is always a line."""
    if point.unit:
        return False
    values = {*found.lows, *found.highs}
    if 0 < len(values) <= MOST_STATES and all(map(_is_small_whole, values)):
        return True
    latest = telemetry().latest(tenant, [point.id]).get(point.id)
    return latest is not None and latest.text is not None


def _is_small_whole(value: float) -> bool:
    return value == int(value) and 0 <= value < 100


def _stretch(one: StateSpan) -> Stretch:
    words = None if one.is_merged else one.text
    return [one.start_us // 1_000, one.end_us // 1_000, None if one.is_merged else one.value, words or ""]


def _each(tenant: TenantId, point: PointRow, found: Series) -> Iterable[Reading]:
    """The readings one by one where they are few enough to be drawn so, with those that are of no use."""
    if found.bucket_s or not 0 < found.total <= 2 * MOST_ENTRIES:
        return []
    return telemetry().rows(tenant, [point.id], found.start_us, found.end_us)


def doubtful(each: Iterable[Reading]) -> list[Row]:
    """Time, value and quality of readings that are drawn hollow; one of no use has no value."""
    rows = (row for row in each if row.quality is not Quality.GOOD)
    return [[row.time_us // 1_000, None if row.quality is Quality.BAD else row.value, int(row.quality)] for row in rows]
