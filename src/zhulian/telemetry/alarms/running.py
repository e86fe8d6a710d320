"""Alarms at work in the telemetry process: fed with every durable batch, ticking once a second, answering the portal.

The order that makes it safe: events are on disk before anybody hears them; up to when a rule's past is decided is
saved only after the events that follow from it; and the journal lets readings go only after that
(:meth:`Alarms.before_checkpoint`). So after any crash a rule's past is computed again from a moment that lies before
everything that may have been lost, and only what was not said yet is said.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

from zhulian.telemetry.alarms.answers import Active, Heard, RulesStanding
from zhulian.telemetry.alarms.engine import AHEAD_US, AMENDED_US, Engine
from zhulian.telemetry.alarms.events import (
    HEARD_AT_ONCE,
    MOST_KEPT,
    Event,
    EventLog,
    RuleSet,
    event_of,
    hear,
    rows_of,
)
from zhulian.telemetry.alarms.fresh import Fresh
from zhulian.telemetry.alarms.judging import joined
from zhulian.telemetry.alarms.past import Read, Tried, keys_of, rows_of_batch, tried
from zhulian.telemetry.alarms.rules import US, Rule, RuleError, checked
from zhulian.telemetry.alarms.said import Said, Span
from zhulian.telemetry.journal.errors import unwritable
from zhulian.telemetry.store.errors import StoreError
from zhulian.vocabulary.clock import Clock
from zhulian.vocabulary.errors import Text, ZhulianError

TICK_S = 1.0
RULES_A_READ = 200
READ_AT_ONCE_S = 2_000_000
"""Seconds of all rules of one read together: about so many readings of points that are read once a second."""
NEAR_US = 3_600_000_000
"""Rules whose replay begins within an hour of each other are read for together."""
FORGET_EVERY = 600
"""Ticks; ten minutes."""
log = logging.getLogger(__name__)


class Alarms:
    """Event loop's thread, but for files and reading back, which have a thread each."""

    def __init__(
        self,
        kept: EventLog,
        read: Read,
        stored: Callable[[], int],
        clock: Clock,
        is_refusing: Callable[[], bool] = lambda: False,
    ) -> None:
        """``is_refusing`` tells whether gateways are turned away just now: then silence says nothing."""
        self._is_refusing = is_refusing
        self._kept, self._read, self._stored, self._clock = kept, read, stored, clock
        self._spans, self._decided, self._listening = kept.spans, dict(kept.decided), kept.listening
        self._events: deque[Event] = deque(kept.events)
        self._durable = self._last = kept.last
        self._rules_version = kept.rules.version
        self._engine = self._remembering(Engine(kept.rules.rules, kept.listening))
        self._fresh = Fresh()
        self._is_reading = False
        self._files = ThreadPoolExecutor(1, thread_name_prefix="alarms")
        self._reads = ThreadPoolExecutor(1, thread_name_prefix="alarms-past")
        self._writing = asyncio.Lock()
        self._woken = asyncio.Event()
        self._news = asyncio.Event()
        self._replaying: asyncio.Task[None] | None = None
        self._is_ending = False
        self._ticks = 0
        self.fault: ZhulianError | None = None
        self._end_orphans()

    def _remembering(self, engine: Engine) -> Engine:
        for rule in engine.rules:
            known = self._decided.get(rule.id)
            engine.remember(rule, self._spans.get(rule.id, ()), rule.since_us if known is None else known)
        return engine

    @property
    def said(self) -> int:
        """How many events there ever were."""
        return self._last

    def listen(self) -> None:
        """Gateways are heard from now on: before, silence says nothing."""
        self._listening.begin(self._clock())

    # --- readings

    def take(self, tenant: int, end: int, readings: pa.RecordBatch) -> None:
        """A batch is durable in the journal, up to ``end``."""
        which = self._engine.watched(keys_of(tenant, readings))
        if not len(which):
            return
        rows = rows_of_batch(tenant, readings, which)
        self._fresh.add(end, rows)
        self._say(self._engine.take(rows, self._clock()))

    def _say(self, said: Sequence[Said]) -> None:
        for one in said:
            self._add(event_of(one, self._last + 1, self._clock()))

    def _add(self, event: Event) -> None:
        self._last = event.number
        self._events.append(event)
        hear(self._spans, event)
        self._woken.set()

    # --- once a second, and whenever something was said

    async def run(self) -> None:
        """Work until :meth:`end`."""
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while not self._is_ending:
            try:
                async with asyncio.timeout(max(due_s - loop.time(), 0.0)):
                    await self._woken.wait()
            except TimeoutError:
                due_s = loop.time() + TICK_S
                await self.tick()
            self._woken.clear()
            await self._try_flush()
        await self._try_flush()

    def end(self) -> None:
        """Let :meth:`run` come to its end, and whoever waits for events go."""
        self._listening.go_on(self._clock())
        self._is_ending = True
        self._woken.set()
        self._news.set()

    async def close(self) -> None:
        """What was begun is finished first."""
        if self._replaying is not None:
            await self._replaying
        self._listening.save_soon()
        await self._try_flush()
        self._reads.shutdown()
        self._files.shutdown()

    async def tick(self) -> None:
        """Time has passed: silence, delays, late readings."""
        (self._listening.refuse if self._is_refusing() else self._listening.go_on)(self._clock())
        self._say(self._engine.tick(self._clock()))
        self._forget()
        if self._engine.due and (self._replaying is None or self._replaying.done()):
            self._replaying = asyncio.create_task(self._replay_all())

    def _end_orphans(self) -> None:
        """Alarms of rules that went, or were changed, when there was no time left to say so."""
        since = {rule.id: rule.since_us for rule in self._engine.rules}
        for rule, spans in list(self._spans.items()):
            if spans and spans[-1].end_us is None and since.get(rule, self._clock()) > spans[-1].start_us:
                ended = spans[-1]._replace(end_us=since.get(rule, self._clock()))
                self._add(Event(number=self._last + 1, rule=rule, version=0, tenant=0, told_us=self._clock(),
                                spans=rows_of([ended])))  # fmt: skip

    def _forget(self) -> None:
        if not self._is_reading:
            self._fresh.forget(self._stored())
        self._ticks += 1
        if self._ticks % FORGET_EVERY == 0:
            before_us = self._clock() - AMENDED_US
            self._engine.forget_before(before_us)
            for rule, spans in self._spans.items():
                self._spans[rule] = [span for span in spans if span.end_us is None or span.end_us >= before_us]

    async def _replay_all(self) -> None:
        while self._engine.due and not self._is_ending and await self._replay():
            pass

    async def _replay(self) -> bool:
        """Compute the past of some due rules again; False when the store does not answer.

        Meanwhile everything goes on: what comes in is in ``_fresh``.
        """
        engine, now_us, stored = self._engine, self._clock(), self._stored()
        chosen = _near(engine, now_us)
        start_us = min(engine.reach_us(at, from_us) for at, from_us in chosen.items())
        points = sorted({(engine.rules[at].tenant, point) for at in chosen for point in engine.rules[at].points})
        self._is_reading = True
        try:
            past = await asyncio.get_running_loop().run_in_executor(
                self._reads, self._read, points, start_us, now_us + AHEAD_US
            )
        except StoreError as fault:
            log.warning("报警暂不能补算，稍后再试 / alarms cannot be computed again yet: %s", fault)
            return False
        finally:
            self._is_reading = False
        if self._fresh.gone_end > stored:
            return False  # the store does not hold yet what was dropped from memory
        if engine is not self._engine:
            return True  # other rules meanwhile: choose anew
        rows = joined([past, *self._fresh.rows()])
        for at, from_us in chosen.items():
            if engine.due.get(at, -1) == from_us:
                self._say(engine.replay(at, from_us, rows, self._clock()))
        return True

    async def _try_flush(self) -> None:
        try:
            await self.flush()
        except OSError as fault:
            self.fault = unwritable(fault, self._kept.folder)
            log.error("报警未写入磁盘 / alarms not written: %s", fault)
            if not self._is_ending:
                await asyncio.sleep(TICK_S)
                self._woken.set()

    async def flush(self) -> None:
        """Make everything said so far durable. Raises OSError."""
        async with self._writing:
            if self._listening.is_worth_saving():
                await self._save_listened()
            waiting = [event for event in self._events if event.number > self._durable]
            if not waiting:
                return
            await asyncio.get_running_loop().run_in_executor(self._files, self._kept.append, waiting)
            self._durable, self.fault = waiting[-1].number, None
        self._news.set()
        self._news = asyncio.Event()

    async def _save_listened(self) -> None:
        listened = self._listening.kept()
        await asyncio.get_running_loop().run_in_executor(self._files, self._kept.save_listened, listened)
        self._listening.saved(listened)

    async def before_checkpoint(self) -> None:
        """The journal is about to forget what the store holds: first keep how far every rule is. Raises OSError."""
        if not self._engine.rules:
            return
        decided = self._engine.decided()
        if decided == self._decided:
            return
        await self.flush()
        async with self._writing:
            await asyncio.get_running_loop().run_in_executor(self._files, self._kept.save_decided, decided)
        self._decided = decided

    # --- the portal

    async def set_rules(self, rules: RuleSet) -> int:
        """Judge by ``rules`` from now on; how many there are. Raises RuleError; then nothing has changed."""
        for rule in rules.rules:
            checked(rule)
        if len({rule.id for rule in rules.rules}) != len(rules.rules):
            raise _twice()
        async with self._writing:
            await asyncio.get_running_loop().run_in_executor(self._files, self._kept.save_rules, rules)
        self._engine, ended = self._engine.succeeded_by(rules.rules, self._clock())
        self._rules_version = rules.version
        self._say(ended)
        return len(rules.rules)

    async def heard(self, after: int, log_name: str, wait_s: float) -> Heard:
        """Events after number ``after`` of the log ``log_name``, at most :data:`HEARD_AT_ONCE`; waits for one.

        Asking says that everything up to ``after`` is kept by the portal.
        """
        is_known = log_name == self._kept.log and after <= self._durable
        if is_known and after == self._durable and not self._is_ending:
            news = self._news
            try:
                async with asyncio.timeout(wait_s):
                    await news.wait()
            except TimeoutError:
                pass
        if not is_known or (self._events and after + 1 < self._events[0].number):
            await self.flush()
            return Heard(self._kept.log, self._durable, self._rules_version, self._whole_history())
        await self._let_go(after)
        found = tuple(event for event in self._events if after < event.number <= self._durable)[:HEARD_AT_ONCE]
        number = found[-1].number if found else after
        return Heard(self._kept.log, number, self._rules_version, found)

    def _whole_history(self) -> tuple[Event, ...]:
        """For a portal that cannot go on from where it was: what is known of every rule, under the last number."""
        tenants = {rule.id: rule.tenant for rule in self._engine.rules}
        return tuple(
            Event(number=self._durable, rule=rule, version=0, tenant=tenants.get(rule, 0), told_us=self._clock(),
                  spans=rows_of(spans), from_us=spans[0].start_us)
            for rule, spans in self._spans.items()
            if spans
        )  # fmt: skip

    async def _let_go(self, after: int) -> None:
        """Drop what the portal has, from time to time from the file too."""
        heard_count = sum(event.number <= after for event in self._events)
        if heard_count < HEARD_AT_ONCE and len(self._events) < MOST_KEPT:
            return
        async with self._writing:
            number = self._durable
            unheard = [event for event in self._events if after < event.number <= number][-MOST_KEPT:]
            spans = self._spans_at(number)
            if spans is None:
                return
            await self._save_listened()  # events that go tell it no longer
            await asyncio.get_running_loop().run_in_executor(self._files, self._kept.compact, spans, number, unheard)
            self._events = deque([*unheard, *(event for event in self._events if event.number > number)])

    def _spans_at(self, number: int) -> dict[int, list[Span]] | None:
        """What was said up to ``number``, a copy; only where nothing newer has been said."""
        return {rule: list(spans) for rule, spans in self._spans.items()} if number == self._last else None

    def standing(self, tenants: frozenset[int]) -> RulesStanding:
        """How the rules of ``tenants`` stand; of all when it is empty."""
        engine, counts = self._engine, self._engine.counts
        rules = [rule for rule in engine.rules if not tenants or rule.tenant in tenants]
        mine = {rule.id for rule in rules}
        active = [
            Active(rule.id, span.start_us, None if span.value != span.value else span.value)
            for rule, span in engine.active()
            if rule.id in mine
        ]
        unknown = tuple(rule.id for rule in engine.unknown() if rule.id in mine)
        return RulesStanding(
            len(rules), tuple(active), unknown, len(engine.due), counts.late, counts.too_late, counts.ahead
        )  # fmt: skip

    async def attempt(self, rule: Rule, start_us: int, end_us: int) -> Tried:
        """How often ``rule`` would have raised. Raises RuleError, StoreError."""
        checked(rule)
        return await asyncio.get_running_loop().run_in_executor(
            self._reads, tried, self._read, rule, start_us, end_us, self._listening
        )


def _near(engine: Engine, now_us: int) -> dict[int, int]:
    """Some of the due rules whose replay begins at about the same time, the earliest first."""
    order = sorted((engine.reach_us(at, from_us), at, from_us) for at, from_us in engine.due.items())
    first_us = order[0][0]
    most = min(max(READ_AT_ONCE_S * US // max(now_us - first_us, 1), 1), RULES_A_READ)
    return {at: from_us for reach_us, at, from_us in order[:most] if reach_us < first_us + NEAR_US}


def _twice() -> RuleError:
    return RuleError(
        "alarm_rule_twice",
        Text("同一条规则出现了两次。", "The same rule stands there twice."),
        Text("请重新下发规则。", "Hand the rules over again."),
    )
