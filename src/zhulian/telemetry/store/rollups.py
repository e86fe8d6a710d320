"""Sums over readings, kept beside them: each rollup is described once, and table, view and repair are made from that.

``hourly`` is filled from every block that is inserted, ``daily`` and ``tenant_hourly`` from what reaches ``hourly``:
all hold, at any moment, exactly what the raw rows add up to, and what those added up to that retention took away
(``kept``). A day is the city's (UTC+8), as on its charts; hours are the same in both.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from zhulian.telemetry.store.stretches import Stretch, Stretches, months, weeks
from zhulian.telemetry.store.table import SMALL_QUESTIONS, Table

CITY_DAY = "toDateTime(intDiv(toUnixTimestamp({0}) + 28800, 86400) * 86400 - 28800, 'UTC')"
"""The moment at which the city's day of a time began."""
_TIME = "DateTime64(6, 'UTC')"


class Measure(NamedTuple):
    """A column that adds up: its type, how it is made of readings, and how rows of a finer rollup are put together.

    ``of`` names the finer rollup's column where it is another one.
    """

    name: str
    kind: str
    of_readings: str
    of_sums: str
    of: str = ""

    def made_of(self, source: str) -> str:
        """Its expression over rows of ``source``."""
        return self.of_readings if source == "readings" else f"{self.of_sums}({source}.{self.of or self.name})"


# A stretch without a usable value must not show up as zero, hence the infinities: they vanish in min and max.
_ROWS = Measure("rows", "SimpleAggregateFunction(sum, UInt64)", "count()", "sum")
_COUNT = Measure("count", "SimpleAggregateFunction(sum, UInt64)", "countIf(quality < 2)", "sum")
_LAST = Measure("last", f"SimpleAggregateFunction(max, {_TIME})", "max(ts)", "max")
SUMS = (
    _ROWS,
    _COUNT,
    Measure("total", "SimpleAggregateFunction(sum, Float64)", "sumIf(value, quality < 2)", "sum"),
    Measure("low", "SimpleAggregateFunction(min, Float64)", "min(if(quality < 2, value, inf))", "min"),
    Measure("high", "SimpleAggregateFunction(max, Float64)", "max(if(quality < 2, value, -inf))", "max"),
    Measure("first", f"SimpleAggregateFunction(min, {_TIME})", "min(ts)", "min"),
    _LAST,
)
"""Of all readings: rows, first, last. Of usable ones (quality below 2): count, total, low, high."""

# Three states and not one of a tuple: those are built for their type, and cost a third of the time (measured).
NEWEST = (
    Measure("last_value", f"AggregateFunction(argMax, Float64, {_TIME})", "argMaxState(value, ts)", "argMaxMergeState"),
    Measure(
        "last_text",
        f"AggregateFunction(argMax, String, {_TIME})",
        "argMaxState(CAST(text AS String), ts)",
        "argMaxMergeState",
    ),
    Measure(
        "last_quality", f"AggregateFunction(argMax, UInt8, {_TIME})", "argMaxState(quality, ts)", "argMaxMergeState"
    ),
)
"""The reading at ``last``, usable or not; of several at the same microsecond any one, but one and the same."""

# Which points there were: exact, two bytes a point at most, and put together by the word.
_POINTS = Measure(
    "points", "AggregateFunction(groupBitmap, UInt32)", "groupBitmapState(point)", "groupBitmapState", of="point"
)
OF_TENANT = (_ROWS, _COUNT, _LAST, _POINTS)
"""What adds up over the points of an enterprise, whose values have nothing to do with each other."""


