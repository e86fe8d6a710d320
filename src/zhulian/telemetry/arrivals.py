"""How the readings of each gateway come in: how many, how many late, how many behind newer ones. For its page.

Late and overtaken readings are stored like any others; many of them tell of a bad line or a clock that jumps. Counted
since the process started. Event loop's thread only.
"""

import msgspec
import numpy as np
import pyarrow as pa

from zhulian.telemetry.journal.frames import BatchFrame
from zhulian.wire.batch import values_of

LATE_US = 300_000_000
"""A reading that is older than five minutes, by its gateway's own clock, came from a backlog."""
OVERTAKEN_US = 60_000_000
"""A reading that is older by more than a minute than the newest that its gateway sent before."""


class Arrivals(msgspec.Struct):
    """What came from one gateway since the process started. ``newest_us`` is in the gateway's own time."""

    gateway: int
    rows: int = 0
    late_rows: int = 0
    overtaken_rows: int = 0
    over_quota: int = 0
    """Batches that had to come back later."""
    newest_us: int = 0

    def take(self, frame: BatchFrame, readings: pa.RecordBatch) -> None:
        """A batch is durable."""
        times = values_of(readings, "ts", np.int64)
        self.rows += len(times)
        oldest_us = int(times.min())
        late_us, overtaken_us = frame.received_us + frame.offset_us - LATE_US, self.newest_us - OVERTAKEN_US
        if oldest_us < late_us:
            self.late_rows += int(np.count_nonzero(times < late_us))
        if oldest_us < overtaken_us:
            self.overtaken_rows += int(np.count_nonzero(times < overtaken_us))
        self.newest_us = max(self.newest_us, int(times.max()))


class AllArrivals:
    """Of every gateway that sent anything."""

    def __init__(self) -> None:
        self._of: dict[int, Arrivals] = {}

    def of(self, gateway: int) -> Arrivals:
        """To be counted on."""
        return self._of.setdefault(gateway, Arrivals(gateway))
