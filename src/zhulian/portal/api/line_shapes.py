"""What operations over a range of time answer with. Times are ISO 8601 in UTC, missing values are null."""

from datetime import datetime

from ninja import Schema

from zhulian.telemetry.queries import Basis
from zhulian.vocabulary.clock import to_datetime
from zhulian.vocabulary.readings import TimeUs


class BasisOut(Schema):
    """What an answer rests on. ``share`` (0 to 1): how much of the range, up to now, had readings every ``every_s``.

    ``source`` is the coarsest table that was read: raw, minute, hour or day. ``is_estimated``: the interval comes from
    the readings. ``newest`` and ``received`` belong to the newest reading of all, whatever the range.
    """

    source: str
    share: float | None
    every_s: float | None
    is_estimated: bool
    newest: datetime | None
    received: datetime | None


class SeriesOut(Schema):
    """A point over time: at most ``most`` buckets of ``bucket_s`` seconds (0: readings as they came).

    ``shape``: readings (all of them), envelope (mean, low and high of buckets) or line (chosen readings, LTTB).
    """

    point: int
    unit: str
    start: datetime
    end: datetime
    bucket_s: float
    shape: str
    times: list[datetime]
    means: list[float]
    lows: list[float]
    highs: list[float]
    counts: list[int]
    total: int
    last: datetime | None
    basis: BasisOut


class ColumnOut(Schema):
    """One point of a grid: a value for each of its times."""

    point: int
    name: str
    unit: str
    values: list[float | None]
    basis: BasisOut | None


class AlignedOut(Schema):
    """Several points on one grid of slots of ``step_s``: slot ``i`` begins at ``times[i]``."""

    start: datetime
    end: datetime
    step_s: float
    fill: str
    times: list[datetime]
    points: list[ColumnOut]


class StateSpanOut(Schema):
    """One state; or ``changes`` of them that were too short to be shown, of which the named one lasted longest."""

    start: datetime
    end: datetime
    value: float
    text: str | None
    changes: int
    there_s: float


class StateTimeOut(Schema):
    """How long a state lasted in all, and how often it began."""

    value: float
    text: str | None
    time_s: float
    times: int


class StatesOut(Schema):
    """A point's states; between spans the state is not known."""

    point: int
    start: datetime
    end: datetime
    spans: list[StateSpanOut]
    times: list[StateTimeOut]
    basis: BasisOut


class HistogramOut(Schema):
    """Usable readings by value: bin ``i`` from ``edges[i]`` up to ``edges[i + 1]``, the last with its upper edge."""

    point: int
    unit: str
    start: datetime
    end: datetime
    bins: str
    edges: list[float]
    counts: list[int]
    below: int
    above: int
    is_exact: bool
    basis: BasisOut


class ReadingOut(Schema):
    """One reading; ``quality`` 0 good, 1 uncertain, 2 bad."""

    point: int
    time: datetime
    value: float | None
    text: str | None
    quality: int


class RowsOut(Schema):
    """Readings in order of time and point. ``after`` continues behind them, null at the end."""

    rows: list[ReadingOut]
    after: str | None


class HourOut(Schema):
    """Readings of one hour."""

    time: datetime
    rows: int


class AreaHoursOut(Schema):
    """The hours of one reporting area; hours without a reading are left out."""

    area: str
    hours: list[HourOut]


class CityHoursOut(Schema):
    """Readings by hour and reporting area, over the enterprises that you may see."""

    start: datetime
    end: datetime
    areas: list[AreaHoursOut]
    basis: BasisOut


class BusyOut(Schema):
    """How many readings an enterprise sent, of how many points, and the newest."""

    enterprise: int
    name: str
    rows: int
    points: int
    last: datetime


class SeenOut(Schema):
    """How many machines and points were heard within the seconds before ``as_of``."""

    as_of: datetime
    within_s: float
    enterprises: int
    machines: int
    points: int


def basis_out(found: Basis) -> BasisOut:
    """A basis as it is answered."""
    return BasisOut(
        source=found.source.value,
        share=found.share,
        every_s=None if found.every_us is None else found.every_us / 1e6,
        is_estimated=found.is_estimated,
        newest=moment(found.newest_us),
        received=moment(found.received_us),
    )


def moment(time_us: TimeUs | None) -> datetime | None:
    """A time as it is answered."""
    return None if time_us is None else to_datetime(time_us)
