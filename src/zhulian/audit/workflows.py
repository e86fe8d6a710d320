"""The only writer of the trail, called by the workflows of every room inside their own transactions.

An entry and the change that it tells of stand or fall together. Writers queue up on the one row of ``Head``: numbers
have no gaps and the chain has no fork, whichever database holds it. Record last in a transaction, since whoever has
recorded keeps the others waiting until the transaction ends.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from zhulian.audit.models import Anchor, Entry, Head, Sighting, add
from zhulian.audit.rules import NO_CHANGES, Actor, Draft, Subject
from zhulian.audit.rules.actions import declared
from zhulian.audit.rules.canonical import GENESIS, canonical, chained, time_text
from zhulian.audit.rules.canonical import Entry as Link
from zhulian.audit.rules.heads import Head as SignedHead
from zhulian.audit.rules.heads import sign_head
from zhulian.vocabulary.events import announce

_ONLY = 1
"""The head's one row."""
_AT_ONCE = 200
"""Looks sealed in one transaction, so that others wait for milliseconds only."""
_OWNERS_AT_ONCE = 500
"""Owners told of one list in one transaction; a page never has more."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Announced before entries are chained: (action, subject) of each. What follows from them is done at once."""

    entries: tuple[tuple[str, Subject], ...]


def record(
    actor: Actor,
    action: str,
    subject: Subject,
    *,
    organisation: int | None,
    changes: Mapping[str, tuple[object, object]] = NO_CHANGES,
    note: str = "",
    capacity: str = "",
) -> int:
    """Add what ``actor`` did to ``subject``; returns the entry's number.

    ``action`` stands in the catalogue (``audit/rules/actions.py``). ``organisation`` is the tenant concerned, whose
    people may read the entry. Passwords, keys and codes never belong in ``changes``; masked values may.
    """
    return record_all([Draft(actor, action, subject, organisation, changes, note, capacity)])


def record_all(drafts: Sequence[Draft]) -> int:
    """Add many entries at once, for imports; returns the number of the last one (0 for none)."""
    for draft in drafts:
        declared(draft.action)
    if not drafts:
        return 0
    with transaction.atomic(savepoint=False):
        announce(Recorded(tuple((draft.action, draft.subject) for draft in drafts)))
        head = _locked_head()
        links = list(chained(drafts, head.sequence, head.hash, timezone.now(), settings.ZHULIAN["ZHULIAN_AUDIT_HASH"]))
        add(_row(link) for link in links)
        Head.objects.filter(pk=_ONLY).update(sequence=links[-1].sequence, hash=links[-1].hash)
    return links[-1].sequence


def record_view(
    actor: Actor,
    what: str,
    subject: Subject,
    *,
    owner: int,
    viewer: str | Callable[[], str],
    is_counted: bool = True,
) -> None:
    """``actor``, for the organisation and role in ``viewer``, was shown ``what`` of ``subject``, which is ``owner``'s.

    ``what`` is a word of the catalogue without its "view." in front. The first time a day becomes an entry, further
    ones are counted beside it. What belongs to a page that was counted already is not (``is_counted``). ``viewer`` may
    be something to ask, since it is needed the first time only.
    """
    if not is_counted and _seen(actor, what, subject, timezone.now()).filter(owner=owner).exists():
        return
    record_views(actor, what, subject, owners=[owner], viewer=viewer)


def record_views(
    actor: Actor, what: str, subject: Subject, *, owners: Collection[int], viewer: str | Callable[[], str]
) -> None:
    """The same where one list shows something of several ``owners``, in a few statements for 500 of them."""
    declared(f"view.{what}")
    several = sorted(set(owners))
    for start in range(0, len(several), _OWNERS_AT_ONCE):
        _record_views(actor, what, subject, several[start : start + _OWNERS_AT_ONCE], viewer)


