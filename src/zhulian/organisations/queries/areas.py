"""The city by reporting area."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.places import REPORTING_AREAS, Place
from zhulian.vocabulary.readings import TenantId


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One reporting area of the city."""

    place: Place
    enterprises: int
    above_scale: int
    connected: int
    machines: int
    points: int


def by_area(scope: Scope) -> list[AreaRow]:
    """One row for each reporting area this person may see, in the city's order; empty areas too. One statement."""
    active = Q(status="active")
    counted = (
        scope.enterprises()
        .order_by()
        .values_list("reporting_area")
        .annotate(
            all=Count("id", filter=active),
            large=Count("id", filter=active & Q(above_scale=True)),
            connected=Count("id", filter=Q(machines_now__gt=0)),
            of_machines=Sum("machines_now"),
            of_points=Sum("points_now"),
        )
    )
    found = {area: numbers for area, *numbers in counted}
    seen = scope.areas | {area for area, numbers in found.items() if numbers[0]}
    return [
        AreaRow(place, *found.get(place.code, (0, 0, 0, 0, 0)))
        for place in REPORTING_AREAS
        if scope.whole_city or place.code in seen
    ]


def areas_of(scope: Scope, tenants: Iterable[int]) -> dict[TenantId, str]:
    """The reporting area of those of ``tenants`` that are in sight; the others vanish."""
    rows = scope.enterprises().filter(id__in=list(tenants)).order_by("id").values_list("id", "reporting_area")
    return {TenantId(tenant): area for tenant, area in rows}


def has_sample(scope: Scope) -> bool:
    """Whether sample data is in sight, so that sums over it carry the mark."""
    return scope.enterprises().filter(is_sample=True).exists()
