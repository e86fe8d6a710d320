"""Machines entered from a list, before (or without) being connected; and taken back by the undo of an import.

A machine in the ledger has no gateway yet: an engineer connects it later, and its name and history stay. It stands in
the workshop that it names, as far as there is a record of that (``imported_places`` makes those that are missing).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from zhulian.audit import workflows as audit
from zhulian.audit.rules import Draft, Subject
from zhulian.organisations.models import Line, Machine, Workshop
from zhulian.organisations.rules import NotAllowedError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.workflows.counting import recount
from zhulian.organisations.workflows.places import shops_named
from zhulian.vocabulary.errors import Text

Values = Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class LedgerMachine:
    """A machine as an import left it. ``before`` are the values it had; None for one that the import entered."""

    id: int
    name: str
    revision: int
    before: Values | None


def enter_machines(scope: Scope, machines: Sequence[tuple[int, Values]], note: str) -> list[LedgerMachine]:
    """Enter machines (enterprise, values); the caller holds the transaction."""
    if not all(scope.may_configure(enterprise) for enterprise, _values in machines):
        raise NotAllowedError
    rows = [Machine(enterprise_id=owner, **values) for owner, values in _in_shops(machines)]
    made = Machine.objects.bulk_create(rows)
    recount({row.enterprise_id for row in made})
    audit.record_all([_entry(scope, "machine.created", row, {}, note) for row in made])
    return [LedgerMachine(row.pk, row.name, row.revision, None) for row in made]


def change_ledger(scope: Scope, machines: Mapping[int, Values], note: str) -> list[LedgerMachine]:
    """Write new values over machines (id → values) that this person may configure."""
    rows = {row.pk: row for row in scope.machines().select_for_update().filter(pk__in=machines)}
    if rows.keys() != machines.keys() or not all(scope.may_configure(row.enterprise_id) for row in rows.values()):
        raise NotAllowedError
    found, entries = [], []
    placed = _in_shops((rows[id_].enterprise_id, values) for id_, values in machines.items())
    for id_, (_owner, values) in zip(machines, placed, strict=True):
        row = rows[id_]
        before = {name: getattr(row, name) for name in values}
        _set(row, values)
        said = before.keys() - {"shop_id"}  # the workshop's name says it
        changes = {name: (before[name], values[name]) for name in said if before[name] != values[name]}
        entries.append(_entry(scope, "machine.changed", row, changes, note))
        found.append(LedgerMachine(row.pk, row.name, row.revision, before))
    _save(list(rows.values()), {name for one in found for name in one.before or {}})
    audit.record_all(entries)
    return found


def ledger_refusals(machines: Sequence[LedgerMachine]) -> dict[int, Text]:
    """Why machines cannot be taken back."""
    present = {row.pk: row for row in Machine.objects.filter(pk__in=[one.id for one in machines], removed_at=None)}
    reasons: dict[int, Text] = {}
    for one in machines:
        row = present.get(one.id)
        if row is None:
            reasons[one.id] = Text(f"设备“{one.name}”已被移除", f"the machine “{one.name}” was removed")
        elif row.revision != one.revision:
            reasons[one.id] = Text(f"设备“{row.name}”之后又被修改过", f"the machine “{row.name}” was changed since")
        elif one.before is None and (row.gateway_id is not None or row.points.exists()):
            reasons[one.id] = Text(f"设备“{row.name}”已接入", f"the machine “{row.name}” is connected by now")
    return reasons


def take_back_machines(scope: Scope, machines: Sequence[LedgerMachine], note: str) -> None:
    """Machines that were entered are gone, the others say again what they said."""
    rows = {row.pk: row for row in scope.machines().select_for_update().filter(pk__in=[one.id for one in machines])}
    if rows.keys() != {one.id for one in machines}:
        raise NotAllowedError
    entries = [_entry(scope, "machine.import_undone", rows[one.id], {}, note) for one in machines]
    restored = [one for one in machines if one.before is not None]
    gone = _gone("shop_id", Workshop, restored) | _gone("line_id", Line, restored)
    for one in restored:
        before = one.before or {}
        _set(rows[one.id], {name: None if (name, value) in gone else value for name, value in before.items()})
    _save([rows[one.id] for one in restored], {name for one in restored for name in one.before or {}})
    Machine.objects.filter(pk__in=[one.id for one in machines if one.before is None]).delete()
    recount({row.enterprise_id for row in rows.values()})
    audit.record_all(entries)


def _in_shops(machines: Iterable[tuple[int, Values]]) -> list[tuple[int, Values]]:
    """The values of each enterprise's machine, with the record of the workshop that they name; its line ends there."""
    given = list(machines)
    shops = shops_named((owner, str(values["workshop"])) for owner, values in given if "workshop" in values)
    return [(owner, {**values, **_standing(owner, values, shops)}) for owner, values in given]


def _standing(owner: int, values: Values, shops: Mapping[tuple[int, str], Workshop]) -> Values:
    if "workshop" not in values:
        return {}
    shop = shops.get((owner, str(values["workshop"])))
    return {"shop_id": shop.pk if shop else None, "line_id": None}


def _gone(
    name: str, kind: type[Workshop] | type[Line], machines: Sequence[LedgerMachine]
) -> set[tuple[str, str | int | None]]:
    """Places to which machines would come back, and which were removed meanwhile."""
    wanted = {int(id_) for one in machines if (id_ := (one.before or {}).get(name)) is not None}
    return {(name, id_) for id_ in wanted - set(kind.objects.filter(pk__in=wanted).values_list("pk", flat=True))}


def _set(row: Machine, values: Values) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.revision += 1


def _save(rows: Sequence[Machine], names: set[str]) -> None:
    """An upsert of rows that are locked, many times quicker than ``bulk_update``."""
    Machine.objects.bulk_create(
        rows, batch_size=500, update_conflicts=True, unique_fields=["id"], update_fields=sorted({*names, "revision"})
    )


def _entry(scope: Scope, action: str, row: Machine, changes: Mapping[str, tuple[object, object]], note: str) -> Draft:
    return Draft(actor(scope), action, Subject("machine", row.pk, row.name), row.enterprise_id, changes, note)
