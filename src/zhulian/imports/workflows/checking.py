"""Holds the rows of a run against its columns and against the register, and notes the outcome on each row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from zhulian.imports.models import ImportRow, ImportRun
from zhulian.imports.rules import Draft, Field, Judged, Note, RowCells, read_row
from zhulian.imports.workflows.kinds import Kind, kind_named
from zhulian.organisations.tenancy import Scope
from zhulian.spreadsheets.tables import Remark
from zhulian.vocabulary.errors import Text

OUTCOME = (
    "judgement", "faults", "warnings", "has_warnings", "changes", "target", "target_name", "seen",
)  # fmt: skip


def judge_rows(scope: Scope, run: ImportRun, rows: Sequence[ImportRow]) -> None:
    """Set the outcome on each of ``rows``, which are all rows of the run; nothing is saved here."""
    kind = kind_named(run.kind)
    drafts = drafts_of(kind, run, rows)
    repeated = kind.repetitions(drafts)
    judged = kind.judge(scope, drafts)
    for row, draft, one in zip(rows, drafts, judged, strict=True):
        again = (repeated[row.number],) if row.number in repeated else ()
        _note(row, kind, run.mapping, replace(draft, faults=(*draft.faults, *again)), one)


def drafts_of(kind: Kind, run: ImportRun, rows: Iterable[ImportRow]) -> list[Draft]:
    """What the rows say, read from their cells."""
    return [read_row(kind.fields, run.mapping, run.units, _cells(row)) for row in rows]


def recheck(scope: Scope, run: ImportRun) -> None:
    """Judge all rows again and save those whose outcome is another."""
    rows = list(run.rows.order_by("number"))
    before = [_outcome(row) for row in rows]
    judge_rows(scope, run, rows)
    changed = [row for row, old in zip(rows, before, strict=True) if _outcome(row) != old]
    save_rows(changed, OUTCOME)


def save_rows(rows: Sequence[ImportRow], fields: Sequence[str]) -> None:
    """Write ``fields`` of rows that exist; an upsert by key, which is many times quicker than ``bulk_update``."""
    ImportRow.objects.bulk_create(
        rows, batch_size=500, update_conflicts=True, unique_fields=["id"], update_fields=list(fields)
    )


def _cells(row: ImportRow) -> RowCells:
    return RowCells(row.number, row.cells, {int(column): Remark(word) for column, word in row.remarks.items()})


def _outcome(row: ImportRow) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in OUTCOME)


def _note(row: ImportRow, kind: Kind, mapping: Mapping[str, int], draft: Draft, judged: Judged) -> None:
    named = {note.field for note in draft.faults}
    faults = [*draft.faults, *(note for note in judged.faults if note.field not in named or not note.field)]
    row.faults = [_said(note, mapping) for note in faults]
    row.warnings = [_said(note, mapping) for note in (*draft.warnings, *judged.warnings)]
    row.has_warnings = bool(row.warnings)
    fields = {one.name: one for one in kind.fields}
    row.changes = {name: _shown(fields[name], *pair) for name, pair in judged.changes.items() if name in fields}
    row.target, row.target_name, row.seen = judged.target, judged.target_name[:200], judged.seen
    row.judgement = "fault" if faults else "new" if judged.target is None else "change" if judged.changes else "same"


def _said(note: Note, mapping: Mapping[str, int]) -> dict[str, object]:
    return {
        "field": note.field,
        "column": mapping.get(note.field, -1),
        "zh": note.reason.zh,
        "en": note.reason.en,
    }


def _shown(field: Field, old: object, new: object) -> list[list[str]]:
    texts: list[Text] = [field.show(old), field.show(new)]  # type: ignore[arg-type]  # values of this very field
    return [[text.zh, text.en] for text in texts]
