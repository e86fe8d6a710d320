"""Enterprises, areas, gateways, machines and points of the public interface; reading only."""

from typing import TypeVar

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from zhulian.audit.rules import Subject
from zhulian.organisations import queries
from zhulian.organisations.queries import AreaRow, EnterpriseFilter, GatewayRow, MachineFilter, MachineRow, PointFilter
from zhulian.organisations.tenancy import Scope, visible_to
from zhulian.portal.api.access import may
from zhulian.portal.api.answers import REFUSALS
from zhulian.portal.api.shapes import AreaOut, EnterpriseOut, FoundPointOut, GatewayOut, Listed, MachineOut, PointOut
from zhulian.portal.looks import listed, shown, table
from zhulian.portal.telemetry_access import telemetry
from zhulian.telemetry.queries import GatewayState, TelemetryUnreachable
from zhulian.vocabulary.clock import to_datetime
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import Page

T = TypeVar("T")
router = Router(auth=may("records:read"))


class Paging(Schema):
    """Which page of a list."""

    number: int = Field(1, ge=1, le=1_000_000)
    size: int = Field(50, ge=1, le=queries.LARGEST_PAGE)


class EnterpriseWish(Paging):
    """Which enterprises."""

    text: str = Field("", max_length=120)
    area: str = Field("", max_length=12)
    industry: str = Field("", max_length=8)
    above_scale: bool | None = None
    connected: bool | None = None
    order: str = Field("id", max_length=12)


class MachineWish(Paging):
    """Which machines."""

    text: str = Field("", max_length=120)
    enterprise: int | None = None
    gateway: int | None = None
    workshop: str = Field("", max_length=80)
    protocol: str = Field("", max_length=32)


class GatewayWish(Paging):
    """Which gateways."""

    text: str = Field("", max_length=120)
    enterprise: int | None = None


class PointWish(Paging):
    """Which points."""

    text: str = Field("", max_length=120)
    enterprise: int | None = None
    machine: int | None = None
    unit: str = Field("", max_length=16)


@router.get("/enterprises", response={200: Listed[EnterpriseOut], **REFUSALS})
def enterprises(request: HttpRequest, wish: Query[EnterpriseWish]) -> object:
    """The enterprises you may see."""
    scope = visible_to(request.user)
    wanted = EnterpriseFilter(wish.text, wish.area, wish.industry, wish.above_scale, wish.connected, wish.order)
    return _listed(scope, queries.enterprises(scope, wanted, wish.number, wish.size))


@router.get("/enterprises/{enterprise}", response={200: EnterpriseOut, **REFUSALS})
def enterprise(request: HttpRequest, enterprise: int) -> object:
    """One enterprise."""
    scope = visible_to(request.user)
    found = queries.enterprise(scope, enterprise)
    shown(scope, "enterprise", Subject("enterprise", found.id, found.name), found.id)
    return found


@router.get("/areas", response={200: list[AreaOut], **REFUSALS})
def areas(request: HttpRequest) -> object:
    """Counts by reporting area, over the enterprises you may see."""
    return [_area(row) for row in queries.by_area(visible_to(request.user))]


@router.get("/gateways", response={200: Listed[GatewayOut], **REFUSALS})
def gateways(request: HttpRequest, wish: Query[GatewayWish]) -> object:
    """The gateways you may see with their connection, those in use first."""
    scope = visible_to(request.user)
    if wish.enterprise is not None:
        queries.enterprise(scope, wish.enterprise)
    page, states = queries.gateway_page(scope, wish.enterprise, wish.text, wish.number, wish.size), _states()
    listed(scope, table("gateways", Text("网关列表", "Gateways")), (row.enterprise for row in page.rows))
    return {**_listed(scope, page), "rows": [_gateway(row, states) for row in page.rows]}


@router.get("/gateways/{gateway}", response={200: GatewayOut, **REFUSALS})
def gateway(request: HttpRequest, gateway: int) -> object:
    """One gateway."""
    scope = visible_to(request.user)
    found = queries.gateway(scope, gateway)
    shown(scope, "gateway", Subject("gateway", found.id, found.name), found.enterprise)
    return _gateway(found, _states())


