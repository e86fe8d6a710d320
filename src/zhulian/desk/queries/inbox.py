"""What somebody was told."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from zhulian.desk.models import Receipt
from zhulian.desk.queries.audiences import MESSAGE
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import Page, page_of


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """What a list of messages is narrowed to."""

    text: str = ""
    subject: str = ""
    unread: bool = False


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One person's copy."""

    id: int
    subject: str
    title: Text
    body: Text
    link: str
    urgent: bool
    sent_at: datetime
    read_at: datetime | None
    is_sample: bool


def messages(scope: Scope, wanted: MessageFilter, number: int = 1, size: int = 20) -> Page[MessageRow]:
    """Newest first; two statements."""
    found = Receipt.objects.filter(person=scope.person).select_related("message")
    for word in wanted.text.split():
        found = found.filter(Q(message__title_zh__icontains=word) | Q(message__title_en__icontains=word)
                             | Q(message__body_zh__icontains=word))  # fmt: skip
    if wanted.subject:
        found = found.filter(message__subject=wanted.subject)
    if wanted.unread:
        found = found.filter(read_at=None)
    return page_of(found.order_by("-message_id"), number, size, _row)


def message(scope: Scope, message_id: int) -> MessageRow:
    """One's own copy of a message; 404 for everybody else."""
    found = Receipt.objects.filter(person=scope.person, message=message_id).select_related("message").first()
    if found is None:
        raise NotVisibleError(MESSAGE)
    return _row(found)


def subjects(scope: Scope) -> list[str]:
    """The themes of one's own messages, for the filter."""
    return sorted(set(Receipt.objects.filter(person=scope.person).values_list("message__subject", flat=True)))


def _row(receipt: Receipt) -> MessageRow:
    told = receipt.message
    return MessageRow(
        id=told.pk,
        subject=told.subject,
        title=Text(told.title_zh, told.title_en),
        body=Text(told.body_zh, told.body_en),
        link=told.link,
        urgent=told.urgent,
        sent_at=told.sent_at,
        read_at=receipt.read_at,
        is_sample=told.is_sample,
    )
