"""Township-level units of the city (nine digits: the district's six, then its own three), from ``towns.csv``.

统计用区划代码 of 2023 (state of 2023-06-30), as compiled in Administrative-divisions-of-China; see NOTICE. A second
city replaces the table.
"""

import csv
from functools import cache
from importlib.resources import files

from zhulian.organisations.rules import RecordsError
from zhulian.vocabulary.errors import Text


@cache
def towns() -> dict[str, str]:
    """Code → name, in the order of codes."""
    table = files("zhulian.organisations").joinpath("towns.csv").read_text(encoding="utf-8")
    return {row["code"]: row["name"] for row in csv.DictReader(table.splitlines())}


def towns_of(district: str) -> dict[str, str]:
    """Those of one district."""
    return {code: name for code, name in towns().items() if code.startswith(district)}


def town_name(code: str) -> str:
    """The name of a township; the code where it is unknown."""
    return towns().get(code, code)


def checked_town(code: str, district: str) -> str:
    """``code``, if it is empty or lies in ``district``."""
    if code and code not in towns_of(district):
        raise RecordsError(
            "town_elsewhere",
            Text(f"乡镇代码“{code}”不在所填县区内。", f"The township “{code}” does not lie in the district."),
            Text("请从列表中选择，或留空。", "Choose one from the list, or leave it empty."),
        )
    return code
