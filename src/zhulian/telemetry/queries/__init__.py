"""What the portal asks of telemetry: history by SQL, live values and gateways by JSON. Synchronous and thread-safe."""

from zhulian.telemetry.queries.errors import GatewayAskFailed, TelemetryRefused, TelemetryUnreachable
from zhulian.telemetry.queries.telemetry import Telemetry
from zhulian.telemetry.queries.values import Activity, GatewayState, Latest, PointCount, Series

__all__ = [
    "Activity",
    "GatewayAskFailed",
    "GatewayState",
    "Latest",
    "PointCount",
    "Series",
    "Telemetry",
    "TelemetryRefused",
    "TelemetryUnreachable",
]
