"""The events of enterprise files: appended, withdrawn, and the file written anew from all of them.

:func:`append` is the one place that adds an event. The file is always the state of today; a tenant id never changes, so
readings and memberships stay where they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from zhulian.audit.rules import Draft
from zhulian.audit.workflows import record, record_all
from zhulian.organisations.models import Enterprise, EnterpriseEvent
from zhulian.organisations.queries import ENTERPRISE
from zhulian.organisations.queries.files import column, happenings, present
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, RecordsError
from zhulian.organisations.rules.files import (
    EventKind,
    FileState,
    Happening,
    State,
    check_event,
    check_withdrawal,
    differences,
    refused,
    state_on,
)
from zhulian.organisations.rules.particulars import checked
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.turns import take_turns
from zhulian.organisations.workflows import trail
from zhulian.organisations.workflows.announcements import EnterpriseChanged, EnterpriseRegistered
from zhulian.organisations.workflows.pillars import repillar
from zhulian.vocabulary.events import announce


@dataclass(frozen=True, slots=True)
class Cause:
    """When something took effect, and on what paper.

    ``is_news``: the file's opening did not know it yet. An event before the opening then changes what the opening said
    too, by a second entry of that day; otherwise it is history only.
    """

    on: date | None = None
    document: str = ""
    note: str = ""
    other: int | None = None
    is_news: bool = True


def open_file(scope: Scope, values: State, *, is_sample: bool, cause: Cause) -> Enterprise:
    """A new file with its opening event; the caller has decided that it may be opened."""
    return open_files(scope, [values], is_sample=is_sample, cause=cause)[0]


def open_files(scope: Scope, files: Sequence[State], *, is_sample: bool, cause: Cause) -> list[Enterprise]:
    """Many new files, each with its opening event, in few statements."""
    today = timezone.localdate()
    on, firsts = cause.on or today, [checked(values, {}, today) for values in files]
    if on > today:
        raise refused("event_in_future", "生效日期还没有到", "the day lies in the future")
    _refuse_codes_taken([str(first.get("credit_code")) for first in firsts])
    made = [_set(Enterprise(is_sample=is_sample), first) for first in firsts]
    repillar(made)
    Enterprise.objects.bulk_create(made, batch_size=200)
    EnterpriseEvent.objects.bulk_create(
        [_new_event(scope, row, EventKind.REGISTERED, present(row), cause, before={}, on=on) for row in made],
        batch_size=200,
    )
    for row in made:
        announce(EnterpriseRegistered(row.pk, row.name, row.reporting_area, is_sample))
    record_all([_opening_entry(scope, row, first) for row, first in zip(made, firsts, strict=True)])
    return made


def _opening_entry(scope: Scope, row: Enterprise, first: State) -> Draft:
    about, changes = trail.of_enterprise(row), trail.difference({}, first)
    return Draft(actor(scope), "enterprise.created", about, row.pk, changes)


def append(scope: Scope, found: Enterprise, kind: EventKind, changes: State, cause: Cause) -> EnterpriseEvent:
    """Add one event to a file that the caller holds locked, and write the file anew. Checks values and dates."""
    today = timezone.localdate()
    on = cause.on or today
    _open_if_needed(found)
    history = happenings(found)
    known = state_on(history, on)
    clean = checked(changes, {**present(found), **known.values}, today)
    check_event(kind, on, today, known, clean)
    before = {name: known.values.get(name) for name in clean}
    _refuse_code_taken(found, clean)
    found.revision += 1
    event = _event(scope, found, kind, clean, cause, before=before, on=on)
    history.append(Happening(event.pk, on, kind, clean))
    opening = next(one for one in history if one.kind is EventKind.REGISTERED)
    if cause.is_news and on < opening.on and (news := _news(history, opening.on, clean)):
        later = _event(scope, found, EventKind.CHANGED, news, cause, before={}, on=opening.on)
        history.append(Happening(later.pk, opening.on, EventKind.CHANGED, news))
    _settle(scope, found, state_on(history, today), kind, cause.note)
    return event


def _news(history: Sequence[Happening], opened: date, changes: State) -> State:
    """What the file would not say on its opening day, were ``changes`` from before then only history."""
    known = state_on(history, opened)
    return {name: after for name, (_, after) in differences(known.values, changes).items()}


def withdraw_event(scope: Scope, event: int, reason: str) -> None:
    """Take back an event that was entered in error. It stays legible; the file is written anew without it."""
    with transaction.atomic():
        of = EnterpriseEvent.objects.filter(pk=event).values_list("enterprise_id", flat=True).first()
        found = officers_file(scope, of or 0)
        row = EnterpriseEvent.objects.filter(pk=event, withdrawn_at=None).first()
        if row is None:
            raise refused("event_withdrawn", "这条事件已经撤销", "this event has been withdrawn already")
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


def _refuse_codes_taken(codes: Sequence[str]) -> None:
    take_turns("credit codes")
    taken = Enterprise.objects.filter(credit_code__in=codes).values_list("credit_code", flat=True).first()
    if taken:
        raise _code_taken(taken)


def _refuse_code_taken(found: Enterprise, clean: State) -> None:
    code = clean.get("credit_code")
    if code:
        take_turns("credit codes")
    if code and Enterprise.objects.filter(credit_code=code).exclude(pk=found.pk).exists():
        raise _code_taken(code)


def _code_taken(code: object) -> RecordsError:
    return refused("enterprise_exists", f"代码 {code} 的企业已经建档", f"an enterprise with code {code} has a file")


def _event(
    scope: Scope, found: Enterprise, kind: EventKind, changes: State, cause: Cause, *, before: State, on: date
) -> EnterpriseEvent:
    event = _new_event(scope, found, kind, changes, cause, before=before, on=on)
    event.save()
    return event


def _new_event(
    scope: Scope, found: Enterprise, kind: EventKind, changes: State, cause: Cause, *, before: State, on: date
) -> EnterpriseEvent:
    return EnterpriseEvent(
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
    about = trail.of_enterprise(found)
    record(actor(scope), "enterprise.changed", about, organisation=found.pk, changes=changed, note=note)


def _set(found: Enterprise, values: State) -> Enterprise:
    for name, value in values.items():
        stored = date.fromisoformat(str(value)) if name == "established_on" and value else value
        setattr(found, column(name), stored)
    return found


def _write(found: Enterprise, values: State) -> None:
    _set(found, values)
    if "credit_code" in values:
        _refuse_code_taken(found, values)
    if "industry" in values:
        repillar([found])


def _open_if_needed(found: Enterprise) -> None:
    """Records that were made without this room's workflows get the event that their file begins with."""
    if not EnterpriseEvent.objects.filter(enterprise=found, kind=EventKind.REGISTERED.value).exists():
        EnterpriseEvent.objects.create(
            enterprise=found,
            kind=EventKind.REGISTERED.value,
            on=timezone.localdate(found.created_at),
            changes=present(found),
            revision=found.revision,
            recorded_at=found.created_at,
        )


def who_since(found: Enterprise, revision: int) -> str:
    """The names of those who changed a file after ``revision``."""
    later = EnterpriseEvent.objects.filter(enterprise=found, revision__gt=revision)
    names = set(later.values_list("recorded_name", flat=True))
    taken_back = EnterpriseEvent.objects.filter(enterprise=found).exclude(withdrawn_at=None).order_by("-withdrawn_at")
    names |= set(taken_back.values_list("withdrawn_name", flat=True)[: found.revision - revision - len(names)])
    return "、".join(sorted(filter(None, names))) or "zhulian"


def is_officer(scope: Scope, found: Enterprise) -> bool:
    """Whether this person keeps up the file as an officer of its area, or for the city."""
    return scope.may_keep_area(found.reporting_area)
