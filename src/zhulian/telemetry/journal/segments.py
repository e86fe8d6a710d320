"""The files of the journal: segments named after the position of their first byte, read back frame by frame.

A position counts bytes since the journal began and never repeats, whatever was deleted since. Used by the journal when
it opens, by the feeder to read what no longer fits into memory, and by ``zhulian telemetry check``.
"""

import mmap
import os
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from zhulian.telemetry.journal import frames

SUFFIX = ".journal"


class Span(NamedTuple):
    """Where a frame stands: from position ``start`` up to, not including, ``end``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that are no frame although whole frames follow them. A copy is kept in ``copy``."""

    span: Span
    copy: Path | None


def listed(folder: Path) -> list[tuple[int, Path]]:
    """``(base, file)`` of every segment, oldest first."""
    return sorted((int(path.stem), path) for path in folder.glob(f"*{SUFFIX}"))


def path_of(folder: Path, base: int) -> Path:
    """The segment that begins at position ``base``."""
    return folder / f"{base:020d}{SUFFIX}"


def sync_folder(folder: Path) -> None:
    """Make created, renamed and deleted names in ``folder`` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def scan(path: Path, base: int, start: int) -> Iterator[Span]:
    """Spans of the frames in one segment from position ``start`` on.

    Stretches that are no frame are stepped over; the caller sees them as gaps between one span and the next.
    """
    if path.stat().st_size == 0:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        view = memoryview(mapped)
        try:
            offset: int | None = start - base
            while offset is not None and offset < len(view):
                length = frames.length_at(view, offset)
                if length is None:
                    offset = _next_frame(mapped, view, offset + 1)
                    continue
                yield Span(base + offset, base + offset + length)
                offset += length
        finally:
            view.release()


def _next_frame(mapped: mmap.mmap, view: memoryview, offset: int) -> int | None:
    while (found := mapped.find(frames.MAGIC, offset)) != -1:
        if frames.length_at(view, found) is not None:
            return found
        offset = found + 1
    return None


def read(folder: Path, bases: list[int], span: Span) -> frames.Frame | None:
    """The frame at ``span``, or ``None`` when its bytes are damaged by now. Raises OSError."""
    data = raw(folder, bases, span)
    return frames.decode(data) if frames.length_at(data, 0) == len(data) else None


def raw(folder: Path, bases: list[int], span: Span) -> bytes:
    """The bytes at ``span``. Raises OSError."""
    base = bases[bisect_right(bases, span.start) - 1]
    with path_of(folder, base).open("rb") as file:
        file.seek(span.start - base)
        return file.read(span.end - span.start)


def quarantine(folder: Path, path: Path, base: int, span: Span) -> Path:
    """Keep a copy of damaged bytes for people to look at. Raises OSError."""
    shelf = folder / "quarantine"
    shelf.mkdir(exist_ok=True)
    copy = shelf / f"{span.start:020d}-{span.end:020d}.bin"
    with path.open("rb") as file:
        file.seek(span.start - base)
        copy.write_bytes(file.read(span.end - span.start))
    return copy
