"""What tests of alarms share: the world of the records, and a telemetry process in memory that says what it is told."""

from collections.abc import Iterator

import pytest

from peers.records import World
from peers.telemetry import FakeTelemetry
from zhulian.desk.models import Message
from zhulian.portal.telemetry_access import replaced_by
from zhulian.telemetry.alarms.events import Event, RuleSet
from zhulian.telemetry.queries import Heard


@pytest.fixture
def world(world: World) -> World:
    """What the making of the world told people is not what these tests look at."""
    Message.objects.all().delete()
    return world


class Speaking(FakeTelemetry):
    """Tells ``events`` after the number it is asked for, and keeps the rules it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []
        self.rules = RuleSet(0, ())
        self.log = "one"

    def say(self, rule: int, *spans: tuple[int, int | None, float | None], from_us: int | None = None) -> None:
        number = len(self.events) + 1
        self.events.append(
            Event(number=number, rule=rule, version=1, tenant=1, told_us=0, spans=spans, from_us=from_us)
        )

    def alarm_events(self, after: int, log: str, wait_s: float) -> Heard:
        del wait_s
        told = tuple(event for event in self.events if event.number > after or log != self.log)
        return Heard(self.log, len(self.events), self.rules.version, told)

    def set_alarm_rules(self, rules: RuleSet) -> None:
        self.rules = rules


@pytest.fixture
def speaking() -> Iterator[Speaking]:
    telemetry = Speaking()
    with replaced_by(telemetry):
        yield telemetry
