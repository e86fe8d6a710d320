"""The answers: plain values that pages, exports and the API format."""

from dataclasses import dataclass, field

from zhulian.vocabulary.readings import PointId, Quality, TenantId, TimeUs
from zhulian.wire.lane import COUNTED_OTHERWISE
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


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What came from a gateway since the telemetry process started, how much of it late or behind newer readings."""

    gateway: int
    rows: int = 0
    late_rows: int = 0
    overtaken_rows: int = 0
    over_quota: int = 0
    newest_us: int = 0


@dataclass(frozen=True, slots=True)
class Aside:
    """One thing that could not be stored. ``kind``: batch, rows, block or damage; ``tenant`` 0 where nobody knows."""

    id: int
    kind: str
    at_us: TimeUs
    tenant: TenantId
    gateway: int
    rows: int
    size_bytes: int
    code: str
    what_zh: str
    what_en: str

    @property
    def is_replayable(self) -> bool:
        """Whether sending it again can be right: damaged bytes and half-known batches must not go in."""
        return self.kind != "damage" and self.code not in COUNTED_OTHERWISE


@dataclass(frozen=True, slots=True)
class ShelfTotals:
    """What the quarantine holds, and what gave way because it was full."""

    items: int = 0
    rows: int = 0
    size_bytes: int = 0
    dropped_items: int = 0
    dropped_rows: int = 0


@dataclass(frozen=True, slots=True)
class AsideFilter:
    """What a page of the quarantine is narrowed to; the empty one leaves everything."""

    senders: frozenset[int] | None = None
    """Gateways, and enterprises below zero for their files; None is everybody, an empty set nobody."""
    reason: str = ""
    """How the code begins."""
    since_us: int = 0


EVERYTHING = AsideFilter()


@dataclass(frozen=True, slots=True)
class Asides:
    """A page of the quarantine, newest first; ``total`` of those asked for, ``totals`` of everybody's."""

    items: list[Aside] = field(default_factory=list)
    total: int = 0
    totals: ShelfTotals = field(default_factory=ShelfTotals)
    senders: list[int] = field(default_factory=list)
    """Whose they are, of all that were asked for."""


@dataclass(frozen=True, slots=True)
class JournalUse:
    """Bytes of the journal that are in use, and its bound."""

    used_bytes: int
    limit_bytes: int


@dataclass(frozen=True, slots=True)
class DiskUse:
    """The disk that the data folder is on."""

    free_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Health:
    """What waits in the telemetry process, and the room that is left."""

    journal: JournalUse
    rows_waiting: int
    quarantine: ShelfTotals
    disk: DiskUse
