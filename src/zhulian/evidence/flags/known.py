"""What flag rules are given, and what they say: plain values, so that a rule is tested with a series made by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from zhulian.evidence.collectors.picking import Role
from zhulian.telemetry.queries import Hour
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.readings import TimeUs

HOUR_US = 3_600_000_000
HOURS = 30 * 24
"""How far back series are looked at."""


@dataclass(frozen=True, slots=True)
class Line:
    """One point's hours of the last thirty days."""

    enterprise: int
    machine: int
    machine_name: str
    point: int
    point_name: str
    unit: str
    role: Role
    hours: Sequence[Hour]

    @property
    def words(self) -> str:
        """Machine and point, as a person says it."""
        return f"{self.machine_name} · {self.point_name}"


@dataclass(frozen=True, slots=True)
class Presence:
    """On which days (from 1970) an enterprise sent anything in the last 120, and since which day it is known."""

    enterprise: int
    since: int
    days: frozenset[int]


@dataclass(frozen=True, slots=True)
class Body:
    """A firm with what can be compared: ``provider`` is the organisation's id when it offers services, else None."""

    name: str
    enterprise: int | None
    provider: int | None = None
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that was handed in."""

    id: int
    enterprise: int
    name: str
    number: str
    amount_fen: int | None
    issued_on: date | None
    uploaded_at: datetime
    uploaded_by: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two documents that are one, as the store of documents recognised them: file, invoice or photo."""

    later: Paper
    earlier: Paper
    reason: str
    distance: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """Everything rules look at. ``until_us`` is the end of the last whole day."""

    until_us: TimeUs
    lines: Sequence[Line] = ()
    presences: Sequence[Presence] = ()
    bodies: Sequence[Body] = ()
    pairs: Sequence[Pair] = ()

    @property
    def from_us(self) -> int:
        """Where the hours begin."""
        return self.until_us - HOURS * HOUR_US

    @property
    def today(self) -> int:
        """The day (from 1970, in the city) after the last whole one."""
        return (self.until_us // 1_000_000 + 28_800) // 86_400


@dataclass(frozen=True, slots=True)
class Curve:
    """A few hundred values to draw. ``enterprise`` is whose they are: drawn only for those who may see them."""

    name: Text
    unit: str
    enterprise: int
    times_us: Sequence[int]
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Hint:
    """What a rule says about ``enterprise``. ``key`` names the subject: the same hint tomorrow has the same key.

    ``others`` are further enterprises that it concerns; nothing in its words names them, the page does, for those who
    may see them.
    """

    key: str
    enterprise: int
    title: Text
    said: Text
    machine: int | None = None
    columns: Sequence[Text] = ()
    rows: Sequence[Sequence[object]] = ()
    curves: Sequence[Curve] = ()
    others: Sequence[int] = field(default=())


def curve_of(line: Line, start_us: int = 0, end_us: int = 2**62) -> Curve:
    """A point's hourly means from ``start_us`` to ``end_us`` as a curve."""
    hours = [hour for hour in line.hours if start_us <= hour.time_us <= end_us]
    return Curve(
        Text(line.words, line.words),
        line.unit,
        line.enterprise,
        [hour.time_us for hour in hours],
        [None if hour.mean is None else round(hour.mean, 4) for hour in hours],
    )


def day_words(day: int) -> str:
    """A day counted from 1970 as a date."""
    return date.fromordinal(day + 719_163).isoformat()
