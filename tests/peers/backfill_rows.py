"""A small file of past readings, brought in by the owner of the first enterprise."""

from collections.abc import Iterator

from peers.records import World
from zhulian.backfill import queries, workflows

WIDE = "时间,Alder value 1,Alder value 2,别的\n2024-01-01 00:00,1,2,3\n2024-01-01 00:01,4,x,6\n坏,1,2,3\n"
"""Three readings of two points, one cell and one row that are none, and a name that is no point."""


def pieces(text: str) -> Iterator[bytes]:
    """A file as a page hands it over, as old systems write it."""
    yield text.encode("gb18030")


def uploaded(world: World, text: str = WIDE) -> int:
    """A draft; its number."""
    marker = world.a.marker
    return workflows.upload(world.a.scope, world.a.enterprise, "历史.csv", pieces(text.replace("Alder", marker)))


def row(world: World, number: int) -> queries.BackfillRow:
    """The import as pages show it."""
    return queries.backfill(world.a.scope, number)
