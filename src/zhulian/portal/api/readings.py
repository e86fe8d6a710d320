"""Newest values and counts of the public interface. The enterprise of a point comes from the records."""

from django.http import HttpRequest
from ninja import Query, Router

from zhulian.organisations import queries
from zhulian.organisations.queries import PointRow
from zhulian.organisations.tenancy import visible_to
from zhulian.portal.api.access import may
from zhulian.portal.api.answers import READING_REFUSALS
from zhulian.portal.api.asking import Ids, points_in_sight, seen
from zhulian.portal.api.shapes import CountOut, LatestOut
from zhulian.portal.telemetry_access import telemetry
from zhulian.telemetry.queries import Latest
from zhulian.vocabulary.clock import system_clock, to_datetime
from zhulian.vocabulary.freshness import freshness
from zhulian.vocabulary.readings import TimeUs

router = Router(auth=may("readings:read"))
MOST_POINTS = 500


@router.get("/latest", response={200: list[LatestOut], **READING_REFUSALS})
def latest(request: HttpRequest, points: Query[Ids]) -> object:
    """The newest reading of each of up to 500 points (``points=1,2,3``); 404 when one of them cannot be found."""
    rows, now_us = points_in_sight(visible_to(request.user), points, MOST_POINTS), system_clock()
    answers: list[LatestOut] = []
    for tenant, found in rows.items():
        newest = telemetry().latest(tenant, [row.id for row in found])
        answers += [_latest(row, newest.get(row.id), now_us) for row in found]
    return sorted(answers, key=lambda answer: answer.point)


@router.get("/machines/{machine}/counts", response={200: list[CountOut], **READING_REFUSALS})
def counts(request: HttpRequest, machine: int) -> object:
    """How many readings of each point of a machine are kept."""
    scope = visible_to(request.user)
    found = queries.machine(scope, machine)
    seen(scope, found)
    kept = telemetry().counts(found.enterprise, [row.id for row in found.points])
    return [
        CountOut(point=one.point, count=one.count, first=to_datetime(one.first_us), last=to_datetime(one.last_us))
        for one in kept.values()
    ]


def _latest(row: PointRow, newest: Latest | None, now_us: TimeUs) -> LatestOut:
    age = freshness(newest.time_us if newest else None, now_us, row.reports_every_s)
    if newest is None:
        return LatestOut(point=row.id, time=None, value=None, text=None, quality=None, freshness=age, received=None)
    return LatestOut(
        point=row.id,
        time=to_datetime(newest.time_us),
        value=newest.value,
        text=newest.text,
        quality=int(newest.quality),
        freshness=age,
        received=to_datetime(newest.received_us),
    )
