"""Newest values, series and counts of the public interface. The enterprise of a point comes from the records."""

import re
from datetime import datetime, timedelta
from typing import Annotated

from django.db import transaction
from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from zhulian.audit.rules import Subject
from zhulian.organisations import queries
from zhulian.organisations.queries import POINT, MachineRow, PointRow
from zhulian.organisations.rules import NotVisibleError, RecordsError
from zhulian.organisations.tenancy import Scope, visible_to
from zhulian.portal.api.access import may
from zhulian.portal.api.answers import READING_REFUSALS
from zhulian.portal.api.shapes import CountOut, LatestOut, SeriesOut
from zhulian.portal.looks import shown
from zhulian.portal.telemetry_access import telemetry
from zhulian.telemetry.queries import Latest, Series
from zhulian.vocabulary.clock import system_clock, to_datetime, to_time_us
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.freshness import freshness
from zhulian.vocabulary.readings import TimeUs

router = Router(auth=may("readings:read"))
Ids = Annotated[str, Field(max_length=8_000, pattern=r"^\d{1,10}(,\d{1,10})*$")]
MOST_POINTS = 500
LONGEST = timedelta(days=3660)


class Span(Schema):
    """From when to when, and in how many buckets at most."""

    start: datetime | None = None
    end: datetime | None = None
    most: int = Field(600, ge=1, le=2_000)


@router.get("/latest", response={200: list[LatestOut], **READING_REFUSALS})
def latest(request: HttpRequest, points: Query[Ids]) -> object:
    """The newest reading of each of up to 500 points (``points=1,2,3``); 404 when one of them cannot be found."""
    wanted = {int(point) for point in re.split(",", points)}
    if len(wanted) > MOST_POINTS:
        raise wrong_parameter(
            f"一次最多问 {MOST_POINTS} 个点位", f"at most {MOST_POINTS} points can be asked for at once"
        )
    scope = visible_to(request.user)
    rows = queries.point_rows(scope, wanted)
    if sum(len(found) for found in rows.values()) < len(wanted):
        raise NotVisibleError(POINT)
    with transaction.atomic():
        for tenant in rows:
            _seen_several(scope, tenant)
    now_us = system_clock()
    answers: list[LatestOut] = []
    for tenant, found in rows.items():
        newest = telemetry().latest(tenant, [row.id for row in found])
        answers += [_latest(row, newest.get(row.id), now_us) for row in found]
    return sorted(answers, key=lambda answer: answer.point)


@router.get("/points/{point}/series", response={200: SeriesOut, **READING_REFUSALS})
def series(request: HttpRequest, point: int, span: Query[Span]) -> object:
    """A point from ``start`` to ``end`` (the last hour unless given), down-sampled to at most ``most`` buckets."""
    scope = visible_to(request.user)
    machine, row = queries.machine_of_point(scope, point)
    _seen(scope, machine)
    start_us, end_us = _range(span.start, span.end)
    return _series(row, telemetry().series(machine.enterprise, row.id, start_us, end_us, span.most))


@router.get("/machines/{machine}/counts", response={200: list[CountOut], **READING_REFUSALS})
def counts(request: HttpRequest, machine: int) -> object:
    """How many readings of each point of a machine are kept."""
    scope = visible_to(request.user)
    found = queries.machine(scope, machine)
    _seen(scope, found)
    kept = telemetry().counts(found.enterprise, [row.id for row in found.points])
    return [
        CountOut(point=one.point, count=one.count, first=to_datetime(one.first_us), last=to_datetime(one.last_us))
        for one in kept.values()
    ]


def _seen(scope: Scope, machine: MachineRow) -> None:
    shown(scope, "readings", Subject("machine", machine.id, machine.name), machine.enterprise)


def _seen_several(scope: Scope, tenant: int) -> None:
    if tenant not in scope.own:
        shown(scope, "readings", Subject("enterprise", tenant, queries.enterprise(scope, tenant).name), tenant)


def _range(start: datetime | None, end: datetime | None) -> tuple[TimeUs, TimeUs]:
    if any(moment is not None and moment.tzinfo is None for moment in (start, end)):
        raise wrong_parameter(
            "时间要带时区，例如 2026-01-31T08:00:00+08:00", "a time needs its zone, as in 2026-01-31T08:00:00+08:00"
        )
    until = end or to_datetime(system_clock())
    since = start or until - timedelta(hours=1)
    if not timedelta(0) < until - since <= LONGEST:
        raise wrong_parameter("开始应早于结束，最长十年", "start lies before end, at most ten years")
    return to_time_us(since), to_time_us(until)


def _latest(row: PointRow, newest: Latest | None, now_us: TimeUs) -> LatestOut:
    age = freshness(newest.time_us if newest else None, now_us, row.reports_every_s)
    if newest is None:
        return LatestOut(point=row.id, time=None, value=None, text=None, quality=None, freshness=age)
    return LatestOut(
        point=row.id,
        time=to_datetime(newest.time_us),
        value=newest.value,
        text=newest.text,
        quality=int(newest.quality),
        freshness=age,
    )


def _series(row: PointRow, found: Series) -> SeriesOut:
    return SeriesOut(
        point=row.id,
        unit=row.unit,
        start=to_datetime(found.start_us),
        end=to_datetime(found.end_us),
        bucket_s=found.bucket_s,
        times=[to_datetime(TimeUs(time_us)) for time_us in found.times_us],
        means=found.means,
        lows=found.lows,
        highs=found.highs,
        counts=found.counts,
        total=found.total,
        last=to_datetime(found.last_us) if found.last_us is not None else None,
    )


def wrong_parameter(zh: str, en: str) -> RecordsError:
    """A parameter that the document allows and that means nothing."""
    return RecordsError(
        "parameters_wrong",
        Text(f"参数不对：{zh}。", f"A parameter is wrong: {en}."),
        Text("请对照 openapi.json 修改。", "Compare it with openapi.json."),
    )
