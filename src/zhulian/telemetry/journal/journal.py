"""The journal as the rest of telemetry sees it: append and wait until it is on disk, read again, let go.

Appends that come in while the disk is busy share the next fdatasync, done in a thread, so that acknowledging is bounded
by the disk and never by the store: alone, a batch waits for nobody; in a crowd, many share one wait, by turns. Used by
ingest (batches) and by the feeder (cuts, checkpoints); all calls from the event loop's thread unless said otherwise.
"""

import asyncio
import errno
import os
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, Self

from zhulian.telemetry.journal import checkpoint as checkpoints
from zhulian.telemetry.journal import errors, frames, segments
from zhulian.telemetry.journal.checkpoint import Checkpoint
from zhulian.telemetry.journal.recovery import Recovered, recover
from zhulian.telemetry.journal.segments import Span
from zhulian.telemetry.journal.writer import SegmentWriter

LARGEST_SEGMENT_BYTES = 16 * 1024 * 1024
GROUP_BYTES = 4 * 1024 * 1024
"""So much is written and synced at once, unless there are more senders than that: it bounds how long the next waits."""
RESERVE_BYTES = 64 * 1024 * 1024
"""Left free on the disk by batches: the store, cuts and checkpoints need it to empty the journal again."""


class _Append(NamedTuple):
    """Something on its way to the disk; ``sender`` is a gateway, None the feeder."""

    sender: int | None
    data: bytes
    durable: asyncio.Future[Span]


