"""Scans, photos and logos: kept once each, in a folder of the data directory, under the SHA-256 of their content.

A file is written before the record that names it and never changed afterwards, so a name always means the same bytes.
"""

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings


def keep(content: bytes) -> str:
    """Put ``content`` on disk, once; returns its SHA-256 in hexadecimal."""
    name = hashlib.sha256(content).hexdigest()
    place = _path(name)
    if not place.exists():
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as draft:
            draft.write(content)
            draft.flush()
            os.fsync(draft.fileno())
        Path(draft.name).replace(place)
    return name


def content_of(name: str) -> bytes | None:
    """The bytes kept under ``name``; ``None`` when the file is gone or is no longer what its name says."""
    place = _path(name)
    if not place.is_file():
        return None
    content = place.read_bytes()
    return content if hashlib.sha256(content).hexdigest() == name else None


def _path(name: str) -> Path:
    folder: Path = settings.ZHULIAN.data.files
    return folder / name[:2] / name