def _record_views(
    actor: Actor, what: str, subject: Subject, owners: Sequence[int], viewer: str | Callable[[], str]
) -> None:
    now = timezone.now()
    seen = _seen(actor, what, subject, now)
    with transaction.atomic(savepoint=False):
        fresh = _uncounted(seen, owners, now)
        if not fresh:
            return
        words = viewer if isinstance(viewer, str) else viewer()
        _locked_head()
        fresh = _uncounted(seen, fresh, now)  # two first looks at one moment queue up here; the later finds the other's
        last = record_all([Draft(actor, f"view.{what}", subject, owner, capacity=words) for owner in fresh])
        Sighting.objects.bulk_create(
            Sighting(
                day=timezone.localdate(now),
                viewer=actor.person or 0,
                owner=owner,
                what=what,
                subject_kind=subject.kind,
                subject=str(subject.id),
                first_id=number,
                last_at=now,
            )
            for number, owner in enumerate(fresh, last - len(fresh) + 1)
        )


def _seen(actor: Actor, what: str, subject: Subject, now: datetime) -> QuerySet[Sighting]:
    """Today's counts of this person's looks at that subject, one for each owner."""
    return Sighting.objects.filter(
        day=timezone.localdate(now),
        viewer=actor.person or 0,
        what=what,
        subject_kind=subject.kind,
        subject=str(subject.id),
        is_sealed=False,
    )


def _uncounted(seen: QuerySet[Sighting], owners: Sequence[int], now: datetime) -> list[int]:
    """Those of ``owners`` of whom nothing was seen yet today; one more look is counted for the others."""
    known = set(seen.filter(owner__in=owners).values_list("owner", flat=True))
    if known:
        seen.filter(owner__in=known).update(times=F("times") + 1, last_at=now)
    return [owner for owner in owners if owner not in known]


def seal(before: date) -> int:
    """Put the counts of looks on days before ``before`` into the chain, an entry each; returns how many there were.

    A day on which something was looked at once needs no second entry.
    """
    sealed = 0
    while batch := _unsealed(before):
        with transaction.atomic():
            _locked_head()
            record_all([_repeated(each) for each in batch if each.times > 1])
            Sighting.objects.filter(pk__in=[each.pk for each in batch]).update(is_sealed=True)
        sealed += len(batch)
    return sealed


def _unsealed(before: date) -> list[Sighting]:
    waiting = Sighting.objects.filter(is_sealed=False, day__lt=before).order_by("day", "pk")
    return list(waiting.select_related("first")[:_AT_ONCE])


def _repeated(each: Sighting) -> Draft:
    entry = each.first
    return Draft(
        Actor(entry.actor, entry.actor_name),
        "view.repeated",
        Subject(entry.subject_kind, entry.subject, entry.subject_name),
        each.owner,
        {"times": (1, each.times), "first": (None, entry.sequence), "day": (None, each.day.isoformat())},
        capacity=entry.capacity,
    )


def anchor(key: Ed25519PrivateKey) -> SignedHead | None:
    """Sign the chain's present head and keep it as an anchor; ``None`` while the trail is empty. Idempotent."""
    with transaction.atomic():
        head = _locked_head()
        if head.sequence == 0:
            return None
        known = Anchor.objects.filter(sequence=head.sequence).first()
        if known is None:
            now = timezone.now()
            signed = sign_head(key, head.sequence, head.hash, time_text(now))
            known = Anchor(sequence=head.sequence, hash=head.hash, time=now, key=signed.key, signature=signed.signature)
            known.save()
    return SignedHead(known.sequence, known.hash, time_text(known.time), known.key, known.signature)


def _locked_head() -> Head:
    head = Head.objects.select_for_update().filter(pk=_ONLY).first()
    if head is None:  # the very first entries: several writers may find nothing, one of them makes the row
        Head.objects.bulk_create([Head(pk=_ONLY, sequence=0, hash=GENESIS)], ignore_conflicts=True)
        head = Head.objects.select_for_update().get(pk=_ONLY)
    return head


def _row(link: Link) -> Entry:
    return Entry(
        sequence=link.sequence,
        time=datetime.fromisoformat(link.time),
        actor=link.actor,
        actor_name=link.actor_name,
        capacity=link.capacity,
        action=link.action,
        subject_kind=link.subject_kind,
        subject=link.subject,
        subject_name=link.subject_name,
        organisation=link.organisation,
        changes=canonical(link.changes).decode(),
        note=link.note,
        algorithm=link.algorithm,
        previous=link.previous,
        hash=link.hash,
    )
