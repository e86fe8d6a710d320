"""What people upload to prove or to show something: recognised by its content, never by its name."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from zhulian.organisations.kept_files import FileError, Incoming
from zhulian.organisations.rules.files import refused
from zhulian.vocabulary.errors import Text

PDF = "application/pdf"
MOST_PIXELS = 100_000_000
MOST_LOGO_BYTES = 1024 * 1024
LARGEST_LOGO = 512
"""Pixels of the longer side, as kept."""
_HEIC = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif"})


def checked_type(incoming: Incoming) -> str:
    """The media type of a document that can be opened: PDF, PNG or JPEG; anything else is refused with advice."""
    found = media_type(incoming.head)
    if found != PDF:
        with opened(incoming.draft) as picture:
            picture.draft("L", (256, 256))  # a JPEG is read to its end, at a fraction of its size
            picture.load()
    return found


def media_type(head: bytes) -> str:
    """PDF, PNG or JPEG by its first bytes, whatever the name says; everything else is refused with advice."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if b"%PDF-" in head[:1024]:
        return PDF
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC:
        raise FileError(
            "file_heic",
            Text("这是 HEIC 照片，多数电脑打不开。", "This is a HEIC photo, which most computers cannot open."),
            Text(
                "请在手机“设置 → 相机 → 格式”选“兼容性最佳”后重拍，或另存为 JPEG 再上传。",
                "Choose “Most Compatible” in the phone's camera settings, or save it as JPEG, and upload that.",
            ),
        )
    raise FileError(
        "file_kind",
        Text("只收 PDF、PNG、JPEG 文件，按内容识别。", "Only PDF, PNG and JPEG are accepted, judged by their content."),
        Text("请把文件另存为 PDF，或拍照上传。", "Save the file as PDF, or upload a photo of it."),
    )


@contextmanager
def opened(source: Path | BinaryIO) -> Iterator[Image.Image]:
    """A PNG or JPEG to be read inside ``with``; one that is broken there, or of monstrous size, is refused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(source, formats=("PNG", "JPEG")) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise _unreadable()
                yield image
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as fault:
        raise _unreadable() from fault


def logo(content: bytes) -> bytes:
    """A logo as the PNG that is kept: decoded, cut down and written anew, so that nothing hides in it."""
    if len(content) > MOST_LOGO_BYTES:
        raise refused("logo_too_large", "标志文件超过 1 MB", "the logo is larger than 1 MB")
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        raise refused("logo_not_png", "标志请用 PNG 格式", "a logo is a PNG file")
    written = io.BytesIO()
    with opened(io.BytesIO(content)) as picture:
        picture.thumbnail((LARGEST_LOGO, LARGEST_LOGO))
        picture.convert("RGBA").save(written, "PNG", optimize=True)
    return written.getvalue()


def _unreadable() -> FileError:
    return FileError(
        "file_unreadable",
        Text("图片读不出来，可能没有传完整，或尺寸过大。", "The picture cannot be read: cut off, or far too large."),
        Text("请重新拍摄或另存后再上传。", "Take or save it again, and upload that."),
    )
