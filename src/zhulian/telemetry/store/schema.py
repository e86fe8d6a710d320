"""The tables of the store, each defined once; the same statements run on chDB and on a ClickHouse server.

``readings`` keeps every reading; the rollups keep what readings add up to: long charts, counts, city pages and the
start of live memory read those instead of raw rows. Beside each rollup stands what it keeps of retired rows, and in
``retirements`` every step of retiring, begun and done.
"""

from dataclasses import replace

from zhulian.telemetry.store.folded import FOLDED
from zhulian.telemetry.store.rollups import ROLLUPS
from zhulian.telemetry.store.table import Table

DATABASE = "zhulian"
VERSION = 4

READINGS = Table(
    "readings",
    (
        ("tenant", "UInt32 CODEC(ZSTD(1))"),
        ("point", "UInt32 CODEC(ZSTD(1))"),
        # Points of one poll share a timestamp: byte-aligned deltas repeat, and ZSTD finds them.
        ("ts", "DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1))"),
        ("value", "Float64 CODEC(ZSTD(1))"),
        ("text", "LowCardinality(String) CODEC(ZSTD(1))"),
        ("quality", "UInt8 CODEC(ZSTD(1))"),
    ),
    engine="MergeTree",
    order_by="tenant, point, ts",
    partition_by="toDate(ts)",
)

SCHEMA_VERSION = Table(
    "schema_version",
    (("version", "UInt32"), ("since", "DateTime('UTC') DEFAULT now('UTC')")),
    engine="MergeTree",
    order_by="version",
)

RETIREMENTS = Table(
    "retirements",
    (
        ("step", "UInt64"),
        ("is_done", "UInt8"),
        ("number", "UInt64"),
        ("source", "String"),
        ("start", "UInt32"),
        ("end", "UInt32"),
        ("with_sums", "UInt8"),
        ("rows", "UInt64"),
        ("condition", "String CODEC(ZSTD(3))"),
        ("at", "DateTime('UTC') DEFAULT now('UTC')"),
    ),
    engine="MergeTree",
    order_by="step, is_done",
)
"""A step is in it once when it was begun and once more when it was done; see ``retiring``."""

OUTLIVING = tuple(rollup for rollup in ROLLUPS if rollup.outlives)
HOLDING = (READINGS, *(rollup.table for rollup in ROLLUPS), *(rollup.kept for rollup in OUTLIVING), FOLDED)
"""Everything that holds readings, sums over them, or sums over retired ones: what is to go, goes from these."""
STAGED = tuple(replace(table, name=f"{table.name}_staged") for table in HOLDING)
"""Where their partitions are put together anew before one replaces the other."""

TABLES = (*HOLDING, *STAGED, RETIREMENTS, SCHEMA_VERSION)

STATEMENTS = (*(table.statement for table in TABLES), *(rollup.view for rollup in reversed(ROLLUPS)))
"""What makes the tables where they are missing. No statement names the database: it is the connection's own."""

READ_VERSION = "SELECT max(version) FROM schema_version"
WRITE_VERSION = f"INSERT INTO schema_version (version) VALUES ({VERSION})"  # noqa: S608

INSERT = "INSERT INTO readings (tenant, point, ts, value, text, quality)"

INSERT_SETTINGS = {
    "async_insert": "0",
    "deduplicate_blocks_in_dependent_materialized_views": "1",
    "max_partitions_per_insert_block": "0",
    "input_format_parallel_parsing": "0",
    "max_threads": "1",
    "max_insert_threads": "1",
    "max_execution_time": "0",
}
"""For every insertion of readings. A gateway that comes back after months must not be stuck on a limit of days.
One thread, so that a block sent again falls into the same pieces, each with the same token."""

_KEPT = (
    "tenant, point, max(last) AS ts, argMaxMerge(last_value) AS value, argMaxMerge(last_text) AS text,"
    " argMaxMerge(last_quality) AS quality"
)
# Points heard from in the last two days come from those days alone; only the silent ones cost a look further back.
LATEST = f"""WITH (SELECT max(hour) - INTERVAL 2 DAY FROM hourly) AS recent
SELECT {_KEPT} FROM hourly WHERE hour >= recent GROUP BY tenant, point
UNION ALL
SELECT {_KEPT} FROM hourly WHERE hour < recent AND (tenant, point) NOT IN
  (SELECT tenant, point FROM hourly WHERE hour >= recent)
GROUP BY tenant, point"""  # noqa: S608 - our own constant

ALARMS = """SELECT concat(table, '/', name, ' ', reason) FROM system.detached_parts
WHERE database = currentDatabase() AND (startsWith(reason, 'broken') OR reason IN ('unexpected', 'noquorum'))
ORDER BY table, name"""
