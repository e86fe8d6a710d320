"""City-wide counts of the public interface, each over the enterprises that the caller may see."""

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from zhulian.organisations import queries
from zhulian.organisations.tenancy import visible_to
from zhulian.portal.api.access import may
from zhulian.portal.api.answers import READING_REFUSALS
from zhulian.portal.api.asking import Span
from zhulian.portal.api.line_shapes import AreaHoursOut, BusyOut, CityHoursOut, HourOut, SeenOut, basis_out
from zhulian.portal.telemetry_access import telemetry
from zhulian.vocabulary.clock import to_datetime
from zhulian.vocabulary.places import REPORTING_AREAS
from zhulian.vocabulary.readings import PointId

router = Router(auth=may("readings:read"))
AREAS = [place.code for place in REPORTING_AREAS]


class Top(Span):
    """How many enterprises."""

    most: int = Field(20, ge=1, le=100)


class Heard(Schema):
    """How lately."""

    within_s: int = Field(300, ge=1, le=3600)


@router.get("/city/hours", response={200: CityHoursOut, **READING_REFUSALS})
def city_hours(request: HttpRequest, span: Query[Span]) -> object:
    """Readings of each hour by reporting area; the hour that ``start`` lies in is counted as a whole."""
    areas = queries.areas_of(visible_to(request.user), telemetry().activity())
    groups = {tenant: AREAS.index(area) for tenant, area in areas.items() if area in AREAS}
    found = telemetry().city_hours(groups, *span.bounds())
    return CityHoursOut(
        start=to_datetime(found.start_us),
        end=to_datetime(found.end_us),
        areas=[
            AreaHoursOut(area=AREAS[group], hours=[HourOut(time=to_datetime(at), rows=rows) for at, rows in hours])
            for group, hours in sorted(found.groups.items())
        ],
        basis=basis_out(found.basis),
    )


@router.get("/city/busiest", response={200: list[BusyOut], **READING_REFUSALS})
def city_busiest(request: HttpRequest, wish: Query[Top]) -> object:
    """The enterprises that sent most readings in the hours of the range, busiest first."""
    scope = visible_to(request.user)
    tenants = list(queries.areas_of(scope, telemetry().activity()))
    busiest = telemetry().top(tenants, *wish.bounds(), wish.most)
    names = queries.names_of(scope, [one.tenant for one in busiest])
    return [
        BusyOut(
            enterprise=one.tenant,
            name=names[one.tenant],
            rows=one.rows,
            points=one.points,
            last=to_datetime(one.last_us),
        )
        for one in busiest
    ]


@router.get("/city/seen", response={200: SeenOut, **READING_REFUSALS})
def city_seen(request: HttpRequest, wish: Query[Heard]) -> object:
    """From how many machines something arrived within the last ``within_s`` seconds."""
    scope, heard = visible_to(request.user), telemetry().seen(wish.within_s * 1_000_000)
    tenants = queries.areas_of(scope, heard.points)
    points = frozenset[PointId]().union(*(heard.points[tenant] for tenant in tenants))
    return SeenOut(
        as_of=to_datetime(heard.as_of_us),
        within_s=wish.within_s,
        enterprises=len(tenants),
        machines=len(queries.machines_of(scope, points)),
        points=len(points),
    )
