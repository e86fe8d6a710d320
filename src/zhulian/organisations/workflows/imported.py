"""Enterprise files opened and changed by an import, and taken back by its undo.

Everything goes through ``history``: an import leaves the same events as an edit by hand. Callers hold the transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhulian.audit import workflows as audit
from zhulian.audit.rules import Draft
from zhulian.organisations.models import Enterprise, EnterpriseEvent
from zhulian.organisations.rules import NotAllowedError
from zhulian.organisations.rules.files import EventKind, State
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.workflows import trail
from zhulian.organisations.workflows.announcements import EnterpriseRemoved
from zhulian.organisations.workflows.history import Cause, append, officers_file, open_files, withdraw_event
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.events import announce

_EVENTS: Mapping[EventKind, frozenset[str]] = {
    EventKind.RENAMED: frozenset({"name"}),
    EventKind.MOVED: frozenset({"district", "reporting_area", "town"}),
}
_UNDONE = "撤销导入 / import undone"


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A file as an import left it. ``events`` are those that it added; None for a file that it opened."""

    id: int
    name: str
    revision: int
    events: tuple[int, ...] | None


def open_imported(scope: Scope, files: Sequence[State], note: str) -> list[ImportedFile]:
    """Open files, for an officer of their areas."""
    if not all(scope.may_keep_area(str(values["reporting_area"])) for values in files):
        raise NotAllowedError
    made = open_files(scope, files, is_sample=False, cause=Cause(note=note))
    return [ImportedFile(row.pk, row.name, row.revision, None) for row in made]


def change_imported(scope: Scope, enterprise: int, values: State, note: str) -> ImportedFile:
    """Write ``values`` over a file: a rename, a move, a rise above scale and other changes are events of their own."""
    found = officers_file(scope, enterprise)
    events = [append(scope, found, kind, changes, Cause(note=note)).pk for kind, changes in _by_event(values)]
    return ImportedFile(found.pk, found.name, found.revision, tuple(events))


def _by_event(values: State) -> list[tuple[EventKind, State]]:
    left = dict(values)
    found: list[tuple[EventKind, State]] = [
        (kind, {name: left.pop(name) for name in sorted(fields & left.keys())}) for kind, fields in _EVENTS.items()
    ]
    if "above_scale" in left:
        above = left.pop("above_scale")
        found.append((EventKind.SCALED_UP if above else EventKind.SCALED_DOWN, {"above_scale": above}))
    found.append((EventKind.CHANGED, left))
    return [(kind, changes) for kind, changes in found if changes]


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
    fresh = [file.id for file in files if file.events is None and file.id not in reasons]
    for id_, what in _hanging(fresh).items():
        name = present[id_].name
        reasons[id_] = Text(f"“{name}”已有自己的记录（{what}）", f"“{name}” has records of its own ({what})")
    return reasons


def take_back_imported(scope: Scope, files: Sequence[ImportedFile]) -> None:
    """Files that were new are gone, the others say again what they said. The caller has asked :func:`refusals`."""
    for file in files:
        for event in reversed(file.events or ()):
            withdraw_event(scope, event, _UNDONE)
    fresh = [file.id for file in files if file.events is None]
    found = list(scope.kept_enterprises().select_for_update().filter(pk__in=fresh))
    if len(found) != len(fresh):
        raise NotAllowedError
    for row in found:
        announce(EnterpriseRemoved(row.pk, row.name, row.reporting_area))
    entries = [Draft(actor(scope), "enterprise.import_undone", trail.of_enterprise(row), row.pk) for row in found]
    Enterprise.objects.filter(pk__in=fresh).delete()
    audit.record_all(entries)


def _hanging(files: Sequence[int]) -> dict[int, str]:
    """File → what belongs to it: machines, people, contacts, whatever refers to an enterprise."""
    found: dict[int, str] = {}
    for relation in Enterprise._meta.related_objects:
        if relation.related_model is EnterpriseEvent and relation.field.name == "enterprise":
            continue
        name, model = relation.field.name, _model(relation.related_model)
        for id_ in model.objects.filter(**{f"{name}__in": files}).values_list(f"{name}_id", flat=True).distinct():
            found.setdefault(id_, str(model._meta.verbose_name))
    return found


def _model(model: Any) -> Any:  # noqa: ANN401 - Django types a relation's model as a string or a class
    return model
