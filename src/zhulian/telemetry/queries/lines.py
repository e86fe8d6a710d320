"""Answers over a range of time. Each carries its :class:`~zhulian.telemetry.queries.basis.Basis`; all are bounded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from zhulian.telemetry.queries.basis import Basis
from zhulian.vocabulary.readings import PointId, TenantId, TimeUs


class Shape(StrEnum):
    """How many readings become few entries."""

    ENVELOPE = "envelope"
    """Mean, low and high of buckets: nothing that stood out is lost."""
    LINE = "line"
    """Real readings, chosen by the largest triangles (LTTB): a line looks as it would with all of them."""
    READINGS = "readings"
    """Only in answers: they were few, so each is there."""


@dataclass(frozen=True, slots=True)
class Series:
    """A point over ``[start_us, end_us)``: never more entries than asked for, down-sampled where the readings are.

    ``bucket_s`` is the width of one entry, 0.0 when each is a single reading. Entry ``i`` begins at ``times_us[i]``
    and holds mean, low and high over ``counts[i]`` usable readings: quality BAD is in ``total`` only. Stretches
    without a usable reading have no entry.
    """

    point: PointId
    start_us: TimeUs
    end_us: TimeUs
    bucket_s: float
    shape: Shape
    basis: Basis
    times_us: list[int] = field(default_factory=list)
    means: list[float] = field(default_factory=list)
    lows: list[float] = field(default_factory=list)
    highs: list[float] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    total: int = 0
    last_us: TimeUs | None = None


class Fill(StrEnum):
    """What stands in a slot of :class:`Aligned`."""

    LAST = "last"
    """The newest reading of the slot; without one, an earlier reading that still stands when the slot begins."""
    MEAN = "mean"
    """The mean of the slot's usable readings."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """Several points on one grid: slot ``i`` is ``[times_us[i], times_us[i] + step_us)``, cut to the range.

    ``values[point][i]`` is None where nothing is known: no usable reading, or the newest one was of quality BAD.
    """

    start_us: TimeUs
    end_us: TimeUs
    step_us: int
    fill: Fill
    times_us: list[int]
    values: dict[PointId, list[float | None]]
    basis: dict[PointId, Basis]


@dataclass(frozen=True, slots=True)
class StateSpan:
    """A point was in one state from ``start_us`` to ``end_us``: its number, and its words where it has some.

    Where states changed faster than can be shown, a span stands for ``changes`` states that followed each other: the
    named one lasted longest, and of the whole span, ``there_us`` was in some state.
    """

    start_us: TimeUs
    end_us: TimeUs
    value: float
    text: str | None
    changes: int
    there_us: int

    @property
    def is_merged(self) -> bool:
        """Whether it stands for several states."""
        return self.changes > 1


@dataclass(frozen=True, slots=True)
class StateTime:
    """How long a point was in a state within the range, and how often it came into it (or was in it at the start)."""

    value: float
    text: str | None
    time_us: int
    times: int


@dataclass(frozen=True, slots=True)
class States:
    """A point's states over ``[start_us, end_us)``: changes only, in order; between spans the state is not known.

    ``times`` is exact, the longest first, at most :data:`~zhulian.telemetry.queries.states.MOST_STATES` of them.
    """

    point: PointId
    start_us: TimeUs
    end_us: TimeUs
    basis: Basis
    spans: list[StateSpan] = field(default_factory=list)
    times: list[StateTime] = field(default_factory=list)


class Bins(StrEnum):
    """How a histogram's bins are cut."""

    WIDTH = "width"
    """All equally wide."""
    QUANTILES = "quantiles"
    """All equally full, as far as equal values allow."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Usable readings by value: bin ``i`` is ``[edges[i], edges[i + 1])``, the last one with its upper edge.

    ``below`` and ``above`` count readings outside the edges that were asked for. ``is_exact`` is False when quantiles
    had to be estimated (t-digest); the counts are exact all the same.
    """

    point: PointId
    start_us: TimeUs
    end_us: TimeUs
    bins: Bins
    basis: Basis
    edges: list[float] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    below: int = 0
    above: int = 0
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class CityHours:
    """Readings of each hour by group, in order; hours without any are left out. ``basis.share`` counts hours."""

    start_us: TimeUs
    end_us: TimeUs
    basis: Basis
    groups: Mapping[int, list[tuple[TimeUs, int]]]

    @property
    def sums(self) -> dict[TimeUs, int]:
        """All groups together."""
        found: dict[TimeUs, int] = {}
        for hours in self.groups.values():
            for hour_us, rows in hours:
                found[hour_us] = found.get(hour_us, 0) + rows
        return found


@dataclass(frozen=True, slots=True)
class TenantRows:
    """How many readings an enterprise sent within the hours of a range, of how many points, and the newest."""

    tenant: TenantId
    rows: int
    points: int
    last_us: TimeUs


@dataclass(frozen=True, slots=True)
class Seen:
    """Points from which something arrived within ``within_us`` before ``as_of_us``, by enterprise."""

    as_of_us: TimeUs
    within_us: int
    points: Mapping[TenantId, frozenset[PointId]]
