"""A point's line: wide buckets from daily or hourly sums, narrow ones from raw rows, single readings when few."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from zhulian.telemetry.queries import folds, line_statements, statements
from zhulian.telemetry.queries.basis import NOTHING, Entries, Question, Range, Source, Standing
from zhulian.telemetry.queries.buckets import (
    DAY_US,
    HOUR_US,
    MINUTE_US,
    WIDTHS_US,
    bounds,
    bucket_start_us,
    bucket_width_us,
    whole_pieces,
)
from zhulian.telemetry.queries.history import History
from zhulian.telemetry.queries.lines import Series, Shape
from zhulian.vocabulary.readings import TimeUs

QUICK_US = 15_000_000
"""A point that speaks at least so often has several readings a minute: its minutes are worth looking for."""
MINUTE_WIDTHS_US = frozenset(width for width in WIDTHS_US if width % MINUTE_US == 0 and width % HOUR_US)
MOST_FOR_A_LINE = 1_000_000
"""A line of real readings needs all of them at hand; of more than these, buckets are given instead."""


@dataclass(frozen=True, slots=True)
class Buckets:
    """Columns of the store's answer: slot, rows, count, total, low, high, last; a slot may hold no usable reading."""

    origin_us: int
    width_us: int
    source: Source
    columns: Sequence[Sequence[Any]]

    @property
    def rows(self) -> int:
        """All readings of the range."""
        return sum(self.columns[1])

    @property
    def count(self) -> int:
        """Its usable readings."""
        return sum(self.columns[2])

    @property
    def last_us(self) -> TimeUs | None:
        """The newest reading of the range."""
        return TimeUs(max(self.columns[6])) if self.columns[6] else None

    @property
    def entries(self) -> Entries:
        """Where the usable readings are."""
        slots, counts = self.columns[0], self.columns[2]
        found = [(slot, count) for slot, count in zip(slots, counts, strict=True) if count]
        times = [self.origin_us + slot * self.width_us for slot, _ in found]
        return Entries(times, [count for _, count in found], self.width_us)


def read_buckets(history: History, question: Question, most: int) -> Buckets:
    """The range, which has a length, in at most ``most`` buckets."""
    start_us, end_us = question.span_us
    width_us = bucket_width_us(start_us, end_us, most)
    origin_us = bucket_start_us(start_us, width_us)
    if question.asked.every_us is not None and question.asked.every_us <= QUICK_US and width_us in MINUTE_WIDTHS_US:
        found = _minutes(history, question, width_us, origin_us)
        if found is not None:
            return found
    parts = _parts(question.span_us, width_us)
    values = question.values | parts.values | {"origin": origin_us, "width": width_us}
    columns = history.columns(statements.buckets_from(*parts.sources), values)
    return Buckets(origin_us, width_us, parts.sources[0], columns or ((),) * 7)


def _minutes(history: History, question: Question, width_us: int, origin_us: int) -> Buckets | None:
    """From folded minutes, and raw rows where there are none; None where folds would not help."""
    places = {"points": [question.asked.point], "from": question.span_us[0], "origin": origin_us, "width": width_us}
    values = folds.with_folds(history, folds.MINUTES, question.values | places)
    if values is None:
        return None
    columns = history.columns(folds.MINUTE_BUCKETS, values)
    return Buckets(origin_us, width_us, Source.MINUTE, columns or ((),) * 7)


@dataclass(frozen=True, slots=True)
class _Parts:
    """A range that has a length: within it, the whole hours that sums serve, within those, the whole days."""

    span_us: Range
    hours_us: Range
    days_us: Range

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where it is read from, coarsest first: at least one."""
        span, hours, days = (end - start for start, end in (self.span_us, self.hours_us, self.days_us))
        needed = {Source.DAY: days > 0, Source.HOUR: hours > days, Source.RAW: span > hours}
        return tuple(source for source, is_needed in needed.items() if is_needed)

    @property
    def values(self) -> dict[str, int]:
        """As parameters of statements."""
        return bounds("whole", self.hours_us) | bounds("days", self.days_us)


def _parts(span_us: Range, width_us: int) -> _Parts:
    """The widest sums that fit into the buckets, which begin where the city's hours and days do."""
    none = (span_us[0], span_us[0])
    hours_us = whole_pieces(HOUR_US, span_us) if width_us % HOUR_US == 0 else none
    days_us = whole_pieces(DAY_US, span_us) if width_us % DAY_US == 0 else (hours_us[0], hours_us[0])
    return _Parts(span_us, hours_us, days_us)


def read_series(history: History, question: Question, most: int, shape: Shape, standing: Standing) -> Series:
    """See :meth:`Telemetry.series`."""
    if not question.has_length:
        basis = standing.basis(question, Source.RAW, NOTHING)
        return Series(question.asked.point, *question.span_us, 0.0, Shape.READINGS, basis)
    buckets = read_buckets(history, question, most)
    is_few = buckets.count <= most
    if is_few or (shape is Shape.LINE and most > 2 and buckets.count <= MOST_FOR_A_LINE):
        return _line(history, question, buckets, most, standing)
    return _envelope(question, buckets, standing)


def _line(history: History, question: Question, buckets: Buckets, most: int, standing: Standing) -> Series:
    """All usable readings where they are few, else the chosen ones."""
    if is_few := buckets.count <= most:
        times, values = _all(history, question, buckets, most)
    else:
        times, values = (list(found[0]) for found in history.columns(line_statements.LTTB % most, question.values))
    ones = [1] * len(times)
    entries = Entries(times, ones, 0) if is_few else buckets.entries
    return Series(
        question.asked.point,
        *question.span_us,
        0.0,
        Shape.READINGS if is_few else Shape.LINE,
        standing.basis(question, Source.RAW, entries, buckets.last_us),
        times,
        values,
        values,
        values,
        ones,
        buckets.rows,
        buckets.last_us,
    )


def _all(history: History, question: Question, buckets: Buckets, most: int) -> tuple[list[int], list[float]]:
    found = history.columns(statements.FEW_ROWS, question.values | {"most": most}) if buckets.count else ()
    return (list(found[0]), list(found[1])) if found else ([], [])


def _envelope(question: Question, buckets: Buckets, standing: Standing) -> Series:
    """Buckets that hold a usable reading."""
    basis = standing.basis(question, buckets.source, buckets.entries, buckets.last_us)
    width_s = buckets.width_us / 1e6
    found = Series(question.asked.point, *question.span_us, width_s, Shape.ENVELOPE, basis)
    for slot, _, count, total, low, high, _ in zip(*buckets.columns, strict=True):
        if count:
            found.times_us.append(buckets.origin_us + slot * buckets.width_us)
            found.means.append(total / count)
            found.lows.append(low)
            found.highs.append(high)
            found.counts.append(count)
    return replace(found, total=buckets.rows, last_us=buckets.last_us)
