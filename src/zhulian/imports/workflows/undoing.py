"""Undo within a day: every record as it was before, or nothing at all, with the reasons."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from zhulian.imports.models import ImportRow
from zhulian.imports.rules import may_still_be_undone, undo_refused, undo_too_late
from zhulian.imports.workflows.correcting import locked
from zhulian.imports.workflows.kinds import kind_named
from zhulian.imports.workflows.trail import record_run
from zhulian.imports.workflows.written import Written
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary import events


@dataclass(frozen=True, slots=True)
class Undone:
    """Announced when an import was taken back; ``left`` records had changed since and were left as they are."""

    run: int
    kind: str
    person: int | None
    restored: int
    left: int


def undo(scope: Scope, run_id: int, *, leave_changed: bool = False) -> Undone:
    """Put every record back. Those that changed since refuse the whole, unless the person agreed to leave them."""
    with transaction.atomic():
        run = locked(scope, run_id, "committed")
        if run.committed_at is None or not may_still_be_undone(run.committed_at, timezone.now()):
            raise undo_too_late()
        kind = kind_named(run.kind)
        rows = [_written(row) for row in run.rows.exclude(written=None).order_by("-number")]
        refusals = kind.refusals(scope, rows)
        if refusals and not leave_changed:
            raise undo_refused(list(refusals.values()))
        taken = [row for row in rows if row.id not in refusals]
        kind.take_back(scope, taken, run.pk)
        run.state, run.undone_at, run.touched_at = "undone", timezone.now(), timezone.now()
        run.save()
        outcome = Undone(run.pk, run.kind, scope.person, len(taken), len(refusals))
        events.announce(outcome)
        record_run(scope, "import.undo", run, {"restored": outcome.restored, "left": outcome.left})
    return outcome


def _written(row: ImportRow) -> Written:
    return Written(row.target or 0, row.target_name, row.written or 0, row.before)
