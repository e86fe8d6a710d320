"""A first dashboard for a machine, made from what its points are: nobody has to begin with an empty grid."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from zhulian.dashboards.rules.definitions import COLUMNS, TILE_KINDS, Tile
from zhulian.organisations.queries import MachineRow, PointRow

MOST_NUMBERS = 4
MOST_LINES = 6


def machine_board(machine: MachineRow) -> list[Tile]:
    """Numbers and gauges on top, the lines of what has a unit, the states of what has none, and the latest of all."""
    measured = [point for point in machine.points if point.unit]
    others = [point.id for point in machine.points if not point.unit]
    tiles = list(_row_of(measured[:MOST_NUMBERS]))
    if measured:
        tiles.append(_tile("line", len(tiles), 0, 2, [point.id for point in measured[:MOST_LINES]], 8))
    if others:
        tiles.append(_tile("state", len(tiles), 0, 6, others[: TILE_KINDS["state"].most], 8))
    if machine.points:
        tiles.append(_tile("table", len(tiles), 8, 2, [point.id for point in machine.points[:20]], 4))
    return tiles


def _row_of(points: list[PointRow]) -> Iterator[Tile]:
    width = COLUMNS // MOST_NUMBERS
    for at, point in enumerate(points):
        has_limits = point.low is not None and point.high is not None and point.low < point.high
        tile = _tile("gauge" if has_limits else "number", at, at * width, 0, [point.id], width)
        yield replace(tile, low=point.low, high=point.high) if has_limits else tile


def _tile(kind: str, number: int, x: int, y: int, points: Sequence[int], width: int) -> Tile:  # noqa: PLR0917
    return Tile(f"t{number}", kind, x, y, width, TILE_KINDS[kind].height, points=tuple(points))
