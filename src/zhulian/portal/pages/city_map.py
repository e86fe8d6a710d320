"""The districts as a map: schematic tiles that ship with Zhulian, or the city's own boundaries once imported.

The city's GeoJSON is imported by a command into ``DataFolder.maps``; it is never shipped, since such files rarely
carry a licence.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhulian.organisations import queries
from zhulian.organisations.queries import AreaRow
from zhulian.portal.map_import import FILE_NAME
from zhulian.portal.pages.access import Visit, page
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.places import BY_CODE, Place

TILE_WIDTH, TILE_HEIGHT, LEVELS = 136, 92, 4


@dataclass(frozen=True, slots=True)
class Tile:
    """One district as a cell of the schematic map; ``level`` 0..4 is its depth of colour."""

    row: AreaRow
    name: str
    x: int
    y: int
    level: int
    href: str

    @property
    def middle(self) -> int:
        """Where text is centred."""
        return self.x + TILE_WIDTH // 2


@dataclass(frozen=True, slots=True)
class TileMap:
    """All tiles and the size of the drawing."""

    tiles: list[Tile]
    width: int
    height: int


def tiles(rows: Sequence[AreaRow]) -> TileMap:
    """Tiles for the areas in sight, coloured by machines connected."""
    most = max((row.machines for row in rows), default=0)
    found = [_tile(row, most) for row in rows]
    width = max((tile.x + TILE_WIDTH for tile in found), default=0)
    return TileMap(found, width, max((tile.y + TILE_HEIGHT for tile in found), default=0))


def _tile(row: AreaRow, most: int) -> Tile:
    column, line = row.place.tile
    level = -(-row.machines * LEVELS // most) if most else 0
    return Tile(row, place_name(row.place), column * TILE_WIDTH, line * TILE_HEIGHT, level, area_link(row.place))


def place_name(place: Place) -> str:
    """A district's name in the language of the page."""
    return Text(place.name_zh, place.name_en).in_language(get_language() or "zh-hans")


def area_link(place: Place) -> str:
    """The list of enterprises of one area."""
    return f"{reverse('enterprises')}?area={place.code}"


def _own_map() -> Path:
    return Path(settings.ZHULIAN.data.maps / FILE_NAME)


def has_own_map() -> bool:
    """Whether the city has imported its boundaries."""
    return _own_map().exists()


@require_safe
@page
def figures(request: Visit) -> HttpResponseBase:
    """The city's own map with machines by area, for the chart wrapper."""
    if not has_own_map():
        return JsonResponse({"empty": _("这座城市还没有导入自己的地图。")})
    rows = queries.by_area(request.rights.totals)
    shapes = _named(json.loads(_own_map().read_text("utf-8")))
    drawn = {shape["properties"]["name"] for shape in shapes["features"]}
    areas = [
        {"name": place_name(row.place), "value": row.machines, "href": area_link(row.place)}
        for row in rows
        if place_name(row.place) in drawn
    ]
    return JsonResponse({"map": shapes, "areas": areas, "words": {"value": _("设备")}})


def _named(shapes: dict[str, Any]) -> dict[str, Any]:
    """Every shape under the name that the page uses; ``map_import`` has checked that each names its district."""
    for shape in shapes.get("features", []):
        own = shape.setdefault("properties", {})
        place = BY_CODE.get(str(own.get("adcode", "")))
        own["name"] = place_name(place) if place else str(own.get("name", ""))
    return shapes
