"""The only reader of imports: one's own runs, and for administrators everybody's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from zhulian.imports.models import ImportRow, ImportRun
from zhulian.imports.rules import STATE_WORDS, UNDO_WITHIN
from zhulian.organisations.queries import one_of
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import Page, cut, page_of

RUN = Text("导入记录", "import")
STALLED_AFTER_S = 30
"""Without a sign of life for so long, somebody has to continue it."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows came to which end."""

    new: int = 0
    change: int = 0
    same: int = 0
    fault: int = 0
    warned: int = 0
    created: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run as pages and the command line show it."""

    id: int
    kind: str
    filename: str
    sheet: str
    notices: tuple[Text, ...]
    titles: tuple[str, ...]
    mapping: dict[str, int]
    state: str
    revision: int
    person_name: str
    total: int
    done: int
    counts: Counts
    created_at: datetime
    touched_at: datetime
    committed_at: datetime | None
    undone_at: datetime | None

    @property
    def state_words(self) -> Text:
        """Where it stands."""
        return STATE_WORDS[self.state]

    @property
    def written(self) -> int:
        """How many records it wrote."""
        return self.counts.created + self.counts.changed

    @property
    def undo_until(self) -> datetime | None:
        """Until when it may be undone."""
        return self.committed_at + UNDO_WITHIN if self.committed_at else None


@dataclass(frozen=True, slots=True)
class RunFilter:
    """What the list of runs is narrowed to; ``text`` is found in the file's and the person's name."""

    text: str = ""
    kind: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """One fault or warning, with its column (-1: the row as a whole)."""

    field: str
    column: int
    reason: Text


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One row of the preview."""

    number: int
    cells: tuple[str, ...]
    judgement: str
    faults: tuple[Spot, ...]
    warnings: tuple[Spot, ...]
    changes: dict[str, tuple[Text, Text]]
    target: int | None
    target_name: str
    is_written: bool
    revision: int


def run_in_sight(scope: Scope, run_id: int, *, for_update: bool = False) -> ImportRun:
    """The record itself, for this room's workflows; others read :func:`run`."""
    found = _runs(scope)
    return one_of(found.select_for_update() if for_update else found, run_id, RUN)


def run(scope: Scope, run_id: int) -> RunRow:
    """One run in sight with its counts; two statements."""
    return _row(run_in_sight(scope, run_id), _counts([run_id]).get(run_id, Counts()))


def runs(scope: Scope, wanted: RunFilter, number: int = 1, size: int = 20) -> Page[RunRow]:
    """The runs in sight, newest first; three statements."""
    found = _runs(scope).order_by("-id")
    if wanted.text:
        found = found.filter(Q(filename__icontains=wanted.text) | Q(person_name__icontains=wanted.text))
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.state:
        found = found.filter(state=wanted.state)
    where = cut(found.count(), number, size)
    rows = list(found[where.rows])
    counts = _counts([row.pk for row in rows])
    return where.page([_row(row, counts.get(row.pk, Counts())) for row in rows])


def rows(scope: Scope, run_id: int, show: str = "", number: int = 1, size: int = 50) -> Page[PreviewRow]:
    """The rows of a run in sight; ``show`` is a judgement, or ``warned``."""
    found = ImportRow.objects.filter(run=run_in_sight(scope, run_id)).order_by("number")
    if show == "warned":
        found = found.filter(has_warnings=True)
    elif show:
        found = found.filter(judgement=show)
    return page_of(found, number, size, _preview)


def earlier_commits(scope: Scope, run_id: int) -> Sequence[tuple[int, datetime]]:
    """Commits in sight of the very same file."""
    one = run_in_sight(scope, run_id)
    same = _runs(scope).filter(sha256=one.sha256, kind=one.kind, state="committed").exclude(pk=one.pk)
    return [(found, at) for found, at in same.order_by("-id").values_list("pk", "committed_at")[:5] if at is not None]


def _runs(scope: Scope) -> QuerySet[ImportRun]:
    if scope.administers:
        return ImportRun.objects.all()
    return ImportRun.objects.filter(person_id=scope.person) if scope.person is not None else ImportRun.objects.none()


def _counts(runs_: Sequence[int]) -> dict[int, Counts]:
    grouped = ImportRow.objects.filter(run__in=runs_).order_by().values_list("run")
    judged = {name: Count("pk", filter=Q(judgement=name)) for name in ("new", "change", "same", "fault")}
    rest = grouped.annotate(
        **judged,
        warned=Count("pk", filter=Q(has_warnings=True)),
        created=Count("pk", filter=Q(written__isnull=False, judgement="new")),
        changed=Count("pk", filter=Q(written__isnull=False, judgement="change")),
    )
    return {found: Counts(*numbers) for found, *numbers in rest}


def _row(one: ImportRun, counts: Counts) -> RunRow:
    return RunRow(
        id=one.pk,
        kind=one.kind,
        filename=one.filename,
        sheet=one.sheet,
        notices=tuple(Text(zh, en) for zh, en in one.notices),
        titles=tuple(one.titles),
        mapping=dict(one.mapping),
        state=one.state,
        revision=one.revision,
        person_name=one.person_name,
        total=one.total,
        done=one.done,
        counts=counts,
        created_at=one.created_at,
        touched_at=one.touched_at,
        committed_at=one.committed_at,
        undone_at=one.undone_at,
    )


def _preview(row: ImportRow) -> PreviewRow:
    return PreviewRow(
        number=row.number,
        cells=tuple(row.cells),
        judgement=row.judgement,
        faults=tuple(_spot(note) for note in row.faults),
        warnings=tuple(_spot(note) for note in row.warnings),
        changes={name: (Text(*old), Text(*new)) for name, (old, new) in row.changes.items()},
        target=row.target,
        target_name=row.target_name,
        is_written=row.written is not None,
        revision=row.revision,
    )


def _spot(note: dict[str, object]) -> Spot:
    reason = Text(str(note["zh"]), str(note["en"]))
    column = note["column"]
    return Spot(str(note["field"]), column if isinstance(column, int) else -1, reason)
