"""Districts and reporting areas of the city (GB/T 2260 codes; reference: national statistics codes 2023).

A development zone is no division: it reports separately but lies inside a district. So an enterprise has a division
code *and* a reporting area. A second city replaces this table.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A row of every table by district. ``tile`` is its cell (column, row) in the schematic map."""

    code: str
    name_zh: str
    name_en: str
    within: str
    """Division code of the district it lies in; its own code for a district."""
    tile: tuple[int, int]


CITY_CODE = "341500"
CITY_ZH, CITY_EN = "六安市", "Lu'an"

REPORTING_AREAS: tuple[Place, ...] = (
    Place("341502", "金安区", "Jin'an", "341502", (2, 1)),
    Place("341503", "裕安区", "Yu'an", "341503", (1, 1)),
    Place("341504", "叶集区", "Yeji", "341504", (0, 1)),
    Place("341522", "霍邱县", "Huoqiu", "341522", (1, 0)),
    Place("341523", "舒城县", "Shucheng", "341523", (2, 2)),
    Place("341524", "金寨县", "Jinzhai", "341524", (0, 2)),
    Place("341525", "霍山县", "Huoshan", "341525", (1, 2)),
    Place("341502400", "市开发区", "Lu'an Development Zone", "341502", (2, 0)),
)

BY_CODE = {place.code: place for place in REPORTING_AREAS}
DISTRICTS = tuple(place for place in REPORTING_AREAS if place.code == place.within)
