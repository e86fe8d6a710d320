"""What the portal asks of telemetry: history by SQL, live values and gateways by JSON. Synchronous and thread-safe."""

from zhulian.telemetry.alarms.past import Tried
from zhulian.telemetry.alarms.running import Heard, RulesStanding
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
from zhulian.telemetry.queries.telemetry import Telemetry
from zhulian.telemetry.queries.values import (
    Activity,
    Arrivals,
    Aside,
    Asides,
    Extent,
    GatewayState,
    Growth,
    Hour,
    Latest,
    PointCount,
    Span,
    Watch,
)

__all__ = [
    "Activity",
    "Aligned",
    "Arrivals",
    "Aside",
    "Asides",
    "Asked",
    "Basis",
    "Bins",
    "CityHours",
    "Cursor",
    "Extent",
    "Fill",
    "GatewayAskFailed",
    "GatewayState",
    "Growth",
    "Heard",
    "Histogram",
    "Hour",
    "Latest",
    "PointCount",
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
    "Telemetry",
    "TelemetryRefused",
    "TelemetryUnreachable",
    "TenantRows",
    "Tried",
    "Watch",
]
