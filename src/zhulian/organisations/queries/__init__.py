"""The only reader of records: everything pages, the API and the gateway lane show about enterprises and machines.

Each function takes a :class:`~zhulian.organisations.tenancy.Scope` first and returns frozen values, never model
instances, with a number of statements that does not grow with the number of rows. What is out of sight raises
:class:`~zhulian.organisations.rules.NotVisibleError`, which Django answers with 404.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from django.db.models import Count, F, IntegerField, Model, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce

from zhulian.organisations.models import Enterprise, Gateway, Machine, Membership, Point
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.search.queries import matching
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.places import REPORTING_AREAS, Place
from zhulian.vocabulary.readings import PointId, TenantId
from zhulian.vocabulary.roles import Role
from zhulian.wire.configuration import DeviceConfig, GatewayConfig, PointConfig

T = TypeVar("T")
R = TypeVar("R", bound="Numbered")
LARGEST_PAGE = 500
ENTERPRISE, GATEWAY = Text("企业", "enterprise"), Text("网关", "gateway")
MACHINE, POINT = Text("设备", "machine"), Text("点位", "point")


class Numbered(Protocol):
    """A row that carries the id of its record."""

    @property
    def id(self) -> int:
        """The record's."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows ``number`` (from 1) of a list that has ``total`` rows in sight."""

    rows: list[T]
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True, slots=True)
class EnterpriseRow:
    """One enterprise with what it has connected."""

    id: TenantId
    name: str
    credit_code: str
    industry: str
    district: str
    reporting_area: str
    above_scale: bool
    is_sample: bool
    gateways: int
    machines: int
    points: int


@dataclass(frozen=True, slots=True)
class EnterpriseFilter:
    """What a list of enterprises is narrowed to; the empty filter narrows nothing."""

    text: str = ""
    """Whatever the search understands: part of a name, pinyin, initials, four signs of a code."""
    area: str = ""
    industry: str = ""
    """Beginning of a GB/T 4754 code."""
    above_scale: bool | None = None
    connected: bool | None = None
    """Has at least one machine."""
    order: str = "id"
    """id, name, machines or points; with "-" in front the other way round."""
    status: str = "active"
    """active, merged or closed; empty for all of them."""
    pillar: int | None = None
    """An entry of the dictionary of pillar industries."""


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One reporting area of the city."""

    place: Place
    enterprises: int
    above_scale: int
    connected: int
    machines: int
    points: int


@dataclass(frozen=True, slots=True)
class GatewayRow:
    """One gateway as the records know it; whether it is connected right now is known to telemetry."""

    id: int
    enterprise: TenantId
    enterprise_name: str
    name: str
    version: str
    configuration_version: int
    machines: int
    enrolled_at: datetime | None
    revoked_at: datetime | None


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
class MachineRow:
    """One machine with its points."""

    id: int
    enterprise: TenantId
    enterprise_name: str
    is_sample: bool
    gateway: int | None
    gateway_name: str
    name: str
    workshop: str
    kind: str
    protocol: str
    address: str
    options: dict[str, str | int | float | bool]
    poll_s: float
    timeout_s: float
    declared_by_gateway: bool
    source_note: str
    revision: int
    points: tuple[PointRow, ...]


@dataclass(frozen=True, slots=True)
class MachineFilter:
    """What a list of machines is narrowed to."""

    text: str = ""
    enterprise: int | None = None
    gateway: int | None = None
    workshop: str = ""
    protocol: str = ""


@dataclass(frozen=True, slots=True)
class Factory:
    """Everything the factory page shows from the records."""

    enterprise: EnterpriseRow
    gateways: list[GatewayRow]
    machines: list[MachineRow]


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One membership: who is what, where."""

    id: int
    user: int
    username: str
    full_name: str
    role: Role
    enterprise: TenantId | None
    place: str


def enterprises(scope: Scope, wanted: EnterpriseFilter, number: int = 1, size: int = 50) -> Page[EnterpriseRow]:
    """The enterprises in sight that ``wanted`` leaves, counted; three statements."""
    found = _narrowed(scope.enterprises(), wanted)
    whole = lambda some: [_enterprise_row(row) for row in _counted(some)]  # noqa: E731
    return _page(found, _order(wanted.order), number, size, whole)


