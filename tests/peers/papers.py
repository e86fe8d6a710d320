"""Papers for tests: photos that a person would tell apart, in every size and quality, and the smallest PDF."""

import io
import random
from datetime import datetime

from PIL import Image, ImageDraw


def photo(number: int, *, size: tuple[int, int] = (800, 600)) -> Image.Image:
    """The ``number``-th motif: boxes and stripes of its own."""
    made = random.Random(number)
    image = Image.new("RGB", (800, 600), (made.randrange(256),) * 3)
    draw = ImageDraw.Draw(image)
    for _ in range(25):
        left, top = made.randrange(700), made.randrange(500)
        box = (left, top, left + made.randrange(60, 300), top + made.randrange(60, 300))
        draw.rectangle(box, fill=tuple(made.randrange(256) for _ in range(3)))
    return image if size == (800, 600) else image.resize(size, Image.Resampling.LANCZOS)


def jpeg(image: Image.Image, *, quality: int = 90, taken: datetime | None = None) -> bytes:
    """As a camera or a messenger writes it."""
    sink, exif = io.BytesIO(), Image.Exif()
    if taken is not None:
        exif.get_ifd(0x8769)[0x9003] = taken.strftime("%Y:%m:%d %H:%M:%S")
    image.save(sink, "JPEG", quality=quality, exif=exif)
    return sink.getvalue()


def png(image: Image.Image) -> bytes:
    """Without loss."""
    sink = io.BytesIO()
    image.save(sink, "PNG")
    return sink.getvalue()


def pdf(words: str = "invoice") -> bytes:
    """Enough of a PDF."""
    return b"%PDF-1.4\n% " + words.encode() + b"\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
