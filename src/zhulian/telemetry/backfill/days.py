"""Readings put in order of days on disk, in bounded memory, so that each day's part of the store is touched once.

A historian writes point by point, over years: taken as it comes, every batch would touch hundreds of days, and the
store would make hundreds of parts of it, again and again. So all readings are first laid down by day, in files that lie
beside the import, and then read back day by day. Within a day the order of the file stays; the same file always gives
the same order, and that is what makes sequence numbers mean the same reading each time.
"""

import shutil
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from zhulian.wire.batch import SCHEMA, values_of

DAY_US = 86_400_000_000
HELD_ROWS = 2_000_000
"""So many readings are held (about 50 MB) before they are laid down."""
BATCH_ROWS = 100_000
DAYS_A_BATCH = 31
_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")


class Days:
    """Give it readings with :meth:`add`; then :meth:`batches` gives all of them back. ``folder`` is made anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._held: dict[int, list[pa.RecordBatch]] = defaultdict(list)
        self._held_rows = 0
        self._laid: set[int] = set()
        self.rows = 0

    @property
    def days(self) -> list[int]:
        """The days in UTC that have readings, counted from 1970-01-01."""
        return sorted(self._laid | self._held.keys())

    def add(self, readings: pa.RecordBatch) -> None:
        """Keep ``readings``."""
        for day, piece in _by_day(readings):
            self._held[day].append(piece)
        self._held_rows += readings.num_rows
        self.rows += readings.num_rows
        if self._held_rows >= HELD_ROWS:
            self._lay_down()

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All readings by day, in batches of :data:`BATCH_ROWS` at most that touch :data:`DAYS_A_BATCH` at most."""
        self._lay_down()
        waiting: list[pa.RecordBatch] = []
        have = 0
        first = 0
        for day in self.days:
            if waiting and day - first >= DAYS_A_BATCH:
                yield _joined(waiting)
                waiting, have = [], 0
            first = first if waiting else day
            for piece in self._pieces(day):
                while have + piece.num_rows >= BATCH_ROWS:
                    cut = BATCH_ROWS - have
                    yield _joined([*waiting, piece.slice(0, cut)])
                    piece, waiting, have, first = piece.slice(cut), [], 0, day  # noqa: PLW2901 - what is left of it
                if piece.num_rows:
                    waiting.append(piece)
                    have += piece.num_rows
        if waiting:
            yield _joined(waiting)

    def remove(self) -> None:
        """Give the disk back."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _lay_down(self) -> None:
        for day, pieces in self._held.items():
            with self._path(day).open("ab") as file, pa.ipc.new_stream(file, SCHEMA, options=_OPTIONS) as writer:
                writer.write_batch(_joined(pieces))
            self._laid.add(day)
        self._held.clear()
        self._held_rows = 0

    def _pieces(self, day: int) -> Iterator[pa.RecordBatch]:
        """One stream after the other, as they were laid down."""
        size = self._path(day).stat().st_size
        with self._path(day).open("rb") as file:
            while file.tell() < size:
                with pa.ipc.open_stream(pa.PythonFile(file, "r")) as reader:
                    yield from reader

    def _path(self, day: int) -> Path:
        return self._folder / f"{day}.arrows"


def _by_day(readings: pa.RecordBatch) -> Iterator[tuple[int, pa.RecordBatch]]:
    days = values_of(readings, "ts", np.int64) // DAY_US
    if not len(days):
        return
    if np.any(days[1:] < days[:-1]):
        order = np.argsort(days, kind="stable")
        days, readings = days[order], readings.take(pa.array(order))
    bounds = [0, *(np.flatnonzero(days[1:] != days[:-1]) + 1).tolist(), len(days)]
    for start, end in pairwise(bounds):
        yield int(days[start]), readings.slice(start, end - start)


def _joined(pieces: list[pa.RecordBatch]) -> pa.RecordBatch:
    return pa.Table.from_batches(pieces, SCHEMA).combine_chunks().to_batches()[0]
