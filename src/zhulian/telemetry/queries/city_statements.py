"""The SQL of :mod:`~zhulian.telemetry.queries.city`: hours are counted as a whole, from the one that start lies in."""

from zhulian.telemetry.queries.statements import TIME

_WITHIN = (
    "FROM tenant_hourly WHERE tenant IN {tenants:Array(UInt32)}"
    f" AND hour >= toStartOfHour({TIME % 'start'}) AND hour < {TIME % 'end'}"
)

CITY_HOURS = (
    "SELECT transform(tenant, {tenants:Array(UInt32)}, {groups:Array(UInt64)}, toUInt64(0)) AS group,"
    f" toUnixTimestamp(hour), sum(tenant_hourly.rows) {_WITHIN} GROUP BY group, hour"
)

TOP = (
    "SELECT tenant, sum(tenant_hourly.rows) AS sent, groupBitmapMerge(points), toUnixTimestamp64Micro(max(last))"
    f" {_WITHIN} GROUP BY tenant ORDER BY sent DESC, tenant LIMIT {{most:UInt32}}"
)
