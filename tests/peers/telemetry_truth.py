"""What telemetry's answers over a range have to be, in plain Python from a list of readings: slow, and easy to check.

The fake telemetry of the portal's tests answers with it, and the store's own answers are compared with it.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby, pairwise

from zhulian.telemetry.queries import Aligned, Asked, Basis, Bins, Fill, Histogram, Series, Shape, Source, StateSpan
from zhulian.telemetry.queries.buckets import bucket_count, bucket_start_us, bucket_width_us
from zhulian.telemetry.queries.lines import States, StateTime
from zhulian.telemetry.queries.values import Extent, Growth, Hour, Watch
from zhulian.telemetry.queries.values import Span as Watched
from zhulian.vocabulary.readings import PointId, Quality, Reading, TimeUs

HOUR_US = 3_600_000_000
Span = tuple[TimeUs, TimeUs]
Readings = Sequence[Reading]
"""Of one point, in order of time, no two at once."""


def within(rows: Readings, span: Span) -> list[Reading]:
    return [row for row in rows if span[0] <= row.time_us < span[1]]


def usable(rows: Readings) -> list[Reading]:
    return [row for row in rows if row.quality is not Quality.BAD]


def basis(rows: Readings, asked: Asked, span: Span, now_us: int) -> Basis:
    """Each reading stands for an interval and a half; an end shorter than that is nothing missing."""
    there = usable(within(rows, span))
    end = min(span[1], max(now_us, span[0]))
    every = asked.every_us
    newest = rows[-1].time_us if rows else None
    share: float | None = None
    if every and end > span[0]:
        covered = 0
        for row, following in zip(there, [*(each.time_us for each in there[1:]), end], strict=False):
            covered += max(0, min(following, end, row.time_us + every * 3 // 2) - row.time_us)
        if there and there[0].time_us - span[0] <= every * 3 // 2:
            covered += there[0].time_us - span[0]
        share = min(1.0, covered / (end - span[0]))
    return Basis(Source.RAW, share, every, False, newest, newest)


def series(rows: Readings, asked: Asked, span: Span, most: int, now_us: int) -> Series:
    """Every reading (the newest ``most``): tests of pages give few."""
    found = within(rows, span)
    drawn = usable(found)[-most:]
    values = [row.value for row in drawn]
    return Series(
        asked.point,
        *span,
        0.0,
        Shape.READINGS,
        basis(rows, asked, span, now_us),
        [row.time_us for row in drawn],
        values,
        values,
        values,
        [1] * len(drawn),
        len(found),
        found[-1].time_us if found else None,
    )


def triangles(line: Sequence[tuple[int, float]], most: int) -> list[tuple[int, float]]:
    """LTTB as its author describes it (Steinarsson 2013): of each bucket the point that spans the largest triangle."""
    if len(line) <= most:
        return list(line)
    every, kept, at = (len(line) - 2) / (most - 2), [line[0]], 0
    for bucket in range(most - 2):
        start, end = int(bucket * every) + 1, int((bucket + 1) * every) + 1
        after = line[end : min(int((bucket + 2) * every) + 1, len(line))]
        mean = (sum(time for time, _ in after) / len(after), sum(value for _, value in after) / len(after))
        areas = [
            abs((line[at][0] - mean[0]) * (value - line[at][1]) - (line[at][0] - time) * (mean[1] - line[at][1]))
            for time, value in line[start:end]
        ]
        at = start + areas.index(max(areas))
        kept.append(line[at])
    return [*kept, line[-1]]


def aligned(
    rows: dict[PointId, list[Reading]], asked: Sequence[Asked], span: Span, most: int, fill: Fill, *, now_us: int
) -> Aligned:
    step = bucket_width_us(*span, most)
    origin = bucket_start_us(span[0], step)
    times = [origin + slot * step for slot in range(bucket_count(*span, step))]
    values: dict[PointId, list[float | None]] = {}
    for each in asked:
        mine = rows.get(each.point, [])
        find = _mean_of if fill is Fill.MEAN else _last_of
        values[each.point] = [
            find(mine, each, (TimeUs(max(time, span[0])), TimeUs(min(time + step, span[1])))) for time in times
        ]
    found = {each.point: basis(rows.get(each.point, []), each, span, now_us) for each in asked}
    return Aligned(*span, step, fill, times, values, found)


def _mean_of(rows: Readings, _asked: Asked, slot: Span) -> float | None:
    there = [row.value for row in usable(within(rows, slot))]
    return sum(there) / len(there) if there else None


def _last_of(rows: Readings, asked: Asked, slot: Span) -> float | None:
    before = [row for row in rows if row.time_us < slot[1]]
    if not before or before[-1].quality is Quality.BAD or before[-1].time_us + asked.stands_us < slot[0]:
        return None
    return before[-1].value


def state_spans(rows: Readings, asked: Asked, span: Span) -> list[StateSpan]:
    """One reading after the other; equal states that touch are one."""
    found: list[StateSpan] = []
    after = [*(row.time_us for row in rows[1:]), span[1]]
    for row, following in zip(rows, after, strict=False):
        since, until = max(row.time_us, span[0]), min(following, row.time_us + asked.stands_us, span[1])
        if row.quality is Quality.BAD or until <= since:
            continue
        last = found[-1] if found else None
        if last and last.end_us == since and (last.value, last.text) == (row.value, row.text):
            since = found.pop().start_us
        found.append(StateSpan(TimeUs(since), TimeUs(until), row.value, row.text, 1, until - since))
    return found


def states(rows: Readings, asked: Asked, span: Span, now_us: int) -> States:
    spans = state_spans(rows, asked, span)
    grouped: dict[tuple[float, str | None], list[StateSpan]] = defaultdict(list)
    for each in spans:
        grouped[each.value, each.text].append(each)
    times = [StateTime(*state, sum(each.there_us for each in group), len(group)) for state, group in grouped.items()]
    times.sort(key=lambda each: (-each.time_us, each.value, each.text or ""))
    return States(asked.point, *span, basis(rows, asked, span, now_us), spans, times)


def histogram(
    rows: Readings, asked: Asked, span: Span, bins: int, limits: tuple[float | None, float | None], *, now_us: int
) -> Histogram:
    there, found = [row.value for row in usable(within(rows, span))], basis(rows, asked, span, now_us)
    if not there:
        return Histogram(asked.point, *span, Bins.WIDTH, found)
    low = min(there) if limits[0] is None else limits[0]
    high = max(low, max(there) if limits[1] is None else limits[1])
    edges = [low, high] if low == high else [*(low + at * ((high - low) / bins) for at in range(bins)), high]
    counts = [sum(lower <= value < upper for value in there) for lower, upper in pairwise(edges)]
    counts[-1] += sum(value == edges[-1] for value in there)
    below, above = sum(value < edges[0] for value in there), sum(value > edges[-1] for value in there)
    return Histogram(asked.point, *span, Bins.WIDTH, found, edges, counts, below, above)


def watched(watch: Watch, rows: Readings, span: Span) -> Watched:
    """``rows`` begin ``grace_us`` before the range: each stands for that long, or until the next one."""
    held, above, covered, value = 0, 0, 0, 0.0
    for row, following in zip(rows, [*(each.time_us for each in rows[1:]), span[1]], strict=True):
        stood = max(0, min(following, row.time_us + watch.grace_us, span[1]) - max(row.time_us, span[0]))
        held += stood
        if row.quality is Quality.BAD:
            continue
        above += stood if row.value > watch.above else 0
        covered += max(0, min(following, row.time_us + watch.cover_us, span[1]) - max(row.time_us, span[0]))
        value += row.value * stood
    there = within(rows, span)
    good = sum(row.quality is Quality.GOOD for row in there)
    return Watched(watch.point, len(there), good, len(usable(there)), held, above, covered, value)


def growth(point: PointId, rows: Readings, start_us: TimeUs) -> Growth:
    """``rows`` begin a day before the range, for the reading before its first one. Each fall is a restart: no slips."""
    steps = [(before.value, after.value) for before, after in pairwise(rows) if after.time_us >= start_us]
    amount = sum(after - before if after >= before else after for before, after in steps)
    resets = sum(after < before for before, after in steps)
    return Growth(point, amount, resets, sum(row.time_us >= start_us for row in rows))


def extent(point: PointId, rows: Readings) -> Extent:
    """Of at least one reading."""
    values = [row.value for row in usable(rows)]
    low, high = min(values, default=None), max(values, default=None)
    return Extent(point, len(rows), len(values), low, high, rows[0].time_us, rows[-1].time_us)


def hours(rows: Readings) -> list[Hour]:
    """Those that hold a reading."""
    return [
        _hour(TimeUs(number * HOUR_US), list(mine))
        for number, mine in groupby(rows, lambda row: row.time_us // HOUR_US)
    ]


def _hour(start_us: TimeUs, rows: Readings) -> Hour:
    values = [row.value for row in usable(rows)]
    mean = sum(values) / len(values) if values else None
    return Hour(start_us, len(rows), len(values), mean, min(values, default=None), max(values, default=None))
