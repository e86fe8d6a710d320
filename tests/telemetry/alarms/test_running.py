"""Alarms at work: what was said is on disk, is told once, and survives a kill at any moment; late readings amend it."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from telemetry.alarms.oracle import S, Seen, truth
from telemetry.alarms.test_engine import BASE, TENANT, Told, rows, rule
from zhulian.telemetry.alarms import running
from zhulian.telemetry.alarms.answers import Heard
from zhulian.telemetry.alarms.engine import GRACE_US
from zhulian.telemetry.alarms.events import AlarmsDamagedError, Event, EventLog, RuleSet
from zhulian.telemetry.alarms.judging import Rows
from zhulian.telemetry.alarms.past import tried
from zhulian.telemetry.alarms.rules import Kind, Rule, RuleError
from zhulian.telemetry.alarms.running import Alarms
from zhulian.telemetry.alarms.said import Said, Span
from zhulian.telemetry.store.errors import StoreError
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.readings import TimeUs
from zhulian.wire.batch import SCHEMA

HOT = rule(Kind.THRESHOLD, limit=5, hysteresis=2, on_delay_s=2, off_delay_s=2)

WATCHED = (
    HOT,
    rule(Kind.ABSENCE, silence_s=4),
    rule(Kind.RATE, limit=100, on_delay_s=1),
    rule(Kind.EXPRESSION, points=(1, 2), expression="a > 5 and b < 3", on_delay_s=2),
)


class House:
    """The journal and the store around alarms: readings that were taken are never lost, whatever dies."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now_us = folder, BASE
        self.taken: list[list[Seen]] = []
        self.stored = self.checkpoint = 0
        self.is_down = self.is_refusing = False
        self.alarms = self.open()

    def open(self) -> Alarms:
        kept, clock = EventLog(self.folder), lambda: TimeUs(self.now_us)
        self.alarms = Alarms(kept, self.read, lambda: self.stored, clock, lambda: self.is_refusing)
        self.alarms.listen()
        for end, readings in enumerate(self.taken[self.checkpoint :], self.checkpoint + 1):
            self.alarms.take(TENANT, end, batch(readings))
        self.stored = self.checkpoint
        return self.alarms

    async def stop(self, for_s: int) -> None:
        """In order, and start again."""
        self.alarms.end()
        await self.alarms.close()
        self.now_us += for_s * S
        self.open()

    def read(self, points: Sequence[tuple[int, int]], start_us: int, end_us: int) -> Rows:
        if self.is_down:
            raise StoreError("down", Text("", ""), Text("", ""))
        held = [seen for readings in self.taken[: self.stored] for seen in readings]
        wanted = {point for _, point in points}
        return rows([seen for seen in held if seen.point in wanted and start_us <= seen.time_us <= end_us])

    def take(self, *readings: Seen) -> None:
        self.taken.append(list(readings))
        self.now_us = max(self.now_us, *(seen.time_us for seen in readings))
        self.alarms.take(TENANT, len(self.taken), batch(readings))

    async def store(self) -> None:
        self.stored = len(self.taken)
        position = self.stored
        await self.alarms.before_checkpoint()
        self.checkpoint = position

    async def settle(self) -> None:
        await self.alarms.tick()
        if self.alarms._replaying is not None:
            await self.alarms._replaying
        await self.alarms.flush()

    async def heard(self, after: int = 0, log: str = "") -> Heard:
        return await self.alarms.heard(after, log, 0)


