"""What collectors need of one enterprise's day: its machines as they were then, and what the store counted.

Five statements to the store for an enterprise, however many machines it has.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Prefetch, Q

from zhulian.evidence.collectors.energy import DAY_KEY
from zhulian.evidence.collectors.machines import DAYS
from zhulian.evidence.collectors.measured import MachineDay, Measured, PointDay, day_span
from zhulian.evidence.collectors.picking import IDLE_SHARE, Role, role_of
from zhulian.evidence.models import Fact
from zhulian.evidence.queries import effective
from zhulian.evidence.rules import EvidenceClass, SubjectKind, of_enterprise
from zhulian.organisations.models import Enterprise, Machine, Point
from zhulian.organisations.tenancy import SYSTEM
from zhulian.telemetry.queries import Extent, Growth, PointCount, Span, Telemetry, Watch
from zhulian.vocabulary.clock import to_datetime
from zhulian.vocabulary.freshness import LATE_AFTER_POLLS, SHORTEST_GRACE_S
from zhulian.vocabulary.readings import PointId, TenantId, TimeUs

ABOVE_STATE = 0.5
COVERED_INTERVALS = 1.5
"""Readings half an interval late are late, but none is missing."""
DAYS_OF_USE = 30


def read_day(telemetry: Telemetry, enterprise: TenantId, day: date) -> Measured:
    """Everything about ``day``. Raises TelemetryUnreachable."""
    span_us = day_span(day)
    machines = _machines(enterprise, span_us)
    points = [point for machine in machines for point in machine.points.all()]
    ids = [PointId(point.pk) for point in points]
    month = telemetry.extents(enterprise, ids, *day_span(day, DAYS_OF_USE))
    first = telemetry.counts(enterprise, list(month))
    drafts = {point.pk: _draft(point, month.get(PointId(point.pk)), first, span_us) for point in points}
    watches = [_watch(draft) for draft in drafts.values() if draft.month is not None]
    spans = telemetry.spans(enterprise, watches, *span_us)
    counters = [draft.id for draft in drafts.values() if draft.role in {Role.ELECTRICITY, Role.PIECES}]
    growth = telemetry.growth(enterprise, counters, *span_us)
    groups = {PointId(point.pk): point.machine_id for point in points}
    return Measured(
        enterprise=enterprise,
        day=day,
        is_sample=Enterprise.objects.filter(pk=enterprise, is_sample=True).exists(),
        machines=tuple(_machine(machine, drafts, spans, growth) for machine in machines),
        online_days=telemetry.days(enterprise, groups, *day_span(day, DAYS)),
        machines_total=_machines_total(enterprise, day),
        energy_of_month=_energy_of_month(enterprise, day),
    )


def _machines(enterprise: TenantId, span_us: tuple[TimeUs, TimeUs]) -> Sequence[Machine]:
    """Machines and points that had not been removed by the end of the day."""
    there = Q(removed_at=None) | Q(removed_at__gte=to_datetime(span_us[1]))
    points = Prefetch("points", Point.objects.filter(there).order_by("id"))
    return list(Machine.objects.filter(there, enterprise=enterprise).order_by("id").prefetch_related(points))


def _draft(
    point: Point, month: Extent | None, first: dict[PointId, PointCount], span_us: tuple[TimeUs, TimeUs]
) -> PointDay:
    role = role_of(point.name, point.unit)
    every_s = max(point.poll_s if point.poll_s is not None else point.machine.poll_s, point.max_silence_s)
    begun = max(first[PointId(point.pk)].first_us, span_us[0]) if PointId(point.pk) in first else span_us[1]
    above = float("inf")
    if role is Role.STATE:
        above = ABOVE_STATE
    elif role is Role.POWER and month is not None and month.high is not None:
        above = max(month.high, 0.0) * IDLE_SHARE
    return PointDay(
        id=PointId(point.pk),
        name=point.name,
        unit=point.unit,
        role=role,
        every_us=round(every_s * 1e6),
        due_us=max(span_us[1] - begun, 0),
        above=above,
        month=month,
    )


def _watch(draft: PointDay) -> Watch:
    grace_us = max(LATE_AFTER_POLLS * draft.every_us, round(SHORTEST_GRACE_S * 1e6))
    return Watch(draft.id, grace_us, round(COVERED_INTERVALS * draft.every_us), draft.above)


def _machine(
    machine: Machine,
    drafts: dict[int, PointDay],
    spans: dict[PointId, Span],
    growth: dict[PointId, Growth],
) -> MachineDay:
    points = tuple(_finished(drafts[point.pk], spans, growth) for point in machine.points.all())
    return MachineDay(machine.pk, machine.name, machine.kind, points)


def _finished(draft: PointDay, spans: dict[PointId, Span], growth: dict[PointId, Growth]) -> PointDay:
    return PointDay(
        draft.id,
        draft.name,
        draft.unit,
        draft.role,
        draft.every_us,
        draft.due_us,
        draft.above,
        spans.get(draft.id),
        growth.get(draft.id),
        draft.month,
    )


def _machines_total(enterprise: TenantId, day: date) -> int | None:
    found = effective(SYSTEM, of_enterprise(enterprise), "machines.total", day)
    return found.value if found is not None and isinstance(found.value, int) else None


def _energy_of_month(enterprise: TenantId, day: date) -> dict[date, float]:
    """Only asked at the end of a month, or when a day of an earlier month is collected again."""
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    rows = Fact.objects.filter(
        subject_kind=SubjectKind.ENTERPRISE.value,
        subject=enterprise,
        key=DAY_KEY,
        period_end__gte=first,
        period_end__lt=following,
        evidence_class=EvidenceClass.A.value,
        superseded_by=None,
        is_withdrawal=False,
    )
    return {row.period_end: float(row.value or 0.0) for row in rows}
