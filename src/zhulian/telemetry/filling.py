"""Live values out of the store at start. A store somewhere else may be away then, and is asked until it answers.

Meanwhile batches go into the journal and are live; what the store knows is laid underneath when it comes, and its
tables are made then. A store in this process is part of it: without it nothing starts.
"""

import asyncio
import contextlib
import logging

from zhulian.telemetry.live import LiveValues
from zhulian.telemetry.store.engine import Engine
from zhulian.telemetry.store.errors import NEWER, StoreError
from zhulian.vocabulary.errors import ZhulianError

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0
log = logging.getLogger(__name__)


class Filling:
    """``fault`` says why the store has not been read yet. Raises StoreError of a store in this process."""

    def __init__(self, live: LiveValues, engine: Engine, is_elsewhere: bool) -> None:
        self._live, self._engine = live, engine
        self._is_filled = False
        self._ending = asyncio.Event()
        self.asked = asyncio.Event()
        """Set when the store did not answer for the first time."""
        self.fault: ZhulianError | None = None
        if not is_elsewhere:
            self._fill()

    def _fill(self) -> None:
        self._live.fill(self._engine.latest())
        self._is_filled = True

    async def run(self) -> None:
        """Ask until there is an answer, or :meth:`end`. Raises StoreError when the store belongs to a later Zhulian."""
        pause_s = FIRST_PAUSE_S
        while not (self._is_filled or self._ending.is_set()):
            try:
                latest = await asyncio.to_thread(self._engine.latest)
            except StoreError as fault:
                if fault.code == NEWER:
                    raise
                self.fault = fault
                log.warning("存储还没有应答，先写入日志 / no answer from the store, the journal goes on: %s", fault)
                self.asked.set()
                await self._rest(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            else:
                self._live.fill(latest)
                self._is_filled, self.fault = True, None

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ending.wait()

    def end(self) -> None:
        """Let :meth:`run` return."""
        self._ending.set()
