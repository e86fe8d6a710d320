"""What the desk does when rooms below announce something."""

from peers.records import World
from zhulian.desk import workflows
from zhulian.desk.models import Message, Receipt, Task
from zhulian.desk.rules import Audience
from zhulian.organisations import workflows as people
from zhulian.organisations.tenancy import visible_to
from zhulian.organisations.workflows.announcements import ClaimDecided, ClaimMade
from zhulian.organisations.workflows.events import HandedOver, HandOverUndone, RoleGiven, Seat
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.events import announce
from zhulian.vocabulary.roles import Role

TITLE = Text("题", "title")


def made(world: World) -> ClaimMade:
    return ClaimMade(7, world.a.enterprise, "某厂", "341502", world.b.owner.pk, False)


def test_a_claim_is_a_task_of_the_district_and_its_end_a_message(world: World) -> None:
    announce(made(world))
    announce(made(world))
    task = Task.objects.get()
    assert (task.role, task.place, task.link) == ("county", "341502", "/claims/7/")
    assert task.due is not None
    announce(ClaimDecided(7, world.a.enterprise, "某厂", world.b.owner.pk, False, "证明看不清"))
    task.refresh_from_db()
    assert task.outcome == "done"
    assert "证明看不清" in Message.objects.get().body_zh
    assert Receipt.objects.get().person == world.b.owner


def test_a_withdrawn_claim_withdraws_the_task_quietly(world: World) -> None:
    announce(made(world))
    announce(ClaimDecided(7, world.a.enterprise, "某厂", world.b.owner.pk, False, "", True))
    assert Task.objects.get().outcome == "withdrawn"
    assert not Message.objects.exists()


def test_open_tasks_follow_a_hand_over_and_come_back(world: World) -> None:
    leaving, taking = world.a.owner, world.a.engineer
    workflows.open_task("mine", TITLE, "/", Audience(person=leaving.pk), source="x")
    workflows.open_task("taken", TITLE, "/", Audience(enterprise=world.a.enterprise), source="x")
    workflows.open_task("done", TITLE, "/", Audience(person=leaving.pk), source="x")
    workflows.close_task("done")
    taken = Task.objects.get(key="taken")
    workflows.take(visible_to(leaving), taken.pk, taken.revision)
    announce(HandedOver(3, leaving.pk, taking.pk, None))
    whose = {task.key: task.person_id or task.taken_by_id for task in Task.objects.all()}
    assert whose == {"mine": taking.pk, "taken": taking.pk, "done": leaving.pk}
    announce(HandOverUndone(3, leaving.pk, taking.pk, None))
    assert {task.person_id or task.taken_by_id for task in Task.objects.all()} == {leaving.pk}


def test_handing_an_account_over_moves_its_tasks(world: World) -> None:
    scope, leaving, taking = visible_to(world.administrator), world.a.engineer, world.a.owner
    workflows.open_task("mine", TITLE, "/", Audience(person=leaving.pk), source="x")
    made = people.hand_over(scope, leaving.pk, taking.pk)
    assert Task.objects.get().person == taking
    assert any(receipt.person == taking for receipt in Receipt.objects.all()), "the successor is told"
    people.undo_hand_over(scope, made)
    assert Task.objects.get().person == leaving


def test_people_learn_of_a_role_that_others_gave_them(world: World) -> None:
    seat = Seat(Role.ENGINEER, enterprise=world.a.enterprise)
    announce(RoleGiven(world.a.engineer.pk, seat, world.a.owner.pk))
    announce(RoleGiven(world.a.owner.pk, seat, world.a.owner.pk))
    assert [receipt.person for receipt in Receipt.objects.all()] == [world.a.engineer]
