"""What gateways declare themselves: taken whole, with ids that stay."""

import msgspec
import pytest

from peers.records import World, device, unheard
from peers.refusals import refused
from zhulian.organisations import queries, workflows
from zhulian.organisations.rules import RecordsError
from zhulian.organisations.tenancy import SYSTEM
from zhulian.organisations.workflows import MachineDraft
from zhulian.wire.configuration import DeviceConfig, GatewayConfig, PointConfig


def saved(world: World, config: DeviceConfig, **more: object) -> int:
    return workflows.save_machine(world.a.scope, MachineDraft(world.a.gateway, config, **more), unheard)  # type: ignore[arg-type]


def test_declared_machines_get_ids_and_keep_them(world: World) -> None:
    own = GatewayConfig(devices=(device("总表"), device("炉子", 1)))
    first = workflows.declare(world.a.gateway, own)
    assert [found.name for found in first.devices] == ["总表 meter", "炉子 meter"]
    assert all(point.id for found in first.devices for point in found.points)
    assert workflows.declare(world.a.gateway, own) == first
    assert queries.configuration(world.a.gateway).version == 2, "the gateway need not fetch what it declared"
    assert len(queries.configuration(world.a.gateway).devices) == 1


def test_what_is_no_longer_declared_goes_and_may_come_back(world: World) -> None:
    own = GatewayConfig(devices=(device("总表"),))
    first = workflows.declare(world.a.gateway, own)
    workflows.declare(world.a.gateway, GatewayConfig())
    assert queries.enterprise(SYSTEM, world.a.enterprise).machines == 1
    assert workflows.declare(world.a.gateway, own) == first


def test_a_declaration_is_taken_whole_or_not_at_all(world: World) -> None:
    wrong = msgspec.structs.replace(device("坏"), points=(PointConfig(name="", address="1"),))
    for devices, code in (
        ((device("好"), wrong), "machine_wrong"),
        ((device("好"), device("好")), "declaration_name_twice"),
        ((device("好"), device("Alderney")), "machine_name_taken"),
        ((device("好"),) * 501, "declaration_too_large"),
    ):
        with refused(code):
            workflows.declare(world.a.gateway, GatewayConfig(devices=devices))
    assert queries.enterprise(SYSTEM, world.a.enterprise).machines == 1


def test_the_portal_does_not_change_declared_machines(world: World) -> None:
    made = workflows.declare(world.a.gateway, GatewayConfig(devices=(device("总表"),))).devices[0]
    with refused("machine_declared"):
        saved(world, made)
    with refused("machine_declared"):
        workflows.remove_machine(world.a.scope, made.id, unheard)


def test_errors_are_said_in_both_languages(world: World) -> None:
    with pytest.raises(RecordsError) as fault:
        saved(world, device("Alderney"))
    assert all(fault.value.as_json().values())