def batch(readings: Sequence[Seen]) -> pa.RecordBatch:
    columns = [
        pa.array([seen.point for seen in readings], pa.uint32()),
        pa.array([seen.time_us for seen in readings], pa.timestamp("us", tz="UTC")),
        pa.array([seen.value for seen in readings], pa.float64()),
        pa.array([seen.text for seen in readings], pa.utf8()),
        pa.array([2 if seen.is_bad else 0 for seen in readings], pa.uint8()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def follow(told: Told, events: Sequence[Event], watched: Rule) -> None:
    told.hear(
        [
            Said(watched, tuple(Span(start, end, value or 0) for start, end, value in event.spans), event.from_us)
            for event in events
        ]
    )


async def test_an_alarm_is_told_once_and_remembered(tmp_path: Path) -> None:
    house = House(tmp_path)
    await house.alarms.set_rules(RuleSet(3, (HOT,)))
    house.take(Seen(1, BASE + 1 * S, 9.0))
    house.take(Seen(1, BASE + 4 * S, 9.0))
    await house.settle()
    first = await house.heard()
    assert first.rules_version == 3
    assert [(event.spans, event.from_us) for event in first.events] == [(((BASE + 3 * S, None, 9.0),), BASE + 3 * S)]
    again = await house.heard(first.number, first.log)
    assert not again.events
    house.open()
    assert (await house.heard(first.number, first.log)).events == ()
    assert house.alarms.standing(frozenset()).active[0].start_us == BASE + 3 * S


async def test_a_late_reading_takes_an_alarm_back(tmp_path: Path) -> None:
    house = House(tmp_path)
    await house.alarms.set_rules(RuleSet(1, (HOT,)))
    house.take(Seen(1, BASE + 1 * S, 9.0), Seen(1, BASE + 4 * S, 9.0))
    await house.settle()
    start = await house.heard()
    house.take(Seen(1, BASE + 2 * S, 1.0))
    await house.settle()
    amended = (await house.heard(start.number, start.log)).events
    assert [(event.from_us, event.spans) for event in amended] == [(BASE + 2 * S, ())]


async def test_alarms_go_on_while_the_store_is_down(tmp_path: Path) -> None:
    house = House(tmp_path)
    cold = rule(Kind.THRESHOLD, limit=2, is_low=True)
    await house.alarms.set_rules(RuleSet(1, (cold,)))
    house.is_down = True
    house.take(Seen(1, BASE + 5 * S, 3.0))
    house.take(Seen(1, BASE + 1 * S, 1.0))
    house.take(Seen(1, BASE + 6 * S, 1.0))
    await house.settle()
    assert house.alarms.standing(frozenset()).due == 1
    assert house.alarms.standing(frozenset()).active[0].start_us == BASE + 6 * S
    house.is_down = False
    await house.settle()
    told = Told()
    follow(told, (await house.heard()).events, cold)
    assert told.times == [(BASE + 1 * S, BASE + 5 * S), (BASE + 6 * S, None)]


@pytest.mark.parametrize("seed", range(60))
async def test_killed_at_any_moment_nothing_is_lost_or_told_twice(tmp_path: Path, seed: int) -> None:
    """The listener applies events by number; a kill drops whatever was in memory only."""
    chance, house, told, number, log = random.Random(seed), House(tmp_path), Told(), 0, ""
    watched = chance.choice(WATCHED)
    await house.alarms.set_rules(RuleSet(1, (watched,)))
    log = (await house.heard()).log
    times = [BASE + second * S for second in range(1, 40)]
    for _ in range(40):
        late = chance.sample(times, chance.randint(1, 2))
        house.take(*(Seen(chance.choice([1, 1, 2]), at, float(chance.randint(0, 8))) for at in late))
        match chance.choice(["store", "settle", "tell", "kill", "stop", "go on"]):
            case "store":
                await house.store()
            case "settle":
                await house.settle()
            case "tell":
                heard = await house.heard(number, log)
                assert not heard.events or heard.events[0].number == number + 1
                number = heard.number
                follow(told, heard.events, watched)
            case "kill":
                house.open()
            case "stop":
                await house.stop(chance.choice([3, 90]))
    house.now_us += 60 * S
    for _ in range(2):
        await house.settle()
    heard = await house.heard(number, log)
    follow(told, heard.events, watched)
    every = [seen for readings in house.taken for seen in readings]
    assert told.times == truth(watched, every, house.now_us - GRACE_US, house.alarms._listening.deaf)


async def test_heard_events_leave_the_file_and_a_stranger_gets_the_whole_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "HEARD_AT_ONCE", 10)
    house = House(tmp_path)
    watched = rule(Kind.THRESHOLD, limit=5)
    await house.alarms.set_rules(RuleSet(1, (watched,)))
    first = await house.heard()
    for second in range(1, 41):
        house.take(Seen(1, BASE + second * S, 9.0 if second % 2 else 1.0))
    await house.settle()
    number = first.number
    while (heard := await house.heard(number, first.log)).events:
        number = heard.number
    assert len((tmp_path / "events").read_bytes().splitlines()) < 20
    house.open()
    stranger = await house.heard(0, "")
    assert stranger.number == number
    assert len(stranger.events[0].spans) == 20


async def test_rules_that_go_end_their_alarms(tmp_path: Path) -> None:
    house = House(tmp_path)
    await house.alarms.set_rules(RuleSet(1, (rule(Kind.THRESHOLD, limit=5),)))
    house.take(Seen(1, BASE + 1 * S, 9.0))
    await house.settle()
    house.now_us = BASE + 10 * S
    await house.alarms.set_rules(RuleSet(2, ()))
    await house.settle()
    heard = await house.heard()
    assert heard.events[-1].spans[0][:2] == (BASE + 1 * S, BASE + 10 * S)


async def test_readings_ahead_of_the_clock_blind_nobody(tmp_path: Path) -> None:
    house = House(tmp_path)
    await house.alarms.set_rules(RuleSet(1, (rule(Kind.THRESHOLD, limit=5),)))
    ahead = Seen(1, BASE + 7_200 * S, 1.0)
    house.taken.append([ahead])
    house.alarms.take(TENANT, 1, batch([ahead]))
    house.take(Seen(1, BASE + 2 * S, 9.0))
    assert house.alarms.standing(frozenset()).ahead == 1
    assert house.alarms.standing(frozenset()).active[0].start_us == BASE + 2 * S


def test_a_torn_line_is_cut_off_and_damage_is_named(tmp_path: Path) -> None:
    log = EventLog(tmp_path)
    event = Event(number=1, rule=1, version=1, tenant=TENANT, told_us=BASE, spans=((BASE, None, 1.0),))
    log.append([event])
    with (tmp_path / "events").open("ab") as file:
        file.write(b"0000 {torn")
    assert EventLog(tmp_path).events == [event]
    log.append([event])
    assert len(EventLog(tmp_path).events) == 2
    (tmp_path / "known").write_bytes(b"00000000\n{}")
    with pytest.raises(AlarmsDamagedError):
        EventLog(tmp_path)


def test_a_damaged_folder_is_kept_aside(tmp_path: Path) -> None:
    first = EventLog.open(tmp_path / "alarms")
    (tmp_path / "alarms/rules").write_bytes(b"00000000\n{}")
    second = EventLog.open(tmp_path / "alarms")
    assert second.log != first.log
    assert [path.name for path in tmp_path.glob("alarms-damaged-*/rules")] == ["rules"]


async def test_a_rule_that_cannot_be_computed_changes_nothing(tmp_path: Path) -> None:
    house = House(tmp_path)
    await house.alarms.set_rules(RuleSet(1, (HOT,)))
    with pytest.raises(RuleError):
        await house.alarms.set_rules(RuleSet(2, (HOT, HOT)))
    assert (await house.heard()).rules_version == 1


def test_a_trial_tells_what_would_have_been(tmp_path: Path) -> None:
    readings = [Seen(1, BASE + second * S, 9.0 if second in range(10, 20) else 1.0) for second in range(60)]

    def read(points: Sequence[tuple[int, int]], start_us: int, end_us: int) -> Rows:
        assert points == [(TENANT, 1)]
        found = rows(readings)
        return found.chosen((found.time_us >= start_us) & (found.time_us <= end_us))

    found = tried(read, HOT, BASE, BASE + 60 * S)
    assert [span[:2] for span in found.spans] == [(BASE + 12 * S, BASE + 22 * S)]
    assert (found.readings, found.first_us) == (60, BASE)
    assert np.isfinite(found.last_us or 0)


async def test_waiting_for_events_ends_with_the_first(tmp_path: Path) -> None:
    house = House(tmp_path)
    await house.alarms.set_rules(RuleSet(1, (rule(Kind.THRESHOLD, limit=5),)))
    start = await house.heard()
    working = asyncio.create_task(house.alarms.run())
    waiting = asyncio.create_task(house.alarms.heard(start.number, start.log, 30))
    await asyncio.sleep(0)
    house.take(Seen(1, BASE + 1 * S, 9.0))
    assert len((await asyncio.wait_for(waiting, 25)).events) == 1
    house.alarms.end()
    await working
    await house.alarms.close()
