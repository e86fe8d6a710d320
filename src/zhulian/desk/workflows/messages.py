"""Messages: written once, copied to each person of the audience, then carried outside by the outbox."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from zhulian.desk.models import Message, Receipt
from zhulian.desk.queries.audiences import MESSAGE, people_of
from zhulian.desk.rules import Audience
from zhulian.desk.workflows.outbox import enqueue
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.errors import Text


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What people are told. ``key`` names the reason; ``subject``, in Chinese, the theme by which they are grouped."""

    key: str
    subject: str
    title: Text
    body: Text
    link: str = ""
    urgent: bool = False
    is_sample: bool = False


def send(message: NewMessage, audience: Audience, only: Collection[int] | None = None) -> int:
    """Put ``message`` before everybody in ``audience``; a second call with the same key reaches only those who are new.

    ``only`` narrows it to some of its people, such as those on duty; its channels hear it all the same.
    In-site at once, in the caller's transaction; e-mail and webhooks follow from the outbox.
    """
    with transaction.atomic():
        kept, _ = Message.objects.get_or_create(key=message.key, defaults=_fields(message))
        people = [person for person in people_of(audience) if only is None or person in only]
        told = set(Receipt.objects.filter(message=kept, person__in=people).values_list("person_id", flat=True))
        new = [person for person in people if person not in told]
        Receipt.objects.bulk_create([Receipt(message=kept, person_id=person) for person in new], ignore_conflicts=True)
        enqueue(kept, audience, new)
    return kept.pk


def read_message(scope: Scope, message_id: int) -> None:
    """Mark one's own copy as read."""
    own = Receipt.objects.filter(message=message_id, person=scope.person)
    if not own.exists():
        raise NotVisibleError(MESSAGE)
    own.filter(read_at=None).update(read_at=timezone.now())


def read_all(scope: Scope) -> int:
    """Mark every message of one's own as read; how many were not."""
    return Receipt.objects.filter(person=scope.person, read_at=None).update(read_at=timezone.now())


def _fields(message: NewMessage) -> dict[str, object]:
    return {
        "subject": message.subject,
        "title_zh": message.title.zh[:300],
        "title_en": message.title.en[:300],
        "body_zh": message.body.zh,
        "body_en": message.body.en,
        "link": message.link,
        "urgent": message.urgent,
        "is_sample": message.is_sample,
        "sent_at": timezone.now(),
    }
