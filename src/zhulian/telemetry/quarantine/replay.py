"""Sending an item again once its cause is mended: through the same door as a batch of its gateway, so it goes in once.

``shift_us`` moves every time, for a clock that was off by a known amount.
"""

import asyncio

import numpy as np
import pyarrow as pa

from zhulian.telemetry.ingest import errors
from zhulian.telemetry.ingest.reception import Reception
from zhulian.telemetry.quarantine.items import Kept, again
from zhulian.telemetry.quarantine.shelf import Shelf
from zhulian.vocabulary.clock import Clock
from zhulian.wire import batch as wire
from zhulian.wire.lane import Received


class Replay:
    """Over the platform's one shelf and one reception; event loop's thread."""

    def __init__(self, shelf: Shelf, reception: Reception, clock: Clock) -> None:
        self._shelf = shelf
        self._reception = reception
        self._clock = clock

    async def send(self, number: int, shift_us: int = 0) -> Received:
        """The item goes in, and leaves the shelf. Raises IngestError, BatchError, JournalError; then it stays."""
        kept = await asyncio.to_thread(self._shelf.get, number)
        if kept is None:
            raise errors.not_aside(number)
        if not kept.item.is_replayable:
            raise errors.hopeless()
        frame = again(kept, self._clock(), _shifted(kept, shift_us) if shift_us else kept.body)
        received = await self._reception.accept(frame)
        await asyncio.to_thread(self._shelf.discard, number)
        return received


def _shifted(kept: Kept, shift_us: int) -> bytes:
    batch = wire.decode(kept.body, kept.item.rows)
    times = pa.py_buffer(wire.values_of(batch, "ts", np.int64) + shift_us)
    at = batch.schema.get_field_index("ts")
    moved = pa.Array.from_buffers(batch.schema.field(at).type, batch.num_rows, [None, times])
    return wire.encode(batch.set_column(at, batch.schema.field(at), moved))
