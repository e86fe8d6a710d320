"""How a file is to be read: which column is what, in what form times and qualities stand, which name is which point.

A layout is decided once, before the first reading goes in, and kept: with the file's own hash it names where the
readings come from (:func:`epoch_of`), so that the platform knows them again, however often they are sent.
"""

import hashlib
from pathlib import Path
from typing import Literal

import msgspec

Shape = Literal["long", "wide"]
"""``long``: a reading a row, with the name of its point. ``wide``: a moment a row, with a column for each point."""
TimeForm = Literal["auto", "mdy", "dmy", "s", "ms", "us"]
"""``auto``: year first, in any usual writing, or a count since 1970 whose length tells its unit."""
QualityForm = Literal["opc", "own"]
"""``opc``: 192 and above is good, 64 to 191 uncertain, below it bad. ``own``: 0, 1, 2, as Zhulian writes it."""
HASH_BYTES = 4 * 2**20
SHANGHAI = "Asia/Shanghai"
VERSION = 1
"""Of the rules that turn cells into readings; part of the epoch, because other rules may number readings otherwise."""


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """Columns by their titles; ``points`` says which point a name (long) or a column's title (wide) is."""

    shape: Shape
    time: str
    name: str = ""
    value: str = ""
    quality: str = ""
    time_form: TimeForm = "auto"
    zone: str = SHANGHAI
    """IANA name; for times that say none themselves."""
    quality_form: QualityForm = "opc"
    header: int = 1
    """The row with the titles; rows above it are left out. 0: there is none, columns are called #1, #2 …"""
    points: dict[str, int] = {}

    @property
    def columns(self) -> list[str]:
        """The titles of the columns that have to be read."""
        if self.shape == "wide":
            return [self.time, *(title for title in self.points if title != self.time)]
        return [title for title in (self.time, self.name, self.value, self.quality) if title]

    def same_reading(self, other: "Layout") -> bool:
        """Whether both read the same time and value out of a cell; which points are wanted may differ."""
        return msgspec.structs.replace(self, points={}) == msgspec.structs.replace(other, points={})


def sha256_of(path: Path) -> str:
    """The name of what a file holds."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(HASH_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def epoch_of(sha256: str, layout: Layout) -> str:
    """The name of this source for the ledger: 40 hexadecimal digits."""
    said = msgspec.json.encode([VERSION, sha256, msgspec.structs.replace(layout, points=_sorted(layout.points))])
    return hashlib.sha256(said).hexdigest()[:40]


def _sorted(points: dict[str, int]) -> dict[str, int]:
    return dict(sorted(points.items()))
