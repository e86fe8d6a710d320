"""The heart of ingest: one batch becomes durable, known and live, or is refused by name.

The order matters. A batch is judged by the ledger, reserved, written to the journal, and only when that is on disk does
it enter the ledger, live memory and the feeder's queue, and only then is the gateway told "received".

What cannot be stored is on the shelf before the gateway hears about it: a batch that is refused for what it holds, and
single readings that cannot be true, without which the rest goes in.
"""

import asyncio
from typing import Protocol

import pyarrow as pa

from zhulian.telemetry.ingest import errors
from zhulian.telemetry.ingest.ledger import Ledger, Verdict
from zhulian.telemetry.journal.errors import unwritable
from zhulian.telemetry.journal.frames import BatchFrame
from zhulian.telemetry.journal.journal import Journal
from zhulian.telemetry.journal.segments import Span
from zhulian.telemetry.plausible import LONGEST_TEXT_BYTES, Parts
from zhulian.telemetry.quarantine.items import Kept, refused, set_aside
from zhulian.telemetry.quarantine.shelf import Shelf
from zhulian.wire.batch import BatchError
from zhulian.wire.lane import Received


class Audience(Protocol):
    """Whoever wants the readings once they are durable: live memory and the feeder."""

    def __call__(self, frame: BatchFrame, span: Span, readings: pa.RecordBatch) -> None: ...


class Reception:
    """Takes batches. All calls on the event loop's thread."""

    def __init__(self, journal: Journal, ledger: Ledger, audience: Audience, shelf: Shelf) -> None:
        self._journal = journal
        self.ledger = ledger
        self._audience = audience
        self._shelf = shelf
        self._on_the_way: dict[tuple[int, str], dict[tuple[int, int], asyncio.Future[Span]]] = {}

    async def take(self, frame: BatchFrame) -> Received:
        """Make ``frame`` durable, once. Raises IngestError and BatchError with the batch on the shelf, JournalError."""
        try:
            return await self.accept(frame)
        except (BatchError, errors.IngestError) as fault:
            await asyncio.to_thread(self._shelf.keep, refused(frame, fault))  # the gateway keeps its own copy
            raise

    async def accept(self, frame: BatchFrame) -> Received:
        """The same for what lies on the shelf already: when it is refused, nothing has changed."""
        known = await self._known(frame)
        return known or await self._take_new(frame)

    async def _known(self, frame: BatchFrame) -> Received | None:
        """What to say of a batch that was received before; None for a new one that nobody is just writing."""
        while True:
            verdict = self.ledger.judge(frame.gateway, frame.epoch, frame.first, frame.last)
            if verdict is not Verdict.NEW:
                return _told(frame, verdict)
            earlier = self._in_the_way(frame)
            if earlier is None:
                return None
            await asyncio.wait([earlier])  # the same readings are being written: judge again when that is decided

    async def _take_new(self, frame: BatchFrame) -> Received:
        found = frame.parts()
        if not found.readings.num_rows:
            raise _why(found)
        if (
            found.aside.num_rows
        ):  # on the shelf first: a crash in between leaves it there for the batch that comes again
            await self._put(set_aside(frame, found.aside, _why(found)))
            if (known := await self._known(frame)) is not None:
                return known
        await asyncio.shield(self._write(frame, found.readings))
        return Received(frame.rows, False, frame.offset_us, found.aside.num_rows)

    async def _put(self, kept: Kept) -> None:
        """What is nowhere else once the gateway has heard "received"."""
        try:
            await asyncio.to_thread(self._shelf.put, kept)
        except OSError as fault:
            raise unwritable(fault, self._shelf.folder) from fault

    def _in_the_way(self, frame: BatchFrame) -> asyncio.Future[Span] | None:
        for (first, last), future in self._on_the_way.get((frame.gateway, frame.epoch), {}).items():
            if first <= frame.last and frame.first <= last:
                return future
        return None

    def _write(self, frame: BatchFrame, readings: pa.RecordBatch) -> asyncio.Future[Span]:
        """Begin writing. What follows from success follows in the future's first callback, before any waiter runs."""
        durable = self._journal.append(frame)
        sender, numbers = (frame.gateway, frame.epoch), (frame.first, frame.last)
        self._on_the_way.setdefault(sender, {})[numbers] = durable

        def decided(future: asyncio.Future[Span]) -> None:
            waiting = self._on_the_way[sender]
            del waiting[numbers]
            if not waiting:
                del self._on_the_way[sender]
            if future.cancelled() or future.exception() is not None:
                return
            self.ledger.add(*sender, *numbers)
            self._audience(frame, future.result(), readings)

        durable.add_done_callback(decided)
        return durable


def _why(found: Parts) -> errors.IngestError:
    if found.mistimed:
        return errors.time_out_of_reach(
            "早于 1990 年，或比现在晚 24 小时以上", "it lies before 1990, or more than 24 h ahead"
        )
    return errors.text_too_long(LONGEST_TEXT_BYTES)


def _told(frame: BatchFrame, verdict: Verdict) -> Received:
    if verdict is Verdict.DUPLICATE:
        return Received(frame.rows, True, frame.offset_us)
    if verdict is Verdict.OVERLAP:
        raise errors.overlap(frame.first, frame.last)
    raise errors.scattered()
