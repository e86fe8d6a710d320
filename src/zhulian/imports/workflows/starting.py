"""The beginning of an import: a file is read, its columns are guessed, every row is judged, and all of it is kept."""

import hashlib

from django.db import transaction
from django.utils import timezone

from zhulian.imports.models import ImportRow, ImportRun, RememberedTitle
from zhulian.imports.workflows.checking import judge_rows
from zhulian.imports.workflows.kinds import Kind, kind_named, words_of
from zhulian.organisations.rules import NotAllowedError
from zhulian.organisations.tenancy import Scope
from zhulian.spreadsheets.errors import no_rows
from zhulian.spreadsheets.headers import Header, data_rows, find_header, first_rows, guess, key
from zhulian.spreadsheets.reading import Limits, Table, read_table

LIMITS = Limits(most_rows=20_000)
REASON_TITLE = key("导入结果")
"""The last column of a file with marked errors; it comes back and is left out."""


def start(scope: Scope, kind_name: str, filename: str, body: bytes) -> int:
    """Read a file into a new run. Returns the run's id; refuses what is no table with SpreadsheetError."""
    kind = kind_named(kind_name)
    if not kind.may(scope):
        raise NotAllowedError
    table = read_table(body, filename, LIMITS)
    header = find_header(table, words_of(kind)) or first_rows(table, table.rows[0].number)
    found = data_rows(table, header)
    if not found:
        raise no_rows()
    now = timezone.now()
    run = ImportRun(
        kind=kind.name,
        filename=filename[-200:],
        sha256=hashlib.sha256(body).hexdigest(),
        sheet=table.sheet[:40],
        notices=[[notice.zh, notice.en] for notice in table.notices],
        titles=[title[:120] for title in header.titles],
        units=[header.units.get(column, "") for column in range(len(header.titles))],
        mapping=_mapping(kind, header),
        person_id=scope.person,
        person_name=scope.name,
        total=len(found),
        created_at=now,
        touched_at=now,
    )
    rows = [
        ImportRow(run=run, number=row.number, cells=list(row.texts), remarks=_remarks(table, row.number, row.texts))
        for row in found
    ]
    judge_rows(scope, run, rows)
    with transaction.atomic():
        run.save()
        ImportRow.objects.bulk_create(rows, batch_size=500)
    return run.pk


def _mapping(kind: Kind, header: Header) -> dict[str, int]:
    """What somebody said about these titles before, then what the header's words say, then loose guesses."""
    remembered = dict(
        RememberedTitle.objects.filter(kind=kind.name, title__in=[key(title) for title in header.titles]).values_list(
            "title", "field"
        )
    )
    found = {
        remembered[key(title)]: column
        for column, title in reversed(list(enumerate(header.titles)))
        if remembered.get(key(title))
    }
    settled = {key(title) for title in header.titles if key(title) in remembered}
    for field, column in (*header.columns.items(), *guess(header.titles, words_of(kind)).items()):
        is_free = column not in found.values() and key(header.titles[column]) not in settled
        if field not in found and is_free and key(header.titles[column]) != REASON_TITLE:
            found[field] = column
    return {field: column for field, column in found.items() if field in {one.name for one in kind.fields}}


def _remarks(table: Table, number: int, texts: tuple[str, ...]) -> dict[str, str]:
    found = ((column, table.remarks.get((number, column))) for column in range(len(texts)))
    return {str(column): remark.value for column, remark in found if remark is not None}
