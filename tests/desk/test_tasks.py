"""Tasks and messages: once by key, seen by those they are for, ended by those who see them."""

from datetime import date

import pytest
from django.db.models import QuerySet

from peers.records import World, person
from zhulian.desk import workflows
from zhulian.desk.models import Message, Receipt, Task
from zhulian.desk.queries import addressed_to, or_administrators
from zhulian.desk.rules import Audience, DeskError, Outcome, TaskChangedError
from zhulian.organisations.models import User
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import NOTHING, visible_to
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.roles import Role

TITLE = Text("核对认领材料", "Check the claim")


def opened(audience: Audience, key: str = "claim:1") -> Task:
    number = workflows.open_task(key, TITLE, "/", audience, source="企业认领", due=date(2026, 11, 30))
    return Task.objects.get(pk=number)


def seen(user: User) -> QuerySet[Task]:
    return Task.objects.filter(addressed_to(visible_to(user)))


def test_the_same_reason_opens_one_task(world: World) -> None:
    first = opened(Audience(role=Role.COUNTY, place="341502"))
    again = opened(Audience(role=Role.COUNTY, place="341502"))
    assert (first.pk, again.revision) == (again.pk, 1)
    workflows.open_task("claim:1", TITLE, "/", Audience(role=Role.BUREAU), source="企业认领")
    assert Task.objects.get().revision == 2
    assert workflows.close_task("claim:1", Outcome.WITHDRAWN)
    assert not workflows.close_task("claim:1")
    assert opened(Audience(role=Role.BUREAU)).outcome == Outcome.WITHDRAWN


def audiences(world: World) -> dict[str, tuple[Audience, set[str]]]:
    return {
        "person": (Audience(person=world.a.owner.pk), {"owner_a"}),
        "role and place": (Audience(role=Role.COUNTY, place="341502"), {"county_a"}),
        "place": (Audience(place="341524"), {"county_b"}),
        "role and enterprise": (Audience(role=Role.OWNER, enterprise=world.a.enterprise), {"owner_a"}),
        "enterprise": (Audience(enterprise=world.b.enterprise), {"owner_b", "engineer_b"}),
        "role": (Audience(role=Role.BUREAU), {"bureau"}),
        "two that nobody holds": (Audience(role=Role.COUNTY, place="341503"), {"administrator"}),
    }


@pytest.mark.parametrize("name", [
    "person", "role and place", "place", "role and enterprise", "enterprise", "role", "two that nobody holds",
])  # fmt: skip
def test_a_task_is_seen_by_its_audience_and_nobody_else(world: World, name: str) -> None:
    audience, wanted = audiences(world)[name]
    opened(audience)
    assert {who for who, user in world.people().items() if seen(user).exists()} == wanted
    workflows.send(workflows.NewMessage("m", "企业认领", TITLE, TITLE), audience)
    told = set(Receipt.objects.values_list("person_id", flat=True))
    assert told == {user.pk for who, user in world.people().items() if who in wanted - {"administrator"}}
    assert not Task.objects.filter(addressed_to(NOTHING)).exists()


NEVER_GIVEN = 2_000_000_000
"""No number of an organisation: PostgreSQL goes on counting from test to test."""


@pytest.mark.parametrize(
    "nobody", [Audience(role=Role.COUNTY, place="341503"), Audience(place="341503"), Audience(organisation=NEVER_GIVEN)]
)
def test_what_nobody_holds_waits_with_the_administrator(world: World, nobody: Audience) -> None:
    admin = world.administrator
    opened(nobody)
    opened(Audience(role=Role.BUREAU), "held")
    opened(Audience(enterprise=world.a.enterprise), "an enterprise's own")
    assert [task.key for task in seen(admin)] == ["claim:1"]
    workflows.finish(visible_to(admin), seen(admin).get().pk, 1)
    assert or_administrators(nobody) == Audience(role=Role.ADMINISTRATOR)
    assert or_administrators(Audience(role=Role.BUREAU)) == Audience(role=Role.BUREAU)


def test_a_newcomer_takes_over_what_waited(world: World) -> None:
    admin = world.administrator
    opened(Audience(role=Role.COUNTY, place="341503"))
    newcomer = person("newcomer", Role.COUNTY, place="341503")
    assert seen(newcomer).exists()
    assert not seen(admin).exists()


def test_an_audience_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="nobody"):
        Audience()


def test_taken_put_back_and_done(world: World) -> None:
    task, scope = opened(Audience(place="341502")), visible_to(world.county_a)
    workflows.take(scope, task.pk, 1)
    workflows.put_back(scope, task.pk, 2)
    workflows.finish(scope, task.pk, 3, "材料齐全")
    task.refresh_from_db()
    assert (task.outcome, task.note, task.closed_by) == ("done", "材料齐全", world.county_a)


def test_a_colleague_was_quicker(world: World) -> None:
    task, scope = opened(Audience(place="341502")), visible_to(world.county_a)
    workflows.take(scope, task.pk, 1)
    with pytest.raises(TaskChangedError):
        workflows.finish(scope, task.pk, 1)
    with pytest.raises(NotVisibleError):
        workflows.finish(visible_to(world.county_b), task.pk, 2)


def test_sending_back_needs_a_reason(world: World) -> None:
    task, scope = opened(Audience(place="341502")), visible_to(world.county_a)
    with pytest.raises(DeskError):
        workflows.give_back(scope, task.pk, 1, "  ")
    workflows.give_back(scope, task.pk, 1, "不属于本县区")
    assert Task.objects.get().outcome == "returned"


def test_a_message_reaches_newcomers_once(world: World) -> None:
    message = workflows.NewMessage("welcome", "账号", TITLE, TITLE)
    workflows.send(message, Audience(enterprise=world.a.enterprise))
    workflows.send(message, Audience(enterprise=world.a.enterprise))
    workflows.send(message, Audience(enterprise=world.b.enterprise))
    assert (Message.objects.count(), Receipt.objects.count()) == (1, 4)
    scope = visible_to(world.a.owner)
    workflows.read_message(scope, Message.objects.get().pk)
    assert workflows.read_all(scope) == 0
    with pytest.raises(NotVisibleError):
        workflows.read_message(visible_to(world.bureau), Message.objects.get().pk)
