"""One file, from its first byte to the last acknowledged reading; may be killed anywhere and begun again.

First everything is read and laid down by day, then it is sent, batch after batch, under sequence numbers that the
content alone decides. What the platform has it calls a duplicate, so beginning again counts nothing twice.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from zhulian.telemetry.backfill import errors, files
from zhulian.telemetry.backfill.days import DAY_US, Days
from zhulian.telemetry.backfill.layout import Layout, epoch_of, sha256_of
from zhulian.telemetry.backfill.refused import RefusedFile
from zhulian.telemetry.backfill.rows import Reader
from zhulian.telemetry.queries.errors import TelemetryBusy, TelemetryRefused, TelemetryUnreachable
from zhulian.vocabulary.readings import TenantId
from zhulian.wire import batch as wire
from zhulian.wire.lane import Received

CITY_US = 8 * 3600 * 1_000_000
"""The city's clocks are ahead of UTC by so much, all year."""
ASIDE = frozenset({"time_out_of_reach", "text_too_long"})
"""Refusals after which a batch lies in the quarantine, whole."""
UNREACHABLE_PAUSE_S = 5.0


class Source(NamedTuple):
    """Whose file it is, where it lies, what it holds, how it is read, and what people call it."""

    tenant: TenantId
    path: Path
    sha256: str
    layout: Layout
    called: str


class Platform(Protocol):
    """Takes a batch of the past; see :meth:`zhulian.telemetry.queries.Telemetry.take_past`."""

    def take_past(self, tenant: TenantId, epoch: str, first: int, last: int, body: bytes) -> Received: ...


@dataclass
class Progress:
    """How far it is. ``found`` is known in full when ``is_read``."""

    rows: int = 0
    """Rows of the file that were looked at."""
    found: int = 0
    """Readings in them."""
    empty: int = 0
    """Cells without one."""
    refused: dict[str, int] = field(default_factory=dict)
    is_read: bool = False
    days: list[int] = field(default_factory=list)
    """Of the city's calendar, counted from 1970-01-01, that have readings."""
    points: list[int] = field(default_factory=list)
    """Those that have readings; known with the days."""
    first_us: int | None = None
    last_us: int | None = None
    sent: int = 0
    """Readings whose reception is certain; those of an earlier attempt too."""
    new: int = 0
    known: int = 0
    aside: int = 0
    """Sent and in the quarantine."""


class Carrying:
    """``tell`` hears of progress often; what it raises ends the work, to be begun again later.

    ``folder`` is the import's own: days are laid down in it, and ``refused.csv``.
    """

    def __init__(
        self,
        source: Source,
        folder: Path,
        tell: Callable[[Progress], None],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._source = source
        self._folder = folder
        self._tell = tell
        self._pause = pause
        self.progress = Progress()

    def read(self) -> Days:
        """Everything laid down by day, nothing sent. Raises BackfillError, OSError (no room)."""
        source = self._source
        before = source.path.stat()
        if sha256_of(source.path) != source.sha256:
            raise errors.file_changed(source.called)
        self._folder.mkdir(parents=True, exist_ok=True)
        days, seen, points = Days(self._folder / "days"), set[int](), set[int]()
        with RefusedFile(self._folder / "refused.csv") as refused:
            head = files.look(source.path, source.layout.header, source.called)
            reader = Reader(source.layout, refused)
            for block in files.blocks(source.path, head, source.layout.header, source.layout.columns):
                taken = reader.take(block)
                days.add(taken.readings)
                points.update(np.unique(wire.values_of(taken.readings, "point", np.uint32)).tolist())
                self._count(block, taken.empty, wire.values_of(taken.readings, "ts", np.int64), seen)
                self.progress.refused = dict(refused.counts)
                self._tell(self.progress)
        after = source.path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise errors.file_changed(source.called)
        self.progress.days, self.progress.points, self.progress.is_read = sorted(seen), sorted(points), True
        self._tell(self.progress)
        return days

    def _count(self, block: files.Block, empty: int, us: "np.typing.NDArray[np.int64]", seen: set[int]) -> None:
        progress = self.progress
        progress.rows += len(block.numbers) + len(block.misshapen)
        progress.empty += empty
        progress.found += len(us)
        if len(us):
            seen.update(np.unique((us + CITY_US) // DAY_US).tolist())
            first, last = int(us.min()), int(us.max())
            progress.first_us = first if progress.first_us is None else min(progress.first_us, first)
            progress.last_us = last if progress.last_us is None else max(progress.last_us, last)

    def send(self, days: Days, platform: Platform, skip: int = 0) -> None:
        """Everything in ``days``; the first ``skip`` readings are known to be received. Raises TelemetryRefused."""
        source, progress = self._source, self.progress
        epoch, last = epoch_of(source.sha256, source.layout), 0
        for batch in days.batches():
            first, last = last + 1, last + batch.num_rows
            if last > skip:
                self._count_received(batch.num_rows, self._deliver(platform, epoch, first, last, wire.encode(batch)))
            progress.sent = last
            self._tell(progress)
        days.remove()

    def _deliver(self, platform: Platform, epoch: str, first: int, last: int, body: bytes) -> Received:
        """However long it takes: a platform that is busy or away is waited for."""
        while True:
            try:
                return platform.take_past(self._source.tenant, epoch, first, last, body)
            except TelemetryBusy as busy:
                self._pause(busy.retry_after_s)
            except TelemetryUnreachable:
                self._pause(UNREACHABLE_PAUSE_S)
            except TelemetryRefused as refused:
                if refused.code not in ASIDE:
                    raise
                return Received(last - first + 1, False, 0, last - first + 1)
            self._tell(self.progress)

    def _count_received(self, rows: int, received: Received) -> None:
        self.progress.aside += received.set_aside
        if received.duplicate:
            self.progress.known += rows
        else:
            self.progress.new += rows - received.set_aside
