"""Alarms of the public interface: the list, and one; reading only, since keys change nothing."""

from datetime import datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from zhulian.alarms import queries
from zhulian.alarms.queries import AlarmFilter
from zhulian.audit.rules import Subject
from zhulian.organisations import queries as organisations
from zhulian.organisations.tenancy import visible_to
from zhulian.portal.api.access import may
from zhulian.portal.api.answers import REFUSALS
from zhulian.portal.api.shapes import Listed
from zhulian.portal.looks import listed, shown, table
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import LARGEST_PAGE

router = Router(auth=may("alarms:read"))


class AlarmWish(Schema):
    """Which alarms, and which page of them; ``open`` is active, or returned and acknowledged by nobody."""

    number: int = Field(1, ge=1, le=1_000_000)
    size: int = Field(50, ge=1, le=LARGEST_PAGE)
    text: str = Field("", max_length=120)
    state: Literal["open", "active", "unacknowledged", "shelved", "suppressed", "retracted", "all"] = "open"
    priority: int | None = Field(None, ge=1, le=4)
    enterprise: int | None = None
    machine: int | None = None


class AlarmOut(Schema):
    """One alarm. ``standing``: unacknowledged, acknowledged, returned (unacknowledged), normal, shelved, suppressed or
    retracted (late readings have shown that it never was); ``priority`` 1 is the most urgent."""

    id: int
    rule: int
    name: str
    enterprise: int
    machine: int
    priority: int
    standing: str
    started_at: datetime
    ended_at: datetime | None
    value: float | None
    acknowledged_at: datetime | None
    acknowledged_name: str
    note: str
    shelved_until: datetime | None
    corrected_at: datetime | None
    is_sample: bool


@router.get("/alarms", response={200: Listed[AlarmOut], **REFUSALS})
def alarms(request: HttpRequest, wish: Query[AlarmWish]) -> object:
    """The alarms you may see: active ones first and by priority, then by time."""
    scope = visible_to(request.user)
    if wish.enterprise is not None:
        organisations.enterprise(scope, wish.enterprise)
    if wish.machine is not None:
        organisations.machine(scope, wish.machine)
    wanted = AlarmFilter(
        text=wish.text, state=wish.state, priority=wish.priority, enterprise=wish.enterprise, machine=wish.machine
    )
    page = queries.alarms(scope, wanted, wish.number, wish.size)
    listed(scope, table("alarms", Text("报警", "Alarms")), (row.enterprise for row in page.rows))
    return {
        "rows": page.rows,
        "total": page.total,
        "number": page.number,
        "size": page.size,
        "hidden": scope.hidden_enterprises(),
    }


@router.get("/alarms/{alarm}", response={200: AlarmOut, **REFUSALS})
def alarm(request: HttpRequest, alarm: int) -> object:
    """One alarm."""
    scope = visible_to(request.user)
    found = queries.alarm(scope, alarm)
    shown(scope, "alarm", Subject("alarm", alarm, found.name), found.enterprise)
    return found
