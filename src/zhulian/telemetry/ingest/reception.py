"""The heart of ingest: one batch becomes durable, known and live, or is refused by name.

The order matters. A batch is judged by the ledger, reserved, written to the journal, and only when that is on disk does
it enter the ledger, live memory and the feeder's queue, and only then is the gateway told "received".
"""

import asyncio
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhulian.telemetry.ingest import errors
from zhulian.telemetry.ingest.ledger import Ledger, Verdict
from zhulian.telemetry.journal.frames import BatchFrame
from zhulian.telemetry.journal.journal import Journal
from zhulian.telemetry.journal.segments import Span
from zhulian.vocabulary.clock import Clock
from zhulian.wire.batch import values_of
from zhulian.wire.lane import Received

EARLIEST_US = 631_152_000_000_000
"""1990-01-01: before it, a clock was never set."""
LATEST_US = 4_102_444_800_000_000
"""2100-01-01: the store's partitions reach no further with certainty."""
AHEAD_US = 24 * 3600 * 1_000_000
LONGEST_TEXT_BYTES = 4096


class Audience(Protocol):
    """Whoever wants the readings once they are durable: live memory and the feeder."""

    def __call__(self, frame: BatchFrame, span: Span, readings: pa.RecordBatch) -> None: ...


class Reception:
    """Takes batches. All calls on the event loop's thread."""

    def __init__(self, journal: Journal, ledger: Ledger, audience: Audience, clock: Clock) -> None:
        self._journal = journal
        self.ledger = ledger
        self._audience = audience
        self._clock = clock
        self._on_the_way: dict[tuple[int, str], dict[tuple[int, int], asyncio.Future[Span]]] = {}

    async def take(self, frame: BatchFrame) -> Received:
        """Make ``frame`` durable, once. Raises IngestError, BatchError, JournalError; then nothing has changed."""
        while True:
            verdict = self.ledger.judge(frame.gateway, frame.epoch, frame.first, frame.last)
            if verdict is not Verdict.NEW:
                return _known(frame, verdict)
            earlier = self._in_the_way(frame)
            if earlier is None:
                break
            await asyncio.wait([earlier])  # the same readings are being written: judge again when that is decided
        readings = frame.readings()
        self._check(frame, readings)
        await asyncio.shield(self._write(frame, readings))
        return Received(frame.rows, False, frame.offset_us)

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

    def _check(self, frame: BatchFrame, readings: pa.RecordBatch) -> None:
        times = values_of(readings, "ts", np.int64)
        if times.min() < EARLIEST_US:
            raise errors.time_out_of_reach("早于 1990 年", "it lies before 1990")
        latest = int(times.max())
        if latest - frame.offset_us > self._clock() + AHEAD_US or latest >= LATEST_US:
            raise errors.time_out_of_reach("比现在晚 24 小时以上", "it lies more than 24 h ahead")
        text = readings.column("text")
        if text.null_count < len(text) and pc.max(pc.binary_length(text)).as_py() > LONGEST_TEXT_BYTES:
            raise errors.text_too_long(LONGEST_TEXT_BYTES)


def _known(frame: BatchFrame, verdict: Verdict) -> Received:
    if verdict is Verdict.DUPLICATE:
        return Received(frame.rows, True, frame.offset_us)
    if verdict is Verdict.OVERLAP:
        raise errors.overlap(frame.first, frame.last)
    raise errors.scattered()
