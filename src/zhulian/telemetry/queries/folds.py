"""Which hours of a question can come from ``folded``, and which must be read from raw rows.

A fold holds while it was made of as many readings as ``hourly`` counts. What it says of how long readings stood holds
for every grace that is at least as long as its longest step: within it, no reading ended before the next one came.
"""

from collections.abc import Mapping
from typing import Any

from zhulian.telemetry.queries.buckets import HOUR_US, whole_hours
from zhulian.telemetry.queries.history import History
from zhulian.telemetry.queries.line_statements import RAW_STATES
from zhulian.telemetry.queries.statements import (
    OF_POINTS,
    RAW_PIECES,
    SECOND,
    SLOT,
    TIME,
    in_range,
    put_together,
    raw_buckets,
    spans,
)

FEWEST_HOURS = 12
"""For fewer whole hours, looking for folds costs more than it saves."""
DAY_S = 86_400
WITHIN = f"hour >= {SECOND % 'whole_start'} AND hour < {SECOND % 'whole_end'}"
FOLDED = f"FROM folded FINAL WHERE {OF_POINTS} AND {WITHIN} AND toUnixTimestamp(hour) NOT IN {{hours:Array(UInt32)}}"
"""The folds that a question may use."""
BESIDE_FOLDS = (
    f"{OF_POINTS} AND {in_range('from')} AND toDate(ts) IN (SELECT toDate(arrayJoin({{days:Array(UInt16)}})))"
    f" AND (ts < {TIME % 'whole_start'} OR ts >= {TIME % 'whole_end'}"
    " OR toUnixTimestamp(toStartOfHour(ts)) IN {hours:Array(UInt32)})"
)
"""The raw rows beside them."""
_HOURS_TO_READ = (
    "SELECT DISTINCT toUnixTimestamp(hour) FROM ("  # noqa: S608
    "SELECT point, hour, hourly.rows AS r, toUInt64(0) AS s, toInt64(0) AS g, toUInt8(0) AS is_useless"
    f" FROM hourly WHERE {OF_POINTS} AND {WITHIN}"
    " UNION ALL SELECT point, hour, toUInt64(0), seen, gap, {useless}"
    f" FROM folded FINAL WHERE {OF_POINTS} AND {WITHIN}"
    ") GROUP BY point, hour HAVING sum(r) != sum(s) OR max(is_useless) OR max(g) > {grace}"
)
STOOD = _HOURS_TO_READ.replace("{useless}", "0").replace(
    "{grace}", "transform(point, {points:Array(UInt32)}, {shortest:Array(Int64)}, toInt64(0))"
)
"""Parameter shortest: the grace that must hold, for each point."""
RUNS = _HOURS_TO_READ.replace("{useless}", "empty(runs)").replace("{grace}", "{grace:Int64}")
MINUTES = _HOURS_TO_READ.replace("{useless}", "empty(minutes)").replace("{grace}", "9223372036854775807")

SPANS = spans(
    f"{RAW_PIECES} WHERE {BESIDE_FOLDS}"
    f" UNION ALL SELECT point, first_us, last_us, last_value, last_quality, seen, good, usable, area, stood {FOLDED}"
)
STATE_PIECES = (
    f"{RAW_STATES} WHERE {BESIDE_FOLDS} UNION ALL"  # noqa: S608
    " SELECT run.1 AS t, run.2 AS until, run.3 AS usable, (run.4, run.5) AS state"
    f" FROM (SELECT runs {FOLDED}) ARRAY JOIN runs AS run"
)
_MINUTE_US = "toUnixTimestamp(hour) * 1000000 + minute.1 * 60000000"
MINUTE_BUCKETS = put_together(
    f"SELECT {SLOT.format(_MINUTE_US)} AS slot, minute.2 AS rows, minute.3 AS count, minute.4 AS total,"  # noqa: S608
    f" minute.5 AS low, minute.6 AS high, minute.7 AS last_us FROM (SELECT hour, minutes {FOLDED})"
    " ARRAY JOIN minutes AS minute",
    raw_buckets(BESIDE_FOLDS),
)


def with_folds(history: History, statement: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """``values`` with what :data:`FOLDED` and :data:`BESIDE_FOLDS` need; None where folds would not help.

    ``statement``: which hours must be read; ``values`` has points, start, end, and from, at or before start.
    """
    bounds = whole_hours((values["start"], values["end"]))
    whole = (bounds["whole_end"] - bounds["whole_start"]) // HOUR_US
    if whole < FEWEST_HOURS:
        return None
    found = history.columns(statement, {**values, **bounds})
    hours = sorted(found[0]) if found else []
    if len(hours) > whole // 2:
        return None
    edges = ((values["from"], bounds["whole_start"]), (bounds["whole_end"], values["end"]))
    days = {hour // DAY_S for hour in hours}
    for first, last in edges:
        days |= set(range(first // 1_000_000 // DAY_S, (last - 1) // 1_000_000 // DAY_S + 1)) if first < last else set()
    return {**values, **bounds, "hours": hours, "days": sorted(days)}
