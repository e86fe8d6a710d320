"""How a photo is recognised that was handed in before.

The difference hash (dHash) compares neighbouring grey values of the picture at 9 × 8: it survives shrinking, another
compression and a little brightness, and says nothing about what the picture shows. Two photos are taken for the same
when at most :data:`NEAR` of their 64 bits differ. Pure apart from reading the file given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PIL import ExifTags, Image, ImageOps

from zhulian.organisations.pictures import opened
from zhulian.vocabulary.clock import SHANGHAI

NEAR = 7
"""With eight bands, two hashes that differ in at most seven bits agree in one band at least."""
BANDS = 8
_PLAIN = 6
"""A picture with fewer set or unset bits is nearly one colour: it would resemble every other such picture."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What can be told from a picture: size in pixels, when it was taken, its hash ("" when too plain)."""

    width: int
    height: int
    taken_at: datetime | None
    hash: str


def look(path: Path) -> Picture:
    """Read a PNG or JPEG; a broken or monstrous one is refused."""
    with opened(path) as image:
        size, taken = image.size, _taken_at(image.getexif())
        image.draft("L", (256, 256))  # a JPEG is read at a fraction of its size
        return Picture(*size, taken, difference_hash(ImageOps.exif_transpose(image)))


def difference_hash(image: Image.Image) -> str:
    """64 bits in hex; "" for a picture too plain to be recognised."""
    grey = image.convert("L").resize((9, 8), Image.Resampling.LANCZOS)
    cells = grey.tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            bits = bits << 1 | (cells[row * 9 + column] > cells[row * 9 + column + 1])
    is_plain = not _PLAIN <= bits.bit_count() <= 64 - _PLAIN
    return "" if is_plain else f"{bits:016x}"


def distance(one: str, other: str) -> int:
    """In how many bits two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def bands(hash_: str) -> Sequence[int]:
    """The eight codes by which near hashes are found: band × 256 + byte."""
    return [band * 256 + byte for band, byte in enumerate(bytes.fromhex(hash_))]


def _taken_at(exif: Image.Exif) -> datetime | None:
    """The camera's own time; cameras write no zone, and those of this city stand in Shanghai's."""
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    written = inner.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    try:
        return datetime.strptime(str(written).strip("\0 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        return None
