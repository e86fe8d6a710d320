"""The SQL of the portal, all of it. Every statement names the tenant; times are microseconds, bound on the server."""

from functools import cache

from zhulian.telemetry.queries.basis import Source

TIME = "fromUnixTimestamp64Micro({%s:Int64}, 'UTC')"
SECOND = "toDateTime(intDiv({%s:Int64}, 1000000), 'UTC')"
"""A whole hour or day, of the type of their columns: comparing with another one costs a conversion in every part."""
OF_POINT = "tenant = {tenant:UInt32} AND point = {point:UInt32}"
OF_POINTS = "tenant = {tenant:UInt32} AND point IN {points:Array(UInt32)}"


def in_range(start: str = "start") -> str:
    """Raw rows from the parameter ``start`` until the parameter end."""
    return f"ts >= {TIME % start} AND ts < {TIME % 'end'}"


_IN_RANGE = in_range()
SLOT = "intDiv({} - {{origin:Int64}}, {{width:Int64}})"


def raw_buckets(condition: str) -> str:
    """Of the raw rows for which it holds."""
    return (
        f"SELECT {SLOT.format('toUnixTimestamp64Micro(ts)')} AS slot, count() AS rows, countIf(quality < 2) AS count,"  # noqa: S608
        " sumIf(value, quality < 2) AS total, min(if(quality < 2, value, inf)) AS low,"
        " max(if(quality < 2, value, -inf)) AS high, toUnixTimestamp64Micro(max(ts)) AS last_us"
        f" FROM readings WHERE {condition} GROUP BY slot"
    )


def _summed_buckets(table: str, start: str, condition: str) -> str:
    return (
        f"SELECT {SLOT.format(f'toUnixTimestamp({start}) * 1000000')} AS slot, sum({table}.rows) AS rows,"  # noqa: S608
        f" sum({table}.count) AS count, sum({table}.total) AS total, min({table}.low) AS low,"
        f" max({table}.high) AS high, toUnixTimestamp64Micro(max({table}.last)) AS last_us"
        f" FROM {table} WHERE {OF_POINT} AND {condition} GROUP BY slot"
    )


def _within(time: str, what: str, bound: str = TIME) -> str:
    """``time`` in the whole hours (``what`` is whole) or whole days (days) of the range."""
    return f"{time} >= {bound % f'{what}_start'} AND {time} < {bound % f'{what}_end'}"


def _beside(time: str, what: str, bound: str = TIME) -> str:
    """``time`` not in those."""
    return f"({time} < {bound % f'{what}_start'} OR {time} >= {bound % f'{what}_end'})"


def put_together(*pieces: str) -> str:
    """Buckets of several tables, some of them the same ones."""
    return (
        "SELECT slot, sum(rows), sum(count), sum(total), min(low), max(high), max(last_us)"  # noqa: S608
        f" FROM ({' UNION ALL '.join(pieces)}) GROUP BY slot ORDER BY slot"
    )


_HOURS = _within("hour", "whole", SECOND)
_DAY_BUCKETS = _summed_buckets("daily", "day", _within("day", "days", SECOND))
_HOUR_BUCKETS = _summed_buckets("hourly", "hour", _HOURS)
_HOURS_BESIDE_DAYS = _summed_buckets("hourly", "hour", f"{_HOURS} AND {_beside('hour', 'days', SECOND)}")
_EDGES = raw_buckets(f"{OF_POINT} AND {_IN_RANGE} AND {_beside('ts', 'whole')}")
FINE_BUCKETS = raw_buckets(f"{OF_POINT} AND {_IN_RANGE}") + " ORDER BY slot"
"""Parameters tenant, point, start, end, origin, width."""


@cache
def buckets_from(*sources: Source) -> str:
    """The same from every one of ``sources``: even a table that gives no row costs the opening of its parts.

    days_start and days_end bound the city's whole days, which come from daily sums; whole_start and whole_end the whole
    hours: those beside the days come from hourly sums, and what is left from raw rows.
    """
    if sources == (Source.RAW,):
        return FINE_BUCKETS
    hours = _HOURS_BESIDE_DAYS if Source.DAY in sources else _HOUR_BUCKETS
    found = {Source.DAY: _DAY_BUCKETS, Source.HOUR: hours, Source.RAW: _EDGES}
    pieces = [found[source] for source in sources]
    return put_together(*pieces) if len(pieces) > 1 else f"{pieces[0]} ORDER BY slot"


FEW_ROWS = (
    "SELECT toUnixTimestamp64Micro(ts), value FROM readings"  # noqa: S608
    f" WHERE {OF_POINT} AND {_IN_RANGE} AND quality < 2 ORDER BY ts LIMIT {{most:UInt32}}"
)

DAYS = (
    "SELECT DISTINCT toUnixTimestamp(toDateTime(toDate(hour), 'UTC')) AS day FROM hourly"  # noqa: S608
    f" WHERE {OF_POINTS} AND hour >= toStartOfHour({TIME % 'start'}) AND hour < {TIME % 'end'} ORDER BY day"
)
ROWS = (
    "SELECT point, toUnixTimestamp64Micro(ts), value, quality, text FROM readings"  # noqa: S608
    f" WHERE {OF_POINTS} AND {_IN_RANGE} ORDER BY ts, point"
)

