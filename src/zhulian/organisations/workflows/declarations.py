"""Machines that stand in a gateway's own file: the portal learns of them, shows them, and gives their points ids."""

from collections.abc import Sequence

import msgspec
from django.db import transaction

from zhulian.audit.workflows import record
from zhulian.organisations.models import Gateway, Machine, Point
from zhulian.organisations.rules import MOST_POINTS, RecordsError, check_device
from zhulian.organisations.workflows import trail
from zhulian.organisations.workflows.counting import recount
from zhulian.organisations.workflows.machines import mark_removed, write_machine
from zhulian.vocabulary.errors import Text
from zhulian.wire.configuration import DeviceConfig, GatewayConfig

MOST_DEVICES = 500


def declare(gateway_id: int, declared: GatewayConfig) -> GatewayConfig:
    """Record what ``gateway_id`` says it reads; the answer is the same with ids filled in. Idempotent.

    Machines are known by name. One that is no longer declared is removed, and comes back with its history when its
    name does. The whole declaration is taken or none of it.
    """
    _check(declared.devices)
    with transaction.atomic():
        gateway = Gateway.objects.select_for_update().get(pk=gateway_id)
        known = _known(gateway)
        wanted = {device.name.strip() for device in declared.devices}
        for name, machine in known.items():
            if name not in wanted and machine.removed_at is None:
                mark_removed(machine)
                _record(gateway, "machine.undeclared", machine, {"removed_at": (None, machine.removed_at)})
        answered = tuple(_keep(gateway, known, device) for device in declared.devices)
        recount([gateway.enterprise_id])
    return GatewayConfig(version=gateway.configuration_version, devices=answered)


def _known(gateway: Gateway) -> dict[str, Machine]:
    """By name; of several removed ones the newest, and always rather a present one."""
    rows = Machine.objects.filter(gateway=gateway, declared_by_gateway=True).order_by("id")
    return {row.name: row for row in sorted(rows, key=lambda row: row.removed_at is None)}


def _keep(gateway: Gateway, known: dict[str, Machine], device: DeviceConfig) -> DeviceConfig:
    machine = known.get(device.name.strip()) or Machine(declared_by_gateway=True)
    returned = machine.removed_at is not None
    if returned:
        Point.objects.filter(machine=machine, removed_at=machine.removed_at).update(removed_at=None)
        machine.removed_at = None
    nameless = tuple(msgspec.structs.replace(point, id=0) for point in device.points)
    stripped = msgspec.structs.replace(device, points=nameless)
    changes = write_machine(
        machine, gateway, stripped, workshop=machine.workshop, kind=machine.kind, source_note=machine.source_note
    )
    if changes or returned:
        _record(gateway, "machine.declared", machine, changes)
    ids = dict(Point.objects.filter(machine=machine, removed_at=None).values_list("name", "pk"))
    points = tuple(msgspec.structs.replace(point, id=ids[point.name.strip()]) for point in device.points)
    return msgspec.structs.replace(device, id=machine.pk, points=points)


def _record(gateway: Gateway, action: str, machine: Machine, changes: trail.Changes) -> None:
    subject = trail.of_machine(machine)
    record(trail.itself(gateway), action, subject, organisation=gateway.enterprise_id, changes=changes)


def _check(devices: Sequence[DeviceConfig]) -> None:
    if len(devices) > MOST_DEVICES or sum(len(device.points) for device in devices) > MOST_POINTS:
        raise _refused(
            "declaration_too_large",
            f"一个网关最多声明 {MOST_DEVICES} 台设备、{MOST_POINTS} 个点位",
            f"a gateway declares at most {MOST_DEVICES} machines and {MOST_POINTS} points",
        )
    names = [device.name.strip() for device in devices]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        listed = "、".join(twice)
        raise _refused("declaration_name_twice", f"有两台设备都叫“{listed}”", f"two machines are called “{listed}”")
    for device in devices:
        check_device(device)


def _refused(code: str, why_zh: str, why_en: str) -> RecordsError:
    return RecordsError(
        code,
        Text(f"网关声明的设备没有被接受：{why_zh}。", f"The declared machines were not accepted: {why_en}."),
        Text("请修改网关的配置文件后重新启动网关。", "Change the gateway's configuration file and start it again."),
    )