class Journal:
    """Open one with :meth:`open`; ``recovered`` tells what was found, ``checkpoint`` what the store already holds."""

    def __init__(self, folder: Path, limit_bytes: int, checkpoint: Checkpoint, recovered: Recovered) -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes
        self.checkpoint = checkpoint
        self.recovered = recovered
        self._fault: errors.JournalError | None = None
        self._refused_bytes = 0
        self._bases = list(recovered.bases)
        segment_bytes = min(LARGEST_SEGMENT_BYTES, max(limit_bytes // 8, 1))
        self._writer = SegmentWriter(folder, recovered.base, recovered.end, segment_bytes)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._group: list[_Append] = []
        self._group_bytes = 0
        self._committer: asyncio.Task[None] | None = None
        self._is_closing = False

    @classmethod
    def open(cls, folder: Path, limit_bytes: int) -> Self:
        """Open or create; reads what the store may lack. Raises JournalDamagedError, JournalError."""
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            checkpoint = checkpoints.load_or_create(folder)
            return cls(folder, limit_bytes, checkpoint, recover(folder, checkpoint.position))
        except OSError as fault:
            raise errors.unwritable(fault, folder) from fault

    @property
    def end(self) -> int:
        """The position behind the last durable frame."""
        return self._writer.end

    @property
    def used_bytes(self) -> int:
        """What the segments on disk and the group on its way take together."""
        return self._writer.end + self._group_bytes - self._bases[0]

    @property
    def fault(self) -> errors.JournalError | None:
        """Why batches are turned away now: the last write failed, or what was refused last has no room yet."""
        return self._fault or self._lack_of_room(self._refused_bytes)

    def append(self, frame: frames.Frame) -> asyncio.Future[Span]:
        """Add ``frame``; the future is done when it is on disk. Raises JournalError at once when full or closing.

        The future may raise JournalError too; then the frame is not in the journal. A cut is taken even when the
        journal is full, because only a cut can empty it.
        """
        if self._is_closing:
            raise errors.closing()
        data = frames.encode(frame)
        if isinstance(frame, frames.BatchFrame):
            self._refuse_without_room(len(data))
        durable: asyncio.Future[Span] = asyncio.get_running_loop().create_future()
        sender = frame.gateway if isinstance(frame, frames.BatchFrame) else None
        self._group.append(_Append(sender, data, durable))
        self._group_bytes += len(data)
        if self._committer is None or self._committer.done():
            self._committer = asyncio.create_task(self._commit())
        return durable

    def _refuse_without_room(self, size_bytes: int) -> None:
        lack = self._lack_of_room(size_bytes)
        self._refused_bytes = size_bytes if lack else 0
        if lack is not None:
            raise lack

    def _lack_of_room(self, size_bytes: int) -> errors.JournalError | None:
        if self.used_bytes + size_bytes > self.limit_bytes:
            return errors.full(self.limit_bytes)
        try:
            disk = os.statvfs(self.folder)
        except OSError as fault:
            return errors.unwritable(fault, self.folder)
        if disk.f_bavail * disk.f_frsize < RESERVE_BYTES + self._group_bytes + size_bytes:
            return errors.unwritable(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), self.folder)
        return None

    async def _commit(self) -> None:
        while self._group:
            await asyncio.sleep(0)  # whoever appends in this turn of the loop comes along
            group, self._group = _in_turns(self._group)
            self._group_bytes = sum(len(one.data) for one in self._group)
            await self._commit_group(group)

    async def _commit_group(self, group: Sequence[_Append]) -> None:
        loop = asyncio.get_running_loop()
        try:
            spans = await loop.run_in_executor(self._thread, self._writer.write, [one.data for one in group])
        except OSError as fault:
            self._fault = errors.unwritable(fault, self.folder)
            for one in group:
                if not one.durable.done():
                    one.durable.set_exception(errors.unwritable(fault, self.folder))
            return
        self._fault = None
        self._remember_base()
        for one, span in zip(group, spans, strict=True):
            if not one.durable.done():
                one.durable.set_result(span)

    def _remember_base(self) -> None:
        if self._writer.base > self._bases[-1]:
            self._bases.append(self._writer.base)

    def read(self, span: Span) -> frames.Frame | None:
        """The frame at ``span``; ``None`` when it was damaged after it was written. Any thread. Raises OSError."""
        return segments.read(self.folder, self._bases, span)

    def raw(self, span: Span) -> bytes:
        """The bytes at ``span``, whatever they are by now. Any thread. Raises OSError."""
        return segments.raw(self.folder, self._bases, span)

    async def move_checkpoint(self, position: int, ledger: dict[int, dict[str, checkpoints.Intervals]]) -> None:
        """The store holds everything before ``position``: remember it, then delete what is older. Raises OSError."""
        moved = Checkpoint(self.checkpoint.journal, position, ledger)
        await asyncio.get_running_loop().run_in_executor(self._thread, checkpoints.save, self.folder, moved)
        self.checkpoint = moved
        self._delete_before(position)

    def _delete_before(self, position: int) -> None:
        passed = max(bisect_right(self._bases, position) - 1, 0)
        for base in self._bases[:passed]:
            segments.path_of(self.folder, base).unlink(missing_ok=True)
        del self._bases[:passed]

    async def close(self) -> None:
        """Take nothing more, finish what was begun, let go of the files."""
        self._is_closing = True
        if self._committer is not None:
            await self._committer
        await asyncio.get_running_loop().run_in_executor(self._thread, self._writer.close)
        self._thread.shutdown()


def _in_turns(waiting: Sequence[_Append]) -> tuple[list[_Append], list[_Append]]:
    """What is written next, and what waits: the first of every sender always, then by turns up to :data:`GROUP_BYTES`.

    So a gateway that floods waits behind itself; what another sends is at most one write away.
    """
    turns: Counter[int | None] = Counter()
    ranked = []
    for one in waiting:
        ranked.append((turns[one.sender], one))
        turns[one.sender] += 1
    ranked.sort(key=itemgetter(0))  # stable: each sender's own order stays
    taken: list[_Append] = []
    rest: list[_Append] = []
    size_bytes = 0
    for turn, one in ranked:
        size_bytes += len(one.data)
        (taken if turn == 0 or size_bytes <= GROUP_BYTES else rest).append(one)
    return taken, rest
