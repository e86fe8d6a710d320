"""Operations of the API: which of their parameters name a record, and which are lists for everybody."""

from collections.abc import Callable

from peers.doors.alarms import alarm_of
from peers.records import Tenant

PARAMETERS: dict[str, Callable[[Tenant], object]] = {
    "enterprise": lambda tenant: tenant.enterprise,
    "machine": lambda tenant: tenant.machine,
    "gateway": lambda tenant: tenant.gateway,
    "point": lambda tenant: tenant.points[0],
    "fact": lambda tenant: tenant.fact,
    "alarm": lambda tenant: alarm_of(tenant)["alarm_id"],
    "points": lambda tenant: ",".join(map(str, tenant.points)),
}
"""What a parameter of an API operation means, by name: these point at somebody's record."""
HARMLESS = {
    "key", "evidence_class", "standing", "on", "known",
    "number", "size", "text", "area", "industry", "above_scale", "connected", "order", "workshop", "protocol",
    "start", "end", "most", "unit", "shape", "fill", "grace_s", "bins", "by", "low", "high", "after", "form",
    "within_s", "state", "priority",
}  # fmt: skip
"""Parameters of the API that name no record."""
EVERYBODYS_OPERATIONS = {
    "/api/v1/enterprises",
    "/api/v1/areas",
    "/api/v1/gateways",
    "/api/v1/machines",
    "/api/v1/points",
    "/api/v1/city/hours",
    "/api/v1/city/busiest",
    "/api/v1/city/seen",
    "/api/v1/facts",
    "/api/v1/alarms",
    "/api/v1/fact-keys",
}
"""Lists: everybody gets their own part when no record is named."""