@router.get("/machines", response={200: Listed[MachineOut], **REFUSALS})
def machines(request: HttpRequest, wish: Query[MachineWish]) -> object:
    """The machines you may see, with their points."""
    scope = visible_to(request.user)
    if wish.enterprise is not None:
        queries.enterprise(scope, wish.enterprise)
    if wish.gateway is not None:
        queries.gateway(scope, wish.gateway)
    wanted = MachineFilter(wish.text, wish.enterprise, wish.gateway, wish.workshop, wish.protocol)
    page = queries.machines(scope, wanted, wish.number, wish.size)
    listed(scope, table("machines", Text("设备列表", "Machines")), (row.enterprise for row in page.rows))
    return _listed(scope, page)


@router.get("/machines/{machine}", response={200: MachineOut, **REFUSALS})
def machine(request: HttpRequest, machine: int) -> object:
    """One machine with its points."""
    scope = visible_to(request.user)
    return seen_machine(scope, queries.machine(scope, machine))


@router.get("/points", response={200: Listed[FoundPointOut], **REFUSALS})
def points(request: HttpRequest, wish: Query[PointWish]) -> object:
    """The points you may see, found by words of their own, their machine's or their enterprise's name."""
    scope = visible_to(request.user)
    if wish.enterprise is not None:
        queries.enterprise(scope, wish.enterprise)
    if wish.machine is not None:
        queries.machine(scope, wish.machine)
    wanted = PointFilter(wish.text, wish.enterprise, wish.machine, wish.unit)
    page = queries.points(scope, wanted, wish.number, wish.size)
    listed(scope, table("points", Text("点位列表", "Points")), (one.enterprise for one in page.rows))
    rows = [
        FoundPointOut(
            **PointOut.from_orm(one.point).dict(),
            machine_name=one.machine_name,
            enterprise=one.enterprise,
            enterprise_name=one.enterprise_name,
        )
        for one in page.rows
    ]
    return {**_listed(scope, page), "rows": rows}


@router.get("/points/{point}", response={200: PointOut, **REFUSALS})
def point(request: HttpRequest, point: int) -> object:
    """One point."""
    scope = visible_to(request.user)
    found, row = queries.machine_of_point(scope, point)
    seen_machine(scope, found)
    return row


def seen_machine(scope: Scope, found: MachineRow) -> MachineRow:
    """The machine, noted in the trail when it is another's."""
    shown(scope, "machine", Subject("machine", found.id, found.name), found.enterprise)
    return found


def _listed(scope: Scope, page: Page[T]) -> dict[str, object]:
    return {
        "rows": page.rows,
        "total": page.total,
        "number": page.number,
        "size": page.size,
        "hidden": scope.hidden_enterprises(),
    }


def _area(row: AreaRow) -> AreaOut:
    return AreaOut(
        code=row.place.code,
        name_zh=row.place.name_zh,
        name_en=row.place.name_en,
        enterprises=row.enterprises,
        above_scale=row.above_scale,
        connected=row.connected,
        machines=row.machines,
        points=row.points,
    )


def _states() -> dict[int, GatewayState] | None:
    """``None`` while telemetry cannot be reached: the records are shown all the same."""
    try:
        return telemetry().gateways()
    except TelemetryUnreachable:
        return None


def _gateway(row: GatewayRow, states: dict[int, GatewayState] | None) -> GatewayOut:
    state = (states or {}).get(row.id)
    return GatewayOut(
        id=row.id,
        enterprise=row.enterprise,
        name=row.name,
        version=row.version,
        configuration_version=row.configuration_version,
        machines=row.machines,
        enrolled_at=row.enrolled_at,
        revoked_at=row.revoked_at,
        connected=None if states is None else state is not None and state.connected,
        last_heard_at=to_datetime(state.last_heard_us) if state else None,
        waiting_rows=state.status.outbox_rows if state and state.status else None,
    )
