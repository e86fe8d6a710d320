"""What a dashboard is made of: tiles on a grid of twelve columns. Pure; checks what comes from a page or a file alike.

A definition is JSON: ``{"version": 1, "tiles": [{"id", "kind", "x", "y", "w", "h", "title", "points", …}]}``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import msgspec

from zhulian.dashboards.rules import KeptError, refused
from zhulian.vocabulary.errors import Text

VERSION = 1
COLUMNS, TALLEST, LOWEST_ROW = 12, 8, 200
MOST_TILES, MOST_POINTS = 40, 200
LONGEST_TITLE, LONGEST_TEXT = 60, 2_000
RANGES = ("1h", "8h", "24h", "7d", "30d")
LARGEST_ID = 2**53
_ID = re.compile(r"[a-z0-9]{1,16}")


@dataclass(frozen=True, slots=True)
class TileKind:
    """A kind of tile: its name, and between how many points it shows."""

    words: Text
    least: int
    most: int
    width: int
    height: int


TILE_KINDS: Mapping[str, TileKind] = {
    "number": TileKind(Text("大数字", "Number"), 1, 1, 3, 2),
    "line": TileKind(Text("曲线", "Line"), 1, 6, 6, 4),
    "state": TileKind(Text("状态条", "State strip"), 1, 6, 6, 2),
    "gauge": TileKind(Text("上下限条", "Gauge"), 1, 1, 3, 2),
    "table": TileKind(Text("最新值表", "Latest values"), 1, 20, 4, 4),
    "top": TileKind(Text("排行", "Top list"), 2, 20, 4, 4),
    "alarms": TileKind(Text("正在报警", "Active alarms"), 0, 0, 6, 4),
    "text": TileKind(Text("文字", "Text"), 0, 0, 4, 2),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile; ``x`` and ``w`` in columns, ``y`` and ``h`` in rows."""

    id: str
    kind: str
    x: int
    y: int
    w: int
    h: int
    title: str = ""
    points: tuple[int, ...] = ()
    range: str = "24h"
    low: float | None = None
    high: float | None = None
    text: str = ""

    def overlaps(self, other: "Tile") -> bool:
        """Whether the two share a place."""
        beside = self.x + self.w <= other.x or other.x + other.w <= self.x
        return not (beside or self.y + self.h <= other.y or other.y + other.h <= self.y)


def read(body: bytes | str) -> list[Tile]:
    """The tiles of a definition as a file or a page gives it; an error names the tile and what is wrong with it."""
    try:
        return checked(msgspec.json.decode(body))
    except msgspec.DecodeError as fault:
        raise _wrong("这不是看板的定义文件（JSON）", "this is no definition of a dashboard (JSON)") from fault


def checked(definition: object) -> list[Tile]:
    """The tiles of a decoded definition, none above another."""
    if not isinstance(definition, Mapping) or not isinstance(definition.get("tiles"), list):
        raise _wrong("看板的定义里没有 tiles", "the definition has no tiles")
    if definition.get("version") != VERSION:
        raise _wrong(f"只认得第 {VERSION} 版的看板定义", f"only definitions of version {VERSION} are known")
    if len(definition["tiles"]) > MOST_TILES:
        raise _wrong(f"一个看板最多 {MOST_TILES} 块", f"a dashboard has at most {MOST_TILES} tiles")
    tiles = [_tile(number, given) for number, given in enumerate(definition["tiles"], 1)]
    if len({tile.id for tile in tiles}) != len(tiles):
        raise _wrong("有两块的编号相同", "two tiles have the same id")
    if len({point for tile in tiles for point in tile.points}) > MOST_POINTS:
        raise _wrong(f"一个看板最多 {MOST_POINTS} 个点位", f"a dashboard has at most {MOST_POINTS} points")
    return settled(tiles)


def definition_of(tiles: Iterable[Tile]) -> dict[str, Any]:
    """What is kept, and what an export holds."""
    return {"version": VERSION, "tiles": [{**asdict(tile), "points": list(tile.points)} for tile in tiles]}


def settled(tiles: Sequence[Tile]) -> list[Tile]:
    """The same tiles without overlaps: from the top, each as far up as its place allows; a later one gives way."""
    placed: list[Tile] = []
    for tile in sorted(tiles, key=lambda one: (one.y, one.x)):
        row = 0
        while any(replace(tile, y=row).overlaps(other) for other in placed):
            row += 1
        placed.append(replace(tile, y=row))
    return sorted(placed, key=lambda one: (one.y, one.x))


def points_of(tiles: Iterable[Tile]) -> list[int]:
    """All points that tiles show, each once."""
    return list(dict.fromkeys(point for tile in tiles for point in tile.points))


_SHAPES: Mapping[str, type | tuple[type, ...]] = {
    "id": str, "kind": str, "x": int, "y": int, "w": int, "h": int, "title": str, "points": list, "range": str,
    "low": (int, float, type(None)), "high": (int, float, type(None)), "text": str,
}  # fmt: skip


def _tile(number: int, given: object) -> Tile:
    if not isinstance(given, Mapping):
        raise _at(number, "不是一块的定义", "is no tile")
    for name, value in given.items():
        if name not in _SHAPES or not isinstance(value, _SHAPES[name]) or isinstance(value, bool):
            raise _at(number, f"“{str(name)[:20]}”填得不对", f"“{str(name)[:20]}” is not as it should be")
    if missing := {"id", "kind", "x", "y", "w", "h"} - given.keys():
        raise _at(number, f"缺少 {min(missing)}", f"lacks {min(missing)}")
    points = given.get("points", [])
    if not all(isinstance(point, int) and 0 < point < LARGEST_ID for point in points):
        raise _at(number, "点位应是编号", "names its points by number")
    tile = Tile(**{**given, "points": tuple(dict.fromkeys(points))})
    _check(number, tile)
    return tile


def _check(number: int, tile: Tile) -> None:
    kind = TILE_KINDS.get(tile.kind)
    if kind is None:
        raise _at(number, f"没有“{tile.kind[:20]}”这种类型", f"is of no known kind (“{tile.kind[:20]}”)")
    if not kind.least <= len(tile.points) <= kind.most:
        raise _at(
            number,
            f"“{kind.words.zh}”要 {kind.least} 到 {kind.most} 个点位",
            f"needs {kind.least} to {kind.most} points as “{kind.words.en}”",
        )
    is_inside = tile.x >= 0 and tile.w > 0 and tile.x + tile.w <= COLUMNS and 0 <= tile.y <= LOWEST_ROW
    if not is_inside or not 0 < tile.h <= TALLEST or not _ID.fullmatch(tile.id):
        raise _at(number, "放在了网格外面", "lies outside of the grid")
    if tile.range not in RANGES or len(tile.title) > LONGEST_TITLE or len(tile.text) > LONGEST_TEXT:
        raise _at(number, "标题、文字太长，或时间范围不对", "has too long a title or text, or an unknown range")
    if tile.kind == "gauge" and not (tile.low is not None and tile.high is not None and tile.low < tile.high):
        raise _at(number, "上下限条要先填下限和上限", "needs a lower and a higher limit as a gauge")


def _at(number: int, zh: str, en: str) -> KeptError:
    return _wrong(f"第 {number} 块{zh}", f"tile {number} {en}")


def _wrong(zh: str, en: str) -> KeptError:
    return refused("definition_wrong", zh, en)
