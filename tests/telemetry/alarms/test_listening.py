"""After a stop of the platform: its own silence is nobody's alarm, a machine that stays silent is, and what gateways
kept and hand in later is told as it was. One rule, a minute without a reading; times in seconds, computed by hand."""

from pathlib import Path

import pytest

from telemetry.alarms.oracle import S, Seen
from telemetry.alarms.test_engine import BASE, Told, rule
from telemetry.alarms.test_running import House, follow
from zhulian.telemetry.alarms.events import RuleSet
from zhulian.telemetry.alarms.listening import MOST_STRETCHES, Deaf, Listened, Listening
from zhulian.telemetry.alarms.rules import Kind, Rule

MINUTE = rule(Kind.ABSENCE, silence_s=60)
HOUR = rule(Kind.ABSENCE, silence_s=3600)
PATIENT = rule(Kind.ABSENCE, silence_s=60, on_delay_s=30)


class Watch(House):
    """A house whose clock moves second by second, and what a listener knows of its one rule."""

    def __init__(self, folder: Path, watched: Rule) -> None:
        super().__init__(folder)
        self.watched, self.told, self.number, self.log = watched, Told(), 0, ""

    async def begin(self) -> "Watch":
        await self.alarms.set_rules(RuleSet(1, (self.watched,)))
        self.log = (await self.heard()).log
        return self

    async def wait(self, until_s: int) -> None:
        """Nothing is read until then."""
        while self.now_us < BASE + until_s * S:
            self.now_us += S
            await self.settle()

    async def run(self, until_s: int) -> None:
        """The machine is read every ten seconds until then."""
        while self.now_us < BASE + until_s * S:
            self.now_us += 10 * S
            self.take(Seen(1, self.now_us, 1.0))
            await self.settle()

    def hand_in(self, *seconds: int) -> None:
        """What a gateway kept."""
        self.take(*(Seen(1, BASE + second * S, 1.0) for second in seconds))

    async def spans(self) -> list[tuple[float, float | None]]:
        await self.settle()
        heard = await self.heard(self.number, self.log)
        self.number = heard.number
        follow(self.told, heard.events, self.watched)
        return [((start - BASE) / S, None if end is None else (end - BASE) / S) for start, end in self.told.times]


@pytest.fixture
async def watch(tmp_path: Path) -> Watch:
    return await Watch(tmp_path, MINUTE).begin()


async def test_a_stop_of_three_minutes_is_nobodys_silence(watch: Watch) -> None:
    """Live readings come first, the backlog behind them, as gateways send."""
    await watch.run(100)
    await watch.stop(180)  # from 100 to 280
    await watch.wait(300)
    watch.hand_in(300)
    await watch.settle()
    watch.hand_in(*range(110, 200, 10))
    await watch.settle()
    watch.hand_in(*range(200, 300, 10))
    await watch.run(500)
    assert await watch.spans() == []
    assert watch.alarms.said == 0


async def test_a_machine_that_stays_silent_is_raised_a_minute_after_the_return(watch: Watch) -> None:
    await watch.run(50)
    await watch.wait(100)
    await watch.stop(180)
    await watch.wait(341)
    assert await watch.spans() == []
    await watch.wait(343)
    assert await watch.spans() == [(340, None)]
    watch.hand_in(400)
    assert await watch.spans() == [(340, 400)]


async def test_an_alarm_that_was_active_stays_and_ends_with_the_next_reading(watch: Watch) -> None:
    await watch.run(20)
    await watch.wait(100)
    assert await watch.spans() == [(80, None)]
    await watch.stop(180)
    await watch.wait(400)
    assert await watch.spans() == [(80, None)]
    watch.hand_in(410)
    assert await watch.spans() == [(80, 410)]


async def test_an_alarm_that_was_told_right_before_a_crash_stays(watch: Watch) -> None:
    await watch.run(20)
    await watch.wait(83)
    assert await watch.spans() == [(80, None)]
    watch.now_us += 180 * S  # killed: nothing was written at the end
    watch.open()
    await watch.wait(400)
    assert await watch.spans() == [(80, None)]


async def test_what_was_kept_shows_a_gap_within_the_stop(watch: Watch) -> None:
    """The gap from 110 to 200 is closed by a reading 80 s older than the return; the one from 250 is not."""
    await watch.run(100)
    await watch.stop(180)
    watch.hand_in(280)
    assert await watch.spans() == []
    watch.hand_in(110, 200, 250)
    assert await watch.spans() == [(170, 200)]
    watch.hand_in(200)  # twice: computed again from there
    assert await watch.spans() == [(170, 200)]


async def test_a_reading_in_the_stop_ends_the_alarm_that_began_before_it(watch: Watch) -> None:
    await watch.run(20)
    await watch.wait(100)
    await watch.stop(180)
    watch.hand_in(280)
    assert await watch.spans() == [(80, 280)]
    watch.hand_in(150)
    assert await watch.spans() == [(80, 150)]


