"""Which readings were ever received: per gateway and outbox epoch a set of intervals of sequence numbers.

Ingest asks it before a batch goes into the journal. It is saved with the checkpoint and completed from the journal at
start, so re-sent batches are known for what they are after any crash.
"""

from bisect import bisect_left
from collections.abc import Iterator
from enum import Enum

LARGEST_GAPS = 10_000
"""Holes one epoch may have; a working gateway has a handful."""
LARGEST_EPOCHS = 1_000
"""Lives of one gateway's outbox; a working gateway has a handful."""
LARGEST_SOURCES = 20_000
"""Files of the past of one enterprise: a file a day and line for years. Their sender is below zero."""

Interval = tuple[int, int]


class Verdict(Enum):
    """What a batch is to the ledger."""

    NEW = "new"
    DUPLICATE = "duplicate"
    OVERLAP = "overlap"
    """Partly known: no honest gateway sends this, because it never cuts the same readings differently."""
    SCATTERED = "scattered"
    """It would open more holes or epochs than the ledger keeps."""


class IntervalSet:
    """Disjoint closed intervals of integers in order, neighbours joined."""

    __slots__ = ("_firsts", "_lasts")

    def __init__(self, intervals: list[Interval] | None = None) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for first, last in intervals or []:
            self.add(first, last)

    def __iter__(self) -> Iterator[Interval]:
        return zip(self._firsts, self._lasts, strict=True)

    def __len__(self) -> int:
        return len(self._firsts)

    def judge(self, first: int, last: int) -> Verdict:
        """Whether ``first..last`` is known in whole, in part or not at all."""
        at = bisect_left(self._lasts, first)  # the first interval that ends at or after `first`
        if at == len(self._firsts) or self._firsts[at] > last:
            return Verdict.NEW
        whole = self._firsts[at] <= first and last <= self._lasts[at]
        return Verdict.DUPLICATE if whole else Verdict.OVERLAP

    def touches(self, first: int, last: int) -> bool:
        """Whether ``first..last``, not known so far, would make an interval longer instead of a new one."""
        at = bisect_left(self._lasts, first - 1)
        return at < len(self._firsts) and self._firsts[at] <= last + 1

    def add(self, first: int, last: int) -> None:
        """Make ``first..last`` known, whatever of it was known before."""
        begin = bisect_left(self._lasts, first - 1)
        end = begin
        while end < len(self._firsts) and self._firsts[end] <= last + 1:
            first = min(first, self._firsts[end])
            last = max(last, self._lasts[end])
            end += 1
        self._firsts[begin:end] = [first]
        self._lasts[begin:end] = [last]


class Ledger:
    """All intervals of all gateways."""

    def __init__(self, saved: dict[int, dict[str, list[Interval]]] | None = None) -> None:
        self._sets = {
            gateway: {epoch: IntervalSet(intervals) for epoch, intervals in epochs.items()}
            for gateway, epochs in (saved or {}).items()
        }

    def judge(self, gateway: int, epoch: str, first: int, last: int) -> Verdict:
        """What ``first..last`` would be."""
        epochs = self._sets.get(gateway, {})
        known = epochs.get(epoch)
        if known is None:
            most = LARGEST_EPOCHS if gateway > 0 else LARGEST_SOURCES
            return Verdict.NEW if len(epochs) < most else Verdict.SCATTERED
        verdict = known.judge(first, last)
        is_one_more = verdict is Verdict.NEW and len(known) >= LARGEST_GAPS and not known.touches(first, last)
        return Verdict.SCATTERED if is_one_more else verdict

    def add(self, gateway: int, epoch: str, first: int, last: int) -> None:
        """``first..last`` is durable now."""
        self._sets.setdefault(gateway, {}).setdefault(epoch, IntervalSet()).add(first, last)

    def snapshot(self) -> dict[int, dict[str, list[Interval]]]:
        """A copy to be saved; the constructor's inverse."""
        return {
            gateway: {epoch: list(known) for epoch, known in epochs.items()} for gateway, epochs in self._sets.items()
        }
