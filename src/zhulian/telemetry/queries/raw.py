"""Readings as they were stored: streamed one by one, by pages that can be continued, and as Arrow for files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zhulian.telemetry.queries import statements
from zhulian.telemetry.queries.basis import Range
from zhulian.telemetry.queries.buckets import DAY_US
from zhulian.telemetry.queries.history import History
from zhulian.vocabulary.readings import PointId, Quality, Reading, TenantId, TimeUs

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ROWS_A_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: behind the ``given``-th reading of ``point`` at ``time_us``.

    It names a place in the order of time and point, not a count of rows, so that readings that arrive late neither
    repeat nor skip what was there.
    """

    time_us: TimeUs
    point: PointId
    given: int = 1

    def __str__(self) -> str:
        return f"{self.time_us}.{self.point}.{self.given}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """The cursor that ``text`` is. Raises ValueError."""
        time_us, point, given = map(int, text.split("."))
        if not (abs(time_us) < 2**62 and 0 <= point < 2**32 and 0 <= given <= 1_000_000):
            raise ValueError(text)
        return cls(TimeUs(time_us), PointId(point), given)


@dataclass(frozen=True, slots=True)
class RowsPage:
    """Readings in order of time and point; ``after`` continues, None when nothing followed."""

    rows: list[Reading]
    after: Cursor | None


def read_rows(history: History, tenant: TenantId, points: Sequence[PointId], span_us: Range) -> Iterator[Reading]:
    """See :meth:`Telemetry.rows`."""
    for values in _days(history, tenant, points, span_us):
        for block in history.blocks(statements.ROWS, values):
            yield from map(_reading, *block)


def read_page(
    history: History, tenant: TenantId, points: Sequence[PointId], span_us: Range, *, after: Cursor | None, most: int
) -> RowsPage:
    """See :meth:`Telemetry.rows_page`."""
    begins = after or Cursor(span_us[0], PointId(0), 0)
    left, rows = most + 1 + begins.given, list[Reading]()
    place = {"after_time": begins.time_us, "after_point": begins.point}
    for values in _days(history, tenant, points, (max(span_us[0], begins.time_us), span_us[1])):
        columns = history.columns(statements.PAGE_ROWS, values | place | {"most": left - len(rows)})
        rows += map(_reading, *columns) if columns else ()
        if len(rows) >= left:
            break
    rows = rows[_given(rows, begins) :]
    if len(rows) <= most:
        return RowsPage(rows, None)
    return RowsPage(rows[:most], _behind(rows[:most], begins))


def read_batches(
    history: History, tenant: TenantId, points: Sequence[PointId], span_us: Range
) -> "Iterator[pa.RecordBatch]":
    """See :meth:`Telemetry.batches`."""
    for values in _days(history, tenant, points, span_us):
        yield from history.batches(statements.ROWS_AS_ARROW, values)


def _days(history: History, tenant: TenantId, points: Sequence[PointId], span_us: Range) -> Iterator[dict[str, Any]]:
    """The parameters for each day that holds anything: sorting one day is cheap, and nothing waits for the last one."""
    start_us, end_us = span_us
    values = {"tenant": tenant, "points": list(points), "start": start_us, "end": end_us}
    days = history.columns(statements.DAYS, values)
    for day in days[0] if days else ():
        day_us = day * 1_000_000
        yield values | {"start": max(start_us, day_us), "end": min(end_us, day_us + DAY_US)}


def _reading(point: int, time_us: int, value: float, quality: int, text: str) -> Reading:
    return Reading(PointId(point), TimeUs(time_us), value, Quality(quality), text or None)


def _given(rows: Sequence[Reading], begins: Cursor) -> int:
    """How many of the first rows the page before held already."""
    there = [row for row in rows[: begins.given] if (row.time_us, row.point) == (begins.time_us, begins.point)]
    return len(there)


def _behind(rows: Sequence[Reading], begins: Cursor) -> Cursor:
    last = rows[-1].time_us, rows[-1].point
    alike = sum((row.time_us, row.point) == last for row in rows)
    before = begins.given if (begins.time_us, begins.point) == last else 0
    return Cursor(*last, alike + before)