def every_enterprise(scope: Scope, wanted: EnterpriseFilter) -> Iterable[EnterpriseRow]:
    """The same rows without paging, for an export; read in portions."""
    found = _narrowed(_counted(scope.enterprises()), wanted).order_by(*_order(wanted.order))
    return (_enterprise_row(row) for row in found.iterator(chunk_size=1_000))


def enterprise(scope: Scope, id: int) -> EnterpriseRow:  # noqa: A002 - it is the id of an enterprise
    """One enterprise in sight."""
    return _enterprise_row(_one(_counted(scope.enterprises()), id, ENTERPRISE))


def own_enterprises(scope: Scope) -> list[EnterpriseRow]:
    """The enterprises this person belongs to as engineer or owner."""
    return [_enterprise_row(row) for row in _counted(scope.enterprises().filter(id__in=scope.own)).order_by("id")]


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


def gateways(scope: Scope, enterprise_id: int | None = None) -> list[GatewayRow]:
    """The gateways in sight, or those of one enterprise."""
    return _gateway_rows(_with_machines(_gateways(scope, enterprise_id)).order_by("id"))


def gateway_page(scope: Scope, enterprise_id: int | None, number: int = 1, size: int = 50) -> Page[GatewayRow]:
    """The same as a page, those in use first; three statements."""
    order = (F("revoked_at").asc(nulls_first=True), "id")
    return _page(_gateways(scope, enterprise_id), order, number, size, lambda some: _gateway_rows(_with_machines(some)))


def gateways_in_use(scope: Scope, enterprise_id: int | None, heard: Iterable[int]) -> tuple[int, int]:
    """How many gateways in sight are in use, and how many of those are among ``heard``; two statements."""
    used = _gateways(scope, enterprise_id).filter(revoked_at=None)
    return used.count(), used.filter(enrolled_at__isnull=False, id__in=list(heard)).count()


def gateway(scope: Scope, id: int) -> GatewayRow:  # noqa: A002 - it is the id of a gateway
    """One gateway in sight."""
    return _gateway_row(_one(_with_machines(scope.gateways()), id, GATEWAY))


def machines(scope: Scope, wanted: MachineFilter, number: int = 1, size: int = 50) -> Page[MachineRow]:
    """The machines in sight that ``wanted`` leaves, with their points; four statements."""
    found = scope.machines()
    if wanted.text.strip():
        of_it = Q(enterprise__in=matching(wanted.text, "enterprise"))
        found = found.filter(Q(id__in=matching(wanted.text, "machine")) | of_it)
    exact = {"enterprise_id": wanted.enterprise, "gateway_id": wanted.gateway}
    exact |= {"workshop": wanted.workshop or None, "protocol": wanted.protocol or None}  # type: ignore[dict-item]
    found = found.filter(**{name: value for name, value in exact.items() if value is not None})
    whole = lambda some: _machine_rows(list(some.select_related("enterprise", "gateway")))  # noqa: E731
    return _page(found, ("id",), number, size, whole)


def machine(scope: Scope, id: int) -> MachineRow:  # noqa: A002 - it is the id of a machine
    """One machine in sight, with its points."""
    return _machine_rows([_one(_machines(scope), id, MACHINE)])[0]


def machine_of_point(scope: Scope, point: int) -> tuple[MachineRow, PointRow]:
    """A point in sight and the machine it belongs to."""
    found = machine(scope, _one(scope.points(), point, POINT).machine_id)
    return found, next(row for row in found.points if row.id == point)


def factory(scope: Scope, enterprise_id: int) -> Factory:
    """One enterprise with its gateways and machines; four statements however large it is."""
    found = enterprise(scope, enterprise_id)
    rows = list(_machines(scope).filter(enterprise_id=enterprise_id).order_by("workshop", "id"))
    return Factory(found, gateways(scope, enterprise_id), _machine_rows(rows))


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
        found[TenantId(row.machine.enterprise_id)].append(_point_row(row, row.machine.poll_s))
    return dict(found)


