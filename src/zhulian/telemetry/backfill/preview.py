"""What a file would give, without anything being sent: for the page before the import, and for ``--dry-run``."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from zhulian.telemetry.backfill import files
from zhulian.telemetry.backfill.layout import Layout
from zhulian.telemetry.backfill.refused import RefusedFile
from zhulian.telemetry.backfill.rows import Reader, Refusal
from zhulian.vocabulary.readings import Quality
from zhulian.wire.batch import values_of

PREVIEW_ROWS = 200_000
MOST_NAMES = 2_000
SAMPLE_ROWS = 8


@dataclass(frozen=True)
class Preview:
    """Of the ``rows`` that were looked at; ``is_whole`` when these are all."""

    rows: int = 0
    is_whole: bool = False
    found: int = 0
    empty: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    examples: tuple[Refusal, ...] = ()
    by_point: dict[int, int] = field(default_factory=dict)
    """Point → readings."""
    unknown: dict[str, int] = field(default_factory=dict)
    """Name without a point → rows; the most frequent first."""
    first_us: int | None = None
    last_us: int | None = None
    doubtful: int = 0
    bad: int = 0
    """Readings of these qualities."""


def preview(path: Path, layout: Layout, most_rows: int | None = PREVIEW_ROWS, called: str = "") -> Preview:
    """Read the beginning of ``path`` (all of it when ``most_rows`` is None). Raises BackfillError, OSError."""
    refused, by_point, qualities = RefusedFile(), Counter[int](), Counter[int]()
    reader = Reader(layout, refused)
    head = files.look(path, layout.header, called)
    rows = found = empty = 0
    bounds: list[int] = []
    is_whole = True
    for block in files.blocks(path, head, layout.header, layout.columns):
        taken = reader.take(block)
        rows += len(block.numbers) + len(block.misshapen)
        found, empty = found + taken.readings.num_rows, empty + taken.empty
        by_point.update(_counts(values_of(taken.readings, "point", np.uint32)))
        qualities.update(_counts(values_of(taken.readings, "quality", np.uint8)))
        us = values_of(taken.readings, "ts", np.int64)
        bounds += [int(us.min()), int(us.max())] if len(us) else []
        if most_rows is not None and rows >= most_rows:
            is_whole = False
            break
    return Preview(
        rows=rows,
        is_whole=is_whole,
        found=found,
        empty=empty,
        refused=dict(refused.counts),
        examples=tuple(refused.examples),
        by_point=dict(by_point),
        unknown=dict(reader.unknown.most_common(MOST_NAMES)),
        first_us=min(bounds, default=None),
        last_us=max(bounds, default=None),
        doubtful=qualities[Quality.UNCERTAIN],
        bad=qualities[Quality.BAD],
    )


def sample(path: Path, header: int, called: str = "") -> list[dict[str, str]]:
    """The first rows as they are written, by title. Raises BackfillError, OSError."""
    head = files.look(path, header, called)
    for block in files.blocks(path, head, header, head.titles):
        first = min(SAMPLE_ROWS, len(block.numbers))
        return [{title: _text(column[row].as_py()) for title, column in block.columns.items()} for row in range(first)]
    return []


def _text(value: object) -> str:
    return "" if value is None else str(value)[:60]


def _counts(values: "np.typing.NDArray[np.generic]") -> dict[int, int]:
    found, counts = np.unique(values, return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))
