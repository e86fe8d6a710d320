"""Between the machines and the outbox: gathers samples for a moment, commits them together, and makes pollers wait.

Device loops call :meth:`Recorder.keep`. While the disk takes nothing, samples are held in memory up to a bound; beyond
it ``keep`` waits, so that polling pauses instead of memory growing. The outbox lives in one thread of its own, because
a disk may take a second to answer and no machine shall wait for that.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from zhulian.edge.backoff import Backoff
from zhulian.edge.faults import EdgeError
from zhulian.edge.outbox import Outbox
from zhulian.edge.points import Sample
from zhulian.vocabulary.clock import Clock

log = logging.getLogger(__name__)

COMMIT_EVERY_S = 0.2
"""What a power cut may cost at most."""
MOST_IN_MEMORY = 50_000
"""Samples held while the disk takes none: a few megabytes."""

P = ParamSpec("P")
T = TypeVar("T")


class Recorder:
    """The one way into the outbox, and the one thread that touches it."""

    def __init__(self, outbox: Outbox, clock: Clock, most_in_memory: int = MOST_IN_MEMORY) -> None:
        self.outbox = outbox
        self.fault: EdgeError | None = None
        """Why the disk takes nothing right now."""
        self._clock = clock
        self._most = most_in_memory
        self._held: list[Sample] = []
        self._committing: list[Sample] = []
        self._something = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._closing = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="outbox")

    @property
    def in_memory(self) -> int:
        """Samples that are not on disk yet."""
        return len(self._held) + len(self._committing)

    @property
    def is_full(self) -> bool:
        """Whether pollers have to wait."""
        return not self._room.is_set()

    async def keep(self, samples: Sequence[Sample]) -> None:
        """Take ``samples``; waits while memory is full because the disk takes nothing."""
        if not samples:
            return
        await self._room.wait()
        self._held.extend(samples)
        self._something.set()
        self._mind_room()

    async def on_disk(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one call of the outbox in its thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(*args, **kwargs))

    async def run(self) -> None:
        """Commit what comes, at once after a pause and else every :data:`COMMIT_EVERY_S`, until :meth:`close`."""
        wait = Backoff(0.5, 10.0)
        while not self._closing.is_set():
            await self._something.wait()
            if await self._commit():
                wait.reset()
                await self._or_closing(COMMIT_EVERY_S)
            else:
                await self._or_closing(wait.next_s())
        await self._commit()

    def close(self) -> None:
        """Ask :meth:`run` to commit the rest and end."""
        self._closing.set()
        self._something.set()

    async def release(self) -> None:
        """Close the file, after :meth:`run` has ended."""
        await self.on_disk(self.outbox.close)
        self._thread.shutdown(wait=False)

    async def _commit(self) -> bool:
        self._something.clear()
        self._committing, self._held = self._held, []
        if not self._committing:
            return True
        try:
            await self.on_disk(self.outbox.append, self._committing, self._clock())
        except EdgeError as fault:
            if self.fault is None or self.fault.code != fault.code:
                log.error("%s", fault)
            self.fault = fault
            self._held = self._committing + self._held
            self._something.set()
            return False
        finally:
            self._committing = []
            self._mind_room()
        if self.fault is not None:
            log.info("outbox writes again")
        self.fault = None
        return True

    def _mind_room(self) -> None:
        if self.in_memory >= self._most:
            self._room.clear()
        else:
            self._room.set()

    async def _or_closing(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return
