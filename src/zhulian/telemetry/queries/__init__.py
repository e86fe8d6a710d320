"""What the portal asks of telemetry: history by SQL, live values and gateways by JSON. Synchronous and thread-safe."""

from zhulian.telemetry.queries.errors import GatewayAskFailed, TelemetryRefused, TelemetryUnreachable
from zhulian.telemetry.queries.telemetry import Telemetry
from zhulian.telemetry.queries.values import (
    Activity,
    Extent,
    GatewayState,
    Growth,
    Hour,
    Latest,
    PointCount,
    Series,
    Span,
    Watch,
)

__all__ = [
    "Activity",
    "Extent",
    "GatewayAskFailed",
    "GatewayState",
    "Growth",
    "Hour",
    "Latest",
    "PointCount",
    "Series",
    "Span",
    "Telemetry",
    "TelemetryRefused",
    "TelemetryUnreachable",
    "Watch",
]
