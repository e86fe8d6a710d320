"""The answers: plain values that pages, exports and the API format."""

from dataclasses import dataclass

from zhulian.vocabulary.readings import PointId, Quality, TenantId, TimeUs
from zhulian.wire.status import GatewayStatus


@dataclass(frozen=True, slots=True)
class Latest:
    """A point's newest reading, and when the platform received it."""

    point: PointId
    time_us: TimeUs
    value: float
    quality: Quality
    text: str | None
    received_us: TimeUs


@dataclass(frozen=True, slots=True)
class PointCount:
    """How many readings of a point are stored, and between which times."""

    point: PointId
    count: int
    first_us: TimeUs
    last_us: TimeUs


@dataclass(frozen=True, slots=True)
class Activity:
    """How busy an enterprise is right now; the newest time of a reading, and when the platform received one last."""

    tenant: TenantId
    readings_last_minute: int
    points_live: int
    last_us: TimeUs
    received_us: TimeUs


@dataclass(frozen=True, slots=True)
class GatewayState:
    """A gateway as the telemetry process sees it. ``clock_offset_us``: its clock minus the platform's."""

    gateway: int
    connected: bool
    last_heard_us: TimeUs
    clock_offset_us: int
    status: GatewayStatus | None


@dataclass(frozen=True, slots=True)
class Watch:
    """How a point is watched: a reading stands for ``grace_us``, and for ``cover_us`` it shows that none is missing.

    ``above`` is the value beyond which something counts as on.
    """

    point: PointId
    grace_us: int
    cover_us: int
    above: float = float("inf")


@dataclass(frozen=True, slots=True)
class Span:
    """A watched point within a range: readings, good and usable ones, and times in microseconds.

    ``there_us``: a reading stood; ``above_us``: a usable one beyond the watch's ``above``; ``covered_us``: usable ones
    followed each other without a gap. ``value_us`` is the integral of the usable values, in value × microseconds.
    """

    point: PointId
    rows: int
    good: int
    usable: int
    there_us: int
    above_us: int
    covered_us: int
    value_us: float


@dataclass(frozen=True, slots=True)
class Growth:
    """By how much a counter grew within a range, over ``resets`` restarts; one low reading alone is a slip."""

    point: PointId
    amount: float
    resets: int
    rows: int


@dataclass(frozen=True, slots=True)
class Extent:
    """What is stored of a point within a range of whole hours; ``low`` and ``high`` None without a usable reading."""

    point: PointId
    rows: int
    count: int
    low: float | None
    high: float | None
    first_us: TimeUs
    last_us: TimeUs


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of a point, beginning at ``time_us``; ``count`` usable readings out of ``rows``."""

    time_us: TimeUs
    rows: int
    count: int
    mean: float | None
    low: float | None
    high: float | None
