"""The SQL of what :mod:`~zhulian.telemetry.queries.lines` answers with beyond a chart's buckets; see ``statements``."""

from zhulian.telemetry.queries.statements import OF_POINT, OF_POINTS, TIME, in_range

_T = "toUnixTimestamp64Micro(ts)"

LTTB = (
    "SELECT arrayMap(p -> {start:Int64} + toInt64(p.1), line), arrayMap(p -> p.2, line) FROM ("  # noqa: S608
    f"SELECT largestTriangleThreeBuckets(%d)({_T} - {{start:Int64}}, value) AS line FROM readings"
    f" WHERE {OF_POINT} AND {in_range()} AND quality < 2)"
)
"""One row of two arrays. ``%d``, the number of readings to keep: an aggregate's own parameter cannot be bound."""

_SLOT = "if({0} < {{start:Int64}}, -1, intDiv({0} - {{origin:Int64}}, {{width:Int64}}))"
_HOUR_US = "toUnixTimestamp(hour) * 1000000"


def _raw_slots(condition: str) -> str:
    return (
        f"SELECT point, {_SLOT.format(_T)} AS slot, countIf(quality < 2) AS count, sumIf(value, quality < 2) AS total,"  # noqa: S608
        " max(ts) AS last, argMaxState(value, ts) AS kept, argMaxState(quality, ts) AS kept_quality"
        f" FROM readings WHERE {OF_POINTS} AND {condition} GROUP BY point, slot"
    )


_HOURLY_SLOTS = (
    f"SELECT point, {_SLOT.format(_HOUR_US)} AS slot, sum(hourly.count) AS count, sum(hourly.total) AS total,"  # noqa: S608
    " max(hourly.last) AS last, argMaxMergeState(last_value) AS kept, argMaxMergeState(last_quality) AS kept_quality"
    f" FROM hourly WHERE {OF_POINTS} AND hour >= {TIME % 'whole_start'} AND hour < {TIME % 'whole_end'}"
    " GROUP BY point, slot"
)
_SLOTS = (
    "SELECT point, slot, sum(count), sum(total), toUnixTimestamp64Micro(max(last)), argMaxMerge(kept),"
    " argMaxMerge(kept_quality) < 2 FROM ({}) GROUP BY point, slot ORDER BY point, slot"
)
_RAW_EDGES = f"{in_range('from')} AND (ts < {TIME % 'whole_start'} OR ts >= {TIME % 'whole_end'})"

FINE_SLOTS = _SLOTS.format(_raw_slots(in_range("from")))
"""Parameters tenant, points, from, start, end, origin, width. Slot -1 is what came between from and start."""

WIDE_SLOTS = _SLOTS.format(f"{_HOURLY_SLOTS} UNION ALL {_raw_slots(_RAW_EDGES)}")
"""The same from hourly sums; whole_start and whole_end bound the whole hours, the rest comes from raw rows."""

_ROWS = "OVER (ORDER BY t ROWS BETWEEN {})"
_ONE_BACK = _ROWS.format("1 PRECEDING AND CURRENT ROW")
_ONE_ON = _ROWS.format("CURRENT ROW AND 1 FOLLOWING")
RAW_STATES = (
    f"SELECT {_T} AS t, t AS until, quality < 2 AS usable,"  # noqa: S608
    " if(usable, (value, CAST(text AS String)), (0, '')) AS state FROM readings"
)
_OF_RAW = f"{RAW_STATES} WHERE {OF_POINT} AND {in_range('from')}"


def _states(pieces: str) -> str:
    """Each of ``pieces`` is a reading, or several equal ones that follow each other within grace, from t to until.

    A run of equal usable readings, none further from the next than grace, stands for grace beyond its last one. The row
    before the first one is taken to lie more than grace before it, so that the first reading begins a run.
    """
    return (
        "SELECT greatest(t, {start:Int64}) AS since,"  # noqa: S608
        " least(stood + {grace:Int64}, next, {end:Int64}) AS until, state FROM ("
        f"SELECT t, usable, state, leadInFrame(t, 1, {{end:Int64}}) {_ONE_ON} AS next,"
        f" leadInFrame(before, 1, newest) {_ONE_ON} AS stood FROM ("
        "SELECT t, usable, state, newest,"
        f" lagInFrame(until, 1, {{from:Int64}} - {{grace:Int64}} - 1) {_ONE_BACK} AS before,"
        f" (lagInFrame(usable) {_ONE_BACK}) != usable OR (lagInFrame(state) {_ONE_BACK}) != state"
        " OR before + {grace:Int64} < t AS begins FROM ("
        f"SELECT t, until, usable, state, max(until) OVER () AS newest FROM ({pieces})"
        ")) WHERE begins) WHERE usable AND since < until"
    )


def state_spans(pieces: str = _OF_RAW) -> str:
    """Parameters tenant, point, from, start, end, grace, width, most. Spans shorter than width are merged with the
    others in their slot of that width; 1 merges none.
    """
    return (
        "SELECT min(since) AS first, max(until), (argMax(state, (until - since, -since)) AS longest).1, longest.2,"  # noqa: S608
        " count(), sum(until - since) FROM (SELECT since, until, state,"
        " if(until - since < {width:Int64}, intDiv(since - {start:Int64}, {width:Int64}), since) AS place,"
        f" until - since < {{width:Int64}} AS is_short FROM ({_states(pieces)}))"
        " GROUP BY is_short, place ORDER BY first LIMIT {most:UInt32}"
    )


def state_times(pieces: str = _OF_RAW) -> str:
    """How long each state was there in all, and how often; parameters as above but width."""
    return (
        "SELECT state.1, state.2, sum(until - since) AS time, count()"  # noqa: S608
        f" FROM ({_states(pieces)}) GROUP BY state ORDER BY time DESC, state LIMIT {{most:UInt32}}"
    )


_USABLE = f"FROM readings WHERE {OF_POINT} AND {in_range()} AND quality < 2"
QUANTILES = f"SELECT quantilesExactInclusive(%s)(value) {_USABLE}"
ESTIMATED_QUANTILES = f"SELECT quantilesTDigest(%s)(value) {_USABLE}"
"""``%s``: levels from 0 to 1, an aggregate's own parameters."""

_EDGES = "{edges:Array(Float64)}"
BINS = (
    f"SELECT toInt64(if(value > {_EDGES}[-1], length({_EDGES}),"
    f" least(arrayCount(e -> e <= value, {_EDGES}), length({_EDGES}) - 1))) AS bin, count()"
    f" {_USABLE} AND isFinite(value) GROUP BY bin ORDER BY bin"
)
"""Bin 0 is below the first edge, bin ``length(edges)`` above the last one."""