def members(scope: Scope, enterprise_id: int | None = None) -> list[MemberRow]:
    """Who belongs to an enterprise in sight; an administrator may ask for everybody."""
    held = Membership.objects.select_related("user")
    if enterprise_id is not None:
        held = held.filter(enterprise__in=scope.enterprises().filter(id=enterprise_id))
    elif not scope.administers:
        held = held.filter(enterprise_id__in=scope.own)
    return [_member_row(row) for row in held.order_by("id")]


def configuration(gateway_id: int) -> GatewayConfig:
    """What a gateway shall read, for the gateway itself: machines that the portal configures, and its version.

    The version is read first, so a change that happens meanwhile is fetched again rather than missed.
    """
    version = Gateway.objects.values_list("configuration_version", flat=True).get(pk=gateway_id)
    found = Machine.objects.filter(gateway_id=gateway_id, removed_at=None, declared_by_gateway=False).order_by("id")
    return GatewayConfig(version=version, devices=tuple(_devices(list(found))))


def is_admitted(gateway_id: int, tenant: int) -> bool:
    """Whether a gateway that shows a good token is still welcome, and still belongs to that enterprise."""
    return Gateway.objects.filter(pk=gateway_id, enterprise_id=tenant, revoked_at=None).exists()


def device_configuration(scope: Scope, machine_id: int) -> DeviceConfig:
    """How one machine in sight is read: what an edit form starts from."""
    return _devices([_one(scope.machines(), machine_id, MACHINE)])[0]


def _counted(found: QuerySet[Enterprise]) -> QuerySet[Enterprise]:
    gateways_of = Gateway.objects.filter(enterprise=OuterRef("pk"), revoked_at=None)
    return found.annotate(gateway_count=_number(gateways_of, "enterprise"))


def _number(rows: QuerySet[Model], group: str) -> Coalesce:
    counted = rows.order_by().values(group).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _narrowed(found: QuerySet[Enterprise], wanted: EnterpriseFilter) -> QuerySet[Enterprise]:
    if wanted.text.strip():
        found = found.filter(id__in=matching(wanted.text, "enterprise"))
    if wanted.area:
        found = found.filter(reporting_area=wanted.area)
    if wanted.industry:
        found = found.filter(industry__startswith=wanted.industry.upper())
    if wanted.above_scale is not None:
        found = found.filter(above_scale=wanted.above_scale)
    if wanted.status:
        found = found.filter(status=wanted.status)
    if wanted.pillar is not None:
        found = found.filter(pillar=wanted.pillar)
    if wanted.connected is not None:
        found = found.filter(machines_now__gt=0) if wanted.connected else found.filter(machines_now=0)
    return found


_ORDERS = {"id": "id", "name": "name", "machines": "machines_now", "points": "points_now", "area": "reporting_area"}


def _order(wanted: str) -> Sequence[str]:
    """Both columns in one direction, so that an index can be read along it."""
    column = _ORDERS.get(wanted.removeprefix("-"), "id")
    return (f"-{column}", "-id") if wanted.startswith("-") else (column, "id")


M = TypeVar("M", bound=Model)


