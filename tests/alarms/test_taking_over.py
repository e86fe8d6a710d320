"""What telemetry says becomes occurrences: once, corrected by late data, and never lost what people did about them."""

from datetime import UTC, datetime, timedelta

import pytest

from alarms.conftest import Speaking
from peers.alarm_rows import make_rule
from peers.records import World
from zhulian.alarms import queries, workflows
from zhulian.alarms.models import Occurrence, Progress
from zhulian.alarms.queries import AlarmFilter
from zhulian.alarms.rules import Standing
from zhulian.organisations.tenancy import SYSTEM, visible_to
from zhulian.portal.alarm_listener import AlarmListener
from zhulian.vocabulary.clock import to_time_us

T0 = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def us(seconds: float) -> int:
    return to_time_us(T0) + int(seconds * 1_000_000)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def listen(now: float = 100) -> AlarmListener:
    listener = AlarmListener(lambda: at(now))
    listener.once(0)
    return listener


def test_an_alarm_begins_and_ends_once_however_often_it_is_told(world: World, speaking: Speaking) -> None:
    rule = make_rule(world.a)
    speaking.say(rule.pk, (us(1), None, 9.0))
    listen()
    row = Occurrence.objects.get()
    assert (row.started_at, row.ended_at, row.value, row.enterprise_id) == (at(1), None, 9.0, world.a.enterprise)
    speaking.say(rule.pk, (us(1), us(5), 9.0))
    listen()
    Progress.objects.update(number=0)
    listen()
    assert Occurrence.objects.get().ended_at == at(5)


def test_rules_are_handed_over_when_they_change(world: World, speaking: Speaking) -> None:
    rule = make_rule(world.a)
    listen()
    assert [one.id for one in speaking.rules.rules] == [rule.pk]
    assert speaking.rules.rules[0].limit == 5
    workflows.put_out_of_service(SYSTEM, rule.pk, "repair", rule.revision)
    listen()
    assert not speaking.rules.rules


def test_late_readings_move_an_alarm_and_keep_its_acknowledgement(world: World, speaking: Speaking) -> None:
    rule = make_rule(world.a)
    speaking.say(rule.pk, (us(10), us(20), 9.0))
    listen()
    workflows.acknowledge(visible_to(world.a.engineer), Occurrence.objects.get().pk, "seen")
    speaking.say(rule.pk, (us(8), us(20), 9.0), from_us=us(7))
    listen(200)
    row = Occurrence.objects.get()
    assert (row.started_at, row.note, row.corrected_at) == (at(8), "seen", at(200))


def test_an_alarm_that_never_was_stays_legible(world: World, speaking: Speaking) -> None:
    rule = make_rule(world.a)
    speaking.say(rule.pk, (us(10), None, 9.0))
    listen()
    speaking.say(rule.pk, from_us=us(5))
    listen(200)
    found = queries.alarms(visible_to(world.a.owner), AlarmFilter(state="all")).rows
    assert [row.standing for row in found] == [Standing.RETRACTED]
    assert queries.badge(visible_to(world.a.owner)) == 0
    speaking.say(rule.pk, (us(10), None, 9.0))
    listen(201)
    assert Occurrence.objects.filter(retracted_at=None).count() == 1


def test_one_alarm_becomes_two_and_back(world: World, speaking: Speaking) -> None:
    rule = make_rule(world.a)
    speaking.say(rule.pk, (us(10), us(40), 9.0))
    speaking.say(rule.pk, (us(10), us(20), 9.0), (us(30), us(40), 9.0), from_us=us(20))
    listen()
    standing = Occurrence.objects.filter(retracted_at=None).order_by("started_at")
    assert list(standing.values_list("started_at", "ended_at")) == [(at(10), at(20)), (at(30), at(40))]
    speaking.say(rule.pk, (us(10), us(40), 9.0), from_us=us(20))
    listen()
    assert list(standing.values_list("started_at", "ended_at")) == [(at(10), at(40))]


def test_a_new_log_is_taken_over_from_its_beginning(world: World, speaking: Speaking) -> None:
    rule = make_rule(world.a)
    for second in range(3):
        speaking.say(rule.pk, (us(second * 10), us(second * 10 + 5), 9.0))
    listen()
    speaking.log, speaking.events = "two", []
    speaking.say(rule.pk, (us(0), us(5), 9.0), (us(100), None, 9.0), from_us=us(0))
    listen()
    standing = Occurrence.objects.filter(retracted_at=None).order_by("started_at")
    assert list(standing.values_list("started_at", flat=True)) == [at(0), at(100)]
    assert Progress.objects.get().log == "two"


def test_an_alarm_whose_cause_is_active_is_suppressed(world: World, speaking: Speaking) -> None:
    cause, effect = make_rule(world.a, "cause"), make_rule(world.a, "effect", limit=6.0)
    type(effect).objects.filter(pk=effect.pk).update(suppressed_by=cause)
    speaking.say(cause.pk, (us(1), None, 9.0))
    speaking.say(effect.pk, (us(2), None, 9.0))
    listen()
    assert Occurrence.objects.get(rule=effect).is_suppressed
    assert not Occurrence.objects.get(rule=cause).is_suppressed


@pytest.mark.parametrize("state", ["open", "active", "unacknowledged", "shelved", "suppressed", "retracted", "all"])
def test_every_filter_of_the_list_answers(world: World, speaking: Speaking, state: str) -> None:
    speaking.say(make_rule(world.a).pk, (us(1), None, 9.0))
    listen()
    count = queries.alarms(visible_to(world.a.owner), AlarmFilter(state=state, text="hot", days=9_000)).total
    assert count == int(state in {"open", "active", "unacknowledged", "all"})
    assert not queries.alarms(visible_to(world.b.owner), AlarmFilter(state=state)).total
