"""Pure decisions about facts: which of them holds on a day, which of them contradict each other.

A fact has two times. *Valid time*: from the end of the period that it speaks of until ``valid_until``. *Known time*:
``captured_at``, when the ledger learned it. So every question has two arguments, "valid on which day" and "as known
when", and its answer never changes afterwards, because the ledger only grows. No database;
docs/explanation/evidence.md tells the same in prose.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from zhulian.organisations.rules import RecordsError
from zhulian.vocabulary.readings import TenantId

FactId = NewType("FactId", int)
Value = float | int | str | bool | tuple[str, ...] | None
"""A number, a text, yes or no, or a set of options; ``None`` only in a withdrawal."""


class EvidenceError(RecordsError):
    """Evidence that cannot be kept as it was given; nothing was changed."""


class EvidenceClass(StrEnum):
    """A was measured by a machine, B is proven by a document, C is a statement."""

    A = "A"
    B = "B"
    C = "C"


class SubjectKind(StrEnum):
    """What a fact may speak of."""

    ENTERPRISE = "enterprise"
    MACHINE = "machine"
    AREA = "area"
    CITY = "city"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a fact speaks of: an enterprise or a machine by its id, an area by its code, the city (0)."""

    kind: SubjectKind
    id: int


def of_enterprise(enterprise: int) -> Subject:
    """The enterprise as subject, which most facts have."""
    return Subject(SubjectKind.ENTERPRISE, enterprise)


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact as it stands in the ledger, for ever. ``valid_until`` None: until something newer is known."""

    id: FactId
    enterprise: TenantId | None
    subject: Subject
    key: str
    value: Value
    unit: str
    period_start: date
    period_end: date
    source: str
    evidence_class: EvidenceClass
    captured_at: datetime
    captured_by: int | None
    captured_by_name: str
    valid_until: date | None
    supersedes: FactId | None
    is_withdrawal: bool
    document: int | None
    details: Mapping[str, object]
    note: str


@dataclass(frozen=True, slots=True)
class Settled:
    """The answer for one key: what holds, the newest of every other source, and which of them contradict."""

    fact: FactRow
    others: tuple[FactRow, ...] = ()
    conflicts: tuple[FactRow, ...] = ()

    @property
    def value(self) -> Value:
        """What holds."""
        return self.fact.value

    @property
    def is_disputed(self) -> bool:
        """Whether another source says something else."""
        return bool(self.conflicts)


def standing(facts: Iterable[FactRow], on: date, known: datetime | None = None) -> list[FactRow]:
    """Those of ``facts`` that were known at ``known``, valid on the day ``on``, and not superseded by then."""
    learned = [fact for fact in facts if known is None or fact.captured_at <= known]
    superseded = {fact.supersedes for fact in learned if fact.supersedes is not None}
    return [
        fact
        for fact in learned
        if not fact.is_withdrawal
        and fact.id not in superseded
        and fact.period_end <= on
        and (fact.valid_until is None or on <= fact.valid_until)
    ]


def effective(
    facts: Iterable[FactRow], on: date, known: datetime | None = None, *, by_period: bool = False
) -> FactRow | None:
    """The one fact about one subject and key that holds on ``on`` as known at ``known``; ``None`` where none does.

    ``by_period`` for keys that are counted by day, month, quarter or year: the newest finished period decides, and only
    within it the class. For a state the class decides first.
    """
    return max(standing(facts, on, known), key=lambda fact: _rank(fact, by_period), default=None)


def settle(
    facts: Iterable[FactRow],
    on: date,
    known: datetime | None = None,
    *,
    by_period: bool = False,
    tolerance: float = 0.0,
) -> Settled | None:
    """Like :func:`effective`, with what the other sources say beside it."""
    found = standing(facts, on, known)
    if not found:
        return None
    ranked = sorted(found, key=lambda fact: _rank(fact, by_period), reverse=True)
    best = ranked[0]
    rivals = [fact for fact in ranked if not by_period or fact.period_end == best.period_end]
    by_source: dict[str, FactRow] = {}
    for fact in rivals:
        by_source.setdefault(fact.source, fact)
    others = tuple(fact for source, fact in by_source.items() if source != best.source)
    return Settled(best, others, tuple(fact for fact in others if not agree(best.value, fact.value, tolerance)))


def agree(one: Value, other: Value, tolerance: float) -> bool:
    """Whether two values say the same: numbers up to ``tolerance`` of the larger one, everything else exactly."""
    if _is_number(one) and _is_number(other):
        return abs(float(one) - float(other)) <= tolerance * max(abs(float(one)), abs(float(other)))  # type: ignore[arg-type]
    if isinstance(one, Sequence) and not isinstance(one, str) and isinstance(other, Sequence):
        return set(one) == set(other)
    return one == other


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _rank(fact: FactRow, by_period: bool) -> tuple[object, ...]:
    strength = -"ABC".index(fact.evidence_class.value)
    newest = (fact.captured_at, fact.id)
    return (fact.period_end, strength, *newest) if by_period else (strength, fact.period_end, *newest)
