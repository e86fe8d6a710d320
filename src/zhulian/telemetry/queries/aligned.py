"""Several points on one grid of time, for comparing them row by row."""

from collections.abc import Sequence
from dataclasses import dataclass

from zhulian.telemetry.queries import line_statements
from zhulian.telemetry.queries.basis import Asked, Entries, Question, Range, Source, Standing
from zhulian.telemetry.queries.buckets import HOUR_US, bucket_count, bucket_start_us, bucket_width_us, whole_hours
from zhulian.telemetry.queries.history import History
from zhulian.telemetry.queries.lines import Aligned, Fill
from zhulian.vocabulary.readings import PointId, TenantId, TimeUs

Row = tuple[int, int, int, float, int, float, bool]
"""Point, slot, usable readings, their sum, the newest reading of all in the slot: time, value, whether it is usable."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Slots of one width over a range, beginning where the clocks of the city say."""

    span_us: Range
    step_us: int
    origin_us: int

    @classmethod
    def over(cls, span_us: Range, most: int) -> "Grid":
        """The narrowest slots of which at most ``most`` touch the range, which has a length."""
        step_us = bucket_width_us(*span_us, most)
        return cls(span_us, step_us, bucket_start_us(span_us[0], step_us))

    @property
    def times_us(self) -> list[int]:
        """Where the slots begin."""
        return [self.origin_us + at * self.step_us for at in range(bucket_count(*self.span_us, self.step_us))]


def read_aligned(
    history: History, tenant: TenantId, asked: Sequence[Asked], grid: Grid, fill: Fill, *, standing: Standing
) -> Aligned:
    """See :meth:`Telemetry.aligned`."""
    times, found = grid.times_us, _rows(history, tenant, asked, grid)
    source = Source.RAW if grid.step_us % HOUR_US else Source.HOUR
    values, basis = {}, {}
    for each in asked:
        rows, question = found.get(each.point, []), Question(tenant, each, grid.span_us)
        known = _means(rows, times) if fill is Fill.MEAN else _last(rows, times, grid.span_us[0], each.stands_us)
        values[each.point] = known
        basis[each.point] = standing.basis(question, source, _entries(rows, times, grid.step_us), _newest(rows))
    return Aligned(*grid.span_us, grid.step_us, fill, times, values, basis)


def _rows(history: History, tenant: TenantId, asked: Sequence[Asked], grid: Grid) -> dict[PointId, list[Row]]:
    values = {
        "tenant": tenant,
        "points": [each.point for each in asked],
        "from": grid.span_us[0] - max(each.stands_us for each in asked),
        "start": grid.span_us[0],
        "end": grid.span_us[1],
        "origin": grid.origin_us,
        "width": grid.step_us,
    }
    if grid.step_us % HOUR_US:
        columns = history.columns(line_statements.FINE_SLOTS, values)
    else:
        columns = history.columns(line_statements.WIDE_SLOTS, values | whole_hours(grid.span_us))
    found: dict[PointId, list[Row]] = {}
    for row in zip(*columns, strict=True):
        found.setdefault(row[0], []).append(row)
    return found


def _means(rows: Sequence[Row], times: Sequence[int]) -> list[float | None]:
    values: list[float | None] = [None] * len(times)
    for _, slot, count, total, *_ in rows:
        if slot >= 0 and count:
            values[slot] = total / count
    return values


def _last(rows: Sequence[Row], times: Sequence[int], start_us: int, grace_us: int) -> list[float | None]:
    """The newest reading of each slot, else the one before as long as it stands; a bad one ends what stood."""
    by_slot = {row[1]: row for row in rows}
    stands = by_slot.get(-1)
    values: list[float | None] = []
    for slot, time_us in enumerate(times):
        stands = by_slot.get(slot, stands)
        values.append(_standing_value(stands, slot, max(time_us, start_us) - grace_us) if stands else None)
    return values


def _standing_value(row: Row, slot: int, oldest_us: int) -> float | None:
    is_there = row[6] and (row[1] == slot or row[4] >= oldest_us)
    return row[5] if is_there else None


def _entries(rows: Sequence[Row], times: Sequence[int], step_us: int) -> Entries:
    kept = [row for row in rows if row[1] >= 0 and row[2]]
    return Entries([times[row[1]] for row in kept], [row[2] for row in kept], step_us)


def _newest(rows: Sequence[Row]) -> TimeUs | None:
    return TimeUs(rows[-1][4]) if rows else None
