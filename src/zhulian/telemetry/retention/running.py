"""Retention at work in the telemetry process: plans and demands come from the portal, steps go to the store one by one.

A step's sums are put together beside the feeder; only its end (count, write down, take away) runs in the feeder's own
turn, when everything stored is covered by a checkpoint and nothing is being inserted. Meanwhile batches are
acknowledged into the journal as always.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator
from threading import RLock
from typing import NamedTuple, Protocol

import msgspec

from zhulian.telemetry.retention.due import Erasure, Preview, demanded, due, preview, preview_of
from zhulian.telemetry.retention.plan import Plan, old
from zhulian.telemetry.store import retiring
from zhulian.telemetry.store.engine import Engine
from zhulian.telemetry.store.retiring import Going
from zhulian.vocabulary.clock import Clock
from zhulian.vocabulary.errors import ZhulianError

ATTEMPTS = 2
"""So often a step is staged beside the feeder, until nothing has come into its partitions meanwhile."""
PATIENT = {"max_execution_time": "0", "max_query_size": "67108864"}
"""A condition may name every point of a city."""
AGAIN_S = 300.0
DAY_US = 86_400_000_000
log = logging.getLogger(__name__)


class Demand(msgspec.Struct, frozen=True):
    """How far a demand is: steps done of those that were found, readings taken away in all."""

    number: int
    is_done: bool = False
    steps_done: int = 0
    steps: int = 0
    rows: int = 0


class Progress(msgspec.Struct, frozen=True):
    """What retention is at. ``rows`` and ``steps`` are the last plan's; times in microseconds, None for never."""

    is_running: bool = False
    steps: int = 0
    rows: int = 0
    begun_us: int | None = None
    ended_us: int | None = None
    fault: dict[str, str] | None = None
    demands: tuple[Demand, ...] = ()


class Turns(Protocol):
    """The feeder, as far as retention knows it."""

    async def alone(self, work: Callable[[], int | None]) -> int | None:
        """``work`` while nothing is being inserted."""

    async def caught_up(self) -> None:
        """Return when everything received so far is in the store."""


class _Wish(NamedTuple):
    erasure: Erasure | None
    plan: Plan


