"""Enterprises as lists show them, with what each has connected."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet

from zhulian.organisations.models import Enterprise, Gateway
from zhulian.organisations.queries.lists import ENTERPRISE, number_of, one_of, whole_page
from zhulian.organisations.search.queries import matching
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.pages import Page
from zhulian.vocabulary.readings import TenantId


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


def enterprises(scope: Scope, wanted: EnterpriseFilter, number: int = 1, size: int = 50) -> Page[EnterpriseRow]:
    """The enterprises in sight that ``wanted`` leaves, counted; three statements."""
    found = _narrowed(scope.enterprises(), wanted)
    return whole_page(found, _order(wanted.order), number, size, lambda some: _rows(_counted(some)))


def names_of(scope: Scope, tenants: Iterable[int]) -> dict[TenantId, str]:
    """What those of ``tenants`` that are in sight are called; the others vanish."""
    rows = scope.enterprises().filter(id__in=list(tenants)).order_by().values_list("id", "name")
    return {TenantId(tenant): name for tenant, name in rows}


def every_enterprise(scope: Scope, wanted: EnterpriseFilter) -> Iterable[EnterpriseRow]:
    """The same rows without paging, for an export; read in portions."""
    found = _narrowed(_counted(scope.enterprises()), wanted).order_by(*_order(wanted.order))
    return map(_row, found.iterator(chunk_size=1_000))


def enterprise(scope: Scope, id: int) -> EnterpriseRow:  # noqa: A002 - it is the id of an enterprise
    """One enterprise in sight."""
    return _row(one_of(_counted(scope.enterprises()), id, ENTERPRISE))


def own_enterprises(scope: Scope) -> list[EnterpriseRow]:
    """The enterprises this person belongs to as engineer or owner."""
    return _rows(_counted(scope.enterprises().filter(id__in=scope.own)).order_by("id"))


def _counted(found: QuerySet[Enterprise]) -> QuerySet[Enterprise]:
    gateways_of = Gateway.objects.filter(enterprise=OuterRef("pk"), revoked_at=None)
    return found.annotate(gateway_count=number_of(gateways_of, "enterprise"))


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


def _rows(found: QuerySet[Enterprise]) -> list[EnterpriseRow]:
    return [_row(row) for row in found]


def _row(row: Enterprise) -> EnterpriseRow:
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
