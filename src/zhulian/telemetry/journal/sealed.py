"""A small file with its checksum, replaced as a whole: after a power cut there is the old one or the new one."""

import os
import zlib
from pathlib import Path
from typing import TypeVar

import msgspec

from zhulian.telemetry.journal.segments import sync_folder

T = TypeVar("T")


class BrokenSealError(Exception):
    """What is there is not what was written; says why."""


def save(path: Path, value: object) -> None:
    """Replace the file. Raises OSError."""
    body = msgspec.json.encode(value)
    draft = path.with_suffix(".draft")
    with draft.open("wb") as file:
        file.write(b"%08x\n" % zlib.crc32(body) + body)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def load(path: Path, kind: type[T]) -> T:
    """What was saved. Raises BrokenSealError, OSError."""
    check, _, body = path.read_bytes().partition(b"\n")
    if check != b"%08x" % zlib.crc32(body):
        raise BrokenSealError("校验和不符 / checksum does not fit")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as fault:
        raise BrokenSealError(str(fault)) from fault
