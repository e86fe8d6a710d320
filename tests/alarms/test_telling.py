"""Who hears of alarms: those on duty, a flood as one, the next level in time; nobody of what is shelved."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from peers.alarm_rows import make_alarm, make_rule
from peers.receivers import Hook, web_hook
from peers.records import World
from zhulian.alarms import queries, workflows
from zhulian.alarms.models import Flood, Occurrence
from zhulian.alarms.queries import AlarmFilter
from zhulian.alarms.rules import AlarmError, Standing
from zhulian.alarms.workflows import DutyDraft, add_duty
from zhulian.desk.channels import Line
from zhulian.desk.models import Message, Receipt
from zhulian.desk.rules import Audience, Quiet
from zhulian.desk.workflows import ChannelDraft, deliver_due, save_channel
from zhulian.organisations.models import Membership
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import SYSTEM, visible_to

LATER = timedelta(seconds=10)


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_hook() as found:
        yield found


def told() -> set[str]:
    return set(Receipt.objects.values_list("person__username", flat=True))


def names(*users: object) -> set[str]:
    return {str(user) for user in users}


def alarm(world: World, now: datetime, name: str = "hot", priority: int = 2) -> Occurrence:
    return make_alarm(make_rule(world.a, name, priority), now)


def test_without_a_roster_everybody_of_the_enterprise_hears_once(world: World) -> None:
    now = timezone.now()
    alarm(world, now)
    assert workflows.tell(now) == 0
    assert workflows.tell(now + LATER) == 1
    assert workflows.tell(now + LATER) == 0
    assert told() == names(world.a.engineer, world.a.owner)
    message = Message.objects.get()
    assert message.urgent
    assert message.link == f"/alarms/{Occurrence.objects.get().pk}/"


def test_those_on_duty_first_the_next_level_when_nobody_acknowledges(world: World) -> None:
    now = timezone.now()
    add_duty(SYSTEM, DutyDraft(world.a.enterprise, world.a.engineer.pk, level=1))
    add_duty(SYSTEM, DutyDraft(world.a.enterprise, world.a.owner.pk, level=2))
    row = alarm(world, now)
    workflows.tell(now + LATER)
    assert told() == names(world.a.engineer)
    assert workflows.escalate(now + timedelta(minutes=9)) == 0
    assert workflows.escalate(now + timedelta(minutes=11)) == 1
    assert workflows.escalate(now + timedelta(minutes=12)) == 0
    assert told() == names(world.a.engineer, world.a.owner)
    workflows.acknowledge(visible_to(world.a.owner), row.pk, "on my way")
    assert workflows.escalate(now + timedelta(hours=2)) == 0


def test_a_flood_is_one_message_with_its_root(world: World) -> None:
    now = timezone.now()
    rows = [alarm(world, now + timedelta(seconds=number), f"n{number}", 3) for number in range(17)]
    Occurrence.objects.update(learned_at=now)
    assert workflows.tell(now + timedelta(seconds=30)) == 1
    message = Message.objects.get()
    assert "17" in message.title_zh
    assert "n0" in message.body_zh
    flood = Flood.objects.get()
    assert message.link == f"/alarms/?state=all&flood={flood.pk}"
    late = alarm(world, now + timedelta(seconds=40), "late", 3)
    Occurrence.objects.filter(pk=late.pk).update(learned_at=now + timedelta(seconds=40))
    workflows.tell(now + timedelta(seconds=60))
    assert Message.objects.count() == 1
    found = queries.alarms(visible_to(world.a.owner), AlarmFilter(flood=flood.pk))
    assert found.total == len(rows) + 1


def test_the_most_urgent_is_told_by_itself_in_a_flood_too(world: World) -> None:
    now = timezone.now()
    for number in range(12):
        alarm(world, now, f"n{number}", 1 if number == 5 else 3)
    assert workflows.tell(now + LATER) == 2
    assert Message.objects.filter(key__startswith="alarm:").count() == 1


def test_nobody_hears_of_what_is_shelved_suppressed_taken_back_or_old(world: World) -> None:
    now = timezone.now()
    shelved = make_rule(world.a, "shelved")
    workflows.shelve(visible_to(world.a.engineer), shelved.pk, 8, "sensor is being replaced")
    make_alarm(shelved, now)
    make_alarm(make_rule(world.a, "effect"), now, is_suppressed=True)
    make_alarm(make_rule(world.a, "never"), now, retracted_at=now)
    make_alarm(make_rule(world.a, "old"), now - timedelta(days=2), learned_at=now)
    assert workflows.tell(now + LATER) == 0
    assert workflows.escalate(now + timedelta(hours=1)) == 0


def test_a_robot_of_the_enterprise_gets_it_in_its_own_form(world: World, hook: Hook) -> None:
    now = timezone.now()
    draft = ChannelDraft(
        "班组群", "dingtalk", hook.url, "SECx", Audience(enterprise=world.a.enterprise), quiet=Quiet(0, 0)
    )
    line = Line(frozenset({hook.host}))
    save_channel(SYSTEM, draft, line)
    alarm(world, now)
    workflows.tell(now + LATER)
    deliver_due(line, "https://city.example", lambda: now + LATER)
    body = hook.json()
    assert body["msgtype"] == "markdown"
    assert "https://city.example/alarms/" in body["markdown"]["text"]
    assert "sign=" in hook.paths[-1]


def test_shelving_has_a_limit_a_reason_and_an_end(world: World) -> None:
    scope, now = visible_to(world.a.engineer), timezone.now()
    row = alarm(world, now)
    for hours, reason in ((8, " "), (0, "x"), (200, "x")):
        with pytest.raises(AlarmError):
            workflows.shelve(scope, row.rule_id, hours, reason)
    workflows.shelve(scope, row.rule_id, 8, "waits for a part")
    assert queries.alarm(scope, row.pk).standing is Standing.SHELVED
    workflows.unshelve(scope, row.rule_id)
    assert queries.alarm(scope, row.pk).standing is Standing.UNACKNOWLEDGED


def test_who_may_deal_with_an_alarm(world: World) -> None:
    row = alarm(world, timezone.now())
    with pytest.raises(NotVisibleError):
        workflows.acknowledge(visible_to(world.b.engineer), row.pk)
    with pytest.raises(NotAllowedError):
        workflows.acknowledge(visible_to(world.county_a), row.pk)
    assert workflows.acknowledge_all(visible_to(world.b.owner), [row.pk]) == 0
    assert workflows.acknowledge_all(visible_to(world.a.owner), [row.pk]) == 1
    found = queries.alarm(visible_to(world.county_a), row.pk)
    assert found.standing is Standing.ACKNOWLEDGED
    assert found.acknowledged_name


def test_the_load_counts_what_people_had_to_look_at(world: World) -> None:
    now = timezone.now()
    rule = make_rule(world.a)
    for second in range(4):
        make_alarm(rule, now - timedelta(seconds=30 - second), ended_at=now, acknowledged_at=now)
    make_alarm(rule, now - timedelta(seconds=90), retracted_at=now)
    found = queries.load(visible_to(world.a.owner), None, 7, timezone.localdate(now + timedelta(hours=8)))
    assert found.total == 4
    assert found.operators == 1
    assert [(one.count, one.is_chattering) for one in found.worst] == [(4, True)]


def test_a_shelf_that_ends_tells_of_what_is_still_active(world: World) -> None:
    now = timezone.now()
    row = alarm(world, now)
    workflows.shelve(visible_to(world.a.engineer), row.rule_id, 1, "sensor is changed today")
    assert workflows.tell(now + LATER) == 0
    assert workflows.end_shelves(now + timedelta(minutes=59)) == 0
    ended = now + timedelta(minutes=61)
    assert workflows.end_shelves(ended) == 1
    assert workflows.end_shelves(ended) == 0
    assert told() == names(world.a.engineer, world.a.owner)
    assert "搁置到期" in Message.objects.get().title_zh
    add_duty(SYSTEM, DutyDraft(world.a.enterprise, world.a.owner.pk, level=2))
    assert workflows.escalate(ended + timedelta(minutes=11)) == 1


def test_a_shelf_that_ends_is_silent_about_what_was_acknowledged_or_is_over(world: World) -> None:
    now, engineer = timezone.now(), visible_to(world.a.engineer)
    seen, over = alarm(world, now), alarm(world, now, "cold")
    for row in (seen, over):
        workflows.shelve(engineer, row.rule_id, 1, "overhaul")
    workflows.tell(now + LATER)
    workflows.acknowledge(engineer, seen.pk)
    Occurrence.objects.filter(pk=over.pk).update(ended_at=now + LATER)
    assert workflows.end_shelves(now + timedelta(hours=2)) == 0
    assert not Message.objects.exists()


def test_who_left_the_enterprise_is_on_duty_no_more(world: World) -> None:
    now = timezone.now()
    add_duty(SYSTEM, DutyDraft(world.a.enterprise, world.a.engineer.pk, level=1))
    Membership.objects.filter(user=world.a.engineer).delete()
    alarm(world, now)
    workflows.tell(now + LATER)
    assert told() == names(world.a.owner)
