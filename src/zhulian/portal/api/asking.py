"""What operations about readings have in common: which points, from when until when, seen by whom."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated

from django.db import transaction
from ninja import Schema
from pydantic import Field

from zhulian.audit.rules import Subject
from zhulian.organisations import queries
from zhulian.organisations.queries import POINT, MachineRow, PointRow
from zhulian.organisations.rules import NotVisibleError, RecordsError
from zhulian.organisations.tenancy import Scope
from zhulian.portal.looks import shown
from zhulian.telemetry.queries import Asked
from zhulian.vocabulary.clock import system_clock, to_datetime, to_time_us
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.readings import TenantId, TimeUs

Ids = Annotated[str, Field(max_length=8_000, pattern=r"^\d{1,10}(,\d{1,10})*$")]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
LONGEST = timedelta(days=3660)
EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class Span(Schema):
    """From when (an hour before the end unless given) until when (now unless given)."""

    start: datetime | None = None
    end: datetime | None = None

    def bounds(self) -> tuple[TimeUs, TimeUs]:
        """In microseconds. Raises 422 parameters_wrong."""
        if any(moment is not None and moment.tzinfo is None for moment in (self.start, self.end)):
            raise wrong_parameter(
                "时间要带时区，例如 2026-01-31T08:00:00+08:00", "a time needs its zone, as in 2026-01-31T08:00:00+08:00"
            )
        until = self.end or to_datetime(system_clock())
        since = self.start or until - timedelta(hours=1)
        if not EARLIEST <= since < until <= LATEST or until - since > LONGEST:
            raise wrong_parameter(
                "开始应早于结束，最长十年，在 1970 至 2100 年之间",
                "start lies before end, at most ten years, from 1970 to 2100",
            )
        return to_time_us(since), to_time_us(until)


def points_in_sight(scope: Scope, points: str, most: int) -> dict[TenantId, list[PointRow]]:
    """The points that ``points`` lists, by enterprise, noted as a look; 404 when one of them cannot be found."""
    wanted = {int(point) for point in points.split(",")}
    if len(wanted) > most:
        raise wrong_parameter(f"一次最多问 {most} 个点位", f"at most {most} points can be asked for at once")
    rows = queries.point_rows(scope, wanted)
    if sum(len(found) for found in rows.values()) < len(wanted):
        raise NotVisibleError(POINT)
    _seen_several(scope, rows)
    return rows


def points_of_one(scope: Scope, points: str, most: int) -> tuple[TenantId, list[PointRow]]:
    """The same where all have to belong to one enterprise."""
    rows = points_in_sight(scope, points, most)
    if len(rows) > 1:
        raise wrong_parameter(
            "这些点位属于几家企业，请每家企业分别请求",
            "these points belong to several enterprises: ask for each of them",
        )
    return next(iter(rows.items()))


def point_in_sight(scope: Scope, point: int) -> tuple[MachineRow, PointRow]:
    """One point and its machine, noted as a look."""
    machine, row = queries.machine_of_point(scope, point)
    seen(scope, machine)
    return machine, row


def seen(scope: Scope, machine: MachineRow) -> None:
    """Note that a machine's readings are about to be seen."""
    shown(scope, "readings", Subject("machine", machine.id, machine.name), machine.enterprise)


def asked(row: PointRow, grace_s: float | None = None) -> Asked:
    """A question about a point, with the interval that its record names."""
    grace_us = None if grace_s is None else int(grace_s * 1e6)
    return Asked(row.id, int(row.reports_every_s * 1e6) or None, grace_us)


def _seen_several(scope: Scope, tenants: Iterable[TenantId]) -> None:
    with transaction.atomic():
        for tenant in tenants:
            if tenant not in scope.own:
                shown(scope, "readings", Subject("enterprise", tenant, queries.enterprise(scope, tenant).name), tenant)


def wrong_parameter(zh: str, en: str) -> RecordsError:
    """A parameter that the document allows and that means nothing."""
    return RecordsError(
        "parameters_wrong",
        Text(f"参数不对：{zh}。", f"A parameter is wrong: {en}."),
        Text("请对照 openapi.json 修改。", "Compare it with openapi.json."),
    )
