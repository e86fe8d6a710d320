"""What did not become a reading, row by row, as a CSV that people open beside their own file."""

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from zhulian.telemetry.backfill.rows import REASONS, Ints, Refusal, Why

MOST_LISTED = 100_000
"""Rows in the file; beyond it refusals are counted only."""
MOST_EXAMPLES = 50
TITLES = ("行 row", "列 column", "原因", "reason", "单元格 cell")
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Without it Excel takes the file for GBK."""


class RefusedFile:
    """Counts refusals, keeps the first as examples, and lists them in ``path``, if one is given."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = path.open("w", encoding="utf-8", newline="") if path else None
        self._listed = 0
        self.counts: Counter[str] = Counter()
        self.examples: list[Refusal] = []
        if self._file is not None:
            self._file.write(BOM)
            self._lines = csv.writer(self._file)
            self._lines.writerow(TITLES)

    def __call__(self, why: Why, column: str, rows: Ints, cells: Iterable[str]) -> None:
        """As :class:`~zhulian.telemetry.backfill.rows.Refusals`."""
        self.counts[why] += len(rows)
        if self._listed >= MOST_LISTED:
            return
        for row, cell in zip(rows.tolist(), cells, strict=False):
            self._list(Refusal(row, column, why, cell))
            if self._listed >= MOST_LISTED:
                break

    def _list(self, one: Refusal) -> None:
        self._listed += 1
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append(one)
        if self._file is not None:
            reason = REASONS[one.why]
            self._lines.writerow([one.row, one.column, reason.zh, reason.en, _harmless(one.cell)])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()


def _harmless(cell: str) -> str:
    """A spreadsheet must not take a stranger's cell for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
