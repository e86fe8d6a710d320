"""The only reader of this room: terms, what holds for whom, demands. Constant numbers of statements."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from zhulian.organisations.models import Point
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import SYSTEM, Scope
from zhulian.retention.models import Demand, Term
from zhulian.retention.rules import NO_UNIT, Key, Known, holding, number_of, plan
from zhulian.telemetry.queries import Erasure, Keep, Plan, Telemetry
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import Page, page_of
from zhulian.vocabulary.readings import TenantId

DEMAND = Text("删除申请", "demand for deletion")


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term as it was chosen."""

    id: int
    enterprise: int | None
    enterprise_name: str
    unit: str
    keep: Keep
    changed_at: datetime
    changed_name: str


@dataclass(frozen=True, slots=True)
class Holding:
    """What holds for an enterprise: for its points, and for those of units where that differs."""

    keep: Keep
    is_own: bool
    units: tuple[tuple[str, Keep], ...]


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A class of points: how many there are in sight."""

    unit: str
    points: int


@dataclass(frozen=True, slots=True)
class DemandRow:
    """A demand with everything that its certificate says."""

    id: int
    enterprise: int
    enterprise_name: str
    points: tuple[int, ...] | None
    said: str
    first: date
    last: date
    with_sums: bool
    reason: str
    state: str
    expected_rows: int
    expected_hours: int
    asked_at: datetime
    asked_name: str
    confirmed_at: datetime | None
    confirmed_name: str
    steps: int
    steps_done: int
    rows_gone: int
    ended_at: datetime | None
    is_sample: bool

    @property
    def erasure(self) -> Erasure:
        """As telemetry takes it."""
        return Erasure(
            self.id, self.enterprise, number_of(self.first), number_of(self.last), self.points, self.with_sums
        )


@dataclass(frozen=True, slots=True)
class PointChoice:
    """A point that may be named in a demand, also one that was removed: its readings may be there still."""

    id: int
    name: str
    machine: int
    machine_name: str
    is_removed: bool


def terms(scope: Scope) -> list[TermRow]:
    """The city's, and those of enterprises in sight."""
    seen = Q(enterprise=None) | Q(enterprise__in=scope.enterprises())
    rows = Term.objects.filter(seen).select_related("enterprise").order_by("enterprise__name", "unit")
    found = [
        TermRow(
            row.pk,
            row.enterprise_id,
            row.enterprise.name if row.enterprise else "",
            row.unit,
            Keep(row.raw_days, row.hour_days),
            row.changed_at,
            row.changed_name,
        )
        for row in rows
    ]
    return sorted(found, key=lambda row: row.enterprise is not None)


def holding_of(scope: Scope, enterprises: Iterable[int]) -> dict[int, Holding]:
    """What holds for each of these enterprises in sight; one statement."""
    chosen = chosen_terms(scope)
    units = sorted({unit for _, unit in chosen if unit})
    found = {}
    for enterprise in enterprises:
        key, keep = holding(chosen, enterprise, "")
        differing = ((unit, holding(chosen, enterprise, unit)[1]) for unit in units)
        own = tuple((unit, other) for unit, other in differing if other != keep)
        found[enterprise] = Holding(keep, key[0] is not None, own)
    return found


def chosen_terms(scope: Scope) -> dict[Key, Keep]:
    """What was chosen for what."""
    return {(row.enterprise, row.unit): row.keep for row in terms(scope)}


def planned(chosen: dict[Key, Keep]) -> Plan:
    """The plan that these terms are; for the whole city, whoever asks."""
    units = {unit for _, unit in chosen if unit}
    texts = {"" if unit == NO_UNIT else unit for unit in units}
    rows = Point.objects.filter(unit__in=texts).values_list("id", "machine__enterprise", "unit") if units else ()
    return plan(chosen, (Known(*row) for row in rows))


