"""Machine lists: a machine is known by its enterprise and its name; what is new waits in the ledger to be connected.

A workshop that a row names gets its record, and goes again with the undo of the import if nothing else has come to it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from zhulian.imports.rules import Draft, Field, Judged, Note, repeated
from zhulian.imports.rules.machine_fields import MACHINE_FIELDS
from zhulian.imports.workflows.written import Written, kept_steps, placed
from zhulian.organisations.models import Machine
from zhulian.organisations.tenancy import Scope
from zhulian.organisations.workflows import imported_places, ledger
from zhulian.organisations.workflows.imported_places import Placed
from zhulian.organisations.workflows.ledger import LedgerMachine
from zhulian.vocabulary.errors import Text

_STATEMENT_ROWS = 500
_SHOP = "made_shop"
"""Beside the values that a machine had: the workshop that its row made."""
_NO_FILE = Text(
    "没有这个代码的企业，或您不能管理它的设备", "no enterprise has this code, or its machines are not yours to keep"
)
_DECLARED = Text("写在网关自己的配置文件里，要在网关上修改", "stands in the gateway's own file and is changed there")


class Machines:
    """The ledger of machines."""

    name = "machines"
    title = Text("设备", "Machines")
    fields: tuple[Field, ...] = MACHINE_FIELDS
    list_page = "machines"
    record_page = "machine"

    def may(self, scope: Scope) -> bool:
        """Engineers for their enterprise, the administrator for all."""
        return scope.administers or bool(scope.configures)

    def repetitions(self, drafts: Sequence[Draft]) -> Mapping[int, Note]:
        """The same name twice in one enterprise."""
        return repeated(drafts, ["credit_code", "name"], Text("设备名称", "the name"))

    def judge(self, scope: Scope, drafts: Sequence[Draft]) -> list[Judged]:
        """Each draft against the machines of its enterprise."""
        owners = _owners(scope, drafts)
        present = _present(scope, set(owners.values()))
        return [_judged(draft, owners, present) for draft in drafts]

    def write(self, scope: Scope, good: Sequence[tuple[Draft, Judged]], run: int) -> list[Written]:
        """Enter and change machines; the answers come in the order of ``good``."""
        owners = _owners(scope, [draft for draft, _judged in good])
        shops = imported_places.place_shops(scope, [_shop(owners, draft, judged) for draft, judged in good], _note(run))
        fresh = [
            (owners[str(draft.values["credit_code"])], _values(draft.values))
            for draft, judged in good
            if judged.target is None
        ]
        entered = iter(ledger.enter_machines(scope, fresh, _note(run)))
        values = {
            judged.target: {name: str(new) for name, (_old, new) in judged.changes.items()}
            for _draft, judged in good
            if judged.target is not None
        }
        changed = {one.id: one for one in ledger.change_ledger(scope, values, _note(run))}
        found = [next(entered) if judged.target is None else changed[judged.target] for _draft, judged in good]
        return [_written(one, shop) for one, shop in zip(found, shops, strict=True)]

    def refusals(self, scope: Scope, rows: Sequence[Written]) -> dict[int, Text]:  # noqa: ARG002 - a kind's own rights
        """Machines that changed since, or are connected by now."""
        return ledger.ledger_refusals([_ledger(row) for row in rows])

    def take_back(self, scope: Scope, rows: Sequence[Written], run: int) -> None:
        """Machines as they were."""
        ledger.take_back_machines(scope, [_ledger(row) for row in rows], _note(run))
        kept: list[Any] = [row.before[_SHOP] for row in rows if row.before and _SHOP in row.before]
        made = [placed(*one) for one in kept]
        imported_places.take_back_unused(scope, made, _note(run))


def _note(run: int) -> str:
    return f"导入 {run} / import {run}"


def _shop(owners: Mapping[str, int], draft: Draft, judged: Judged) -> tuple[int, str]:
    """The enterprise and the workshop that a row brings its machine to; empty where it says nothing of it."""
    return owners[str(draft.values["credit_code"])], str(judged.changes.get("workshop", ("", ""))[1])


def _written(one: LedgerMachine, shop: Placed | None) -> Written:
    made = {_SHOP: [shop.enterprise, shop.name, kept_steps(shop)]} if shop else {}
    return Written(one.id, one.name, one.revision, {**(one.before or {}), **made} or None)


def _ledger(row: Written) -> LedgerMachine:
    before: dict[str, Any] = {name: value for name, value in (row.before or {}).items() if name != _SHOP}
    return LedgerMachine(row.id, row.name, row.revision, before or None)


def _values(values: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if name != "credit_code"}


def _owners(scope: Scope, drafts: Sequence[Draft]) -> dict[str, int]:
    """Code → enterprise, of those whose machines this person keeps."""
    wanted = sorted({str(draft.values["credit_code"]) for draft in drafts if "credit_code" in draft.values})
    found: dict[str, int] = {}
    for start in range(0, len(wanted), _STATEMENT_ROWS):
        rows = scope.enterprises().filter(credit_code__in=wanted[start : start + _STATEMENT_ROWS])
        found |= {code: id_ for code, id_ in rows.values_list("credit_code", "pk") if scope.may_configure(id_)}
    return found


def _present(scope: Scope, owners: set[int]) -> dict[tuple[int, str], Machine]:
    found: dict[tuple[int, str], Machine] = {}
    wanted = sorted(owners)
    for start in range(0, len(wanted), _STATEMENT_ROWS):
        rows = scope.machines().filter(enterprise__in=wanted[start : start + _STATEMENT_ROWS])
        found |= {(row.enterprise_id, row.name): row for row in rows}
    return found


def _judged(draft: Draft, owners: Mapping[str, int], present: Mapping[tuple[int, str], Machine]) -> Judged:
    if "credit_code" not in draft.values:
        return Judged()
    owner = owners.get(str(draft.values["credit_code"]))
    if owner is None:
        return Judged(faults=(Note("credit_code", _NO_FILE),))
    row, values = present.get((owner, str(draft.values.get("name")))), _values(draft.values)
    if row is None:
        return Judged(changes={name: (None, value) for name, value in values.items()})
    changes = {name: (getattr(row, name), value) for name, value in values.items() if getattr(row, name) != value}
    faults = (Note("name", _DECLARED),) if row.declared_by_gateway and changes else ()
    return Judged(row.pk, row.name, row.revision, changes, faults)
