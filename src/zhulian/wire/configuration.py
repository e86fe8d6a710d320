"""The desired configuration of a gateway: the same shape in the portal's answer and in a hand-written TOML file."""

from typing import TypeVar

import msgspec

from zhulian.vocabulary.errors import Text, ZhulianError

OptionValue = str | int | float | bool


class PointConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One value to read. ``value = raw * scale + offset``, in ``unit``."""

    id: int = 0
    """The platform's point id; 0 while the platform has not given one."""
    name: str
    address: str
    """As the protocol writes it: ``40001`` or ``holding:0`` for Modbus, ``ns=2;s=Temperature`` for OPC UA."""
    type: str = ""
    """For protocols without types of their own: int16 uint16 int32 uint32 int64 uint64 float32 float64 bit."""
    byte_order: str = ""
    """ABCD (big endian, the default), CDAB (word swap), BADC (byte swap), DCBA (little endian)."""
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""
    poll_s: float | None = None
    """How often to read; the device's interval when unset."""
    deadband: float = 0.0
    """A change smaller than this, in ``unit``, is not sent."""
    max_silence_s: float = 60.0
    """An unchanged value is sent again after this time, so that silence always means a fault."""
    low: float | None = None
    high: float | None = None
    """Values outside low..high are kept, but marked uncertain."""


class DeviceConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One machine and how to talk to it."""

    id: int = 0
    name: str
    protocol: str
    address: str
    """``192.0.2.10:502`` or ``opc.tcp://192.0.2.10:4840``."""
    options: dict[str, OptionValue] = {}
    poll_s: float = 1.0
    timeout_s: float = 2.0
    points: tuple[PointConfig, ...] = ()


class GatewayConfig(msgspec.Struct, frozen=True, kw_only=True):
    """All devices of one gateway. ``version`` grows with every change; the gateway reports which one it runs."""

    version: int = 0
    devices: tuple[DeviceConfig, ...] = ()


class ConfigurationError(ZhulianError):
    """A configuration that cannot be used; the old one keeps running."""


T = TypeVar("T")


def read_json(body: bytes, kind: type[T]) -> T:
    """Decode ``body`` as ``kind``; :class:`ConfigurationError` names the field that is wrong."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise unreadable(fault) from fault


def unreadable(fault: Exception) -> ConfigurationError:
    """Our words around the decoder's exact path."""
    return ConfigurationError(
        "configuration_unreadable",
        Text(f"配置读不懂：{fault}。", f"The configuration cannot be read: {fault}."),
        Text("请按提示的位置修改后重试。", "Correct the place that is named and try again."),
    )
