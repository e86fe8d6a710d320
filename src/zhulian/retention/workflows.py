"""The only writer of this room. Every choice and every demand is on the audit trail; telemetry takes readings away."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from zhulian.audit.rules import Subject
from zhulian.audit.workflows import record
from zhulian.organisations import queries as records
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import SYSTEM, Scope, actor
from zhulian.organisations.workflows import trail
from zhulian.retention import queries
from zhulian.retention.models import Demand, Term
from zhulian.retention.queries import DEMAND, DemandRow
from zhulian.retention.rules import (
    Key,
    checked,
    checked_days,
    checked_name,
    checked_reason,
    group_name,
    number_of,
    refused,
    said,
)
from zhulian.telemetry.queries import Demand as Progress
from zhulian.telemetry.queries import Erasure, Keep, Preview
from zhulian.vocabulary.errors import Text

TERM = Text("留存期限", "retention")


@dataclass(frozen=True, slots=True)
class DemandDraft:
    """What is to go, as a page gives it; ``points`` None for all of the enterprise."""

    enterprise: int
    points: tuple[int, ...] | None
    first: date | None
    last: date | None
    with_sums: bool
    reason: str


def with_term(scope: Scope, key: Key, keep: Keep | None) -> dict[Key, Keep]:
    """What would be chosen if ``keep`` held for ``key`` (None: nothing of its own); for a look at what would go."""
    if not scope.administers:
        raise NotAllowedError
    chosen = queries.chosen_terms(scope)
    if keep is None:
        chosen.pop(key, None)
        return chosen
    return chosen | {key: checked(keep)}


def set_term(scope: Scope, key: Key, keep: Keep) -> None:
    """Let it hold from tonight on."""
    with_term(scope, key, keep)
    enterprise, unit = key
    name = records.enterprise(scope, enterprise).name if enterprise else ""
    with transaction.atomic():
        row = Term.objects.select_for_update().filter(enterprise=enterprise, unit=unit).first()
        before = _values(row) if row else {}
        row = row or Term(enterprise_id=enterprise, unit=unit)
        row.raw_days, row.hour_days = keep.raw_days, keep.hour_days
        row.changed_at, row.changed_name = timezone.now(), scope.name
        row.save()
        changes = trail.difference(before, _values(row))
        if changes:
            subject = Subject("term", row.pk, _label(name, unit))
            record(actor(scope), "retention.set", subject, organisation=enterprise, changes=changes)


def remove_term(scope: Scope, number: int) -> None:
    """Let the wider one hold again."""
    if not scope.administers:
        raise NotAllowedError
    with transaction.atomic():
        row = Term.objects.select_for_update(of=("self",)).select_related("enterprise").filter(pk=number).first()
        if row is None:
            raise NotVisibleError(TERM)
        subject = Subject("term", number, _label(row.enterprise.name if row.enterprise else "", row.unit))
        changes = trail.difference(_values(row), {})
        record(actor(scope), "retention.removed", subject, organisation=row.enterprise_id, changes=changes)
        row.delete()


def erasure(scope: Scope, draft: DemandDraft, today: date) -> Erasure:
    """The demand as telemetry would take it, for a look at what would go. Raises RetentionError."""
    if not queries.may_demand(scope, draft.enterprise):
        raise NotAllowedError
    records.enterprise(scope, draft.enterprise)
    first, last = checked_days(draft.first, draft.last, today)
    points = _own_points(scope, draft)
    return Erasure(0, draft.enterprise, number_of(first), number_of(last), points, draft.with_sums)


def ask(scope: Scope, draft: DemandDraft, expected: Preview, today: date) -> int:
    """Put a demand on record; nothing goes before it is confirmed. Its number."""
    wanted, reason = erasure(scope, draft, today), checked_reason(draft.reason)
    if not (expected.rows or expected.hours):
        raise refused("nothing_there", "这段时间没有这些点位的读数", "these points have no readings on these days")
    names = {point.id: f"{point.machine_name} {point.name}" for point in queries.point_choices(scope, draft.enterprise)}
    first, last = checked_days(draft.first, draft.last, today)
    with transaction.atomic():
        row = Demand.objects.create(
            enterprise_id=draft.enterprise,
            points=None if wanted.points is None else list(wanted.points),
            said=said([names[point] for point in wanted.points or ()]),
            first=first,
            last=last,
            with_sums=draft.with_sums,
            reason=reason,
            expected_rows=expected.rows,
            expected_hours=expected.hours,
            asked_at=timezone.now(),
            asked_by_id=scope.person,
            asked_name=scope.name,
        )
        _record(scope, "erasure.asked", queries.demand(scope, row.pk), reason)
    return row.pk


def confirm(scope: Scope, number: int, typed: str) -> None:
    """Let it happen; the enterprise's name has to be typed."""
    with transaction.atomic():
        row, shown = _open(scope, number)
        checked_name(typed, shown.enterprise_name)
        row.state, row.confirmed_at, row.confirmed_name = "confirmed", timezone.now(), scope.name
        row.save(update_fields=["state", "confirmed_at", "confirmed_name"])
        _record(scope, "erasure.confirmed", shown, "")


