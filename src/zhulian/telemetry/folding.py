"""Folding in the background: days that are over become rows of ``folded``, newest first, again after late readings.

It gives way to everything else: one small statement at a time on one thread, a rest after each that is a multiple of
what it took, and none at all while readings wait for the store. Nothing is lost when it is killed or left out: answers
come from raw rows where nothing is folded.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext, suppress

from zhulian.telemetry.store import folded
from zhulian.telemetry.store.engine import Asked
from zhulian.telemetry.store.errors import StoreError
from zhulian.vocabulary.clock import Clock

DAY_US = 86_400_000_000
LATENESS_US = 3_600_000_000
"""A day is over for good an hour after its end; what comes later folds it again."""
LOOK_EVERY_S = 600.0
BUSY_S = 1.0
"""How long it waits before it looks again whether others are done."""
ROWS_A_STEP = 500_000
POINTS_A_STEP = 500
REST = 9
"""It rests so many times as long as it worked: a tenth of a core at most."""
OUT_OF_MEMORY = 241
PATIENT = {"max_execution_time": "0", "max_query_size": "10000000"}
log = logging.getLogger(__name__)


class Folding:
    """Run :meth:`run` as a task until :meth:`end`; :meth:`fold_all` does all there is at once, for tests and repair."""

    def __init__(
        self,
        engine: Asked,
        clock: Clock,
        is_busy: Callable[[], bool] = lambda: False,
        turn: AbstractContextManager[object] | None = None,
    ) -> None:
        """``turn`` is held during each fold: while rows are taken away, none may be made of them."""
        self._turn = turn or nullcontext()
        self._engine = engine
        self._clock = clock
        self._is_busy = is_busy
        self._known: dict[int, int] = {}
        """Day → how many readings it had when it was folded: what cannot be folded is not tried for ever."""
        self._ending = asyncio.Event()

    async def run(self) -> None:
        """Look for days to fold every :data:`LOOK_EVERY_S`. A store that is away is asked again then."""
        with ThreadPoolExecutor(1, "fold") as thread:
            while not await self._rested(LOOK_EVERY_S):
                try:
                    await self._look(thread)
                except StoreError as fault:
                    log.warning("汇总推迟 / folding is put off: %s", fault)

    async def _look(self, thread: Executor) -> None:
        loop, steps = asyncio.get_running_loop(), self.steps()
        while True:
            began_s = loop.time()
            if await loop.run_in_executor(thread, next, steps, None) is None:
                return
            if await self._rested(REST * (loop.time() - began_s)):
                return

    def end(self) -> None:
        """Stop after the statement that runs now."""
        self._ending.set()

    def steps(self) -> Iterator[int]:
        """Fold piece by piece; after each, its number of points."""
        over = (self._clock() - LATENESS_US) // DAY_US
        for day, rows in self._ask(folded.DAYS):
            if day < over and self._known.get(day) != rows:
                yield from self._day(day)
                self._known[day] = rows

    def fold_all(self) -> None:
        """Without a rest."""
        for _ in self.steps():
            pass

    def _day(self, day: int) -> Iterator[int]:
        for points in _pieces(self._ask(folded.pending(day))):
            names = ", ".join(f"({tenant}, {point})" for tenant, point, *_ in points)
            try:
                with self._turn:
                    self._ask(folded.fold(day, names, with_minutes=bool(points[0][3])))
            except StoreError as fault:
                if fault.number != OUT_OF_MEMORY:
                    raise
                log.warning("点位太密，不做汇总 / a point is too quick to be folded: %s", names)
            yield len(points)

    def _ask(self, sql: str) -> list[tuple[int, ...]]:
        answer = b"".join(self._engine.query(sql, "TabSeparated", PATIENT)).decode()
        return [tuple(map(int, line.split("\t"))) for line in answer.splitlines()]

    async def _rested(self, seconds: float) -> bool:
        """Wait so long, and then while there is more urgent work; True when it is time to end."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._ending.wait()
            if self._ending.is_set() or not self._is_busy():
                return self._ending.is_set()
            seconds = BUSY_S


def _pieces(points: list[tuple[int, ...]]) -> Iterator[list[tuple[int, ...]]]:
    """Points of one kind, of few enough readings for the memory of a statement, and few enough for its text."""
    piece: list[tuple[int, ...]] = []
    rows = 0
    for found in points:
        is_full = rows + found[2] > ROWS_A_STEP or len(piece) == POINTS_A_STEP
        if piece and (is_full or found[3] != piece[0][3]):
            yield piece
            piece, rows = [], 0
        piece.append(found)
        rows += found[2]
    if piece:
        yield piece
