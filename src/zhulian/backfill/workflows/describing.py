"""What a file says about itself. Nothing is written here.

What reads files is imported where it is needed: Arrow takes 80 MB of every process that has it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from zhulian.backfill import queries
from zhulian.backfill.rules import guess, matched
from zhulian.backfill.workflows.permission import enterprise_for
from zhulian.organisations.tenancy import Scope
from zhulian.telemetry.backfill.layout import Layout, sha256_of

if TYPE_CHECKING:
    from zhulian.telemetry.backfill.files import Head

MOST_NAMES = 20_000
"""Of a column with more, a name a row or nearly, it was no column of names."""


class Described(NamedTuple):
    """What a file says about itself: hash, size, what its titles probably mean, what may name a point; and its name."""

    sha256: str
    size_bytes: int
    layout: Layout
    names: list[str]
    called: str


def describe(scope: Scope, enterprise: int, path: Path, header: int = 1, called: str = "") -> Described:
    """Look at the file at ``path``, to people ``called``, to its last point. Raises BackfillError, OSError."""
    from zhulian.telemetry.backfill import files  # noqa: PLC0415

    owner = enterprise_for(scope, enterprise)
    head = files.look(path, header, called)
    layout = msgspec.convert({**guess(head.titles), "header": header}, Layout)
    names = names_in(path, head, layout)
    layout = msgspec.structs.replace(layout, points=matched(names, queries.point_names(scope, owner)))
    return Described(sha256_of(path), path.stat().st_size, layout, names, called or path.name)


def names_in(path: Path, head: "Head", layout: Layout) -> list[str]:
    """What may name a point: columns of a wide file; of a long one every name from its first row to its last.

    A historian writes point by point, so its first rows name one point only. Raises BackfillError.
    """
    if layout.shape == "wide":
        return [title for title in head.titles if title != layout.time]
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    from zhulian.telemetry.backfill import files  # noqa: PLC0415

    found: dict[str, None] = {}
    for block in files.blocks(path, head, layout.header, [layout.name]):
        names = pc.utf8_trim_whitespace(pc.cast(block.columns[layout.name], pa.utf8()))
        found |= dict.fromkeys(filter(None, pc.unique(names).to_pylist()))
        if len(found) > MOST_NAMES:
            break
    return list(found)[:MOST_NAMES]
