"""Documents come in: checked by content, stored once, recognised when they were used before.

That a document was used twice stops nobody: it is noted for an officer, with both uses.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from zhulian.audit.rules import Subject as Noted
from zhulian.audit.workflows import record
from zhulian.evidence import pictures
from zhulian.evidence.checks import check_issued_on, checked_invoice
from zhulian.evidence.models import Document, PhotoBand, Repeat
from zhulian.evidence.rules import EvidenceError
from zhulian.evidence.workflows.events import DocumentRepeated
from zhulian.evidence.workflows.permission import refuse_unless_stating
from zhulian.organisations.kept_files import Incoming, receive
from zhulian.organisations.pictures import PDF, media_type
from zhulian.organisations.tenancy import Scope, actor
from zhulian.vocabulary.clock import SHANGHAI, Clock, system_clock, to_datetime
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.events import announce


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    """What somebody says about a file that they hand in."""

    enterprise: int
    kind: str
    name: str
    invoice_code: str = ""
    invoice_number: str = ""
    amount_fen: int | None = None
    issued_on: date | None = None
    party: str = ""
    note: str = ""


def add_document(
    scope: Scope, folder: Path, new: NewDocument, chunks: Iterable[bytes], clock: Clock = system_clock
) -> int:
    """Keep a document in ``folder`` and note where it was used before; the id of the same one handed in again."""
    refuse_unless_stating(scope, new.enterprise)
    moment = to_datetime(clock())
    draft = _draft(scope, new, moment)
    incoming = receive(folder, chunks)
    try:
        _describe(draft, incoming)
        with transaction.atomic():
            number, is_new = _keep(folder, draft, incoming, moment)
            if is_new:
                record(
                    actor(scope), "document.added", Noted("document", number, draft.name), organisation=new.enterprise
                )
        return number
    finally:
        incoming.drop()


def _draft(scope: Scope, new: NewDocument, moment: datetime) -> Document:
    if new.kind not in Document.Kind.values:
        raise EvidenceError(
            "document_kind_unknown",
            Text(f"没有“{new.kind}”这种文件类型。", f"“{new.kind}” is no kind of document."),
            Text("请从列表中选择。", "Choose one from the list."),
        )
    check_issued_on(new.issued_on, moment.astimezone(SHANGHAI).date())
    code, number = checked_invoice(new.invoice_code, new.invoice_number, is_needed=new.kind == Document.Kind.INVOICE)
    return Document(
        enterprise_id=new.enterprise,
        kind=new.kind,
        name=Path(new.name).name.strip()[-200:] or "document",
        invoice_code=code,
        invoice_number=number,
        amount_fen=new.amount_fen,
        issued_on=new.issued_on,
        party=new.party.strip()[:120],
        note=new.note.strip()[:500],
        uploaded_at=moment,
        uploaded_by_id=scope.person,
        uploaded_by_name=scope.name,
    )


def _describe(draft: Document, incoming: Incoming) -> None:
    draft.sha256, draft.size_bytes = incoming.sha256, incoming.size_bytes
    draft.media_type = media_type(incoming.head)
    if draft.media_type != PDF:
        picture = pictures.look(incoming.draft)
        draft.taken_at, draft.photo_hash = picture.taken_at, picture.hash


def _keep(folder: Path, draft: Document, incoming: Incoming, moment: datetime) -> tuple[int, bool]:
    same = _same(draft)
    if same is not None:
        return same, False
    incoming.keep(folder)
    draft.save()
    if draft.photo_hash:
        PhotoBand.objects.bulk_create(PhotoBand(document=draft, code=code) for code in pictures.bands(draft.photo_hash))
    note_repeats(draft, moment)
    # Two that come in the same second do not see each other before both are committed: look once more then.
    transaction.on_commit(lambda: note_repeats(draft, moment), robust=True)
    return draft.pk, True


def _same(draft: Document) -> int | None:
    """The document that was handed in with the same words already, as after a doubled click."""
    fields = ("enterprise_id", "sha256", "kind", "invoice_code", "invoice_number", "amount_fen", "issued_on", "party")
    found: int | None = (
        Document.objects.filter(**{name: getattr(draft, name) for name in fields}).values_list("pk", flat=True).first()
    )
    return found


def note_repeats(document: Document, moment: datetime) -> None:
    """Note every other use of this invoice, file or picture, anywhere in the city, once."""
    with transaction.atomic():
        for other, reason, bits in _uses(document):
            later, earlier = (document, other) if other.pk < document.pk else (other, document)
            _, is_new = Repeat.objects.get_or_create(
                document=later, earlier=earlier, reason=reason, defaults={"distance": bits, "found_at": moment}
            )
            if is_new:
                announce(
                    DocumentRepeated(later.pk, later.enterprise_id, earlier.pk, earlier.enterprise_id, reason, bits)
                )


def _uses(document: Document) -> Iterable[tuple[Document, str, int]]:
    others = Document.objects.exclude(pk=document.pk)
    same_file = list(others.filter(sha256=document.sha256))
    yield from ((other, Repeat.Reason.FILE.value, 0) for other in same_file)
    if document.invoice_number:
        same_invoice = others.filter(invoice_number=document.invoice_number, invoice_code=document.invoice_code)
        yield from ((other, Repeat.Reason.INVOICE.value, 0) for other in same_invoice)
    if document.photo_hash:
        yield from _near(document, {other.pk for other in same_file})


def _near(document: Document, known: set[int]) -> Iterable[tuple[Document, str, int]]:
    codes = pictures.bands(document.photo_hash)
    candidates = Document.objects.filter(bands__code__in=codes).exclude(pk=document.pk).distinct()
    for other, hash_ in list(candidates.values_list("pk", "photo_hash")):
        bits = pictures.distance(document.photo_hash, hash_)
        if bits <= pictures.NEAR and other not in known:
            yield Document.objects.get(pk=other), Repeat.Reason.PHOTO.value, bits
