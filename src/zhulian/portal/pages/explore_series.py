"""One point in one range, as the explorer and the tiles of dashboards draw it: never more than 2,000 entries.

``start`` and ``end`` are milliseconds since 1970, ``most`` how many entries the screen has room for. Where each entry
is a single reading, doubtful ones carry their quality; a point that knows few whole values, or speaks in words, comes
as stretches of time in one state. The answer has an entity tag, so that asking again costs no transfer.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
from zhulian.portal.pages.live_factory import now_us
from zhulian.portal.pages.series import longest_gap_s, with_gaps
from zhulian.portal.telemetry_access import telemetry
from zhulian.telemetry.queries import Series
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.readings import Quality, Reading, TenantId, TimeUs

MOST_ENTRIES = 2_000
LONGEST_MS = 3_660 * 86_400_000
MOST_STATES = 8
"""A point without unit whose values in the range are so few whole numbers is drawn as states."""
HOUR_S = 3_600
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
    body = msgspec.json.encode(reached.value)
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
    found = telemetry().series(tenant, point.id, wanted.start_us, wanted.end_us, wanted.most)
    each = _each(tenant, point, found)
    gap_s = longest_gap_s(found, point.reports_every_s)
    values: dict[str, object] = {
        "point": point.id,
        "start": found.start_us // 1_000,
        "end": found.end_us // 1_000,
        "bucket_s": found.bucket_s,
        "source": "raw" if found.bucket_s < HOUR_S else "hour",
        "gap_s": gap_s,
        "total": found.total,
        "last": found.last_us and found.last_us // 1_000,
        "coverage": coverage(found, gap_s, now_us()),
    }
    if _is_state(point, found, each):
        return values | {"states": states(found, each, gap_s)}
    return values | {"rows": with_gaps(found, gap_s), "doubtful": doubtful(each)}


def _each(tenant: TenantId, point: PointRow, found: Series) -> list[Reading]:
    """The readings one by one where they are few enough to be drawn so, with those that are of no use."""
    if found.bucket_s or not 0 < found.total <= 2 * MOST_ENTRIES:
        return []
    return list(telemetry().rows(tenant, [point.id], found.start_us, found.end_us))


def _is_state(point: PointRow, found: Series, each: Sequence[Reading]) -> bool:
    if point.unit:
        return False
    values = {*found.lows, *found.highs}
    return any(row.text for row in each) or (0 < len(values) <= MOST_STATES and all(map(_is_small_whole, values)))


def _is_small_whole(value: float) -> bool:
    return value == int(value) and 0 <= value < 100


def coverage(found: Series, gap_s: float, now_us: TimeUs) -> float:
    """Which part of the range, as far as it is past, lies between readings that followed each other in time."""
    if not found.times_us or now_us <= found.start_us:
        return 0.0
    end_us = min(found.end_us, now_us)
    ends = [*found.times_us[1:], max(min(found.times_us[-1] + int(found.bucket_s * 1e6), end_us), found.times_us[-1])]
    steps = (after - before for before, after in zip(found.times_us, ends, strict=True))
    return min(1.0, sum(step for step in steps if step <= gap_s * 1e6) / (end_us - found.start_us))


def doubtful(each: Iterable[Reading]) -> list[list[float | int | None]]:
    """Time, value and quality of readings that are drawn hollow; one of no use has no value."""
    rows = (row for row in each if row.quality is not Quality.GOOD)
    return [[row.time_us // 1_000, None if row.quality is Quality.BAD else row.value, int(row.quality)] for row in rows]


def states(found: Series, each: Sequence[Reading], gap_s: float) -> list[Stretch]:
    """Stretches of time in one state, ended by the next state or by silence."""
    steps: Iterable[tuple[int, float | None, str]]
    if each:
        steps = [(row.time_us, None if row.quality is Quality.BAD else row.value, row.text or "") for row in each]
    else:
        buckets = zip(found.times_us, found.lows, found.highs, strict=True)
        steps = [(time_us, low if low == high else None, "") for time_us, low, high in buckets]
    return _joined(list(steps), found, gap_s)


def _joined(steps: Sequence[tuple[int, float | None, str]], found: Series, gap_s: float) -> list[Stretch]:
    width_us, gap_us = int(found.bucket_s * 1e6), int(gap_s * 1e6)
    made: list[Stretch] = []
    ends = [*(time_us for time_us, _value, _words in steps[1:]), found.end_us]
    for (time_us, value, words), next_us in zip(steps, ends, strict=False):
        end_us = next_us if next_us - time_us <= gap_us else min(time_us + (width_us or gap_us), next_us)
        last = made[-1] if made else None
        if last and last[1] == time_us // 1_000 and last[2:] == [value, words]:
            last[1] = end_us // 1_000
        else:
            made.append([time_us // 1_000, end_us // 1_000, value, words])
    return made
