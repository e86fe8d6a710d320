"""The events of enterprise files: appended, withdrawn, and the file written anew from all of them.

:func:`append` is the one place that adds an event. The file is always the state of today; a tenant id never changes, so
readings and memberships stay where they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from zhulian.audit.workflows import record
from zhulian.organisations.models import Enterprise, EnterpriseEvent
from zhulian.organisations.queries import ENTERPRISE
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.rules.files import (
    FIELDS,
    EventKind,
    FileState,
    Happening,
    State,
    Value,
    check_event,
    check_withdrawal,
    differences,
    refused,
    state_on,
)
from zhulian.organisations.rules.particulars import checked
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.workflows import trail
from zhulian.organisations.workflows.announcements import EnterpriseChanged, EnterpriseRegistered
from zhulian.organisations.workflows.pillars import repillar
from zhulian.vocabulary.events import announce


@dataclass(frozen=True, slots=True)
class Cause:
    """When something took effect, and on what paper."""

    on: date | None = None
    document: str = ""
    note: str = ""
    other: int | None = None


def open_file(scope: Scope, values: State, *, is_sample: bool, cause: Cause) -> Enterprise:
    """A new file with its opening event; the caller has decided that it may be opened."""
    today = timezone.localdate()
    on, first = cause.on or today, checked(values, {}, today)
    if on > today:
        raise refused("event_in_future", "生效日期还没有到", "the day lies in the future")
    made = Enterprise(is_sample=is_sample)
    _write(made, first)
    made.save()
    opening = {name: first.get(name, _plain(getattr(made, _column(name)))) for name in FIELDS}
    _event(scope, made, EventKind.REGISTERED, on, opening, {}, cause)
    about = trail.of_enterprise(made)
    announce(EnterpriseRegistered(made.pk, made.name, made.reporting_area, is_sample))
    record(actor(scope), "enterprise.created", about, organisation=made.pk)
    return made


def append(scope: Scope, found: Enterprise, kind: EventKind, changes: State, cause: Cause) -> EnterpriseEvent:
    """Add one event to a file that the caller holds locked, and write the file anew. Checks values and dates."""
    today = timezone.localdate()
    on = cause.on or today
    history = happenings(found)
    known = state_on(history, on)
    clean = checked(changes, {**present(found), **known.values}, today)
    check_event(kind, on, today, known, clean)
    before = {name: known.values.get(name) for name in clean}
    _refuse_code_taken(found, clean)
    found.revision += 1
    event = _event(scope, found, kind, on, clean, before, cause)
    added = Happening(event.pk, on, kind, clean)
    _settle(scope, found, state_on([*history, added], today), kind, cause.note)
    return event


def withdraw_event(scope: Scope, event: int, reason: str) -> None:
    """Take back an event that was entered in error. It stays legible; the file is written anew without it."""
    with transaction.atomic():
        row = EnterpriseEvent.objects.select_related("enterprise").filter(pk=event, withdrawn_at=None).first()
        if row is None:
            raise NotVisibleError(ENTERPRISE)
        found = officers_file(scope, row.enterprise_id)
        check_withdrawal(EventKind(row.kind))
        if not reason.strip():
            raise refused("reason_missing", "撤销要写明原因", "a withdrawal needs its reason")
        row.withdrawn_at, row.withdrawn_name = timezone.now(), scope.name
        row.withdrawn_reason = reason.strip()[:400]
        row.save(update_fields=["withdrawn_at", "withdrawn_name", "withdrawn_reason"])
        found.revision += 1
        _settle(scope, found, state_on(happenings(found), timezone.localdate()), EventKind(row.kind), reason)


def kept_file(scope: Scope, enterprise: int) -> Enterprise:
    """The file, locked, for somebody who keeps it up: its owner, its officers."""
    found = scope.enterprises().select_for_update().filter(pk=enterprise).first()
    if found is None:
        raise NotVisibleError(ENTERPRISE)
    if not scope.may_keep(enterprise):
        raise NotAllowedError
    return found


def officers_file(scope: Scope, enterprise: int) -> Enterprise:
    """The file, locked, for an officer of its area or the bureau."""
    found = scope.enterprises().select_for_update().filter(pk=enterprise).first()
    if found is None:
        raise NotVisibleError(ENTERPRISE)
    if not is_officer(scope, found):
        raise NotAllowedError
    return found


def happenings(found: Enterprise) -> list[Happening]:
    """All events of a file, as the rules want them; a file without any is given its opening first."""
    rows = list(EnterpriseEvent.objects.filter(enterprise=found).order_by("on", "pk"))
    if not any(row.kind == EventKind.REGISTERED for row in rows):
        rows.append(_opening(found))
    return [
        Happening(row.pk, row.on, EventKind(row.kind), row.changes, row.withdrawn_at is not None)
        for row in rows
    ]


def _refuse_code_taken(found: Enterprise, clean: State) -> None:
    code = clean.get("credit_code")
    if code and Enterprise.objects.filter(credit_code=code).exclude(pk=found.pk).exists():
        raise refused("enterprise_exists", f"代码 {code} 的企业已经建档", f"an enterprise with code {code} has a file")


def _event(
    scope: Scope, found: Enterprise, kind: EventKind, on: date, changes: State, before: State, cause: Cause
) -> EnterpriseEvent:
    return EnterpriseEvent.objects.create(
        enterprise=found,
        kind=kind.value,
        on=on,
        changes=dict(changes),
        before=dict(before),
        other_id=cause.other,
        document=cause.document.strip()[:80],
        note=cause.note.strip()[:400],
        revision=found.revision,
        recorded_at=timezone.now(),
        recorded_by_id=scope.person,
        recorded_name=scope.name,
    )


def _settle(scope: Scope, found: Enterprise, today: FileState, kind: EventKind, note: str) -> None:
    """Write the state of today, tell it upwards and put it on the trail."""
    changed = differences(present(found), today.values)
    _write(found, {name: after for name, (_, after) in changed.items()})
    found.save()
    fields = frozenset(changed)
    announce(EnterpriseChanged(found.pk, found.name, found.reporting_area, kind, fields, found.is_sample))
    about = Subject("enterprise", found.pk, found.name)
    record(actor(scope), "enterprise.changed", about, organisation=found.pk, changes=changed, note=note)


def _write(found: Enterprise, values: State) -> None:
    for name, value in values.items():
        stored = date.fromisoformat(str(value)) if name == "established_on" and value else value
        setattr(found, _column(name), stored)
    if "credit_code" in values:
        _refuse_code_taken(found, values)
    if "industry" in values:
        repillar([found])


def present(found: Enterprise) -> dict[str, Value]:
    """What the file says now."""
    return {name: _plain(getattr(found, _column(name))) for name in FIELDS}


def _column(name: str) -> str:
    return "successor_id" if name == "successor" else name


def _plain(value: object) -> Value:
    if isinstance(value, date):
        return value.isoformat()
    assert value is None or isinstance(value, str | int | bool)  # noqa: S101 - the columns of FIELDS hold nothing else
    return value


def _opening(found: Enterprise) -> EnterpriseEvent:
    return EnterpriseEvent.objects.create(
        enterprise=found,
        kind=EventKind.REGISTERED.value,
        on=timezone.localdate(found.created_at),
        changes=present(found),
        revision=found.revision,
        recorded_at=found.created_at,
    )


def who_since(found: Enterprise, revision: int) -> str:
    later = EnterpriseEvent.objects.filter(enterprise=found, revision__gt=revision)
    names = {*later.values_list("recorded_name", flat=True)}
    names |= {*EnterpriseEvent.objects.filter(enterprise=found).exclude(withdrawn_name="").values_list("withdrawn_name", flat=True)} if not names else set()
    return "、".join(sorted(filter(None, names))) or "zhulian"


def is_officer(scope: Scope, found: Enterprise) -> bool:
    return scope.may_keep_area(found.reporting_area)


