"""One enterprise's production day as collectors see it: machines, points, what the store counted. Plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from zhulian.evidence.collectors.picking import Role
from zhulian.evidence.rules import Value
from zhulian.telemetry.queries import Extent, Growth, Span
from zhulian.vocabulary.clock import SHANGHAI, to_time_us
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.readings import PointId, TenantId, TimeUs

HOUR_US = 3_600_000_000


def day_span(day: date, days: int = 1) -> tuple[TimeUs, TimeUs]:
    """``days`` production days ending with ``day``: midnight to midnight in the city, as no shift plan is kept yet."""
    end = datetime.combine(day + timedelta(days=1), time.min, SHANGHAI)
    return to_time_us(end - timedelta(days=days)), to_time_us(end)


@dataclass(frozen=True, slots=True)
class PointDay:
    """A point on that day. ``due_us`` is how long it should have been there, ``every_us`` how often it reports."""

    id: PointId
    name: str
    unit: str
    role: Role
    every_us: int
    due_us: int
    above: float
    """Beyond this value its machine runs."""
    span: Span | None = None
    growth: Growth | None = None
    month: Extent | None = None
    """What there was in the thirty days that end with this one."""

    @property
    def rows(self) -> int:
        """Readings on the day."""
        return self.span.rows if self.span else 0

    @property
    def there_us(self) -> int:
        """How long it was there."""
        return min(self.span.there_us, self.due_us) if self.span else 0


@dataclass(frozen=True, slots=True)
class MachineDay:
    """A machine that was connected on that day."""

    id: int
    name: str
    kind: str
    points: tuple[PointDay, ...]

    @property
    def is_networked(self) -> bool:
        """Whether any point had a reading in the last thirty days."""
        return any(point.month is not None for point in self.points)

    @property
    def due_us(self) -> int:
        """How long it should have been online: since its first reading, at most the day."""
        return max((point.due_us for point in self.points), default=0)

    @property
    def there_us(self) -> int:
        """How long it was online: as long as its steadiest point."""
        return max((point.there_us for point in self.points), default=0)

    def having(self, role: Role) -> list[PointDay]:
        """Its points of one role."""
        return [point for point in self.points if point.role is role]


@dataclass(frozen=True, slots=True)
class Measured:
    """All that is known about the day. ``online_days``: days (since 1970) on which each machine had a reading."""

    enterprise: TenantId
    day: date
    is_sample: bool
    machines: tuple[MachineDay, ...]
    online_days: Mapping[int, frozenset[int]] = field(default_factory=dict)
    machines_total: int | None = None
    """What the enterprise proved or stated about its machines, connected or not."""
    energy_of_month: Mapping[date, float] = field(default_factory=dict)
    """Electricity of the other days of the month, as the ledger has it."""

    @property
    def networked(self) -> list[MachineDay]:
        """Machines with readings in the last thirty days."""
        return [machine for machine in self.machines if machine.is_networked]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a collector says: value, period, how it came to it, and from which machines and points."""

    key: str
    value: Value
    period_start: date
    period_end: date
    method: Text
    parts: tuple["Part", ...] = ()
    coverage: float | None = None
    """Part of the readings that were due which this rests on; None where that is no question."""
    more: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """What one machine contributes: the points that were read, how many readings, and its own value."""

    machine: MachineDay
    points: Sequence[PointDay]
    value: float

    def as_json(self) -> dict[str, object]:
        """As the fact keeps it; the origin page leads from here to the machine and its points."""
        return {
            "machine": self.machine.id,
            "name": self.machine.name,
            "points": [point.id for point in self.points],
            "point_names": [point.name for point in self.points],
            "readings": sum(point.rows for point in self.points),
            "value": round(self.value, 4),
        }


def coverage(points: Sequence[PointDay]) -> float | None:
    """Part of the due time in which the points were there."""
    due = sum(point.due_us for point in points)
    return sum(point.there_us for point in points) / due if due else None
