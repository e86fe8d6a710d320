"""Saving machines: all or nothing, by those who may, told to the gateway afterwards."""

from pathlib import Path

import msgspec
import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from peers.records import World, device, unheard
from peers.refusals import refused
from zhulian.organisations import queries, workflows
from zhulian.organisations.models import Gateway, Machine, Point
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import SYSTEM, visible_to
from zhulian.organisations.workflows import MachineDraft
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.wire.configuration import DeviceConfig, GatewayConfig, PointConfig


def saved(world: World, config: DeviceConfig, **more: object) -> int:
    return workflows.save_machine(world.a.scope, MachineDraft(world.a.gateway, config, **more), unheard)  # type: ignore[arg-type]


def names_and_ids(machine: int) -> dict[str, int]:
    return dict(Point.objects.filter(machine=machine, removed_at=None).values_list("name", "pk"))


def test_saving_announces_the_next_version(
    world: World, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    told: list[tuple[int, int]] = []
    with django_capture_on_commit_callbacks(execute=True):
        draft = MachineDraft(world.a.gateway, device("新", 2), "一车间")
        made = workflows.save_machine(world.a.scope, draft, lambda *what: told.append(what))
        assert told == [], "nobody is told before it is kept"
    assert told == [(world.a.gateway, 3)]
    assert queries.machine(world.a.scope, made).workshop == "一车间"


def test_a_gateway_that_cannot_be_told_loses_nothing(
    world: World, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    def unreachable(_gateway: int, _version: int) -> None:
        raise ZhulianError("telemetry_unreachable", Text("断", "down"), Text("等", "wait"))

    with django_capture_on_commit_callbacks(execute=True):
        made = workflows.save_machine(world.a.scope, MachineDraft(world.a.gateway, device("新")), unreachable)
    assert queries.configuration(world.a.gateway).devices[-1].id == made


def test_points_keep_their_history_through_edits(world: World) -> None:
    before = names_and_ids(world.a.machine)
    one, two, three = before
    points = (
        PointConfig(id=before[one], name=two, address="40001"),
        PointConfig(id=before[two], name=one, address="40002", scale=0.1),
        PointConfig(name="新点位", address="40009"),
    )
    config = msgspec.structs.replace(device("Alderney"), id=world.a.machine, points=points)
    assert saved(world, config, revision=1) == world.a.machine
    after = names_and_ids(world.a.machine)
    assert (after[two], after[one]) == (before[one], before[two]), "names were swapped, ids stayed"
    assert after["新点位"] not in before.values()
    assert three not in after
    assert Point.objects.get(pk=before[three]).removed_at is not None


def test_points_without_ids_are_known_by_name(world: World) -> None:
    before = names_and_ids(world.a.machine)
    saved(world, msgspec.structs.replace(device("Alderney", 2), id=world.a.machine))
    assert names_and_ids(world.a.machine) == {name: before[name] for name in list(before)[:2]}


def test_a_foreign_point_id_is_not_taken_over(world: World) -> None:
    stolen = PointConfig(id=world.b.points[0], name="x", address="1")
    config = msgspec.structs.replace(device("Alderney"), id=world.a.machine, points=(stolen,))
    saved(world, config)
    assert names_and_ids(world.a.machine)["x"] != world.b.points[0]
    assert Point.objects.get(pk=world.b.points[0]).name == "Balthazar value 1"


def test_two_edits_at_once_do_not_undo_each_other(world: World) -> None:
    config = msgspec.structs.replace(device("Alderney"), id=world.a.machine)
    saved(world, config, revision=1)
    with refused("machine_changed"):
        saved(world, msgspec.structs.replace(config, address="192.0.2.99:502"), revision=1)
    assert Machine.objects.get(pk=world.a.machine).address == "192.0.2.10:502"


def test_a_wrong_machine_is_not_half_saved(world: World) -> None:
    wrong = msgspec.structs.replace(device("新"), points=(PointConfig(name="a", address="1"),) * 2)
    with refused("machine_wrong"):
        saved(world, wrong)
    with refused("machine_name_taken"):
        saved(world, device("Alderney"))
    assert Machine.objects.filter(enterprise_id=world.a.enterprise).count() == 1
    assert Gateway.objects.get(pk=world.a.gateway).configuration_version == 2


def test_nobody_changes_what_belongs_to_others(world: World) -> None:
    for scope in (visible_to(world.b.engineer), visible_to(world.county_b)):
        with pytest.raises(NotVisibleError):
            workflows.save_machine(scope, MachineDraft(world.a.gateway, device("x")), unheard)
        with pytest.raises(NotVisibleError):
            workflows.remove_machine(scope, world.a.machine, unheard)
        with pytest.raises(NotVisibleError):
            workflows.revoke_gateway(scope, world.a.gateway, Path("unused"))
    for scope in (visible_to(world.a.owner), visible_to(world.bureau), visible_to(world.county_a)):
        with pytest.raises(NotAllowedError):
            workflows.save_machine(scope, MachineDraft(world.a.gateway, device("x")), unheard)
        with pytest.raises(NotAllowedError):
            workflows.rename_machine(scope, world.a.machine, "x", unheard)
        with pytest.raises(NotAllowedError):
            workflows.create_gateway(scope, world.a.enterprise, "x")
    moved = msgspec.structs.replace(device("Balthazar"), id=world.b.machine)
    with pytest.raises(NotVisibleError):
        workflows.save_machine(world.a.scope, MachineDraft(world.a.gateway, moved), unheard)


def test_an_administrator_cannot_move_a_machine_to_another_enterprise(world: World) -> None:
    moved = msgspec.structs.replace(device("Balthazar"), id=world.b.machine)
    with pytest.raises(NotVisibleError):
        workflows.save_machine(SYSTEM, MachineDraft(world.a.gateway, moved), unheard)


def test_a_removed_name_is_free_again(world: World) -> None:
    workflows.remove_machine(world.a.scope, world.a.machine, unheard)
    again = saved(world, device("Alderney"))
    assert again != world.a.machine
    assert not set(names_and_ids(again).values()) & set(world.a.points)


def test_a_machine_moves_between_gateways_of_its_enterprise(world: World) -> None:
    second = workflows.create_gateway(world.a.scope, world.a.enterprise, "二号")
    config = msgspec.structs.replace(device("Alderney"), id=world.a.machine)
    workflows.save_machine(world.a.scope, MachineDraft(second, config), unheard)
    assert queries.configuration(world.a.gateway) == GatewayConfig(version=3)
    assert [found.id for found in queries.configuration(second).devices] == [world.a.machine]


def test_renaming_needs_a_free_name(world: World) -> None:
    saved(world, device("第二"))
    with refused("machine_name_taken"):
        workflows.rename_machine(world.a.scope, world.a.machine, "第二 meter", unheard)
    workflows.rename_machine(world.a.scope, world.a.machine, "总表", unheard)
    assert queries.machine(world.a.scope, world.a.machine).name == "总表"