class Retention:
    """Run :meth:`run` as a task; the rest from the same event loop."""

    def __init__(self, engine: Engine, feeder: Turns, clock: Clock) -> None:
        self.taking = RLock()
        """Held while rows are taken away. Who makes other rows of them holds it too: they would come back in there."""
        self._engine = engine
        self._feeder = feeder
        self._clock = clock
        self._wishes: deque[_Wish] = deque()
        self._more = asyncio.Event()
        self._is_ending = False
        self._is_open = False
        self._progress = Progress()
        self._demands: dict[int, Demand] = {}

    def settle(self) -> None:
        """In the store's thread, before anything is inserted: finish the step that a fault has left open."""
        if self._is_open:
            with self.taking, self._engine.insertions_paused():
                retiring.finish_begun(self._run)
            self._is_open = False

    def _settled(self) -> int:
        self.settle()
        return 0

    def apply(self, plan: Plan) -> Progress:
        """Let ``plan`` hold from now on, beginning with what is too old already; an earlier one is forgotten."""
        self._wishes = deque(wish for wish in self._wishes if wish.erasure)
        if any(old(plan, self._today())) and self._is_refused():
            return self.progress
        self._wish(_Wish(None, plan))
        return self.progress

    def erase(self, erasure: Erasure) -> Demand:
        """Queue a demand, once; its state."""
        known = self._demands.get(erasure.number)
        if known is None and self._is_refused():
            return Demand(erasure.number)
        if known is None:
            known = self._demands[erasure.number] = Demand(erasure.number)
            self._wish(_Wish(erasure, Plan()))
        return known

    @property
    def progress(self) -> Progress:
        """Where it is right now."""
        return msgspec.structs.replace(self._progress, demands=tuple(self._demands.values()))

    async def preview(self, plan: Plan) -> Preview:
        """What ``plan`` would take away if it held now."""
        return await asyncio.to_thread(preview, self._run, plan, self._today())

    async def preview_of(self, erasure: Erasure) -> Preview:
        """What a demand would take away now."""
        return await asyncio.to_thread(preview_of, self._run, erasure)

    async def run(self) -> None:
        """Work until :meth:`end`; what is left then is asked for again by the portal."""
        while not self._is_ending:
            if not self._wishes:
                self._more.clear()
                await self._more.wait()
                continue
            wish = self._wishes.popleft()
            try:
                await (self._apply(wish.plan) if wish.erasure is None else self._erase(wish.erasure))
                self._note(fault=None)
            except ZhulianError as fault:
                log.warning("留存任务中断 / retention was interrupted: %s", fault)
                self._note(fault=fault.as_json())
                if wish.erasure:
                    self._demands.pop(wish.erasure.number, None)  # the portal hands it in again
                else:
                    asyncio.get_running_loop().call_later(AGAIN_S, self._again, wish)
            self._note(is_running=False, ended_us=self._clock())

    def end(self) -> None:
        """Let :meth:`run` return after the step it is at."""
        self._is_ending = True
        self._more.set()

    async def _apply(self, plan: Plan) -> None:
        self._note(is_running=True, steps=0, rows=0, begun_us=self._clock())
        steps = due(self._run, plan, self._today())
        while not self._is_ending and (going := await asyncio.to_thread(_next, steps)) is not None:
            rows = await self._step(going)
            self._note(steps=self._progress.steps + 1, rows=self._progress.rows + rows)

    async def _erase(self, erasure: Erasure) -> None:
        self._note(is_running=True)
        await self._feeder.caught_up()  # what is in the journal by now is meant too
        steps = await asyncio.to_thread(lambda: list(demanded(self._run, erasure)))
        for done, going in enumerate(steps):
            if self._is_ending:
                return
            self._demands[erasure.number] = await self._demand(erasure.number, done, len(steps))
            await self._step(going)
        told = await self._demand(erasure.number, len(steps), len(steps))
        self._demands[erasure.number] = msgspec.structs.replace(told, is_done=True)

    async def _demand(self, number: int, done: int, steps: int) -> Demand:
        rows = await asyncio.to_thread(retiring.rows_gone, self._run, number)
        return Demand(number, steps_done=done, steps=steps, rows=rows)

    async def _step(self, going: Going) -> int:
        """One step; readings that it took away. Where readings arrive all the time, staging waits for its turn too."""
        if self._is_open:  # what is staged is still needed
            await self._feeder.alone(self._settled)
        for _ in range(ATTEMPTS):
            await asyncio.to_thread(retiring.stage, self._run, going)
            rows = await self._feeder.alone(lambda: self._take_away(going))
            if rows is not None:
                return rows
        return await self._feeder.alone(lambda: self._take_away(going, stage=True)) or 0

    def _take_away(self, going: Going, stage: bool = False) -> int | None:
        """In the store's thread: None when what is staged does not account for what is there by now."""
        self.settle()
        with self.taking, self._engine.insertions_paused():
            if stage:
                retiring.stage(self._run, going)
            rows = retiring.count(self._run, going)
            if not retiring.is_staged(self._run, going, rows):
                return None
            self._is_open = True
            retiring.begin(self._run, going, rows)
            retiring.finish_begun(self._run)
            self._is_open = False
        return rows

    def _is_refused(self) -> bool:
        """Whether this store keeps everything: said once, before anything is staged that could not be finished."""
        refusal = self._engine.why_all_is_kept()
        if refusal is None:
            return False
        if self._progress.fault != refusal.as_json():
            log.warning("不做留存 / nothing is retired: %s", refusal)
            self._note(fault=refusal.as_json())
        return True

    def _wish(self, wish: _Wish) -> None:
        self._wishes.append(wish)
        self._more.set()

    def _again(self, wish: _Wish) -> None:
        """A plan that was interrupted, unless another one has come."""
        if not any(each.erasure is None for each in self._wishes):
            self._wish(wish)

    def _note(self, **changes: object) -> None:
        self._progress = msgspec.structs.replace(self._progress, **changes)

    def _run(self, sql: str) -> str:
        return b"".join(self._engine.query(sql, "TabSeparatedRaw", PATIENT)).decode()

    def _today(self) -> int:
        return self._clock() // DAY_US


def _next(steps: Iterator[Going]) -> Going | None:
    return next(steps, None)
