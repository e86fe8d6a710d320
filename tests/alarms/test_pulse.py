"""The number that open lists watch: it moves with every change in sight, and with nobody else's."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from alarms.conftest import Speaking
from peers.alarm_rows import make_alarm, make_rule
from peers.records import World
from zhulian.alarms import queries, workflows
from zhulian.alarms.models import Occurrence
from zhulian.alarms.rules import LONGEST_SHELF
from zhulian.organisations.tenancy import Scope, visible_to
from zhulian.portal.alarm_listener import AlarmListener

DEEDS: dict[str, Callable[[Scope, Occurrence], object]] = {
    "acknowledge": lambda scope, row: workflows.acknowledge(scope, row.pk),
    "acknowledge all": lambda scope, row: workflows.acknowledge_all(scope, [row.pk]),
    "shelve": lambda scope, row: workflows.shelve(scope, row.rule_id, 1, "sensor"),
    "stop the rule": lambda scope, row: workflows.put_out_of_service(scope, row.rule_id, "overhaul", 1),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_what_people_do_moves_it(world: World, deed: str) -> None:
    row = make_alarm(make_rule(world.a))
    mine, theirs = visible_to(world.a.engineer), visible_to(world.b.engineer)
    before = queries.pulse(mine), queries.pulse(theirs), queries.pulse_of_all()
    DEEDS[deed](mine, row)
    assert queries.pulse(mine) > before[0]
    assert queries.pulse(theirs) == before[1]
    assert queries.pulse_of_all() > before[2]


def test_what_readings_say_and_a_shelf_that_ends_move_it(world: World, speaking: Speaking) -> None:
    rule, mine = make_rule(world.a), visible_to(world.a.engineer)
    seen = [queries.pulse(mine)]
    speaking.say(rule.pk, (1, None, 9.0))
    AlarmListener().once(0)
    seen.append(queries.pulse(mine))
    AlarmListener().once(0)
    assert queries.pulse(mine) == seen[-1]
    workflows.shelve(mine, rule.pk, 1, "sensor")
    seen.append(queries.pulse(mine))
    workflows.end_shelves(timezone.now() + LONGEST_SHELF)
    seen.append(queries.pulse(mine))
    assert seen == sorted(set(seen))
