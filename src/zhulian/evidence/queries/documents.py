"""Documents, and where each was used before; of another's use nobody learns more than that it exists."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from zhulian.evidence.models import Document, Repeat
from zhulian.evidence.queries.rows import DOCUMENT, document_records
from zhulian.organisations.queries import one_of
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.pages import Page, page_of
from zhulian.vocabulary.readings import TenantId


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """What the list of documents is narrowed to."""

    text: str = ""
    """Part of the enterprise's, the file's or the other party's name, or the beginning of an invoice number."""
    kind: str = ""
    enterprise: int | None = None
    is_repeated: bool | None = None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One document. ``repeats`` says how often it, or something just like it, was handed in elsewhere."""

    id: int
    enterprise: TenantId
    enterprise_name: str
    is_sample: bool
    kind: str
    name: str
    sha256: str
    size_bytes: int
    media_type: str
    invoice_code: str
    invoice_number: str
    amount_fen: int | None
    issued_on: date | None
    party: str
    taken_at: datetime | None
    photo_hash: str
    uploaded_at: datetime
    uploaded_by_name: str
    note: str
    is_repeated: bool


@dataclass(frozen=True, slots=True)
class RepeatRow:
    """Another use of the same thing. ``other`` is None where rights hide whose it is."""

    reason: str
    distance: int
    other: DocumentRow | None
    is_earlier: bool
    """Whether the other one was there first."""
    found_at: datetime


def documents(scope: Scope, wanted: DocumentFilter, number: int = 1, size: int = 50) -> Page[DocumentRow]:
    """The documents in sight that ``wanted`` leaves, newest first; two statements."""
    found = _narrowed(_marked(document_records(scope)), scope, wanted)
    return page_of(found.order_by("-id"), number, size, _row)


def document(scope: Scope, id: int) -> DocumentRow:  # noqa: A002 - it is the id of a document
    """One document in sight."""
    return _row(one_of(_marked(document_records(scope)), id, DOCUMENT))


def repeats_of(scope: Scope, ids: Sequence[int]) -> dict[int, list[RepeatRow]]:
    """Every other use of these documents, which are in sight; two statements."""
    rows = list(Repeat.objects.filter(Q(document__in=ids) | Q(earlier__in=ids)).order_by("id"))
    others = {row.document_id for row in rows} | {row.earlier_id for row in rows}
    seen = {row.pk: _row(row) for row in _marked(document_records(scope)).filter(pk__in=others)}
    found: dict[int, list[RepeatRow]] = defaultdict(list)
    for row in rows:
        for mine, other, is_earlier in (
            (row.document_id, row.earlier_id, True),
            (row.earlier_id, row.document_id, False),
        ):
            if mine in set(ids):
                found[mine].append(RepeatRow(row.reason, row.distance, seen.get(other), is_earlier, row.found_at))
    return dict(found)


def _noted() -> Exists:
    return Exists(Repeat.objects.filter(Q(document=OuterRef("pk")) | Q(earlier=OuterRef("pk"))))


def _marked(found: QuerySet[Document]) -> QuerySet[Document]:
    return found.select_related("enterprise").annotate(is_repeated=_noted())


def _narrowed(found: QuerySet[Document], scope: Scope, wanted: DocumentFilter) -> QuerySet[Document]:
    if text := wanted.text.strip():
        seen = scope.enterprises().filter(name__icontains=text)
        words = Q(name__icontains=text) | Q(party__icontains=text) | Q(invoice_number__startswith=text)
        found = found.filter(words | Q(enterprise__in=seen))
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.enterprise is not None:
        found = found.filter(enterprise_id=wanted.enterprise)
    if wanted.is_repeated is not None:
        found = found.filter(_noted() if wanted.is_repeated else ~_noted())
    return found


def _row(row: Document) -> DocumentRow:
    same = ("kind", "name", "sha256", "size_bytes", "media_type", "invoice_code", "invoice_number", "amount_fen")
    more = ("issued_on", "party", "taken_at", "photo_hash", "uploaded_at", "uploaded_by_name", "note")
    return DocumentRow(
        id=row.pk,
        enterprise=TenantId(row.enterprise_id),
        enterprise_name=row.enterprise.name,
        is_sample=row.enterprise.is_sample,
        is_repeated=bool(row.__dict__.get("is_repeated")),
        **{name: getattr(row, name) for name in (*same, *more)},
    )