PAGE_ROWS = (
    "SELECT point, toUnixTimestamp64Micro(ts), value, quality, text FROM readings"  # noqa: S608
    f" WHERE {OF_POINTS} AND {_IN_RANGE} AND (ts, point) >= ({TIME % 'after_time'}, {{after_point:UInt32}})"
    " ORDER BY ts, point, value, text, quality LIMIT {most:UInt32}"
)
ROWS_AS_ARROW = (
    "SELECT point, ts AS time, value, CAST(text AS String) AS text, quality FROM readings"  # noqa: S608
    f" WHERE {OF_POINTS} AND {_IN_RANGE} ORDER BY ts, point"
)

COUNTS = (
    "SELECT point, sum(daily.rows), toUnixTimestamp64Micro(min(first)), toUnixTimestamp64Micro(max(last))"  # noqa: S608
    f" FROM daily WHERE {OF_POINTS} GROUP BY point"
)

_WINDOW = "OVER (PARTITION BY point ORDER BY t ROWS BETWEEN {} FOLLOWING)"
_AS_MANY = "transform(point, {{points:Array(UInt32)}}, {{{0}:Array({1})}}, {2})"
_STANDS = "greatest(least(next, until + {}, {{end:Int64}}) - greatest(until, {{start:Int64}}), 0)"
RAW_PIECES = (
    "SELECT point, toUnixTimestamp64Micro(ts) AS t, t AS until, value, quality, toUInt64(1) AS n, quality = 0 AS g,"
    " quality < 2 AS u, toFloat64(0) AS area, toInt64(0) AS stood FROM readings"
)


def spans(pieces: str) -> str:
    """How long readings stand: until the next one, or until their grace is over.

    Each of ``pieces`` is a reading, or several that follow each other: from t to until, after that its last value and
    quality. Parameters graces, covers, aboves (one for each point) and from, which lies one grace before start, so
    that a day begins with what stood.
    """
    return (
        "SELECT point, sumIf(n, t >= {start:Int64}), sumIf(g, t >= {start:Int64}),"  # noqa: S608
        " sumIf(u, t >= {start:Int64}), sum(until - t + held), sumIf(held, quality < 2 AND value > above),"
        " sum(stood + if(quality < 2, covered, 0)), sum(area + if(quality < 2, value * held, 0)) FROM ("
        "SELECT point, t, until, value, quality, n, g, u, area, stood,"
        f" {_AS_MANY.format('aboves', 'Float64', 'inf')} AS above,"
        f" {_STANDS.format(_AS_MANY.format('graces', 'Int64', 'toInt64(0)'))} AS held,"
        f" {_STANDS.format(_AS_MANY.format('covers', 'Int64', 'toInt64(0)'))} AS covered FROM ("
        f"SELECT *, leadInFrame(t, 1, {{end:Int64}}) {_WINDOW.format('CURRENT ROW AND UNBOUNDED')} AS next"
        f" FROM ({pieces})"
        ")) GROUP BY point"
    )


SPANS = spans(f"{RAW_PIECES} WHERE {OF_POINTS} AND ts >= {TIME % 'from'} AND ts < {TIME % 'end'}")

_BEFORE = "OVER (PARTITION BY point ORDER BY t ROWS BETWEEN 1 PRECEDING AND {})"
GROWTH = (
    "SELECT point, sumIf(if(value >= before, value - before, value), known AND t >= {start:Int64}),"  # noqa: S608
    " countIf(known AND value < before AND t >= {start:Int64}), countIf(t >= {start:Int64}) FROM ("
    f"SELECT point, t, value, lagInFrame(value, 1, value) {_BEFORE.format('CURRENT ROW')} AS before,"
    f" lagInFrame(1, 1, 0) {_BEFORE.format('CURRENT ROW')} AS known FROM ("
    "SELECT point, toUnixTimestamp64Micro(ts) AS t, value,"
    f" lagInFrame(value, 1, value) {_BEFORE.format('1 FOLLOWING')} AS left,"
    f" leadInFrame(value, 1, value) {_BEFORE.format('1 FOLLOWING')} AS right"
    f" FROM readings WHERE {OF_POINTS} AND ts >= {TIME % 'from'} AND ts < {TIME % 'end'} AND quality < 2"
    ") WHERE NOT (value < left AND right >= left)) GROUP BY point"
)
"""A counter's increase, reading by reading. Parameter from lies a day before start, so that the first step is counted
too; it belongs to the time of its later reading."""

_WITHIN_HOURS = f"hour >= toStartOfHour({TIME % 'start'}) AND hour < {TIME % 'end'}"
EXTENTS = (
    "SELECT point, sum(hourly.rows), sum(hourly.count), min(hourly.low), max(hourly.high),"  # noqa: S608
    " toUnixTimestamp64Micro(min(first)), toUnixTimestamp64Micro(max(last))"
    f" FROM hourly WHERE {OF_POINTS} AND {_WITHIN_HOURS} GROUP BY point"
)
POINT_HOURS = (
    "SELECT point, toUnixTimestamp(hour), sum(hourly.rows), sum(hourly.count), sum(hourly.total), min(hourly.low),"  # noqa: S608
    f" max(hourly.high) FROM hourly WHERE {OF_POINTS} AND {_WITHIN_HOURS} GROUP BY point, hour ORDER BY point, hour"
)
GROUP_DAYS = (
    f"SELECT DISTINCT {_AS_MANY.format('groups', 'UInt64', 'toUInt64(0)')} AS group,"  # noqa: S608
    " intDiv(toUnixTimestamp(hour) + 28800, 86400) AS day"
    f" FROM hourly WHERE {OF_POINTS} AND {_WITHIN_HOURS}"
)
"""Days since 1970 of the city's calendar (UTC+8)."""
