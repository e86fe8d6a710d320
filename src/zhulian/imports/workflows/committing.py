"""Writing: all good rows into the register, in portions; faulty rows stay out, and what changed meanwhile too."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from zhulian.imports.models import ImportRow, ImportRun
from zhulian.imports.queries import run_in_sight
from zhulian.imports.rules import STATE_WORDS, Judged, changed_meanwhile, nothing_to_commit, unmapped, wrong_state
from zhulian.imports.workflows.checking import drafts_of, save_rows
from zhulian.imports.workflows.correcting import locked
from zhulian.imports.workflows.kinds import Kind, kind_named
from zhulian.imports.workflows.trail import record_run
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary import events
from zhulian.vocabulary.errors import Text

PORTION = 100
"""Rows a transaction: long enough to be quick, short enough that nobody else waits long for the records."""
_MEANWHILE = Text(
    "预览之后，库里的这条记录被别人改过，没有覆盖；请重新核对",
    "the record was changed after the preview; it was not overwritten",
)


@dataclass(frozen=True, slots=True)
class Committed:
    """Announced when an import is in the register."""

    run: int
    kind: str
    person: int | None
    created: int
    changed: int


def commit(scope: Scope, run_id: int, revision: int | None = None) -> None:
    """Claim and write, in one go: what the command line does."""
    claim(scope, run_id, revision)
    write_claimed(scope, run_id)


def claim(scope: Scope, run_id: int, revision: int | None = None) -> None:
    """Close the run for corrections. ``revision`` is that of the preview which the person agreed to."""
    with transaction.atomic():
        run = locked(scope, run_id, "open")
        if revision is not None and revision != run.revision:
            raise changed_meanwhile()
        missing = [one.title for one in kind_named(run.kind).fields if one.is_required and one.name not in run.mapping]
        if missing:
            raise unmapped(missing)
        if not run.rows.filter(judgement__in=("new", "change")).exists():
            raise nothing_to_commit()
        run.state, run.done, run.touched_at = "committing", 0, timezone.now()
        run.save()


def write_claimed(scope: Scope, run_id: int) -> None:
    """Write what is left of a claimed run; called again after a crash, it goes on where it stopped."""
    run = run_in_sight(scope, run_id)
    if run.state != "committing":
        raise wrong_state(STATE_WORDS[run.state])
    kind, after = kind_named(run.kind), 0
    while True:
        with transaction.atomic():
            rows = list(run.rows.filter(number__gt=after).order_by("number")[:PORTION])
            if not rows:
                break
            _write_portion(scope, kind, run, rows)
            after = rows[-1].number
            done = run.rows.filter(number__lte=after).count()
            still = ImportRun.objects.filter(pk=run.pk, state="committing")
            if not still.update(done=done, touched_at=timezone.now()):
                return  # somebody else has brought it to its end
    _finish(scope, run)


def _write_portion(scope: Scope, kind: Kind, run: ImportRun, rows: Sequence[ImportRow]) -> None:
    """Rows that are good and not written yet, judged once more against the register of this moment."""
    waiting = [row for row in rows if row.judgement in {"new", "change"} and row.written is None]
    drafts = drafts_of(kind, run, waiting)
    judged = list(zip(waiting, drafts, kind.judge(scope, drafts), strict=True))
    good = [(row, draft, one) for row, draft, one in judged if _is_as_seen(row, one)]
    written = kind.write(scope, [(draft, one) for _row, draft, one in good], run.pk)
    for (row, _draft, _one), record in zip(good, written, strict=True):
        row.target, row.target_name = record.id, record.name[:200]
        row.written, row.before = record.revision, None if record.before is None else dict(record.before)
    save_rows(waiting, ("judgement", "faults", "target", "target_name", "written", "before"))


def _is_as_seen(row: ImportRow, judged: Judged) -> bool:
    """Whether the register is still as in the preview; if not, the row becomes a faulty one and stays out."""
    if not judged.faults and judged.target == row.target and judged.seen == row.seen:
        return True
    row.judgement = "fault"
    reasons = [note.reason for note in judged.faults] or [_MEANWHILE]
    row.faults = [{"field": "", "column": -1, "zh": reason.zh, "en": reason.en} for reason in reasons]
    return False


def _finish(scope: Scope, run: ImportRun) -> None:
    with transaction.atomic():
        found = ImportRun.objects.select_for_update().filter(pk=run.pk, state="committing").first()
        if found is None:
            return
        now = timezone.now()
        found.state, found.done, found.committed_at, found.touched_at = "committed", found.total, now, now
        found.save()
        written = found.rows.exclude(written=None)
        created, changed = (written.filter(judgement=word).count() for word in ("new", "change"))
        events.announce(Committed(found.pk, found.kind, scope.person, created, changed))
        record_run(scope, "import.commit", found, {"created": created, "changed": changed})
