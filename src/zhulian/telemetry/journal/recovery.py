"""Opening a journal after whatever happened: finds the frames that the store may not have yet.

A torn tail (a write that no one was told about) is cut off when writing goes on. Damage in the middle is named, copied
aside and stepped over; it is never dropped in silence.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from zhulian.telemetry.journal import frames, segments
from zhulian.telemetry.journal.segments import Damage, Span

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Recovered:
    """What stands in the journal behind a position. ``base`` and ``end`` say where writing goes on."""

    bases: list[int]
    batches: list[Span] = field(default_factory=list)
    cuts: list[frames.CutFrame] = field(default_factory=list)
    damages: list[Damage] = field(default_factory=list)
    end: int = 0
    torn_bytes: int = 0

    @property
    def base(self) -> int:
        """Where the segment begins that is written next."""
        return self.bases[-1]


def recover(folder: Path, position: int, keep_copies: bool = True) -> Recovered:
    """Read every segment from ``position`` on. Raises OSError. With ``keep_copies`` off nothing is written at all."""
    files = segments.listed(folder)
    found = Recovered([base for base, _ in files] or [position], end=position)
    for (base, path), limit in zip(files, _limits(files), strict=True):
        if limit is None or limit > position:
            _read_segment(found, folder, base, path, keep_copies)
    _settle_tail(found, files)
    return found


def _limits(files: list[tuple[int, Path]]) -> list[int | None]:
    """Where each segment ends because the next one begins; the last has no such limit."""
    return [base for base, _ in files[1:]] + [None] if files else []


def _read_segment(found: Recovered, folder: Path, base: int, path: Path, keep_copies: bool) -> None:
    if base > found.end:
        _note(found, folder, Span(found.end, base), keep_copies)
        found.end = base
    for span in segments.scan(path, base, found.end):
        if span.start > found.end:
            _note(found, folder, Span(found.end, span.start), keep_copies)
        found.end = span.end
        _sort(found, folder, span)


def _sort(found: Recovered, folder: Path, span: Span) -> None:
    frame = segments.read(folder, found.bases, span)
    if isinstance(frame, frames.CutFrame):
        found.cuts.append(frame)
    else:
        found.batches.append(span)


def _note(found: Recovered, folder: Path, span: Span, keep_copies: bool) -> None:
    """Damage between two whole frames: keep what is there, once a file, and say so."""
    copy = None
    for piece, base, path in _pieces(folder, span):
        if keep_copies:
            copy = segments.quarantine(folder, path, base, piece)
    found.damages.append(Damage(span, copy))
    log.error("日志损坏 / journal damaged: bytes %d to %d are no frame; copy: %s", span.start, span.end, copy)


def _pieces(folder: Path, span: Span) -> Iterator[tuple[Span, int, Path]]:
    for base, path in segments.listed(folder):
        piece = Span(max(span.start, base), min(span.end, base + path.stat().st_size))
        if piece.start < piece.end:
            yield piece, base, path


def _settle_tail(found: Recovered, files: list[tuple[int, Path]]) -> None:
    if files:
        base, path = files[-1]
        found.torn_bytes = max(0, base + path.stat().st_size - found.end)
    if found.torn_bytes:
        log.warning("日志尾部有 %d 字节未写完，已截去 / torn tail cut off", found.torn_bytes)
