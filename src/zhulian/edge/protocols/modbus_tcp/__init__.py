"""Modbus TCP: meters, inverters, PLCs and serial gateways."""

from pathlib import Path

from zhulian.edge.protocols.driver import Driver, ProtocolInfo
from zhulian.edge.protocols.modbus_tcp.driver import ModbusTcpDriver
from zhulian.edge.protocols.modbus_tcp.options import OPTIONS, check
from zhulian.vocabulary.clock import Clock
from zhulian.vocabulary.errors import Text
from zhulian.wire.configuration import DeviceConfig


def _open(device: DeviceConfig, clock: Clock, secrets: Path | None) -> Driver:
    del clock, secrets  # Modbus knows neither time nor identity
    return ModbusTcpDriver(device)


PROTOCOL = ProtocolInfo(
    name="modbus_tcp",
    title=Text("Modbus TCP", "Modbus TCP"),
    address_hint="192.0.2.10:502",
    can_browse=False,
    open=_open,
    check=check,
    options=OPTIONS,
)
