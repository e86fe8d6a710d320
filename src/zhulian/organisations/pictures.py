"""What people upload to prove or to show something: recognised by its content, never by its name."""

import io
import warnings

from PIL import Image

from zhulian.organisations.rules.files import refused

MOST_PROOF_BYTES = 10 * 1024 * 1024
MOST_LOGO_BYTES = 1024 * 1024
MOST_PIXELS = 40_000_000
LARGEST_LOGO = 512
"""Pixels of the longer side, as kept."""
_FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png"}


def proof_type(content: bytes) -> str:
    """Media type of a scan or photo: JPEG, PNG or PDF; anything else is refused."""
    if not content:
        raise refused("proof_missing", "请上传营业执照的照片或扫描件", "upload a photo or scan of the licence")
    if len(content) > MOST_PROOF_BYTES:
        raise refused("proof_too_large", "文件超过 10 MB，请压缩后再传", "the file is larger than 10 MB")
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    return _FORMATS[_format(content, "proof_unreadable")]


def logo(content: bytes) -> bytes:
    """A logo as the PNG that is kept: decoded, cut down and written anew, so that nothing hides in it."""
    if len(content) > MOST_LOGO_BYTES:
        raise refused("logo_too_large", "标志文件超过 1 MB", "the logo is larger than 1 MB")
    if _format(content, "logo_unreadable") != "PNG":
        raise refused("logo_not_png", "标志请用 PNG 格式", "a logo is a PNG file")
    with Image.open(io.BytesIO(content)) as picture:
        picture.thumbnail((LARGEST_LOGO, LARGEST_LOGO))
        written = io.BytesIO()
        picture.convert("RGBA").save(written, "PNG", optimize=True)
    return written.getvalue()


def _format(content: bytes, code: str) -> str:
    """JPEG or PNG, decoded to the last pixel; a picture that would unpack to more than it may is refused unread."""
    unreadable = refused(code, "文件不是可读的 JPG 或 PNG 图片", "the file is no readable JPEG or PNG picture")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=tuple(_FORMATS)) as picture:
                if picture.width * picture.height > MOST_PIXELS or picture.format not in _FORMATS:
                    raise unreadable
                picture.load()
                return picture.format
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        raise unreadable from fault
