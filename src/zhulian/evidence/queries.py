"""The only reader of evidence: facts, what holds on a day, the catalogue as the city has it.

Each function takes a :class:`~zhulian.organisations.tenancy.Scope` first and returns frozen values with a constant
number of statements. The database narrows to the facts that were known and valid; :mod:`~zhulian.evidence.rules` alone
decides which of them holds.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

import msgspec
from django.db.models import Exists, OuterRef, QuerySet

from zhulian.evidence import catalogue as catalogues
from zhulian.evidence.catalogue import FactKey
from zhulian.evidence.models import FOREVER, Document, Fact, KeyOverride
from zhulian.evidence.rules import (
    EvidenceClass,
    FactId,
    FactRow,
    Settled,
    Subject,
    SubjectKind,
    Value,
    settle,
)
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.readings import TenantId

FACT, DOCUMENT = Text("事实", "fact"), Text("文件", "document")


def catalogue() -> dict[str, FactKey]:
    """Every key with what the city changed, in the catalogue's order; one statement. The same for everybody."""
    changed = {row.key: row for row in KeyOverride.objects.all()}
    return {key: _overridden(row, changed.get(key)) for key, row in catalogues.catalogue().items()}


def effective(scope: Scope, subject: Subject, key: str, on: date, known: datetime | None = None) -> Settled | None:
    """What holds for one key on the day ``on``, as known at ``known`` (default: now)."""
    return effective_of(scope, [subject], [key], on, known).get(subject, {}).get(key)


def effective_all(scope: Scope, subject: Subject, on: date, known: datetime | None = None) -> dict[str, Settled]:
    """What holds for every key of a subject, by key in the catalogue's order; two statements."""
    return effective_of(scope, [subject], None, on, known).get(subject, {})


def effective_of(
    scope: Scope, subjects: Sequence[Subject], keys: Sequence[str] | None, on: date, known: datetime | None = None
) -> dict[Subject, dict[str, Settled]]:
    """The same for several subjects at once, and for ``keys`` only; two statements for each kind of subject."""
    known_keys = catalogue()
    grouped: dict[tuple[Subject, str], list[FactRow]] = defaultdict(list)
    for kind in {subject.kind for subject in subjects}:
        wanted = [subject.id for subject in subjects if subject.kind is kind]
        found = _standing(records(scope), on, known).filter(subject_kind=kind.value, subject__in=wanted)
        for row in found if keys is None else found.filter(key__in=keys):
            grouped[Subject(kind, row.subject), row.key].append(fact_row(row))
    order = {key: number for number, key in enumerate(known_keys)}
    answer: dict[Subject, dict[str, Settled]] = defaultdict(dict)
    for (subject, key), facts in sorted(grouped.items(), key=lambda pair: order.get(pair[0][1], len(order))):
        meaning = known_keys.get(key)
        settled = settle(
            facts,
            on,
            known,
            by_period=meaning is not None and meaning.by_period,
            tolerance=meaning.tolerance if meaning else 0.0,
        )
        if settled is not None:
            answer[subject][key] = settled
    return dict(answer)


def records(scope: Scope) -> QuerySet[Fact]:
    """The facts in sight: of enterprises in sight, and those about areas and the city for the city's own people."""
    everything: QuerySet[Fact] = Fact.objects.all()
    return everything if scope.whole_city else everything.filter(enterprise__in=scope.enterprises())


def one_record(scope: Scope, fact: int) -> Fact:
    """One fact in sight, for workflows."""
    found = records(scope).filter(pk=fact).first() if 0 < fact < 2**63 else None
    if found is None:
        raise NotVisibleError(FACT)
    return found


def documents(scope: Scope) -> QuerySet[Document]:
    """The documents in sight."""
    everything: QuerySet[Document] = Document.objects.all()
    return everything if scope.whole_city else everything.filter(enterprise__in=scope.enterprises())


def refuse_foreign_document(scope: Scope, document: int, enterprise: int | None) -> None:
    """A fact about one enterprise is not proven by the papers of another."""
    if not documents(scope).filter(pk=document, enterprise_id=enterprise).exists():
        raise NotVisibleError(DOCUMENT)


def fact_row(row: Fact) -> FactRow:
    """A record as a frozen value."""
    return FactRow(
        id=FactId(row.pk),
        enterprise=None if row.enterprise_id is None else TenantId(row.enterprise_id),
        subject=Subject(SubjectKind(row.subject_kind), row.subject),
        key=row.key,
        value=_value(row.value),
        unit=row.unit,
        period_start=row.period_start,
        period_end=row.period_end,
        source=row.source,
        evidence_class=EvidenceClass(row.evidence_class),
        captured_at=row.captured_at,
        captured_by=row.captured_by_id,
        captured_by_name=row.captured_by_name,
        valid_until=None if row.valid_until == FOREVER else row.valid_until,
        supersedes=None if row.supersedes_id is None else FactId(row.supersedes_id),
        is_withdrawal=row.is_withdrawal,
        document=row.document_id,
        details=row.details,
        note=row.note,
    )


def _standing(found: QuerySet[Fact], on: date, known: datetime | None) -> QuerySet[Fact]:
    """The same condition as :func:`zhulian.evidence.rules.standing`, asked of the database."""
    superseders: QuerySet[Fact] = Fact.objects.filter(supersedes=OuterRef("pk"))
    if known is not None:
        found, superseders = found.filter(captured_at__lte=known), superseders.filter(captured_at__lte=known)
    return found.filter(~Exists(superseders), is_withdrawal=False, valid_until__gte=on, period_end__lte=on)


def _value(stored: object) -> Value:
    return tuple(stored) if isinstance(stored, list) else stored  # type: ignore[return-value]


def _overridden(row: FactKey, changed: KeyOverride | None) -> FactKey:
    if changed is None:
        return row
    return msgspec.structs.replace(
        row,
        name=Text(changed.name_zh or row.name.zh, changed.name_en or row.name.en),
        owner=Text(changed.owner, changed.owner) if changed.owner else row.owner,
        validity_days=row.validity_days if changed.validity_days is None else changed.validity_days,
        tolerance=row.tolerance if changed.tolerance is None else changed.tolerance,
        is_off=changed.is_off,
    )
