"""Records in sight, and records as frozen values."""

from django.db.models import QuerySet

from zhulian.evidence.models import FOREVER, Document, Fact
from zhulian.evidence.rules import EvidenceClass, FactId, FactRow, Subject, SubjectKind, Value
from zhulian.organisations.queries import one_of
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.readings import TenantId

FACT, DOCUMENT = Text("事实", "fact"), Text("文件", "document")


def records(scope: Scope) -> QuerySet[Fact]:
    """The facts in sight: of enterprises in sight, and those about areas and the city for the city's own people."""
    everything: QuerySet[Fact] = Fact.objects.all()
    return everything if scope.whole_city else everything.filter(enterprise__in=scope.enterprises())


def superseded() -> QuerySet[Fact, dict[str, int | None]]:
    """The ids of everything that was corrected or withdrawn: few, and the database gathers them once.

    As a list to be excluded, not as a join: with statistics that say "nearly all NULL", SQLite walks the whole table
    for each row of a join.
    """
    corrections: QuerySet[Fact] = Fact.objects.filter(supersedes__isnull=False).order_by()
    return corrections.values("supersedes")  # type: ignore[return-value]


def one_record(scope: Scope, fact: int) -> Fact:
    """One fact in sight, for workflows."""
    return one_of(records(scope), fact, FACT)


def document_records(scope: Scope) -> QuerySet[Document]:
    """The documents in sight."""
    everything: QuerySet[Document] = Document.objects.all()
    return everything if scope.whole_city else everything.filter(enterprise__in=scope.enterprises())


def refuse_foreign_document(scope: Scope, document: int, enterprise: int | None) -> None:
    """A fact about one enterprise is not proven by the papers of another."""
    if enterprise is None or not document_records(scope).filter(pk=document, enterprise_id=enterprise).exists():
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


def _value(stored: object) -> Value:
    return tuple(stored) if isinstance(stored, list) else stored  # type: ignore[return-value]
