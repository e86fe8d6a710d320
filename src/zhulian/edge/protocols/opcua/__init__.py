"""OPC UA: machines and controllers that describe themselves."""

from pathlib import Path

from zhulian.edge.protocols.driver import Driver, ProtocolInfo
from zhulian.edge.protocols.opcua.options import OPTIONS, check
from zhulian.vocabulary.clock import Clock
from zhulian.vocabulary.errors import Text
from zhulian.wire.configuration import DeviceConfig


def _open(device: DeviceConfig, clock: Clock, secrets: Path | None) -> Driver:
    """The library behind the driver takes a second and 80 MB to load: only who has an OPC UA machine pays for it."""
    from zhulian.edge.protocols.opcua.driver import OpcUaDriver  # noqa: PLC0415

    del clock  # the server's time or the gateway's, as the option says
    return OpcUaDriver(device, secrets)


PROTOCOL = ProtocolInfo(
    name="opcua",
    title=Text("OPC UA", "OPC UA"),
    address_hint="opc.tcp://192.0.2.10:4840",
    can_browse=True,
    open=_open,
    check=check,
    options=OPTIONS,
)
