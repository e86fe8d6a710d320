"""What the portal asks of telemetry: history by SQL, live values and gateways by JSON. Synchronous and thread-safe."""

from zhulian.telemetry.alarms.answers import Heard, RulesStanding
from zhulian.telemetry.alarms.past import Tried
from zhulian.telemetry.queries.basis import Asked, Basis, Source
from zhulian.telemetry.queries.errors import GatewayAskFailed, TelemetryRefused, TelemetryUnreachable
from zhulian.telemetry.queries.lines import (
    Aligned,
    Bins,
    CityHours,
    Fill,
    Histogram,
    Seen,
    Series,
    Shape,
    States,
    StateSpan,
    StateTime,
    TenantRows,
)
from zhulian.telemetry.queries.raw import Cursor, RowsPage
from zhulian.telemetry.queries.storage import Usage
from zhulian.telemetry.queries.telemetry import Telemetry
from zhulian.telemetry.queries.values import (
    Activity,
    Arrivals,
    Aside,
    AsideFilter,
    Asides,
    Extent,
    GatewayState,
    Growth,
    Health,
    Hour,
    Latest,
    PointCount,
    Span,
    Watch,
)
from zhulian.telemetry.retention.due import Erasure, Preview
from zhulian.telemetry.retention.plan import Group, Keep, Plan
from zhulian.telemetry.retention.running import Demand, Progress
from zhulian.telemetry.store.usage import PartitionUse, TableUse, TenantUse

__all__ = [
    "Activity",
    "Aligned",
    "Arrivals",
    "Aside",
    "AsideFilter",
    "Asides",
    "Asked",
    "Basis",
    "Bins",
    "CityHours",
    "Cursor",
    "Demand",
    "Erasure",
    "Extent",
    "Fill",
    "GatewayAskFailed",
    "GatewayState",
    "Group",
    "Growth",
    "Health",
    "Heard",
    "Histogram",
    "Hour",
    "Keep",
    "Latest",
    "PartitionUse",
    "Plan",
    "PointCount",
    "Preview",
    "Progress",
    "RowsPage",
    "RulesStanding",
    "Seen",
    "Series",
    "Shape",
    "Source",
    "Span",
    "StateSpan",
    "StateTime",
    "States",
    "TableUse",
    "Telemetry",
    "TelemetryRefused",
    "TelemetryUnreachable",
    "TenantRows",
    "TenantUse",
    "Tried",
    "Usage",
    "Watch",
]
