"""Gateways as the records know them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from zhulian.organisations.models import Gateway, Machine, Point
from zhulian.organisations.queries.lists import GATEWAY, number_of, one_of, whole_page
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.pages import Page
from zhulian.vocabulary.readings import TenantId

MOST_WORDS = 5
"""Words of a search that are looked at."""


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
    is_sample: bool


def gateways(scope: Scope, enterprise_id: int | None = None, text: str = "") -> list[GatewayRow]:
    """The gateways in sight, or those of one enterprise; ``text`` is found in their or its name."""
    return _rows(_with_machines(_gateways(scope, enterprise_id, text)).order_by("id"))


def gateway_page(
    scope: Scope, enterprise_id: int | None, text: str = "", number: int = 1, size: int = 50
) -> Page[GatewayRow]:
    """The same as a page, those in use first; three statements."""
    order = (F("revoked_at").asc(nulls_first=True), "id")
    found = _gateways(scope, enterprise_id, text)
    return whole_page(found, order, number, size, lambda some: _rows(_with_machines(some)))


def gateways_in_use(scope: Scope, enterprise_id: int | None, heard: Iterable[int]) -> tuple[int, int]:
    """How many gateways in sight are in use, and how many of those are among ``heard``; two statements."""
    used = _gateways(scope, enterprise_id).filter(revoked_at=None)
    return used.count(), used.filter(enrolled_at__isnull=False, id__in=list(heard)).count()


def gateway(scope: Scope, id: int) -> GatewayRow:  # noqa: A002 - it is the id of a gateway
    """One gateway in sight."""
    return _row(one_of(_with_machines(scope.gateways()), id, GATEWAY))


def gateways_called(scope: Scope, ids: Iterable[int]) -> dict[int, GatewayRow]:
    """Those of ``ids`` that are in sight, by id."""
    return {row.id: row for row in _rows(_with_machines(scope.gateways().filter(pk__in=list(ids))))}


def senders_called(scope: Scope, text: str, among: Iterable[int]) -> frozenset[int]:
    """Those of ``among`` that each word of ``text`` fits: gateways in sight by their own name or that of their
    enterprise, machines or points; and enterprises, below zero, for the files they imported. Two statements.
    """
    senders = list(among)
    gateways = scope.gateways().filter(pk__in=[sender for sender in senders if sender > 0])
    firms = scope.enterprises().filter(pk__in=[-sender for sender in senders if sender < 0])
    for word in text.split()[:MOST_WORDS]:
        read = Point.objects.filter(machine__gateway=OuterRef("pk"), removed_at=None)
        named = read.filter(Q(name__icontains=word) | Q(machine__name__icontains=word))
        gateways = gateways.filter(Q(name__icontains=word) | Q(enterprise__name__icontains=word) | Exists(named))
        firms = firms.filter(name__icontains=word)
    return frozenset((*gateways.values_list("pk", flat=True), *(-firm for firm in firms.values_list("pk", flat=True))))


def is_admitted(gateway_id: int, tenant: int) -> bool:
    """Whether a gateway that shows a good token is still welcome, and still belongs to that enterprise."""
    return Gateway.objects.filter(pk=gateway_id, enterprise_id=tenant, revoked_at=None).exists()


def _gateways(scope: Scope, enterprise_id: int | None, text: str = "") -> QuerySet[Gateway]:
    found = scope.gateways() if enterprise_id is None else scope.gateways().filter(enterprise_id=enterprise_id)
    return found.filter(Q(name__icontains=text) | Q(enterprise__name__icontains=text)) if text else found


def _rows(found: QuerySet[Gateway]) -> list[GatewayRow]:
    return [_row(row) for row in found]


def _with_machines(found: QuerySet[Gateway]) -> QuerySet[Gateway]:
    machines_of = Machine.objects.filter(gateway=OuterRef("pk"), removed_at=None)
    return found.select_related("enterprise").annotate(machine_count=number_of(machines_of, "gateway"))


def _row(row: Gateway) -> GatewayRow:
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
        is_sample=row.enterprise.is_sample,
    )