def withdraw(scope: Scope, number: int) -> None:
    """Drop a demand that is not confirmed."""
    with transaction.atomic():
        row, shown = _open(scope, number)
        row.state, row.ended_at = "withdrawn", timezone.now()
        row.save(update_fields=["state", "ended_at"])
        _record(scope, "erasure.withdrawn", shown, "")


def note_progress(number: int, progress: Progress) -> None:
    """What telemetry says of a demand; when it is done, that is on the trail with the readings that went."""
    with transaction.atomic():
        row = Demand.objects.select_for_update(of=("self",)).select_related("enterprise").get(pk=number)
        if row.state != "confirmed":
            return
        row.steps, row.steps_done, row.rows_gone = progress.steps, progress.steps_done, progress.rows
        if progress.is_done:
            row.state, row.ended_at = "done", timezone.now()
            subject = Subject("demand", row.pk, row.enterprise.name)
            changes: trail.Changes = {"rows": (progress.rows, 0), "with_sums": (None, row.with_sums)}
            record(actor(SYSTEM), "erasure.done", subject, organisation=row.enterprise_id, changes=changes)
        row.save()


def _open(scope: Scope, number: int) -> tuple[Demand, DemandRow]:
    shown = queries.demand(scope, number)
    if not queries.may_demand(scope, shown.enterprise):
        raise NotAllowedError
    row = Demand.objects.select_for_update().filter(pk=number, state="asked").first()
    if row is None:
        raise refused("not_open", "这份申请已经确认或撤回", "the demand was confirmed or withdrawn already")
    return row, shown


def _own_points(scope: Scope, draft: DemandDraft) -> tuple[int, ...] | None:
    if draft.points is None:
        return None
    own = {point.id for point in queries.point_choices(scope, draft.enterprise)}
    if not draft.points or not own.issuperset(draft.points):
        raise NotVisibleError(DEMAND) if draft.points else refused("no_points", "请选点位", "choose points")
    return tuple(sorted(set(draft.points)))


def _record(scope: Scope, action: str, shown: DemandRow, note: str) -> None:
    subject = Subject("demand", shown.id, shown.enterprise_name)
    changes: trail.Changes = {
        "start": (None, shown.first.isoformat()),
        "end": (None, shown.last.isoformat()),
        "points": (None, shown.said or "*"),
        "with_sums": (None, shown.with_sums),
        "rows": (shown.expected_rows, None),
    }
    record(actor(scope), action, subject, organisation=shown.enterprise, changes=changes, note=note)


def _values(row: Term) -> dict[str, object]:
    return trail.values(row, ("raw_days", "hour_days"))


def _label(enterprise: str, unit: str) -> str:
    """As the trail names it, in Chinese like every name on it."""
    return " · ".join(part for part in (enterprise, group_name(unit).zh if unit else "") if part) or "*"
