"""The only writer of the index. It follows what is recorded in the audit trail, in the same transaction.

So a workflow that changes something findable has nothing to remember beyond recording it, and the index never says
anything else than the records do.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from django.db import transaction

from zhulian.audit.workflows import Recorded
from zhulian.organisations.search.kinds import CHUNK, KINDS, Document, Kind
from zhulian.organisations.search.models import Entry
from zhulian.organisations.search.rules import EDITION, kind_gram, texts_of

T = TypeVar("T")
_TEXTS = ("enterprise", "names", "letters", "initials", "codes", "grams", "edition")
LOOKS_ONLY = ("view.", "export.")
"""Actions that change nothing."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many entries of a kind there should be, are, and are of an older edition of the rules."""

    kind: str
    wanted: int
    present: int
    outdated: int

    @property
    def is_right(self) -> bool:
        """Whether nothing has to be made again."""
        return self.wanted == self.present and not self.outdated


def follow(event: Recorded) -> None:
    """Keep the entries of everything that ``event`` tells of."""
    changed: dict[str, set[int]] = defaultdict(set)
    for action, subject in event.entries:
        if subject.kind in KINDS and not action.startswith(LOOKS_ONLY):
            changed[subject.kind].add(int(subject.id))
    for kind, subjects in changed.items():
        keep(KINDS[kind], sorted(subjects))


def keep(kind: Kind, subjects: Sequence[int]) -> None:
    """Bring the entries of ``subjects`` into line with their records, those that are gone included."""
    for some in _in_batches(subjects):
        present = _keep(kind, list(kind.documents(some)), some)
        Entry.objects.filter(kind=kind.name, subject__in=set(some) - present).delete()


def rebuild() -> int:
    """Bring every entry into line; returns how many there are. May run while the platform does."""
    for kind in KINDS.values():
        for documents in _in_batches(kind.documents(None)):
            with transaction.atomic():
                _keep(kind, documents, [document.subject for document in documents])
        _drop_strays(kind)
    Entry.objects.exclude(kind__in=KINDS).delete()
    return Entry.objects.count()


def complete() -> None:
    """Make the index whole where it is not: after an update, a restore, or rows that came in from elsewhere."""
    if not all(count.is_right for count in counts()):
        rebuild()


def counts() -> list[Count]:
    """What there should be and what there is, by kind."""
    return [
        Count(
            kind.name,
            kind.count(),
            Entry.objects.filter(kind=kind.name).count(),
            Entry.objects.filter(kind=kind.name).exclude(edition=EDITION).count(),
        )
        for kind in KINDS.values()
    ]


def _keep(kind: Kind, documents: Sequence[Document], subjects: Sequence[int]) -> set[int]:
    """Write what differs; returns the subjects that exist."""
    before = {entry.subject: entry for entry in Entry.objects.filter(kind=kind.name, subject__in=subjects)}
    wanted = [_entry(kind, document) for document in documents]
    fresh = [entry for entry in wanted if entry.subject not in before or _differ(entry, before[entry.subject])]
    Entry.objects.bulk_create(
        fresh, update_conflicts=True, unique_fields=["kind", "subject"], update_fields=list(_TEXTS), batch_size=CHUNK
    )
    return {entry.subject for entry in wanted}


def _entry(kind: Kind, document: Document) -> Entry:
    texts = texts_of(document.names, document.codes)
    return Entry(
        kind=kind.name,
        subject=document.subject,
        enterprise=document.enterprise,
        names="\n".join(texts.names),
        letters="\n".join(texts.letters),
        initials="\n".join(texts.initials),
        codes="\n".join(texts.codes),
        grams=f"{kind_gram(kind.name)} {texts.grams}",
        edition=EDITION,
    )


def _differ(one: Entry, other: Entry) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in _TEXTS)


def _drop_strays(kind: Kind) -> None:
    known = list(Entry.objects.filter(kind=kind.name).values_list("subject", flat=True).order_by("id"))
    for subjects in _in_batches(known):
        there = {document.subject for document in kind.documents(subjects)}
        Entry.objects.filter(kind=kind.name, subject__in=set(subjects) - there).delete()


def _in_batches(things: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(things)
    while some := list(islice(remaining, CHUNK)):
        yield some
