"""Appends frames to the newest segment and makes them durable. Blocking: the journal calls it in one thread.

After a failed write nobody knows what is on the disk behind the last good sync. So nothing is ever appended behind such
a place: the next write first cuts the file back to what is known to be durable, and fails again while it cannot.
"""

import os
from pathlib import Path

from zhulian.telemetry.journal.segments import Span, path_of, sync_folder


class SegmentWriter:
    """``base`` is where the newest segment begins, ``end`` the position behind the last byte known to be on disk."""

    def __init__(self, folder: Path, base: int, end: int, segment_bytes: int) -> None:
        self._folder = folder
        self.base = base
        self.end = end
        self._segment_bytes = segment_bytes
        self._handle: int | None = None

    def write(self, group: list[bytes]) -> list[Span]:
        """Append ``group``, sync once, return each frame's place. Raises OSError with nothing appended."""
        handle = self._opened()
        try:
            _write_whole(handle, b"".join(group))
            os.fdatasync(handle)
        except OSError:
            self.close()  # the next write opens again, and so cuts back first
            raise
        return self._placed(group)

    def close(self) -> None:
        """Let go of the file. Safe to call twice."""
        if self._handle is not None:
            handle, self._handle = self._handle, None
            os.close(handle)

    def _opened(self) -> int:
        if self._handle is not None and self.end - self.base >= self._segment_bytes:
            self.close()
            self.base = self.end
        if self._handle is None:
            self._handle = self._open_cut_back()
        return self._handle

    def _open_cut_back(self) -> int:
        handle = os.open(path_of(self._folder, self.base), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(handle, self.end - self.base)
            os.lseek(handle, 0, os.SEEK_END)
            os.fsync(handle)
            sync_folder(self._folder)
        except OSError:
            os.close(handle)
            raise
        return handle

    def _placed(self, group: list[bytes]) -> list[Span]:
        spans = []
        for frame in group:
            spans.append(Span(self.end, self.end + len(frame)))
            self.end += len(frame)
        return spans


def _write_whole(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]
