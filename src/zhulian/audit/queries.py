"""The only reader of the trail. Every function takes a :class:`~zhulian.audit.rules.Sight` first: whose entries.

This room knows no tenancy; the portal says what somebody may read. The chain itself (export, verification, head) is
for those who may read all of it.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db.models import Q, QuerySet, Sum

from zhulian.audit.models import Anchor, Entry, Head, Sighting
from zhulian.audit.rules import Sight
from zhulian.audit.rules.canonical import GENESIS, canonical, time_text
from zhulian.audit.rules.canonical import Entry as Link
from zhulian.audit.rules.heads import Head as SignedHead
from zhulian.audit.rules.trail_file import lines
from zhulian.audit.rules.verification import Report, verify
from zhulian.vocabulary.pages import LARGEST_PAGE, Page, page_of

_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries. ``actions`` are words or beginnings such as "view."; ``since`` and ``until`` include their day."""

    person: str = ""
    subject: str = ""
    kind: str = ""
    subject_id: str = ""
    actions: tuple[str, ...] = ()
    organisations: frozenset[int] | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LookFilter:
    """Which looks: words in the viewer's name or unit, what was looked at, from which day to which."""

    who: str = ""
    what: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at something of ``owner``'s on one day."""

    sequence: int
    day: date
    who: str
    capacity: str
    what: str
    subject_kind: str
    subject: str
    subject_name: str
    owner: int
    times: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How long the chain is, and its newest anchor."""

    sequence: int
    hash: str
    anchor: SignedHead | None


def entries(sight: Sight, wanted: EntryFilter, number: int = 1, size: int = 50) -> Page[Link]:
    """The newest first."""
    return page_of(_visible(sight, wanted).order_by("-sequence"), number, size, link_of)


def every_entry(sight: Sight, wanted: EntryFilter) -> Iterator[Link]:
    """All of them, the newest first, without holding them in memory."""
    return map(link_of, _visible(sight, wanted).order_by("-sequence").iterator(chunk_size=_CHUNK))


def entry(sight: Sight, sequence: int) -> Link | None:
    """One entry, if it is in sight."""
    found = _visible(sight, EntryFilter()).filter(sequence=sequence).first()
    return link_of(found) if found else None


def history(sight: Sight, kind: str, subject: int | str, most: int = 20) -> Sequence[Link]:
    """The newest changes of one subject; looks at it stand elsewhere."""
    found = _visible(sight, EntryFilter(kind=kind, subject_id=str(subject))).exclude(action__startswith="view.")
    return [link_of(each) for each in found.order_by("-sequence")[: min(most, LARGEST_PAGE)]]


def history_of_organisation(sight: Sight, organisation: int, most: int = 20) -> Sequence[Link]:
    """The newest changes of everything that belongs to one tenant."""
    found = _visible(sight, EntryFilter(organisations=frozenset({organisation}))).exclude(action__startswith="view.")
    return [link_of(each) for each in found.order_by("-sequence")[: min(most, LARGEST_PAGE)]]


def looks(sight: Sight, wanted: LookFilter, number: int = 1, size: int = 50) -> Page[Look]:
    """Who looked at what belongs to those in sight, the latest first."""
    return page_of(_looks(sight, wanted), number, size, _look)


def every_look(sight: Sight, wanted: LookFilter) -> Iterator[Look]:
    """All of them, without holding them in memory."""
    return map(_look, _looks(sight, wanted).iterator(chunk_size=_CHUNK))


def look_times(sight: Sight, wanted: LookFilter) -> int:
    """How many times in all."""
    return _looks(sight, wanted).aggregate(times=Sum("times"))["times"] or 0


def standing() -> Standing:
    """The chain's end."""
    head, newest = Head.objects.first(), Anchor.objects.order_by("-sequence").first()
    sequence, digest = (head.sequence, head.hash) if head else (0, GENESIS)
    return Standing(sequence, digest, _anchor(newest) if newest else None)