@dataclass(frozen=True, slots=True)
class Rollup:
    """Sums for each piece of time and point of a tenant, or tenant as a whole (not ``of_points``).

    ``source`` is where they are made from, by its time column. One that ``outlives`` it keeps the sums of rows that are
    retired there; another loses them too.
    """

    name: str
    start: str
    source: str
    source_time: str
    of_time: str
    measures: tuple[Measure, ...]
    partition_by: str
    stretches: Stretches
    of_points: bool = True
    outlives: bool = True

    @property
    def kept(self) -> Table:
        """Sums of rows that were retired from the source: the rollup is these, and what its source adds up to."""
        return replace(self.table, name=f"{self.name}_kept")

    @property
    def whose(self) -> tuple[str, ...]:
        """What its rows are of."""
        return ("tenant", "point") if self.of_points else ("tenant",)

    @property
    def table(self) -> Table:
        """Rows of one piece of time may be in several parts until they merge: read it with the measures' functions."""
        keys = tuple((name, "UInt32 CODEC(ZSTD(1))") for name in self.whose)
        time = (self.start, "DateTime('UTC') CODEC(Delta(4), ZSTD(1))")
        sums = tuple((measure.name, f"{measure.kind} CODEC(ZSTD(1))") for measure in self.measures)
        # A point is asked for over its time, the city over all enterprises of a time.
        order = f"tenant, point, {self.start}" if self.of_points else f"{self.start}, tenant"
        return Table(self.name, (*keys, time, *sums), "AggregatingMergeTree", order, self.partition_by, SMALL_QUESTIONS)

    @property
    def view(self) -> str:
        """What fills it with every insertion into its source."""
        return self.view_of(f"{self.name}_view", self.name, self.source)

    def view_of(self, name: str, target: str, source: str) -> str:
        """The same under another ``name``, between tables that are called otherwise."""
        return f"CREATE MATERIALIZED VIEW IF NOT EXISTS {name} TO {target} AS\n{self.select('', source)}"

    def select(self, where: str, source: str = "") -> str:
        """Its rows, made from the rows of its source for which ``where`` holds.

        The source has its name as alias too: on a cluster it is a table of another name that is read.
        """
        made = ",\n  ".join(f"{measure.made_of(self.source)} AS {measure.name}" for measure in self.measures)
        whose = ", ".join(self.whose)
        return (
            f"SELECT {whose}, {self.of_time} AS {self.start},\n  {made}\n"
            f"FROM {source or self.source} AS {self.source} {where} GROUP BY {whose}, {self.start}"
        )

    def of_stretch(self, stretch: Stretch) -> str:
        """The condition for the rows of its source that belong to a partition."""
        return f"WHERE {stretch.holds(f'{self.source}.{self.source_time}')}"

    def count_in_source(self, stretch: Stretch) -> str:
        """How many readings its source knows of in a partition, and those of which the sums alone were kept."""
        count = "count()" if self.source == "readings" else f"sum({self.source}.rows)"
        there = f"SELECT {count} FROM {self.source} {self.of_stretch(stretch)}"  # noqa: S608
        return f"SELECT ({there}) + ({self._counted(self.kept.name, stretch)})" if self.outlives else there

    def count(self, stretch: Stretch) -> str:
        """How many readings it counts there itself."""
        return self._counted(self.name, stretch)

    def _counted(self, table: str, stretch: Stretch) -> str:
        return f"SELECT sum({table}.rows) FROM {table} WHERE {stretch.holds(self.start)}"  # noqa: S608


HOURLY = Rollup(
    "hourly",
    "hour",
    "readings",
    "ts",
    "toStartOfHour(ts)",
    SUMS + NEWEST,
    # By week: a month's chart opens five parts instead of thirty, a day of the whole city still reads only its week.
    "toMonday(hour)",
    weeks,
)
DAILY = Rollup(
    "daily", "day", "hourly", "hour", CITY_DAY.format("hourly.hour"), SUMS, "toYYYYMM(day + INTERVAL 8 HOUR)", months
)
TENANT_HOURLY = Rollup(
    "tenant_hourly",
    "hour",
    "hourly",
    "hour",
    "hourly.hour",
    OF_TENANT,
    "toYYYYMM(hour + INTERVAL 8 HOUR)",
    months,
    of_points=False,
)
ROLLUPS = (HOURLY, DAILY, TENANT_HOURLY)
"""Finest first: each is made of one that stands before it, or of the raw rows."""
OF_POINTS = tuple(rollup for rollup in ROLLUPS if rollup.of_points)
