"""The counts beside a file say what there is, whatever was added or removed."""

from peers.records import World, device, unheard
from zhulian.organisations import workflows
from zhulian.organisations.models import Enterprise, Machine, Point
from zhulian.organisations.tenancy import SYSTEM, visible_to
from zhulian.organisations.workflows import MachineDraft
from zhulian.organisations.workflows.counting import recount
from zhulian.organisations.workflows.declarations import declare
from zhulian.organisations.workflows.ledger import enter_machines, take_back_machines
from zhulian.wire.configuration import GatewayConfig


def counted(enterprise: int) -> tuple[int, int]:
    """What the file says, after seeing that it is true."""
    said = Enterprise.objects.values_list("machines_now", "points_now").get(pk=enterprise)
    points = Point.objects.filter(machine__enterprise=enterprise, machine__removed_at=None, removed_at=None)
    assert said == (Machine.objects.filter(enterprise=enterprise, removed_at=None).count(), points.count())
    return said


def test_what_an_engineer_saves_and_removes_is_counted(world: World) -> None:
    scope = visible_to(world.a.engineer)
    machines, points = counted(world.a.enterprise)
    made = workflows.save_machine(scope, MachineDraft(world.a.gateway, device("second", 5)), unheard)
    assert counted(world.a.enterprise) == (machines + 1, points + 5)
    workflows.remove_machine(scope, made, unheard)
    assert counted(world.a.enterprise) == (machines, points)


def test_what_a_gateway_declares_is_counted(world: World) -> None:
    machines, points = counted(world.b.enterprise)
    declare(world.b.gateway, GatewayConfig(version=1, devices=(device("own", 4),)))
    assert counted(world.b.enterprise) == (machines + 1, points + 4)
    declare(world.b.gateway, GatewayConfig(version=1, devices=()))
    assert counted(world.b.enterprise) == (machines, points)


def test_what_is_entered_from_a_list_and_taken_back_is_counted(world: World) -> None:
    machines, points = counted(world.a.enterprise)
    made = enter_machines(SYSTEM, [(world.a.enterprise, {"name": "press"})], "")
    assert counted(world.a.enterprise) == (machines + 1, points)
    take_back_machines(SYSTEM, made, "")
    assert counted(world.a.enterprise) == (machines, points)


def test_everything_can_be_counted_again(world: World) -> None:
    before = counted(world.a.enterprise)
    Enterprise.objects.update(machines_now=99, points_now=99)
    recount(None)
    assert counted(world.a.enterprise) == before