def trail_lines(key: Ed25519PrivateKey, algorithm: str, first: int = 1, last: int | None = None) -> Iterator[bytes]:
    """The export of a whole range, streamed; by default everything up to the present head."""
    first, end = max(first, 1), standing().sequence if last is None else last
    before = Entry.objects.filter(sequence=first - 1).values_list("hash", flat=True).first()
    links = map(link_of, Entry.objects.filter(sequence__range=(first, end)).iterator(chunk_size=_CHUNK))
    anchors = map(_anchor, Anchor.objects.filter(sequence__range=(first, end)).iterator(chunk_size=_CHUNK))
    return lines(links, anchors, first=first, previous=before or GENESIS, key=key, algorithm=algorithm)


def check(key: Ed25519PrivateKey, newest: int | None = None) -> Report:
    """Verify what the database holds, by its newest entries or all of it, exactly as its export is verified."""
    now = standing()
    first = 1 if newest is None else max(1, now.sequence - newest + 1)
    expected = [SignedHead(now.sequence, now.hash)] if now.sequence >= first - 1 else []
    if now.anchor is not None and now.anchor.sequence > now.sequence:
        expected.append(now.anchor)
    stated = lines(
        map(link_of, Entry.objects.filter(sequence__gte=first).order_by("sequence").iterator(chunk_size=_CHUNK)),
        map(_anchor, Anchor.objects.filter(sequence__gte=first).iterator(chunk_size=_CHUNK)),
        first=first,
        previous=Entry.objects.filter(sequence=first - 1).values_list("hash", flat=True).first() or GENESIS,
        key=key,
    )
    return verify(stated, heads=expected)


def link_of(row: Entry) -> Link:
    """A row as the link that it stands for."""
    return Link(
        sequence=row.sequence,
        time=time_text(row.time),
        actor=row.actor,
        actor_name=row.actor_name,
        capacity=row.capacity,
        action=row.action,
        subject_kind=row.subject_kind,
        subject=row.subject,
        subject_name=row.subject_name,
        organisation=row.organisation,
        changes=_changes(row.changes),
        note=row.note,
        algorithm=row.algorithm,
        previous=row.previous,
        hash=row.hash,
    )


def _changes(text: str) -> dict[str, Any]:
    """The changes as they were written; a text that this room did not write is shown, and fits no hash."""
    try:
        given = json.loads(text)
        if isinstance(given, dict) and canonical(given).decode() == text:
            return given
    except (ValueError, TypeError, RecursionError):
        pass
    return {"": [None, text]}


def _anchor(row: Anchor) -> SignedHead:
    return SignedHead(row.sequence, row.hash, time_text(row.time), row.key, row.signature)


def _visible(sight: Sight, wanted: EntryFilter) -> QuerySet[Entry]:
    found = Entry.objects.all() if sight.everything else Entry.objects.filter(organisation__in=sorted(sight.owners))
    named = {
        "actor_name__icontains": wanted.person.strip(),
        "subject_name__icontains": wanted.subject.strip(),
        "subject_kind": wanted.kind,
        "subject": wanted.subject_id,
        "organisation__in": None if wanted.organisations is None else sorted(wanted.organisations),
        "time__gte": wanted.since,
        "time__lt": wanted.until,
    }
    found = found.filter(**{name: value for name, value in named.items() if value not in (None, "")})
    action = Q()
    for word in wanted.actions:
        action |= Q(action__startswith=word) if word.endswith(".") else Q(action=word)
    return found.filter(action)


def _looks(sight: Sight, wanted: LookFilter) -> QuerySet[Sighting]:
    found = Sighting.objects.select_related("first").order_by("-day", "-last_at", "-pk")
    if not sight.everything:
        found = found.filter(owner__in=sorted(sight.owners))
    if wanted.who.strip():
        who = wanted.who.strip()
        found = found.filter(Q(first__actor_name__icontains=who) | Q(first__capacity__icontains=who))
    named = {"what": wanted.what, "day__gte": wanted.since, "day__lte": wanted.until}
    return found.filter(**{name: value for name, value in named.items() if value})


def _look(row: Sighting) -> Look:
    entry = row.first
    return Look(
        sequence=entry.sequence,
        day=row.day,
        who=entry.actor_name,
        capacity=entry.capacity,
        what=row.what,
        subject_kind=row.subject_kind,
        subject=row.subject,
        subject_name=entry.subject_name,
        owner=row.owner,
        times=row.times,
        first_at=entry.time,
        last_at=row.last_at,
    )
