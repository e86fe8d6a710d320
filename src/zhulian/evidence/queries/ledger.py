"""The ledger as a list, and the chain of one fact: what it superseded, and what superseded it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.db.models import Q, QuerySet

from zhulian.evidence.models import Fact
from zhulian.evidence.queries.rows import fact_row, one_record, records, superseded
from zhulian.evidence.rules import EvidenceClass, FactId, FactRow, SubjectKind
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.pages import Page, cut

PORTION = 500


@dataclass(frozen=True, slots=True)
class FactFilter:
    """What the list of facts is narrowed to; the empty filter narrows nothing."""

    text: str = ""
    """Part of the enterprise's name, or the beginning of its credit code."""
    key: str = ""
    evidence_class: EvidenceClass | None = None
    enterprise: int | None = None
    subject_kind: SubjectKind | None = None
    document: int | None = None
    """Proven by this document."""
    is_standing: bool | None = None
    """Neither superseded nor withdrawn."""
    on: date | None = None
    """Valid on this day."""


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact as a list shows it. ``superseded_by`` is what corrected or withdrew it."""

    fact: FactRow
    enterprise_name: str
    is_sample: bool
    superseded_by: FactId | None
    is_withdrawn: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """One fact with everything it stands on: what it superseded, newest first, and what superseded it, oldest first."""

    line: FactLine
    earlier: tuple[FactRow, ...]
    later: tuple[FactRow, ...]
    subject_name: str


def facts(scope: Scope, wanted: FactFilter, number: int = 1, size: int = 50) -> Page[FactLine]:
    """The facts in sight that ``wanted`` leaves, newest first; three statements."""
    found = _narrowed(scope, wanted)
    where = cut(found.count(), number, size)
    return where.page(_lines(_told(found)[where.rows]))


def every_fact(scope: Scope, wanted: FactFilter) -> Iterable[FactLine]:
    """The same rows without paging, for an export; read in portions."""
    rows = _told(_narrowed(scope, wanted)).iterator(chunk_size=PORTION)
    while portion := list(islice(rows, PORTION)):
        yield from _lines(portion)


def fact(scope: Scope, id: int) -> FactLine:  # noqa: A002 - it is the id of a fact
    """One fact in sight."""
    one_record(scope, id)
    return _lines([_told(records(scope)).get(pk=id)])[0]


def chain(scope: Scope, id: int) -> Chain:  # noqa: A002 - it is the id of a fact
    """One fact in sight with what came before and after it; five statements however long the chain is."""
    line = fact(scope, id)
    subject = line.fact.subject
    about = records(scope).filter(subject_kind=subject.kind.value, subject=subject.id, key=line.fact.key)
    links = dict(about.exclude(supersedes=None).order_by().values_list("id", "supersedes_id"))
    back, forth = _walk(links, id), _walk({old: new for new, old in links.items()}, id)
    rows = {row.pk: fact_row(row) for row in records(scope).filter(pk__in=[*back, *forth])}
    return Chain(
        line,
        tuple(rows[number] for number in back if number in rows),
        tuple(rows[number] for number in forth if number in rows),
        _subject_name(scope, line),
    )


def _walk(links: dict[int, int], start: int) -> list[int]:
    found: list[int] = []
    while (following := links.get(start)) is not None:
        found.append(following)
        start = following
    return found


def _subject_name(scope: Scope, line: FactLine) -> str:
    if line.fact.subject.kind is SubjectKind.MACHINE:
        found = scope.machines().filter(pk=line.fact.subject.id).values_list("name", flat=True).first()
        return str(found or "")
    return line.enterprise_name


def _narrowed(scope: Scope, wanted: FactFilter) -> QuerySet[Fact]:
    found = records(scope)
    exact = {
        "key": wanted.key or None,
        "evidence_class": wanted.evidence_class.value if wanted.evidence_class else None,
        "enterprise_id": wanted.enterprise,
        "document_id": wanted.document,
        "subject_kind": wanted.subject_kind.value if wanted.subject_kind else None,
    }
    found = found.filter(**{name: value for name, value in exact.items() if value is not None})
    if text := wanted.text.strip():
        seen = scope.enterprises().filter(Q(name__icontains=text) | Q(credit_code__istartswith=text))
        found = found.filter(enterprise__in=seen)
    if wanted.is_standing is not None:
        gone = Q(pk__in=superseded()) | Q(is_withdrawal=True)
        found = found.filter(~gone if wanted.is_standing else gone)
    if wanted.on is not None:
        found = found.filter(period_end__lte=wanted.on, valid_until__gte=wanted.on)
    return found


def _told(found: QuerySet[Fact]) -> QuerySet[Fact]:
    return found.select_related("enterprise").order_by("-id")


def _lines(rows: Iterable[Fact]) -> list[FactLine]:
    found = list(rows)
    after = {row.supersedes_id: row for row in Fact.objects.filter(supersedes__in=[row.pk for row in found]).order_by()}
    return [_line(row, after.get(row.pk)) for row in found]


def _line(row: Fact, after: Fact | None) -> FactLine:
    return FactLine(
        fact=fact_row(row),
        enterprise_name=row.enterprise.name if row.enterprise else "",
        is_sample=bool(row.enterprise and row.enterprise.is_sample),
        superseded_by=None if after is None else FactId(after.pk),
        is_withdrawn=bool(after is not None and after.is_withdrawal),
    )
