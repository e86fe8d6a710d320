"""Hours of points made of their raw rows once the day is over: minutes, time-weighted sums and time in state.

These need the reading before or after, so no view over blocks can add them up. A row of ``folded`` is made of all
readings of a point in an hour and of nothing else: what lies between its last reading and the next hour's first one is
left to the question, which knows how long a reading may stand. ``seen`` says of how many readings it was made: it holds
while ``hourly`` counts as many. The larger ``seen`` wins, so folding again after late readings replaces.
"""

from zhulian.telemetry.store.table import Table

MOST_RUNS = 30
"""An hour with more changes of state, or with one at more than every other reading, keeps none of them: it is a
measurement, or its raw rows are as short."""
FEWEST_FOR_MINUTES = 120
"""Points with fewer readings an hour keep no minutes: they would be as many as the raw rows, or nearly."""

FOLDED = Table(
    "folded",
    (
        ("tenant", "UInt32 CODEC(ZSTD(1))"),
        ("point", "UInt32 CODEC(ZSTD(1))"),
        ("hour", "DateTime('UTC') CODEC(Delta(4), ZSTD(1))"),
        ("seen", "UInt64 CODEC(ZSTD(1))"),
        ("good", "UInt64 CODEC(ZSTD(1))"),
        ("usable", "UInt64 CODEC(ZSTD(1))"),
        ("first_us", "Int64 CODEC(ZSTD(1))"),
        ("last_us", "Int64 CODEC(ZSTD(1))"),
        ("area", "Float64 CODEC(ZSTD(1))"),
        ("stood", "Int64 CODEC(ZSTD(1))"),
        ("gap", "Int64 CODEC(ZSTD(1))"),
        ("last_value", "Float64 CODEC(ZSTD(1))"),
        ("last_quality", "UInt8 CODEC(ZSTD(1))"),
        ("runs", "Array(Tuple(Int64, Int64, UInt8, Float64, String)) CODEC(ZSTD(1))"),
        ("minutes", "Array(Tuple(UInt8, UInt64, UInt64, Float64, Float64, Float64, Int64)) CODEC(ZSTD(1))"),
    ),
    engine="ReplacingMergeTree(seen)",
    order_by="tenant, point, hour",
    partition_by="toMonday(hour)",
)
"""Between the first and the last reading of the hour: ``area``, the usable values times the microseconds until the next
reading; ``stood``, those microseconds; ``gap``, the longest step from a reading to the next. ``runs``: since, until
(its last reading), usable, value, words of each state. ``minutes``: minute, rows, usable ones, their sum, lowest,
highest, and the time of the last row."""

