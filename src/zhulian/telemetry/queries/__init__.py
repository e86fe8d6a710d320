"""What the portal asks of telemetry: history by SQL, live values and gateways by JSON. Synchronous and thread-safe."""

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
from zhulian.telemetry.queries.telemetry import Telemetry
from zhulian.telemetry.queries.values import (
    Activity,
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
    "Asked",
    "Basis",
    "Bins",
    "CityHours",
    "Extent",
    "Fill",
    "GatewayAskFailed",
    "GatewayState",
    "Growth",
    "Histogram",
    "Hour",
    "Latest",
    "PointCount",
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
    "Watch",
]
