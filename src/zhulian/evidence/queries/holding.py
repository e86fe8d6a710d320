"""What holds on a day, for one key, for all keys of a subject, for several subjects at once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Exists, OuterRef, QuerySet

from zhulian.evidence.models import Fact
from zhulian.evidence.queries.keys import catalogue
from zhulian.evidence.queries.rows import fact_row, records
from zhulian.evidence.rules import FactRow, Settled, Subject, settle
from zhulian.organisations.tenancy import Scope


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
        found = standing(records(scope), on, known).filter(subject_kind=kind.value, subject__in=wanted)
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


def standing(found: QuerySet[Fact], on: date, known: datetime | None) -> QuerySet[Fact]:
    """The same condition as :func:`zhulian.evidence.rules.standing`, asked of the database."""
    superseders: QuerySet[Fact] = Fact.objects.filter(supersedes=OuterRef("pk"))
    if known is not None:
        found, superseders = found.filter(captured_at__lte=known), superseders.filter(captured_at__lte=known)
    return found.filter(~Exists(superseders), is_withdrawal=False, valid_until__gte=on, period_end__lte=on)