_WINDOW = "OVER (PARTITION BY tenant, point, hour ORDER BY t ROWS BETWEEN {})"
_ON = _WINDOW.format("CURRENT ROW AND 1 FOLLOWING")
_BACK = _WINDOW.format("1 PRECEDING AND CURRENT ROW")
# States are compared by their hashes, which are never 0, and so never what stands before the first and after the last.
# NaN equals nothing, itself neither.
_READINGS = (
    "SELECT tenant, point, hour, t, value, text, quality, is_usable,"  # noqa: S608
    f" leadInFrame(t, 1, t) {_ON} - t AS step,"
    f" (lagInFrame(state) {_BACK}) != state AS begins, (leadInFrame(state) {_ON}) != state AS ends"
    " FROM (SELECT tenant, point, toStartOfHour(ts) AS hour, toUnixTimestamp64Micro(ts) AS t, value, text, quality,"
    " quality < 2 AS is_usable,"
    " if(is_usable, bitOr(if(isNaN(value), cityHash64(t), cityHash64(value, text)), 2), 1) AS state"
    " FROM readings WHERE {where})"
)
_SUMS = (
    "count() AS seen, countIf(quality = 0) AS good, countIf(is_usable) AS usable, min(t) AS first_us,"
    " max(t) AS last_us, sumIf(value * step, is_usable) AS area, sumIf(step, is_usable) AS stood, max(step) AS gap,"
    " argMax(value, t) AS last_value, argMax(quality, t) AS last_quality,"
    f" groupArrayIf({MOST_RUNS + 1})((t, is_usable, if(is_usable, value, 0), if(is_usable, CAST(text AS String), '')),"
    f" begins) AS starts, groupArrayIf({MOST_RUNS + 1})(t, ends) AS stops"
)
_OF_MINUTES = (
    f"SELECT tenant, point, hour, toUInt8(intDiv(t, 60000000) % 60) AS minute, {_SUMS},"  # noqa: S608
    " sumIf(value, is_usable) AS total, min(if(is_usable, value, inf)) AS low, max(if(is_usable, value, -inf)) AS high"
    f" FROM ({_READINGS}) GROUP BY tenant, point, hour, minute"
)
_HOURS = f"SELECT tenant, point, hour, {_SUMS}, [] AS minutes FROM ({_READINGS}) GROUP BY tenant, point, hour"  # noqa: S608
_HOURS_OF_MINUTES = (
    "SELECT tenant, point, hour, sum(m.seen) AS seen, sum(m.good) AS good, sum(m.usable) AS usable,"  # noqa: S608
    " min(m.first_us) AS first_us, max(m.last_us) AS last_us, sum(m.area) AS area, sum(m.stood) AS stood,"
    " max(m.gap) AS gap, argMax(m.last_value, m.last_us) AS last_value, argMax(m.last_quality, m.last_us) AS"
    " last_quality, groupArrayArray(m.starts) AS starts, groupArrayArray(m.stops) AS stops,"
    " arraySort(groupArray((minute, m.seen, m.usable, total, low, high, m.last_us))) AS minutes"
    f" FROM ({_OF_MINUTES}) AS m GROUP BY tenant, point, hour"
)
_FOLD = (
    "INSERT INTO folded SELECT tenant, point, hour, seen, good, usable, first_us, last_us, area, stood, gap,"  # noqa: S608
    f" last_value, last_quality, if(length(starts) > least({MOST_RUNS}, intDiv(seen + 1, 2)), [], arrayMap("
    "(since, until) -> (since.1, until, since.2, since.3, since.4), arraySort(x -> x.1, starts), arraySort(stops))),"
    " minutes FROM ({}) SETTINGS insert_deduplicate = 0, async_insert = 0, max_execution_time = 0, max_threads = 1"
)
FOLD, FOLD_WITH_MINUTES = _FOLD.replace("({})", f"({_HOURS})"), _FOLD.replace("({})", f"({_HOURS_OF_MINUTES})")
"""``{where}``: which raw rows, always whole hours of points."""

_OF_DAY = "hour >= toDateTime({day} * 86400, 'UTC') AND hour < toDateTime(({day} + 1) * 86400, 'UTC')"
DAYS = "SELECT toInt32(toDate(hour)) AS day, sum(tenant_hourly.rows) FROM tenant_hourly GROUP BY day ORDER BY day DESC"
"""Days counted from 1970 (UTC) and their readings, the newest first."""
_COUNTED = (
    "SELECT tenant, point, hour, sum(r) AS rows, max(s) AS seen FROM ("  # noqa: S608
    f"SELECT tenant, point, hour, hourly.rows AS r, toUInt64(0) AS s FROM hourly WHERE {_OF_DAY}"
    f" UNION ALL SELECT tenant, point, hour, toUInt64(0), seen FROM folded WHERE {_OF_DAY}"
    ") GROUP BY tenant, point, hour"
)
_PENDING = (
    f"SELECT tenant, point, sum(rows), sum(rows) > {FEWEST_FOR_MINUTES} * count() AS is_quick"  # noqa: S608
    f" FROM ({_COUNTED} HAVING rows > seen) GROUP BY tenant, point ORDER BY is_quick, tenant, point"
)
_EXCESSIVE = f"SELECT tenant, point, hour FROM ({_COUNTED} HAVING seen > rows)"  # noqa: S608


def fold(day: int, points: str, *, with_minutes: bool) -> str:
    """The statement for ``points``, as ``(tenant, point), …``, on a day."""
    statement = FOLD_WITH_MINUTES if with_minutes else FOLD
    return statement.replace("{where}", f"toDate(ts) = toDate({day}) AND (tenant, point) IN ({points})")


def pending(day: int) -> str:
    """The statement for points with hours that are not folded, or were before late readings came: tenant, point, how
    many readings those hours have, and whether they are quick enough for minutes.
    """
    return _PENDING.replace("{day}", str(day))


def count_excessive(day: int) -> str:
    """The statement for how many folds know more readings than the hours: rows were lost, or taken out, since."""
    return f"SELECT count() FROM ({_EXCESSIVE.replace('{day}', str(day))})"  # noqa: S608


def drop_excessive(day: int) -> str:
    """The statement that takes those away: a larger ``seen`` would win for ever."""
    return (
        f"ALTER TABLE folded DELETE WHERE toDate(hour) = toDate({day}) AND (tenant, point, hour) IN"
        f" ({_EXCESSIVE.replace('{day}', str(day))}) SETTINGS mutations_sync = 2"
    )
