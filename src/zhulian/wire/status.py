"""How a gateway is: sent with POST /v1/status every few seconds, kept in memory by the telemetry process."""

from typing import Literal

import msgspec

STATUS = "/v1/status"
STATUS_EVERY_S = 10.0


class DeviceStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One machine as its gateway sees it. ``fault`` is :meth:`ZhulianError.as_json` of what is wrong right now."""

    id: int = 0
    name: str
    state: Literal["starting", "running", "partial", "unreachable", "paused"]
    last_good_us: int = 0
    polls: int = 0
    failures: int = 0
    fault: dict[str, str] | None = None
    point_faults: dict[str, dict[str, str]] = {}
    """Point name → fault, for points that fail while the machine answers."""


class GatewayStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The whole gateway. ``outbox_rows`` wait to be sent; ``lost_rows`` were dropped because the outbox was full."""

    version: str
    configuration_version: int = 0
    outbox_rows: int = 0
    oldest_us: int = 0
    set_aside: int = 0
    lost_rows: int = 0
    fault: dict[str, str] | None = None
    """What is wrong with the gateway itself: a refused configuration, a full disk, a clock that is off."""
    devices: tuple[DeviceStatus, ...] = ()
