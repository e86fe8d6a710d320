"""Finding: what a person may see, by whatever they remember of it. The one port of the search.

For each kind at most three statements on the index and one on the records, however many there are. A term that
thousands of names share is answered from the first few hundred, those that begin with it first.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q, QuerySet

from zhulian.organisations.search import plans
from zhulian.organisations.search.engines import holding
from zhulian.organisations.search.kinds import KINDS, Kind, Line
from zhulian.organisations.search.models import Entry
from zhulian.organisations.search.plans import Plan, Term
from zhulian.organisations.search.rules import kind_gram, plain_text, slips, start_gram, whole_gram
from zhulian.organisations.tenancy import Scope

MOST = 500
"""Candidates of a kind that are compared; a total beyond it reads as “500 and more”."""
MOST_NEAR = 300
FIELDS = ("names", "letters", "initials", "codes")
_WORTH = {"names": 0.0, "codes": 0.5, "letters": 1.0, "initials": 2.0}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found. ``former`` is the earlier name by which it was found, if it was."""

    kind: str
    id: int
    line: Line
    former: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one kind. ``is_capped``: there are more than ``total``."""

    kind: Kind
    hits: tuple[Hit, ...]
    total: int
    is_capped: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, by kind in their order; ``is_near`` when nothing fits exactly and these come close."""

    groups: tuple[Group, ...] = ()
    is_near: bool = False

    @property
    def total(self) -> int:
        """Hits of all kinds."""
        return sum(group.total for group in self.groups)

    @property
    def hits(self) -> list[Hit]:
        """All of them in one list."""
        return [hit for group in self.groups for hit in group.hits]


def find(scope: Scope, text: str, kinds: Collection[str] | None = None, limit: int = 10, number: int = 1) -> Found:
    """Page ``number`` (from 1) of ``limit`` hits of each kind, best first; only what ``scope`` sees."""
    wanted = [kind for kind in KINDS.values() if kinds is None or kind.name in kinds]
    plan = plans.exact(text)
    found = [_ranked(kind, scope, plan, text) for kind in wanted] if plan else []
    is_near = not any(some.rows for some in found) and bool(plan := plans.near(text))
    if is_near:
        found = [_close(kind, scope, plan) for kind in wanted]
    shown = slice((number - 1) * limit, number * limit)
    groups = (_group(kind, scope, some, text, shown) for kind, some in zip(wanted, found, strict=False) if some.rows)
    return Found(tuple(groups), is_near)


def matching(text: str, kind: str) -> QuerySet[Entry, int]:
    """The records of one kind that fit ``text`` exactly, all of them, for a list to be narrowed by; not in any order.

    No scope: the list that uses it has its own.
    """
    plan = plans.exact(text)
    found = Entry.objects.filter(_all(plan, frozenset({kind_gram(kind)}))) if plan else Entry.objects.none()
    return found.order_by().values_list("subject", flat=True)


def ids(scope: Scope, text: str, kind: str, most: int = MOST) -> list[int]:
    """The records of one kind that fit ``text``, best first; for lists that are narrowed by a search field."""
    group = next(iter(find(scope, text, [kind], most).groups), None)
    return [hit.id for hit in group.hits] if group else []


@dataclass(frozen=True, slots=True)
class _Some:
    """Candidates in their order."""

    rows: list[Row]
    is_capped: bool = False


def _ranked(kind: Kind, scope: Scope, plan: Plan, text: str) -> _Some:
    rows = _rows(kind, scope, plan, MOST + 1)
    is_capped = len(rows) > MOST
    if is_capped:  # the best may stand behind the first few hundred
        first = plain_text(text)
        for gram in (whole_gram(first), start_gram(first)):
            rows = _rows(kind, scope, plan, MOST // 2, gram) + rows
    once = {row["subject"]: row for row in rows}
    return _Some(sorted(once.values(), key=lambda row: _rank(row, plan))[:MOST], is_capped)


def _close(kind: Kind, scope: Scope, plan: Plan) -> _Some:
    judged = [
        (_slips(row, plan), len(row["names"]), row["subject"], row) for row in _rows(kind, scope, plan, MOST_NEAR)
    ]
    return _Some([row for *_, row in sorted((one for one in judged if one[0] is not None), key=lambda one: one[:3])])


def _rows(kind: Kind, scope: Scope, plan: Plan, most: int, further: str = "") -> list[Row]:
    always = frozenset(filter(None, (kind_gram(kind.name), further)))
    found = Entry.objects.filter(_all(plan, always), kind.sight(scope))
    return list(found.values("subject", *FIELDS)[:most])


def _all(plan: Plan, always: frozenset[str]) -> Q:
    return reduce(or_, (reduce(and_, (_condition(term, always) for term in terms)) for terms in plan))


def _condition(term: Term, always: frozenset[str]) -> Q:
    grams = holding(always | one for way in term.ways for one in way.alternatives)
    if term.slips:
        return grams
    return grams & reduce(or_, (Q(**{f"{way.field}__contains": way.text}) for way in term.ways))


def _rank(row: Row, plan: Plan) -> tuple[float, int, int]:
    """Less is better: how well the terms sit, then the shorter name, then the older record."""
    best = min(sum(_place(row, term) for term in terms) for terms in plan)
    return best, len(row["names"].partition("\n")[0]), row["subject"]


def _place(row: Row, term: Term) -> float:
    """0 the whole name, 1 its beginning, 3 within; 6 in a former name or further word; other fields a little later."""
    return min((_WORTH[way.field] + _sits(row[way.field], way.text) for way in term.ways), default=10.0)


def _sits(field: str, text: str) -> float:
    first, _, rest = field.partition("\n")
    if text not in first:
        return 6.0 if text in rest else 10.0
    if first.startswith(text):
        return 0.0 if first == text else 1.0
    return 3.0


def _slips(row: Row, plan: Plan) -> int | None:
    """The fewest slips with which ``row`` fits; ``None`` where it does not fit."""
    counted = [_slips_of(row, terms) for terms in plan]
    return min((count for count in counted if count is not None), default=None)


def _slips_of(row: Row, terms: Sequence[Term]) -> int | None:
    total = 0
    for term in terms:
        best = min((_fewest(row[way.field], way.text, term.slips) for way in term.ways), default=term.slips + 1)
        if best > term.slips:
            return None
        total += best
    return total


def _fewest(field: str, text: str, most: int) -> int:
    return min((slips(text, line, most) for line in field.split("\n")), default=most + 1)


def _group(kind: Kind, scope: Scope, some: _Some, text: str, shown: slice) -> Group:
    subjects = [row["subject"] for row in some.rows[shown]]
    lines = kind.lines(scope, subjects)
    hits = (Hit(kind.name, one, lines[one], _former(lines[one], text)) for one in subjects if one in lines)
    return Group(kind, tuple(hits), len(some.rows), some.is_capped)


def _former(line: Line, text: str) -> str:
    """The earlier name that was typed, where the present one does not hold it."""
    typed = plain_text(text)
    if typed in plain_text(line.name):
        return ""
    return next((name for name in line.former if typed in plain_text(name)), "")