async def test_two_stops_in_short_order(watch: Watch) -> None:
    await watch.run(100)
    await watch.stop(50)  # 100 to 150
    await watch.wait(170)
    await watch.stop(50)  # 170 to 220
    await watch.wait(281)
    assert await watch.spans() == []
    await watch.wait(283)
    assert await watch.spans() == [(280, None)]
    watch.hand_in(225)
    assert await watch.spans() == []
    await watch.wait(290)
    assert await watch.spans() == [(285, None)]


async def test_a_delay_that_ran_when_the_platform_stopped_begins_anew(tmp_path: Path) -> None:
    """Silent since 10: absence from 70, an alarm only at 100; stopped at 90."""
    watch = await Watch(tmp_path, PATIENT).begin()
    await watch.run(10)
    await watch.wait(90)
    await watch.stop(180)
    await watch.wait(361)
    assert await watch.spans() == []
    await watch.wait(363)
    assert await watch.spans() == [(360, None)]


async def test_a_rule_of_an_hour_waits_a_quarter_of_one(tmp_path: Path) -> None:
    """Otherwise a platform that is started anew every night would never miss a machine for a day."""
    watch = await Watch(tmp_path, HOUR).begin()
    await watch.run(10)
    watch.now_us = BASE + 3_500 * S
    await watch.stop(180)
    watch.now_us = BASE + 4_579 * S
    assert await watch.spans() == []
    watch.now_us = BASE + 4_583 * S
    assert await watch.spans() == [(4_580, None)]


async def test_a_late_reading_finds_the_last_one_before_a_long_stop(watch: Watch) -> None:
    """What is computed again begins before the stop, though that lies far beyond the rule's own reach."""
    await watch.run(100)
    await watch.stop(3_600)  # 100 to 3700
    watch.hand_in(3_701)
    await watch.store()
    assert await watch.spans() == []
    watch.hand_in(3_690)
    assert await watch.spans() == []
    watch.hand_in(3_000)
    assert await watch.spans() == [(160, 3_000)]


async def test_a_machine_that_was_refused_is_not_silent(watch: Watch) -> None:
    """The disk is full from 100 to 280; believed again a minute later, silence counts anew from 340."""
    await watch.run(100)
    watch.is_refusing = True
    await watch.wait(280)
    watch.is_refusing = False
    await watch.wait(399)
    assert await watch.spans() == []
    watch.hand_in(399)
    await watch.settle()
    watch.hand_in(*range(110, 400, 10))
    await watch.run(500)
    assert await watch.spans() == []
    assert watch.alarms.said == 0


async def test_a_machine_that_stays_silent_after_refusals_is_raised(watch: Watch) -> None:
    await watch.run(100)
    watch.is_refusing = True
    await watch.wait(200)
    watch.is_refusing = False
    await watch.wait(330)
    assert [start for start, _ in await watch.spans()] == [pytest.approx(320, abs=2)]


async def test_refusals_by_fits_and_starts_are_one_stretch(watch: Watch) -> None:
    await watch.run(100)
    for second in range(110, 400, 10):
        watch.is_refusing = not watch.is_refusing
        await watch.wait(second)
    assert await watch.spans() == []
    watch.is_refusing = False
    await watch.wait(460)
    listened = watch.alarms._listening.kept()
    assert len(listened.deaf) == 1


async def test_an_alarm_from_before_the_refusals_stays(watch: Watch) -> None:
    await watch.run(20)
    await watch.wait(83)
    assert await watch.spans() == [(80, None)]
    watch.is_refusing = True
    await watch.wait(200)
    watch.is_refusing = False
    await watch.wait(400)
    assert await watch.spans() == [(80, None)]


async def test_a_stop_while_refusing_makes_one_stretch_of_both(watch: Watch) -> None:
    await watch.run(100)
    watch.is_refusing = True
    await watch.wait(150)
    await watch.stop(100)
    watch.is_refusing = False
    await watch.settle()
    assert len(watch.alarms._listening.kept().deaf) == 1
    await watch.wait(309)
    assert await watch.spans() == []
    await watch.wait(313)
    assert await watch.spans() == [(310, None)]


def test_before_anybody_listens_nothing_is_silent() -> None:
    listening = Listening(Listened(BASE, ((BASE - 9, BASE - 8),)))
    assert listening.deaf[0] == (BASE - 9, BASE - 8)
    assert listening.deaf[1].end_us > BASE * 1000
    listening.go_on(BASE + 5)
    listening.begin(BASE + 7)
    assert listening.deaf == [Deaf(BASE - 9, BASE - 8), Deaf(BASE, BASE + 7)]
    listening.begin(BASE + 9)
    assert len(listening.deaf) == 2


def test_the_very_first_start_and_a_clock_that_went_back_leave_no_stretch() -> None:
    first, back = Listening(), Listening(Listened(BASE))
    first.begin(BASE)
    back.begin(BASE - 5)
    assert first.deaf == back.deaf == []
    assert back.kept().until_us == BASE


def test_what_is_kept_stays_small() -> None:
    kept = Listened(BASE)
    for start in range(MOST_STRETCHES + 5):
        listening = Listening(kept)
        listening.begin(BASE + start * 10 + 5)
        kept = listening.kept()
    assert len(kept.deaf) == MOST_STRETCHES
