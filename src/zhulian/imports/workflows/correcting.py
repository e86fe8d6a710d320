"""Between upload and commit: other columns, corrected cells, or an end without writing anything."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from zhulian.imports.models import ImportRow, ImportRun, RememberedTitle
from zhulian.imports.queries import run_in_sight
from zhulian.imports.rules import STATE_WORDS, row_changed_meanwhile, wrong_state
from zhulian.imports.workflows.checking import recheck
from zhulian.imports.workflows.kinds import kind_named
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope
from zhulian.spreadsheets.headers import key
from zhulian.vocabulary.errors import Text

_ROW = Text("行", "row")
LONGEST_CELL = 2_000


@dataclass(frozen=True, slots=True)
class RowSeen:
    """One row of a run as a person saw it: ``revision`` is the one it had then."""

    number: int
    revision: int


def map_columns(scope: Scope, run_id: int, mapping: Mapping[str, int]) -> None:
    """Say which column is which field, and remember it for the next file with these titles."""
    with transaction.atomic():
        run = locked(scope, run_id, "open")
        kind = kind_named(run.kind)
        known = {one.name for one in kind.fields}
        columns = range(len(run.titles))
        run.mapping = {field: column for field, column in mapping.items() if field in known and column in columns}
        meanings = {column: field for field, column in run.mapping.items()}
        for column, title in enumerate(run.titles):
            if key(title):
                RememberedTitle.objects.update_or_create(
                    kind=run.kind, title=key(title)[:120], defaults={"field": meanings.get(column, "")}
                )
        _touch(run)
        recheck(scope, run)


def correct_row(scope: Scope, run_id: int, seen: RowSeen, texts: Mapping[int, str]) -> None:
    """Put ``texts`` (by column) into a row and judge the whole file again: a repeated code may be settled by it."""
    with transaction.atomic():
        run = locked(scope, run_id, "open")
        row = ImportRow.objects.filter(run=run, number=seen.number).first()
        if row is None or not texts.keys() <= set(range(len(run.titles))):
            raise NotVisibleError(_ROW)
        if row.revision != seen.revision:
            raise row_changed_meanwhile(seen.number)
        row.cells = [*row.cells, *[""] * (len(run.titles) - len(row.cells))]
        changed = {column: text.strip()[:LONGEST_CELL] for column, text in texts.items()}
        for column, text in changed.items():
            if row.cells[column] != text:
                row.cells[column] = text
                row.remarks.pop(str(column), None)
        row.revision += 1
        row.save(update_fields=["cells", "remarks", "revision"])
        _touch(run)
        recheck(scope, run)


def discard(scope: Scope, run_id: int) -> None:
    """End a run without writing anything."""
    with transaction.atomic():
        run = locked(scope, run_id, "open")
        run.state = "discarded"
        _touch(run)


def locked(scope: Scope, run_id: int, state: str) -> ImportRun:
    """The run, kept from everybody else until the transaction ends, in the state that the act needs."""
    run = run_in_sight(scope, run_id, for_update=True)
    if run.state != state:
        raise wrong_state(STATE_WORDS[run.state])
    return run


def _touch(run: ImportRun) -> None:
    run.revision += 1
    run.touched_at = timezone.now()
    run.save()
