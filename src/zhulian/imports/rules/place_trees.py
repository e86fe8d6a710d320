"""What a list of places says, row after row, held against what there is and what the rows before have said.

So a site may stand in many rows, with its address in each or only in one. Pure; called by the kind of import.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zlib import crc32

from zhulian.imports.rules.fields import Draft, Note
from zhulian.vocabulary.errors import Text

Path = tuple[int, str, str, str]
"""Enterprise, site, workshop, line; what is not named is empty."""
OF_SITE, OF_LINE = ("town", "address", "opened_on"), ("product",)


@dataclass(frozen=True, slots=True)
class Told:
    """One row against the places. ``changes`` is field → (old, new); ``seen`` fits as long as nobody changed those."""

    path: Path
    changes: Mapping[str, tuple[object, object]]
    is_new: bool
    seen: int
    faults: tuple[Note, ...]


@dataclass
class PlaceTree:
    """The places of some enterprises, by path, each with what is known of it."""

    places: dict[Path, dict[str, str]] = field(default_factory=dict)
    _said: dict[tuple[Path, str], tuple[int, str]] = field(default_factory=dict)

    def tell(self, enterprise: int, draft: Draft) -> Told:
        """What ``draft`` changes; without faults it holds for the rows that follow."""
        given = {name: str(value) for name, value in draft.values.items()}
        site, shop, line = (given.get(name, "") for name in ("site", "workshop", "line"))
        path: Path = (enterprise, site, shop, line)
        changes: dict[str, tuple[object, object]] = {
            name: (None, given[name]) for name, one in _steps(path) if one not in self.places
        }
        is_new = bool(changes)
        before = {name: self.places.get(one, {}).get(name, "") for name, one in _particulars(path)}
        changes |= {name: (old or None, given[name]) for name, old in before.items() if given.get(name, old) != old}
        faults = (*_misplaced(given), *self._contradicted(path, given))
        if not (faults or draft.faults):
            self._hold(path, given, draft.number)
        return Told(path, changes, is_new, crc32(repr(before).encode()) >> 1, faults)

    def _contradicted(self, path: Path, given: Mapping[str, str]) -> Iterable[Note]:
        for name, one in _particulars(path):
            row, value = self._said.get((one, name), (0, ""))
            if row and given.get(name, value) != value:
                yield Note(name, Text(f"与第 {row} 行填的不同：{value}", f"row {row} says otherwise: {value}"))

    def _hold(self, path: Path, given: Mapping[str, str], number: int) -> None:
        for _name, one in _steps(path):
            self.places.setdefault(one, {})
        for name, one in _particulars(path):
            if name in given:
                self.places[one][name] = given[name]
                self._said.setdefault((one, name), (number, given[name]))


def _steps(path: Path) -> list[tuple[str, Path]]:
    """Site, workshop and line of a path as far as they are named, each with its own path."""
    enterprise, site, shop, line = path
    found: list[tuple[str, Path]] = [("site", (enterprise, site, "", ""))]
    if shop:
        found.append(("workshop", (enterprise, site, shop, "")))
    if shop and line:
        found.append(("line", path))
    return found


def _particulars(path: Path) -> list[tuple[str, Path]]:
    """The fields that say something about a path's places, each with the place."""
    steps = dict(_steps(path))
    found = [(name, steps["site"]) for name in OF_SITE]
    return found + ([(name, steps["line"]) for name in OF_LINE] if "line" in steps else [])


def _misplaced(given: Mapping[str, str]) -> Iterable[Note]:
    if given.get("line") and not given.get("workshop"):
        yield Note("line", Text("填了产线就要填车间", "a line needs its workshop"))
    if given.get("product") and not given.get("line"):
        yield Note("product", Text("填了主要产品就要填产线", "a product needs its line"))
