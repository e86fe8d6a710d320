"""Points for whoever puts together a chart: found by machine, point, workshop or enterprise, also by pinyin initials.

A point has no entry in the search index, because its name is one of few hundred: the distinct names in sight are
compared with what was typed by the rules of the search, and the points of the names that fit are read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import and_

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from zhulian.organisations.models import Point
from zhulian.organisations.queries.points import PointRow, point_row
from zhulian.organisations.search.queries import matching
from zhulian.organisations.search.rules import Texts, is_latin, plain_text, texts_of
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.readings import TenantId

MOST_WORDS = 3
MOST_NAMES = 5_000
"""Different names of points that are compared; a city has some hundred."""


@dataclass(frozen=True, slots=True)
class PlacedPoint:
    """A point with where it stands."""

    point: PointRow
    enterprise: TenantId
    enterprise_name: str
    machine_name: str
    workshop: str
    is_sample: bool


@dataclass(frozen=True, slots=True)
class FoundPoints:
    """The first of the points that fit, and how many there are."""

    rows: list[PlacedPoint]
    total: int


def find_points(scope: Scope, text: str, most: int = 40, machine: int | None = None) -> FoundPoints:
    """Points in sight for which each word of ``text`` fits point, machine or enterprise; those of ``machine`` only."""
    found = scope.points() if machine is None else scope.points().filter(machine=machine)
    words = text.split()[:MOST_WORDS]
    if words:
        names = list(found.order_by().values_list("name", flat=True).distinct()[:MOST_NAMES])
        found = found.filter(reduce(and_, (_fits(word, names) for word in words)))
        best = Case(When(name=text.strip(), then=Value(0)), default=Value(1), output_field=IntegerField())
        found = found.order_by(best, F("machine__enterprise_id"), F("machine_id"), "id")
    return FoundPoints(_placed(found[:most]), found.count())


def placed_points(scope: Scope, ids: Iterable[int]) -> list[PlacedPoint]:
    """Those of ``ids`` that are in sight, in the order given; the others vanish."""
    order = {number: place for place, number in enumerate(ids)}
    rows = _placed(scope.points().filter(id__in=list(order)))
    return sorted(rows, key=lambda row: order[row.point.id])


def _fits(word: str, names: Sequence[str]) -> Q:
    named = [name for name in names if _is_called(name, word)]
    of_machine = Q(machine__in=matching(word, "machine"))
    return Q(name__in=named) | of_machine | Q(machine__enterprise__in=matching(word, "enterprise"))


def _is_called(name: str, word: str) -> bool:
    typed, texts = plain_text(word), _texts(name)
    forms = (*texts.names, *texts.letters, *texts.initials) if is_latin(typed) else texts.names
    return bool(typed) and any(typed in form for form in forms)


@lru_cache(maxsize=8_192)
def _texts(name: str) -> Texts:
    return texts_of((name,))


def _placed(found: QuerySet[Point]) -> list[PlacedPoint]:
    return [_placed_point(row) for row in found.select_related("machine__enterprise")]


def _placed_point(row: Point) -> PlacedPoint:
    machine = row.machine
    return PlacedPoint(
        point=point_row(row, machine.poll_s),
        enterprise=TenantId(machine.enterprise_id),
        enterprise_name=machine.enterprise.name,
        machine_name=machine.name,
        workshop=machine.workshop,
        is_sample=machine.enterprise.is_sample,
    )
