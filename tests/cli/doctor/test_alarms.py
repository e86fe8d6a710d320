"""What the doctor says of alarms: rules that do not match, events that nobody hears, channels that do not deliver."""

import pytest
from django.utils import timezone

from peers.alarm_rows import make_rule
from peers.records import World, make_world
from peers.telemetry import FakeTelemetry
from zhulian.alarms import queries
from zhulian.cli.doctor.alarms import LATE_AFTER_S, findings
from zhulian.cli.doctor.finding import Finding
from zhulian.desk.models import Channel, Delivery
from zhulian.telemetry.alarms.answers import RulesStanding
from zhulian.telemetry.alarms.events import Event
from zhulian.telemetry.queries import Heard
from zhulian.vocabulary.readings import TimeUs

NOW = TimeUs(1_790_000_000_000_000)


class Engine(FakeTelemetry):
    """Has ``rules`` rules of version ``version``, and an event that was told ``waiting_s`` ago."""

    def __init__(self, rules: int, version: int, waiting_s: int | None = None) -> None:
        super().__init__()
        self._rules, self._version, self._waiting_s = rules, version, waiting_s

    def alarms_standing(self, tenants: object) -> RulesStanding:
        del tenants
        return RulesStanding(self._rules, (), (), 0, 0, 0, 0)

    def alarm_events(self, after: int, log: str, wait_s: float) -> Heard:
        del wait_s
        told_us = None if self._waiting_s is None else NOW - self._waiting_s * 1_000_000
        event = Event(number=after + 1, rule=1, version=1, tenant=1, told_us=told_us or 0, spans=())
        return Heard(log, after, self._version, (event,) if told_us else ())


def found(engine: Engine) -> dict[str, Finding]:
    return {each.part: each for each in findings(engine, lambda: NOW)}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def test_all_is_well(world: World) -> None:
    make_rule(world.a)
    said = found(Engine(1, queries.progress().rules_version, waiting_s=1))
    assert {part: each.is_good for part, each in said.items()} == {"alarm rules": True, "alarm listener": True}
    assert "1 条规则" in said["alarm rules"].what.zh


def test_rules_that_were_not_handed_over(world: World) -> None:
    make_rule(world.a)
    version = queries.progress().rules_version
    for engine in (Engine(0, version), Engine(1, version - 1)):
        said = found(engine)["alarm rules"]
        assert not said.is_good
        assert "jobs.log" in said.cure.en


def test_events_that_nobody_hears(world: World) -> None:
    said = found(Engine(0, queries.progress().rules_version, waiting_s=LATE_AFTER_S + 10))["alarm listener"]
    assert not said.is_good
    assert f"{LATE_AFTER_S + 10} 秒" in said.what.zh


def test_a_channel_that_does_not_deliver(world: World) -> None:
    channel = Channel.objects.create(
        name="夜班群", kind="dingtalk", url="https://example.org/", enterprise_id=world.a.enterprise
    )
    now = timezone.now()
    Delivery.objects.create(key="k", channel=channel, title="t", made_at=now, next_try_at=now, failed_at=now)
    said = found(Engine(0, queries.progress().rules_version))["channels"]
    assert not said.is_good
    assert "夜班群" in said.what.zh
