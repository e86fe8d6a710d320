"""Watched readings that the store may not hold yet: a replay needs them beside what it reads there."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from zhulian.telemetry.alarms.judging import Rows

MOST_FRESH = 1_000_000
"""With more in memory, replays wait for the store."""


class _Batch(NamedTuple):
    """``end`` is where it ends in the journal."""

    end: int
    rows: Rows


class Fresh:
    """In the order of the journal."""

    def __init__(self) -> None:
        self._batches: deque[_Batch] = deque()
        self._count = 0
        self.gone_end = 0
        """Readings before this position of the journal were dropped because there were too many."""

    def add(self, end: int, rows: Rows) -> None:
        """Of a batch that is durable up to ``end``."""
        self._batches.append(_Batch(end, rows))
        self._count += len(rows.key)
        while self._count > MOST_FRESH and len(self._batches) > 1:
            self.gone_end = self._drop().end

    def forget(self, stored: int) -> None:
        """The store holds everything up to position ``stored``."""
        while self._batches and self._batches[0].end <= stored:
            self._drop()

    def rows(self) -> Iterator[Rows]:
        """Batch by batch."""
        return (batch.rows for batch in self._batches)

    def _drop(self) -> _Batch:
        oldest = self._batches.popleft()
        self._count -= len(oldest.rows.key)
        return oldest
