"""The tables of the store, each defined once; the same statements run on chDB and on a ClickHouse server.

``readings`` keeps every reading. ``hourly`` keeps, for each point and hour, sums over good and uncertain readings and
the newest reading of all: long charts, counts, city pages and the start of live memory read it instead of raw rows.
"""

from dataclasses import dataclass

DATABASE = "zhulian"
VERSION = 1

DURABLE = {
    "fsync_after_insert": "1",
    "fsync_part_directory": "1",
    "min_rows_to_fsync_after_merge": "1",
    "min_compressed_bytes_to_fsync_after_merge": "1",
    "old_parts_lifetime": "480",
    "max_suspicious_broken_parts": "1000000",
    "max_suspicious_broken_parts_bytes": "1000000000000000",
    "non_replicated_deduplication_window": "10000",
}
"""On every table, view targets included: without each of them a power cut loses rows or the folder does not open
(measured; see docs/reference/store.md). The broken-parts limits are safe only together with the alarm at open."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: columns in order with type and codec, engine, and what it is sorted and partitioned by."""

    name: str
    columns: tuple[tuple[str, str], ...]
    engine: str
    order_by: str
    partition_by: str = ""

    @property
    def statement(self) -> str:
        """CREATE TABLE, with the durable settings."""
        columns = ",\n  ".join(f"{name} {kind}" for name, kind in self.columns)
        partition = f"\nPARTITION BY {self.partition_by}" if self.partition_by else ""
        settings = ", ".join(f"{name} = {value}" for name, value in DURABLE.items())
        return (
            f"CREATE TABLE IF NOT EXISTS {self.name} (\n  {columns}\n)\n"
            f"ENGINE = {self.engine}{partition}\nORDER BY ({self.order_by})\nSETTINGS {settings}"
        )


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

HOURLY = Table(
    "hourly",
    (
        ("tenant", "UInt32 CODEC(ZSTD(1))"),
        ("point", "UInt32 CODEC(ZSTD(1))"),
        ("hour", "DateTime('UTC') CODEC(Delta(4), ZSTD(1))"),
        ("rows", "SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1))"),
        ("count", "SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1))"),
        ("total", "SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(1))"),
        ("low", "SimpleAggregateFunction(min, Float64) CODEC(ZSTD(1))"),
        ("high", "SimpleAggregateFunction(max, Float64) CODEC(ZSTD(1))"),
        ("first", "SimpleAggregateFunction(min, DateTime64(6, 'UTC')) CODEC(ZSTD(1))"),
        ("last", "SimpleAggregateFunction(max, DateTime64(6, 'UTC')) CODEC(ZSTD(1))"),
        ("newest", "AggregateFunction(argMax, Tuple(Float64, String, UInt8), DateTime64(6, 'UTC')) CODEC(ZSTD(1))"),
    ),
    engine="AggregatingMergeTree",
    order_by="tenant, point, hour",
    # By week: a month's chart opens five parts instead of thirty, a day of the whole city still reads only its week.
    partition_by="toMonday(hour)",
)

SCHEMA_VERSION = Table(
    "schema_version",
    (("version", "UInt32"), ("since", "DateTime('UTC') DEFAULT now('UTC')")),
    engine="MergeTree",
    order_by="version",
)

TABLES = (READINGS, HOURLY, SCHEMA_VERSION)

# An hour without a usable value must not show up as zero, hence the infinities: they vanish in min and max.
HOURLY_COLUMNS = """tenant, point, toStartOfHour(ts) AS hour,
  count() AS rows, countIf(quality < 2) AS count, sumIf(value, quality < 2) AS total,
  min(if(quality < 2, value, inf)) AS low, max(if(quality < 2, value, -inf)) AS high,
  min(ts) AS first, max(ts) AS last, argMaxState((value, CAST(text AS String), quality), ts) AS newest"""

HOURLY_VIEW = f"""CREATE MATERIALIZED VIEW IF NOT EXISTS hourly_view TO hourly AS
SELECT {HOURLY_COLUMNS}
FROM readings GROUP BY tenant, point, hour"""  # noqa: S608 - our own constant

STATEMENTS = (*(table.statement for table in TABLES), HOURLY_VIEW)
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

# Points heard from in the last two days come from those days alone; only the silent ones cost a look further back.
LATEST = """WITH (SELECT max(hour) - INTERVAL 2 DAY FROM hourly) AS recent
SELECT tenant, point, max(last) AS ts, (argMaxMerge(newest) AS kept).1 AS value, kept.2 AS text, kept.3 AS quality
FROM hourly WHERE hour >= recent GROUP BY tenant, point
UNION ALL
SELECT tenant, point, max(last) AS ts, (argMaxMerge(newest) AS kept).1 AS value, kept.2 AS text, kept.3 AS quality
FROM hourly WHERE hour < recent AND (tenant, point) NOT IN
  (SELECT tenant, point FROM hourly WHERE hour >= recent)
GROUP BY tenant, point"""

ALARMS = """SELECT concat(table, '/', name, ' ', reason) FROM system.detached_parts
WHERE database = currentDatabase() AND (startsWith(reason, 'broken') OR reason IN ('unexpected', 'noquorum'))
ORDER BY table, name"""
