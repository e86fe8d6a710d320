"""Machines and their points as the portal configures them: saved whole, renamed, removed."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from zhulian.audit.workflows import record
from zhulian.organisations.models import Gateway, Machine, Point
from zhulian.organisations.queries import GATEWAY, MACHINE
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, RecordsError, check_device
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.turns import take_turns
from zhulian.organisations.workflows import trail
from zhulian.organisations.workflows.counting import recount
from zhulian.organisations.workflows.gateways import Announce, bump, changeable_gateway
from zhulian.organisations.workflows.places import shop_named
from zhulian.vocabulary.errors import Text
from zhulian.wire.configuration import DeviceConfig, PointConfig

_POINT_FIELDS = (
    "name", "address", "type", "byte_order", "scale", "offset",
    "unit", "poll_s", "deadband", "max_silence_s", "low", "high",
)  # fmt: skip


_MACHINE_FIELDS = (
    "name", "gateway_id", "workshop", "kind", "protocol", "address", "poll_s", "timeout_s", "source_note",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MachineDraft:
    """A machine as a form gives it. ``device.id`` 0 makes a new one; ``revision`` is the one the edit began from.

    Points with an id, or with the name of a present point, keep their history; the others are new. Present points
    that are missing are removed: their readings stay, but nothing reads them any more.
    """

    gateway: int
    device: DeviceConfig
    workshop: str = ""
    kind: str = ""
    source_note: str = ""
    revision: int | None = None


def save_machine(scope: Scope, draft: MachineDraft, announce: Announce) -> int:
    """Save a machine with all of its points and give its gateway the next configuration. Returns the machine's id."""
    check_device(draft.device)
    with transaction.atomic():
        gateway = changeable_gateway(scope, draft.gateway)
        if gateway.revoked_at is not None:
            raise NotVisibleError(GATEWAY)
        machine = _machine(scope, draft, gateway)
        before, action = machine.gateway_id, "machine.changed" if machine.pk else "machine.created"
        changes = write_machine(
            machine, gateway, draft.device, workshop=draft.workshop, kind=draft.kind, source_note=draft.source_note
        )
        for changed in sorted({gateway.pk} if before is None else {gateway.pk, before}):
            bump(changed, announce)
        recount([machine.enterprise_id])
        _record(scope, action, machine, changes)
    return machine.pk


def rename_machine(scope: Scope, machine: int, name: str, announce: Announce) -> None:
    """Another name for a machine that the portal configures."""
    with transaction.atomic():
        found = _changeable(scope, machine)
        _refuse_taken(found.enterprise_id, name.strip(), found.pk)
        if not 0 < len(name.strip()) <= 80:
            raise _wrong("machine_name_wrong", "设备名称应有 1 到 80 个字", "a machine's name has 1 to 80 characters")
        before, found.name = found.name, name.strip()
        found.revision += 1
        found.save(update_fields=["name", "revision"])
        if found.gateway_id is not None:
            bump(found.gateway_id, announce)
        _record(scope, "machine.renamed", found, {"name": (before, found.name)})


def remove_machine(scope: Scope, machine: int, announce: Announce) -> None:
    """Stop reading a machine. Its readings are kept, its name is free again, its ids are never used again."""
    with transaction.atomic():
        found = _changeable(scope, machine)
        mark_removed(found)
        recount([found.enterprise_id])
        if found.gateway_id is not None:
            bump(found.gateway_id, announce)
        _record(scope, "machine.removed", found, {"removed_at": (None, found.removed_at)})


def mark_removed(machine: Machine) -> None:
    """Take a machine and its points out of every list; the caller counts again."""
    machine.removed_at = timezone.now()
    machine.save(update_fields=["removed_at"])
    Point.objects.filter(machine=machine, removed_at=None).update(removed_at=machine.removed_at)


def write_machine(
    machine: Machine, gateway: Gateway, device: DeviceConfig, *, workshop: str, kind: str, source_note: str
) -> trail.Changes:
    """Write a checked device onto ``machine``; the caller holds the transaction, has decided that it may, counts again.

    Returns what that changed, points included, for the audit trail.
    """
    before = _standing(machine)
    _refuse_taken(gateway.enterprise_id, device.name.strip(), machine.pk or 0)
    machine.enterprise_id, machine.gateway = gateway.enterprise_id, gateway
    machine.name, machine.workshop, machine.kind = device.name.strip(), workshop.strip()[:80], kind.strip()[:80]
    machine.protocol, machine.address = device.protocol.strip(), device.address.strip()
    machine.options, machine.poll_s, machine.timeout_s = dict(device.options), device.poll_s, device.timeout_s
    machine.source_note, machine.shop = source_note, shop_named(machine, machine.workshop)
    if machine.line and machine.line.workshop_id != machine.shop_id:
        machine.line = None
    machine.revision = machine.revision + 1 if machine.pk else 1
    machine.save()
    _write_points(machine, device.points)
    return trail.difference(before, _standing(machine))


