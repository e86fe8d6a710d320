"""Conflicts: figures of which two sources say different things, over all enterprises in sight."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from zhulian.evidence.queries.holding import effective_of, standing
from zhulian.evidence.queries.rows import records
from zhulian.evidence.rules import Settled, Subject, SubjectKind
from zhulian.organisations.models import Enterprise
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.pages import Page, cut
from zhulian.vocabulary.readings import TenantId

MOST = 1_000
"""So many subjects that several sources speak of are held against each other; a filter reaches the others."""


@dataclass(frozen=True, slots=True)
class ConflictFilter:
    """What the list is narrowed to; the empty filter narrows nothing."""

    text: str = ""
    """Part of the enterprise's name, or the beginning of its credit code."""
    key: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One figure with what holds and what contradicts it."""

    enterprise: TenantId
    enterprise_name: str
    is_sample: bool
    settled: Settled


@dataclass(frozen=True, slots=True)
class Conflicts:
    """A page of them; ``is_cut`` when more than :data:`MOST` figures have several sources: some may be missing then."""

    found: Page[ConflictRow]
    is_cut: bool


def conflicts(scope: Scope, wanted: ConflictFilter, today: date, number: int = 1, size: int = 50) -> Conflicts:
    """Those that stand today, by enterprise; seven statements. The rule of the room alone says what contradicts."""
    rows, is_cut = _disputed(scope, wanted, today)
    where = cut(len(rows), number, size)
    return Conflicts(where.page(rows[where.rows]), is_cut)


def every_conflict(scope: Scope, wanted: ConflictFilter, today: date) -> Iterable[ConflictRow]:
    """The same without paging, for an export."""
    return _disputed(scope, wanted, today)[0]


def _disputed(scope: Scope, wanted: ConflictFilter, today: date) -> tuple[list[ConflictRow], bool]:
    spoken = _several_sources(scope, wanted, today)
    keys: dict[Subject, set[str]] = {}
    owners: dict[Subject, int] = {}
    for enterprise, kind, subject, key in spoken[:MOST]:
        about = Subject(SubjectKind(kind), subject)
        keys.setdefault(about, set()).add(key)
        owners[about] = enterprise
    names = {row.pk: row for row in Enterprise.objects.filter(pk__in=set(owners.values()))}
    settled = effective_of(scope, list(keys), sorted({key for some in keys.values() for key in some}), today)
    found = [_row(names[owners[about]], one) for about, one in _contradicted(settled, keys)]
    return sorted(found, key=lambda row: (row.enterprise, row.settled.fact.key)), len(spoken) > MOST


def _several_sources(scope: Scope, wanted: ConflictFilter, today: date) -> list[tuple[int, str, int, str]]:
    """(enterprise, subject's kind, subject, key) of which more than one source speaks today."""
    found = standing(records(scope), today, None).filter(enterprise__isnull=False)
    if text := wanted.text.strip():
        found = found.filter(Q(enterprise__name__icontains=text) | Q(enterprise__credit_code__istartswith=text))
    if wanted.key:
        found = found.filter(key=wanted.key)
    if wanted.area:
        found = found.filter(enterprise__reporting_area=wanted.area)
    columns = ("enterprise_id", "subject_kind", "subject", "key")
    grouped = found.order_by().values_list(*columns).annotate(sources=Count("source", distinct=True))
    return [tuple(row[:4]) for row in grouped.filter(sources__gt=1).order_by(*columns[1:])[: MOST + 1]]


def _contradicted(
    settled: dict[Subject, dict[str, Settled]], keys: dict[Subject, set[str]]
) -> Iterator[tuple[Subject, Settled]]:
    for about, by_key in settled.items():
        for key, one in by_key.items():
            if one.is_disputed and key in keys[about]:
                yield about, one


def _row(owner: Enterprise, settled: Settled) -> ConflictRow:
    return ConflictRow(TenantId(owner.pk), owner.name, owner.is_sample, settled)
