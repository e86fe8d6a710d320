"""What kind of file this is, by its first bytes; and how a photo is recognised that was handed in before.

The difference hash (dHash) compares neighbouring grey values of the picture at 9 × 8: it survives shrinking, another
compression and a little brightness, and says nothing about what the picture shows. Two photos are taken for the same
when at most :data:`NEAR` of their 64 bits differ. Pure apart from reading the file given.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PIL import ExifTags, Image, ImageOps

from zhulian.evidence.rules import EvidenceError
from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.errors import Text

NEAR = 7
"""With eight bands, two hashes that differ in at most seven bits agree in one band at least."""
BANDS = 8
MOST_PIXELS = 100_000_000
_PLAIN = 6
"""A picture with fewer set or unset bits is nearly one colour: it would resemble every other such picture."""
_HEIC = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif"})


@dataclass(frozen=True, slots=True)
class Picture:
    """What can be told from a picture: size in pixels, when it was taken, its hash ("" when too plain)."""

    width: int
    height: int
    taken_at: datetime | None
    hash: str


def media_type(head: bytes) -> str:
    """PDF, PNG or JPEG by its first bytes, whatever the name says; everything else is refused with advice."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if b"%PDF-" in head[:1024]:
        return "application/pdf"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC:
        raise EvidenceError(
            "document_heic",
            Text("这是 HEIC 照片，多数电脑打不开。", "This is a HEIC photo, which most computers cannot open."),
            Text(
                "请在手机“设置 → 相机 → 格式”选“兼容性最佳”后重拍，或另存为 JPEG 再上传。",
                "Choose “Most Compatible” in the phone's camera settings, or save it as JPEG, and upload that.",
            ),
        )
    raise EvidenceError(
        "document_kind",
        Text("只收 PDF、PNG、JPEG 文件，按内容识别。", "Only PDF, PNG and JPEG are accepted, judged by their content."),
        Text("请把文件另存为 PDF，或拍照上传。", "Save the file as PDF, or upload a photo of it."),
    )


def look(path: Path) -> Picture:
    """Read a PNG or JPEG; a broken or monstrous one is refused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=("PNG", "JPEG")) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise _unreadable()
                taken = _taken_at(image.getexif())
                image.draft("L", (256, 256))  # a JPEG is read at a fraction of its size
                upright = ImageOps.exif_transpose(image)
                return Picture(*_size(path), taken, difference_hash(upright))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as fault:
        raise _unreadable() from fault


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


def _size(path: Path) -> tuple[int, int]:
    with Image.open(path, formats=("PNG", "JPEG")) as image:
        return image.width, image.height


def _taken_at(exif: Image.Exif) -> datetime | None:
    """The camera's own time; cameras write no zone, and those of this city stand in Shanghai's."""
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    written = inner.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    try:
        return datetime.strptime(str(written).strip("\0 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        return None


def _unreadable() -> EvidenceError:
    return EvidenceError(
        "document_unreadable",
        Text("图片读不出来，可能没有传完整，或尺寸过大。", "The picture cannot be read: cut off, or far too large."),
        Text("请重新拍摄或另存后再上传。", "Take or save it again, and upload that."),
    )
