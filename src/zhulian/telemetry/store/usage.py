"""What the store holds and whose: by table, by partition, by enterprise and by day. For pages and the command line.

Sizes are the parts' own; rows of enterprises are counted from sums. Reading ``usage`` costs no look at raw rows.
"""

from typing import NamedTuple

TABLES = (
    "SELECT table, sum(rows), sum(bytes_on_disk), count(), uniqExact(partition) FROM system.parts"
    " WHERE database = currentDatabase() AND active AND rows > 0 GROUP BY table ORDER BY sum(bytes_on_disk) DESC, table"
)
PARTITIONS = (
    "SELECT table, partition, sum(rows), sum(bytes_on_disk), count() FROM system.parts"
    " WHERE database = currentDatabase() AND active AND rows > 0"
    " GROUP BY table, partition ORDER BY table, partition DESC"
)
_ROWS = (
    "SELECT tenant, toInt64(sum(daily.rows)) AS n, toInt64(sum(daily.rows)) AS ever, toUnixTimestamp(min(first)) AS f,"
    " toUnixTimestamp(max(last)) AS l FROM daily GROUP BY tenant"
    " UNION ALL SELECT tenant, -toInt64(sum({0}.rows)), 0, 4294967295, 0 FROM {0} GROUP BY tenant"
)
TENANTS = (
    "SELECT tenant, sum(n) AS here, sum(ever), min(f), max(l) FROM ("  # noqa: S608
    + _ROWS.format("hourly_kept")
    + " UNION ALL SELECT tenant, -toInt64(sum(daily_kept.rows)), 0, 4294967295, 0 FROM daily_kept GROUP BY tenant)"
    " GROUP BY tenant ORDER BY here DESC, tenant"
)
DAYS = (
    "SELECT intDiv(toUnixTimestamp(day) + 28800, 86400) AS number, sum(daily.rows) FROM daily"
    " WHERE {0} GROUP BY number ORDER BY number"
)
"""Readings by day of the city; ``{0}`` is a condition over tenant and day."""
THINNED = (
    "SELECT DISTINCT tenant, intDiv(toUnixTimestamp(hour) + 28800, 86400) AS number FROM hourly_kept"
    " WHERE {whose} AND {hours} UNION DISTINCT"
    " SELECT tenant, intDiv(toUnixTimestamp(day) + 28800, 86400) AS number FROM daily_kept WHERE {whose} AND {days}"
)
"""Enterprises' days of which readings went and sums stayed."""
RETIRED = "SELECT sum(rows), toUnixTimestamp(max(at)) FROM retirements WHERE is_done = 1 AND source = 'readings'"


class TableUse(NamedTuple):
    """A table: rows, bytes on disk as they are compressed there, parts and partitions."""

    name: str
    rows: int
    size_bytes: int
    parts: int
    partitions: int


class PartitionUse(NamedTuple):
    """A partition of a table."""

    table: str
    partition: str
    rows: int
    size_bytes: int
    parts: int


class TenantUse(NamedTuple):
    """An enterprise: readings that are there themselves, readings that ever came (and were not deleted with their
    sums), and between which times (seconds, UTC) those lie."""

    tenant: int
    rows: int
    ever: int
    first_s: int
    last_s: int
