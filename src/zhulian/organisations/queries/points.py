"""Points: the values that machines give, each with the intervals in force."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Q

from zhulian.organisations.models import Machine, Point
from zhulian.organisations.search.queries import matching
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.pages import Page, page_of
from zhulian.vocabulary.readings import PointId, TenantId

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PointRow:
    """One point, with its intervals in seconds as they are in force."""

    id: PointId
    machine: int
    name: str
    address: str
    type: str
    byte_order: str
    scale: float
    offset: float
    unit: str
    poll_s: float
    deadband: float
    max_silence_s: float
    low: float | None
    high: float | None

    @property
    def reports_every_s(self) -> float:
        """How long the point may be quiet before that means something; the measure of freshness."""
        return max(self.poll_s, self.max_silence_s)


@dataclass(frozen=True, slots=True)
class FoundPoint:
    """A point of a search, and what it belongs to."""

    point: PointRow
    machine_name: str
    enterprise: TenantId
    enterprise_name: str


@dataclass(frozen=True, slots=True)
class PointFilter:
    """What a list of points is narrowed to; ``text`` is part of a point's or machine's name, or finds an enterprise."""

    text: str = ""
    enterprise: int | None = None
    machine: int | None = None
    unit: str = ""


def points(scope: Scope, wanted: PointFilter, number: int = 1, size: int = 50) -> Page[FoundPoint]:
    """The points in sight that ``wanted`` leaves; two statements."""
    found = scope.points().select_related("machine__enterprise").order_by("id")
    for word in wanted.text.split():
        named = Q(name__icontains=word) | Q(machine__name__icontains=word)
        found = found.filter(named | Q(machine__enterprise__in=matching(word, "enterprise")))
    exact = {"machine__enterprise_id": wanted.enterprise, "machine_id": wanted.machine, "unit": wanted.unit or None}
    found = found.filter(**{name: value for name, value in exact.items() if value is not None})
    return page_of(found, number, size, _found)


def _found(row: Point) -> FoundPoint:
    enterprise = row.machine.enterprise
    return FoundPoint(
        point_row(row, row.machine.poll_s), row.machine.name, TenantId(enterprise.pk), str(enterprise.name)
    )


def machines_of(scope: Scope, points: Collection[int]) -> frozenset[int]:
    """The machines that ``points`` belong to, as far as they are in sight; one statement, for however many."""
    rows = scope.points().order_by().values_list("id", "machine_id")
    return frozenset(machine for point, machine in rows.iterator(chunk_size=10_000) if point in points)


def points_by_enterprise(scope: Scope, points: Iterable[int]) -> dict[TenantId, list[PointId]]:
    """Those of ``points`` that are in sight, by the enterprise whose readings they are; the others vanish."""
    found: dict[TenantId, list[PointId]] = defaultdict(list)
    rows = scope.points().filter(id__in=list(points)).values_list("machine__enterprise_id", "id")
    for tenant, point in rows:
        found[TenantId(tenant)].append(PointId(point))
    return dict(found)


def point_rows(scope: Scope, points: Iterable[int]) -> dict[TenantId, list[PointRow]]:
    """Those of ``points`` that are in sight, whole, by enterprise; the others vanish."""
    found: dict[TenantId, list[PointRow]] = defaultdict(list)
    for row in scope.points().filter(id__in=list(points)).select_related("machine").order_by("id"):
        found[TenantId(row.machine.enterprise_id)].append(point_row(row, row.machine.poll_s))
    return dict(found)


def with_points(found: Sequence[Machine], shape: Callable[[Machine, Sequence[Point]], T]) -> list[T]:
    """Each machine as ``shape`` makes it of the machine and its points; one statement."""
    points: dict[int, list[Point]] = defaultdict(list)
    for point in Point.objects.filter(machine__in=found, removed_at=None).order_by("id"):
        points[point.machine_id].append(point)
    return [shape(row, points.get(row.pk, ())) for row in found]


def point_row(row: Point, machine_poll_s: float) -> PointRow:
    """The record as a row; a point without an interval of its own has its machine's."""
    return PointRow(
        id=PointId(row.pk),
        machine=row.machine_id,
        name=row.name,
        address=row.address,
        type=row.type,
        byte_order=row.byte_order,
        scale=row.scale,
        offset=row.offset,
        unit=row.unit,
        poll_s=machine_poll_s if row.poll_s is None else row.poll_s,
        deadband=row.deadband,
        max_silence_s=row.max_silence_s,
        low=row.low,
        high=row.high,
    )