def _standing(machine: Machine) -> dict[str, object]:
    """Everything about a machine that a person configures, one name a value; nothing for a new one."""
    if machine.pk is None:
        return {}
    points = Point.objects.filter(machine=machine, removed_at=None)
    of_points = {f"{row.name}.{field}": value for row in points for field, value in _point_values(row).items()}
    options = {f"options.{name}": value for name, value in machine.options.items()}
    return trail.values(machine, _MACHINE_FIELDS) | options | of_points


def _point_values(row: Point) -> dict[str, object]:
    """A point's settings as far as they say something."""
    return {name: value for name, value in trail.values(row, _POINT_FIELDS[1:]).items() if value not in {None, ""}}


def _record(scope: Scope, action: str, machine: Machine, changes: trail.Changes) -> None:
    record(actor(scope), action, trail.of_machine(machine), organisation=machine.enterprise_id, changes=changes)


def _machine(scope: Scope, draft: MachineDraft, gateway: Gateway) -> Machine:
    if draft.device.id == 0:
        return Machine()
    found = _changeable(scope, draft.device.id)
    if found.enterprise_id != gateway.enterprise_id:
        raise NotVisibleError(GATEWAY)
    if draft.revision is not None and draft.revision != found.revision:
        raise RecordsError(
            "machine_changed",
            Text("您编辑期间，别人改过这台设备。", "Somebody else changed this machine while you were editing."),
            Text("您填的内容还在；请对照最新配置再保存。", "What you typed is still here; compare and save again."),
        )
    return found


def _changeable(scope: Scope, machine: int) -> Machine:
    found = scope.machines().select_for_update().filter(pk=machine).first()
    if found is None:
        raise NotVisibleError(MACHINE)
    if not scope.may_configure(found.enterprise_id):
        raise NotAllowedError
    if found.declared_by_gateway:
        raise _wrong(
            "machine_declared",
            "这台设备写在网关自己的配置文件里，要在网关上修改",
            "this machine stands in the gateway's own file and is changed there",
        )
    return found


def _refuse_taken(enterprise: int, name: str, besides: int) -> None:
    take_turns("machine names", enterprise)
    taken = Machine.objects.filter(enterprise_id=enterprise, name=name, removed_at=None).exclude(pk=besides)
    if taken.exists():
        raise _wrong(
            "machine_name_taken",
            f"本企业已有名为“{name}”的设备，请换一个名称",
            f"the enterprise has a machine called “{name}”; choose another name",
        )


def _write_points(machine: Machine, wanted: Sequence[PointConfig]) -> None:
    present = {point.pk: point for point in Point.objects.filter(machine=machine, removed_at=None)}
    by_name = {point.name: point for point in present.values()}
    kept: dict[int, PointConfig] = {}
    fresh: list[PointConfig] = []
    claimed = {point.id for point in wanted if point.id in present}
    for point in wanted:
        namesake = by_name.get(point.name.strip())
        if point.id in claimed and point.id not in kept:
            kept[point.id] = point
        elif namesake and namesake.pk not in claimed and namesake.pk not in kept:
            kept[namesake.pk] = point
        else:
            fresh.append(point)
    Point.objects.filter(pk__in=present.keys() - kept.keys()).update(removed_at=timezone.now())
    _update_points([(present[id_], point) for id_, point in kept.items()])
    Point.objects.bulk_create([_filled(Point(machine=machine), point) for point in fresh], batch_size=500)


def _update_points(pairs: Sequence[tuple[Point, PointConfig]]) -> None:
    """Names are unique at every moment, so points that swap names step aside first."""
    moving = [row for row, point in pairs if row.name != point.name.strip()]
    for row in moving:
        row.name = f"\N{SYMBOL FOR NULL}{row.pk}"
    Point.objects.bulk_update(moving, ["name"], batch_size=50)
    changed = [_filled(row, point) for row, point in pairs if row in moving or _differs(row, point)]
    Point.objects.bulk_update(changed, list(_POINT_FIELDS), batch_size=50)


def _differs(row: Point, point: PointConfig) -> bool:
    return any(getattr(row, name) != getattr(point, name) for name in _POINT_FIELDS)


def _filled(row: Point, point: PointConfig) -> Point:
    for name in _POINT_FIELDS:
        value = getattr(point, name)
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    return row


def _wrong(code: str, zh: str, en: str) -> RecordsError:
    return RecordsError(
        code,
        Text(f"{zh}。", f"Nothing was saved: {en}."),
        Text("原有配置没有变化。", "The configuration in use has not changed."),
    )
