"""Enterprise files written in bulk by an import, and taken back by its undo.

Callers hold the transaction and have judged the rows; rights and uniqueness are checked here again, because this is
where they count. Each file gets its event and its entry in the audit trail.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from zhulian.audit import workflows as audit
from zhulian.audit.rules import Draft, Subject
from zhulian.organisations.models import Enterprise, EnterpriseEvent
from zhulian.organisations.rules import NotAllowedError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.vocabulary.errors import Text

Values = Mapping[str, Any]
_KEPT = (
    "name", "credit_code", "industry", "district", "reporting_area", "above_scale", "town", "address", "size", "kind",
    "legal_representative", "registered_capital_fen", "established_on", "employees", "revenue_fen", "revenue_year",
    "business_scope", "website", "status",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A file as an import left it. ``before`` are the values it had; None for a file that the import opened."""

    id: int
    name: str
    revision: int
    before: Values | None


def open_imported(scope: Scope, files: Sequence[Values], note: str) -> list[ImportedFile]:
    """Open a file for each of ``files``, with the event it begins with."""
    if not all(scope.may_keep_area(values["reporting_area"]) for values in files):
        raise NotAllowedError
    made = Enterprise.objects.bulk_create([Enterprise(**_typed(values)) for values in files])
    events = [
        _event(scope, row, "registered", changes=_as_json(row, _KEPT) | {"successor": None}, before={}, note=note)
        for row in made
    ]
    EnterpriseEvent.objects.bulk_create(events)
    audit.record_all([_entry(scope, "enterprise.created", row, {}, note) for row in made])
    return [ImportedFile(row.pk, row.name, row.revision, None) for row in made]


def change_imported(scope: Scope, files: Mapping[int, Values], note: str) -> list[ImportedFile]:
    """Write ``files`` (id → new values) over files that are kept by this person."""
    rows = {row.pk: row for row in scope.kept_enterprises().select_for_update().filter(pk__in=files)}
    if rows.keys() != files.keys():
        raise NotAllowedError
    found, events, entries = [], [], []
    for id_, values in files.items():
        row, before = rows[id_], _as_json(rows[id_], values)
        _set(row, values)
        after = _as_json(row, values)
        events.append(_event(scope, row, "corrected", changes=after, before=before, note=note))
        entries.append(
            _entry(scope, "enterprise.changed", row, {name: (before[name], after[name]) for name in after}, note)
        )
        found.append(ImportedFile(row.pk, row.name, row.revision, before))
    _save(rows.values(), {name for values in files.values() for name in values})
    EnterpriseEvent.objects.bulk_create(events)
    audit.record_all(entries)
    return found


def refusals(files: Sequence[ImportedFile]) -> dict[int, Text]:
    """Why files cannot be taken back: somebody changed them since, or something belongs to a file that was new."""
    present = {row.pk: row for row in Enterprise.objects.filter(pk__in=[file.id for file in files])}
    reasons: dict[int, Text] = {}
    for file in files:
        row = present.get(file.id)
        if row is None:
            reasons[file.id] = Text(f"“{file.name}”已不在库里", f"“{file.name}” is gone")
        elif row.revision != file.revision:
            reasons[file.id] = Text(f"“{row.name}”之后又被修改过", f"“{row.name}” was changed since")
    fresh = [file.id for file in files if file.before is None and file.id not in reasons]
    for id_, what in _hanging(fresh).items():
        name = present[id_].name
        reasons[id_] = Text(f"“{name}”已有{what}", f"“{name}” has records of its own ({what})")
    return reasons


def take_back_imported(scope: Scope, files: Sequence[ImportedFile], note: str) -> None:
    """Files that were new are gone, the others say again what they said. The caller has asked :func:`refusals`."""
    rows = {
        row.pk: row for row in scope.kept_enterprises().select_for_update().filter(pk__in=[one.id for one in files])
    }
    if rows.keys() != {file.id for file in files}:
        raise NotAllowedError
    entries = [_entry(scope, "enterprise.import_undone", rows[file.id], {}, note) for file in files]
    restored = [file for file in files if file.before is not None]
    _withdraw(scope, restored, note)
    for file in restored:
        _set(rows[file.id], file.before or {})
    _save([rows[file.id] for file in restored], {name for file in restored for name in file.before or {}})
    Enterprise.objects.filter(pk__in=[file.id for file in files if file.before is None]).delete()
    audit.record_all(entries)


def _withdraw(scope: Scope, files: Sequence[ImportedFile], note: str) -> None:
    """The import's own event of each file; it stays legible."""
    newest = EnterpriseEvent.objects.filter(enterprise__in=[file.id for file in files], note=note, withdrawn_at=None)
    newest.update(withdrawn_at=timezone.now(), withdrawn_name=scope.name, withdrawn_reason="撤销导入")


def _hanging(files: Sequence[int]) -> dict[int, str]:
    """File → what belongs to it: machines, people, contacts, whatever refers to an enterprise."""
    found: dict[int, str] = {}
    for relation in Enterprise._meta.related_objects:
        if relation.related_model is EnterpriseEvent:
            continue
        name = relation.field.name
        model: Any = relation.related_model
        for id_ in model._base_manager.filter(**{f"{name}__in": files}).values_list(f"{name}_id", flat=True).distinct():
            found.setdefault(id_, str(model._meta.verbose_name))
    return found


def _event(scope: Scope, row: Enterprise, kind: str, *, changes: Values, before: Values, note: str) -> EnterpriseEvent:
    now = timezone.now()
    return EnterpriseEvent(
        enterprise=row,
        kind=kind,
        on=timezone.localdate(now),
        changes=dict(changes),
        before=dict(before),
        note=note,
        revision=row.revision,
        recorded_at=now,
        recorded_by_id=scope.person,
        recorded_name=scope.name,
    )


def _entry(
    scope: Scope, action: str, row: Enterprise, changes: Mapping[str, tuple[object, object]], note: str
) -> Draft:
    return Draft(actor(scope), action, Subject("enterprise", row.pk, row.name), row.pk, changes, note)


def _typed(values: Values) -> dict[str, Any]:
    day = values.get("established_on")
    return {**values, "established_on": date.fromisoformat(day)} if isinstance(day, str) else dict(values)


def _set(row: Enterprise, values: Values) -> None:
    for name, value in _typed(values).items():
        setattr(row, name, value)
    row.revision += 1


def _save(rows: Iterable[Enterprise], names: Iterable[str]) -> None:
    """An upsert of rows that are locked, many times quicker than ``bulk_update``."""
    Enterprise.objects.bulk_create(
        list(rows),
        batch_size=500,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=sorted({*names, "revision"}),
    )


def _as_json(row: Enterprise, names: Iterable[str]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