def plan_in_force() -> Plan:
    """What telemetry is told every night."""
    return planned(chosen_terms(SYSTEM))


def thinned_days(telemetry: Telemetry, days: Collection[tuple[TenantId, date]]) -> set[tuple[TenantId, date]]:
    """Those of these enterprise days of which readings were taken away: by retention, or on demand."""
    if not days:
        return set()
    tenants = sorted({tenant for tenant, _ in days})
    first, last = min(day for _, day in days), max(day for _, day in days)
    found = telemetry.thinned(tenants, number_of(first), number_of(last))
    gone = Demand.objects.filter(
        enterprise__in=tenants, state__in=("confirmed", "done"), first__lte=last, last__gte=first
    ).values_list("enterprise", "first", "last")
    spans = list(gone)
    return {
        (tenant, day)
        for tenant, day in days
        if (tenant, number_of(day)) in found or any(each == tenant and a <= day <= b for each, a, b in spans)
    }


def samples(scope: Scope, enterprises: Iterable[int]) -> frozenset[int]:
    """Those that are sample data."""
    rows = scope.enterprises().filter(id__in=list(enterprises), is_sample=True).order_by()
    return frozenset(rows.values_list("id", flat=True))


def units(scope: Scope) -> list[UnitRow]:
    """The classes of the points in sight, most frequent first."""
    rows = scope.points().order_by().values("unit").annotate(points=Count("id")).order_by("-points", "unit")
    return [UnitRow(row["unit"] or NO_UNIT, row["points"]) for row in rows]


def demands(scope: Scope, number: int, size: int, text: str = "", state: str = "") -> Page[DemandRow]:
    """Those of enterprises in sight, newest first; narrowed by a part of a name or reason, and by state."""
    rows = _demands(scope)
    if text:
        rows = rows.filter(Q(enterprise__name__icontains=text) | Q(reason__icontains=text) | Q(said__icontains=text))
    if state:
        rows = rows.filter(state=state)
    return page_of(rows, number, size, _row)


def demand(scope: Scope, number: int) -> DemandRow:
    """One in sight. Raises NotVisibleError."""
    found = _demands(scope).filter(pk=number).first()
    if found is None:
        raise NotVisibleError(DEMAND)
    return _row(found)


def at_work() -> list[DemandRow]:
    """Confirmed and not done yet, of everybody; for the job that sees to them."""
    return [_row(row) for row in Demand.objects.filter(state="confirmed").select_related("enterprise").order_by("id")]


def point_choices(scope: Scope, enterprise: int) -> list[PointChoice]:
    """Every point that the enterprise has or had."""
    rows = (
        Point.objects.filter(machine__enterprise__in=scope.enterprises().filter(pk=enterprise))
        .select_related("machine")
        .order_by("machine__name", "machine_id", "id")
    )
    return [
        PointChoice(row.pk, row.name, row.machine_id, row.machine.name, bool(row.removed_at or row.machine.removed_at))
        for row in rows
    ]


def may_demand(scope: Scope, enterprise: int) -> bool:
    """Whether this person may have readings of it deleted: its owner, and the bureau on its behalf."""
    return scope.administers or scope.keeps_city or enterprise in scope.owns


def _demands(scope: Scope) -> QuerySet[Demand]:
    return Demand.objects.filter(enterprise__in=scope.enterprises()).select_related("enterprise")


def _row(row: Demand) -> DemandRow:
    return DemandRow(
        row.pk, row.enterprise_id, row.enterprise.name, _ids(row.points), row.said, row.first, row.last, row.with_sums,
        row.reason, row.state, row.expected_rows, row.expected_hours, row.asked_at, row.asked_name, row.confirmed_at,
        row.confirmed_name, row.steps, row.steps_done, row.rows_gone, row.ended_at, row.enterprise.is_sample,
    )  # fmt: skip


def _ids(points: Sequence[int] | None) -> tuple[int, ...] | None:
    return None if points is None else tuple(points)