def _page(
    found: QuerySet[M], order: Sequence[str | OrderBy], number: int, size: int, rows: Callable[[QuerySet[M]], list[R]]
) -> Page[R]:
    """One page of ``found``. ``rows`` joins and counts for the records of this page only, not for those before it."""
    size = min(max(size, 1), LARGEST_PAGE)
    total = found.count()
    number = min(max(number, 1), max(1, -(-total // size)))
    ids = list(found.order_by(*order).values_list("pk", flat=True)[(number - 1) * size : number * size])
    place = {id_: at for at, id_ in enumerate(ids)}
    whole = rows(found.model._default_manager.filter(pk__in=ids))
    return Page(sorted(whole, key=lambda row: place[row.id]), total, number, size)


def _one(found: QuerySet[M], id: int, what: Text) -> M:  # noqa: A002 - any record's id
    if not 0 < id < 2**63:
        raise NotVisibleError(what)
    one = found.filter(pk=id).first()
    if one is None:
        raise NotVisibleError(what)
    return one


def _machines(scope: Scope) -> QuerySet[Machine]:
    return scope.machines().select_related("enterprise", "gateway")


def _gateways(scope: Scope, enterprise_id: int | None) -> QuerySet[Gateway]:
    return scope.gateways() if enterprise_id is None else scope.gateways().filter(enterprise_id=enterprise_id)


def _gateway_rows(found: QuerySet[Gateway]) -> list[GatewayRow]:
    return [_gateway_row(row) for row in found]


def _with_machines(found: QuerySet[Gateway]) -> QuerySet[Gateway]:
    machines_of = Machine.objects.filter(gateway=OuterRef("pk"), removed_at=None)
    return found.select_related("enterprise").annotate(machine_count=_number(machines_of, "gateway"))


def _enterprise_row(row: Enterprise) -> EnterpriseRow:
    counts: dict[str, int] = row.__dict__  # what _counted annotated
    return EnterpriseRow(
        id=TenantId(row.pk),
        name=row.name,
        credit_code=row.credit_code,
        industry=row.industry,
        district=row.district,
        reporting_area=row.reporting_area,
        above_scale=row.above_scale,
        is_sample=row.is_sample,
        gateways=counts["gateway_count"],
        machines=row.machines_now,
        points=row.points_now,
    )


def _gateway_row(row: Gateway) -> GatewayRow:
    counts: dict[str, int] = row.__dict__  # what _with_machines annotated
    return GatewayRow(
        id=row.pk,
        enterprise=TenantId(row.enterprise_id),
        enterprise_name=row.enterprise.name,
        name=row.name,
        version=row.version,
        configuration_version=row.configuration_version,
        machines=counts["machine_count"],
        enrolled_at=row.enrolled_at,
        revoked_at=row.revoked_at,
    )


def _points_of(machines_found: Sequence[Machine]) -> dict[int, list[Point]]:
    grouped: dict[int, list[Point]] = defaultdict(list)
    for point in Point.objects.filter(machine__in=machines_found, removed_at=None).order_by("id"):
        grouped[point.machine_id].append(point)
    return grouped


def _machine_rows(found: Sequence[Machine]) -> list[MachineRow]:
    points = _points_of(found)
    return [_machine_row(row, points.get(row.pk, [])) for row in found]


def _machine_row(row: Machine, points: Sequence[Point]) -> MachineRow:
    return MachineRow(
        id=row.pk,
        enterprise=TenantId(row.enterprise_id),
        enterprise_name=row.enterprise.name,
        is_sample=row.enterprise.is_sample,
        gateway=row.gateway_id,
        gateway_name=row.gateway.name if row.gateway else "",
        name=row.name,
        workshop=row.workshop,
        kind=row.kind,
        protocol=row.protocol,
        address=row.address,
        options=dict(row.options),
        poll_s=row.poll_s,
        timeout_s=row.timeout_s,
        declared_by_gateway=row.declared_by_gateway,
        source_note=row.source_note,
        revision=row.revision,
        points=tuple(_point_row(point, row.poll_s) for point in points),
    )


def _point_row(row: Point, machine_poll_s: float) -> PointRow:
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


def _member_row(row: Membership) -> MemberRow:
    return MemberRow(
        id=row.pk,
        user=row.user_id,
        username=row.user.username,
        full_name=row.user.get_full_name(),
        role=Role(row.role),
        enterprise=None if row.enterprise_id is None else TenantId(row.enterprise_id),
        place=row.place,
    )


def _devices(found: Sequence[Machine]) -> list[DeviceConfig]:
    points = _points_of(found)
    return [_device(row, points.get(row.pk, [])) for row in found]


def _device(row: Machine, points: Sequence[Point]) -> DeviceConfig:
    return DeviceConfig(
        id=row.pk,
        name=row.name,
        protocol=row.protocol,
        address=row.address,
        options=dict(row.options),
        poll_s=row.poll_s,
        timeout_s=row.timeout_s,
        points=tuple(_point_config(point) for point in points),
    )


def _point_config(row: Point) -> PointConfig:
    return PointConfig(
        id=row.pk,
        name=row.name,
        address=row.address,
        type=row.type,
        byte_order=row.byte_order,
        scale=row.scale,
        offset=row.offset,
        unit=row.unit,
        poll_s=row.poll_s,
        deadband=row.deadband,
        max_silence_s=row.max_silence_s,
        low=row.low,
        high=row.high,
    )
