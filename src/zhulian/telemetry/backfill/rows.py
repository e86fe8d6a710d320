"""From cells to readings: a block of a file becomes rows of the platform's own form, and what does not is named."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhulian.telemetry.backfill import times, values
from zhulian.telemetry.backfill.files import Block
from zhulian.telemetry.backfill.layout import Layout
from zhulian.vocabulary.errors import Text
from zhulian.wire.batch import SCHEMA

Why = Literal["shape", "time", "point", "value", "quality"]
REASONS: dict[Why, Text] = {
    "shape": Text("这一行的列数和表头不一样", "the row has not as many cells as the header"),
    "time": Text("读不懂的时间", "a time that cannot be read"),
    "point": Text("没有对应点位的名称", "a name without a point"),
    "value": Text("不是数", "no number"),
    "quality": Text("读不懂的质量码", "a quality that cannot be read"),
}
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Refusal(NamedTuple):
    """A cell that keeps its reading out: the row's number, the column's title, why, and what stands there."""

    row: int
    column: str
    why: Why
    cell: str


class Refusals(Protocol):
    """Whoever collects them."""

    def __call__(self, why: Why, column: str, rows: Ints, cells: Iterable[str]) -> None: ...


class Taken(NamedTuple):
    """Readings of a block in their order, and how many cells held none."""

    readings: pa.RecordBatch
    empty: int


class Reader:
    """Reads blocks by ``layout``; what is refused goes to ``refuse``. ``unknown`` counts names without a point."""

    def __init__(self, layout: Layout, refuse: Refusals) -> None:
        self._layout = layout
        self._refuse = refuse
        self._names = pa.array(list(layout.points), pa.utf8())
        self._ids = np.array(list(layout.points.values()), np.uint32)
        self.unknown: Counter[str] = Counter()

    def take(self, block: Block) -> Taken:
        """The readings of one block."""
        if block.misshapen:
            numbers = np.array([one.number for one in block.misshapen], np.int64)
            self._refuse("shape", "", numbers, [one.text for one in block.misshapen])
        time = times.parse(block.columns[self._layout.time], self._layout.time_form, self._layout.zone)
        timed = np.array(pc.is_valid(time).to_numpy(zero_copy_only=False), np.bool_)
        self._refuse_where(~timed, "time", self._layout.time, block)
        us: Ints = np.array(pc.fill_null(pc.cast(time, pa.int64()), 0).to_numpy(zero_copy_only=False))
        return self._long(block, timed, us) if self._layout.shape == "long" else self._wide(block, timed, us)

    def _long(self, block: Block, timed: Mask, us: Ints) -> Taken:
        points, named = self._points(block, timed)
        good, found, empty = self._numbers(block, self._layout.value, timed & named)
        qualities = np.zeros(len(us), np.uint8)
        if self._layout.quality:
            told = values.qualities(block.columns[self._layout.quality], self._layout.quality_form)
            self._refuse_where(told.is_wrong & good, "quality", self._layout.quality, block)
            good &= ~told.is_wrong
            qualities = told.qualities
        return Taken(_rows(points[good], us[good], found[good], qualities[good]), empty)

    def _points(self, block: Block, timed: Mask) -> tuple[npt.NDArray[np.uint32], Mask]:
        names = block.columns[self._layout.name]
        names = pc.utf8_trim_whitespace(names if pa.types.is_string(names.type) else pc.cast(names, pa.utf8()))
        at = pc.index_in(names, self._names)
        named = np.array(pc.is_valid(at).to_numpy(zero_copy_only=False), np.bool_)
        if not named.all():
            for one in pc.value_counts(names.filter(pa.array(~named))).to_pylist():
                self.unknown[one["values"] or ""] += one["counts"]
            self._refuse_where(~named & timed, "point", self._layout.name, block)
        slots = np.array(pc.fill_null(at, 0).to_numpy(zero_copy_only=False))
        return (self._ids[slots] if len(self._ids) else np.zeros(len(slots), np.uint32)), named

    def _wide(self, block: Block, timed: Mask, us: Ints) -> Taken:
        pieces, empty = [], 0
        for title, point in self._layout.points.items():
            good, found, none = self._numbers(block, title, timed)
            rows = int(np.count_nonzero(good))
            ids, fine = np.full(rows, point, np.uint32), np.zeros(rows, np.uint8)
            pieces.append(_rows(ids, us[good], found[good], fine))
            empty += none
        joined = pa.Table.from_batches(pieces, SCHEMA).combine_chunks().to_batches()
        return Taken(joined[0] if joined else pa.RecordBatch.from_pylist([], SCHEMA), empty)

    def _numbers(self, block: Block, title: str, wanted: Mask) -> tuple[Mask, npt.NDArray[np.float64], int]:
        """Which of the ``wanted`` rows have a number in the column, those, and how many of them are empty."""
        found = values.numbers(block.columns[title])
        self._refuse_where(found.is_wrong & wanted, "value", title, block)
        return wanted & ~found.is_empty & ~found.is_wrong, found.values, int(np.count_nonzero(wanted & found.is_empty))

    def _refuse_where(self, mask: Mask, why: Why, title: str, block: Block) -> None:
        if mask.any():
            at = np.flatnonzero(mask)
            column = block.columns[title]
            self._refuse(why, title, block.numbers[at], (_cell(column, place) for place in at.tolist()))


def _cell(column: pa.Array, place: int) -> str:
    found = column[place]
    return str(found.as_py())[:200] if found.is_valid else ""


def _rows(
    points: npt.NDArray[np.uint32], us: Ints, found: npt.NDArray[np.float64], qualities: npt.NDArray[np.uint8]
) -> pa.RecordBatch:
    count = len(points)
    columns = [
        pa.Array.from_buffers(field.type, count, [None, pa.py_buffer(np.ascontiguousarray(column))])
        for field, column in zip(
            [field for field in SCHEMA if field.name != "text"], (points, us, found, qualities), strict=True
        )
    ]
    text = SCHEMA.get_field_index("text")
    return pa.RecordBatch.from_arrays([*columns[:text], pa.nulls(count, pa.utf8()), *columns[text:]], schema=SCHEMA)
