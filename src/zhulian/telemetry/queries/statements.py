"""The SQL of the portal, all of it. Every statement names the tenant; times are microseconds, bound on the server."""

TIME = "fromUnixTimestamp64Micro({%s:Int64}, 'UTC')"
_OF_POINT = "tenant = {tenant:UInt32} AND point = {point:UInt32}"
_OF_POINTS = "tenant = {tenant:UInt32} AND point IN {points:Array(UInt32)}"
_IN_RANGE = f"ts >= {TIME % 'start'} AND ts < {TIME % 'end'}"
_SLOT = "intDiv(toUnixTimestamp64Micro({}) - {{origin:Int64}}, {{width:Int64}})"


def _raw_buckets(condition: str) -> str:
    return (
        f"SELECT {_SLOT.format('ts')} AS slot, count() AS rows, countIf(quality < 2) AS count,"  # noqa: S608
        " sumIf(value, quality < 2) AS total, min(if(quality < 2, value, inf)) AS low,"
        " max(if(quality < 2, value, -inf)) AS high, toUnixTimestamp64Micro(max(ts)) AS last_us"
        f" FROM readings WHERE {_OF_POINT} AND {condition} GROUP BY slot"
    )


_HOURLY_BUCKETS = (
    f"SELECT {_SLOT.format('toDateTime64(hour, 6)')} AS slot, sum(hourly.rows) AS rows, sum(hourly.count) AS count,"  # noqa: S608
    " sum(hourly.total) AS total, min(hourly.low) AS low, max(hourly.high) AS high,"
    " toUnixTimestamp64Micro(max(hourly.last)) AS last_us"
    f" FROM hourly WHERE {_OF_POINT} AND hour >= {TIME % 'whole_start'} AND hour < {TIME % 'whole_end'} GROUP BY slot"
)
_RAW_EDGES = f"{_IN_RANGE} AND (ts < {TIME % 'whole_start'} OR ts >= {TIME % 'whole_end'})"

FINE_BUCKETS = _raw_buckets(_IN_RANGE) + " ORDER BY slot"
"""Parameters tenant, point, start, end, origin, width."""

WIDE_BUCKETS = (
    "SELECT slot, sum(rows), sum(count), sum(total), min(low), max(high), max(last_us) FROM ("  # noqa: S608
    f"{_HOURLY_BUCKETS} UNION ALL {_raw_buckets(_RAW_EDGES)}) GROUP BY slot ORDER BY slot"
)
"""The same from hourly sums; whole_start and whole_end bound the whole hours, the rest comes from raw rows."""

FEW_ROWS = (
    "SELECT toUnixTimestamp64Micro(ts), value FROM readings"  # noqa: S608
    f" WHERE {_OF_POINT} AND {_IN_RANGE} AND quality < 2 ORDER BY ts LIMIT {{most:UInt32}}"
)

DAYS = (
    "SELECT DISTINCT toUnixTimestamp(toDateTime(toDate(hour), 'UTC')) AS day FROM hourly"  # noqa: S608
    f" WHERE {_OF_POINTS} AND hour >= toStartOfHour({TIME % 'start'}) AND hour < {TIME % 'end'} ORDER BY day"
)
ROWS = (
    "SELECT point, toUnixTimestamp64Micro(ts), value, quality, text FROM readings"  # noqa: S608
    f" WHERE {_OF_POINTS} AND {_IN_RANGE} ORDER BY ts, point"
)

COUNTS = (
    "SELECT point, sum(hourly.rows), toUnixTimestamp64Micro(min(first)), toUnixTimestamp64Micro(max(last))"  # noqa: S608
    f" FROM hourly WHERE {_OF_POINTS} GROUP BY point"
)

HOURLY = (
    "SELECT tenant, toUnixTimestamp(hour), sum(hourly.rows) FROM hourly WHERE tenant IN {tenants:Array(UInt32)}"  # noqa: S608
    f" AND hour >= toStartOfHour({TIME % 'start'}) AND hour < {TIME % 'end'}"
    " GROUP BY tenant, hour ORDER BY tenant, hour"
)
