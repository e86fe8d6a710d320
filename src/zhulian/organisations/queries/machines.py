"""Machines with their points, and whole factories."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from zhulian.organisations.models import Machine, Point
from zhulian.organisations.queries.enterprises import EnterpriseRow, enterprise
from zhulian.organisations.queries.gateways import GatewayRow, gateways
from zhulian.organisations.queries.lists import MACHINE, POINT, one_of, whole_page
from zhulian.organisations.queries.points import PointRow, point_row, with_points
from zhulian.organisations.search.queries import matching
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.pages import Page
from zhulian.vocabulary.readings import TenantId


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


def machines(scope: Scope, wanted: MachineFilter, number: int = 1, size: int = 50) -> Page[MachineRow]:
    """The machines in sight that ``wanted`` leaves, with their points; four statements."""
    found = scope.machines()
    if wanted.text.strip():
        of_it = Q(enterprise__in=matching(wanted.text, "enterprise"))
        found = found.filter(Q(id__in=matching(wanted.text, "machine")) | of_it)
    exact = {"enterprise_id": wanted.enterprise, "gateway_id": wanted.gateway}
    exact |= {"workshop": wanted.workshop or None, "protocol": wanted.protocol or None}  # type: ignore[dict-item]
    found = found.filter(**{name: value for name, value in exact.items() if value is not None})
    return whole_page(found, ("id",), number, size, _rows)


def machine(scope: Scope, id: int) -> MachineRow:  # noqa: A002 - it is the id of a machine
    """One machine in sight, with its points."""
    return with_points([one_of(_named(scope.machines()), id, MACHINE)], _row)[0]


def machine_of_point(scope: Scope, point: int) -> tuple[MachineRow, PointRow]:
    """A point in sight and the machine it belongs to."""
    found = machine(scope, one_of(scope.points(), point, POINT).machine_id)
    return found, next(row for row in found.points if row.id == point)


def factory(scope: Scope, enterprise_id: int) -> Factory:
    """One enterprise with its gateways and machines; four statements however large it is."""
    found = enterprise(scope, enterprise_id)
    rows = scope.machines().filter(enterprise_id=enterprise_id).order_by("workshop", "id")
    return Factory(found, gateways(scope, enterprise_id), _rows(rows))


def _rows(found: QuerySet[Machine]) -> list[MachineRow]:
    return with_points(list(_named(found)), _row)


def _named(found: QuerySet[Machine]) -> QuerySet[Machine]:
    return found.select_related("enterprise", "gateway")


def _row(row: Machine, points: Sequence[Point]) -> MachineRow:
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
        points=tuple(point_row(point, row.poll_s) for point in points),
    )
