"""What may be set for an OPC UA server, and what is wrong before any connection is tried."""

import re
from urllib.parse import urlsplit

from zhulian.edge.protocols.driver import DriverError, OptionInfo, unknown_options
from zhulian.edge.protocols.opcua import faults
from zhulian.vocabulary.errors import Text
from zhulian.wire.configuration import DeviceConfig

SECURITY = ("none", "sign", "encrypt")
OPTIONS = (
    OptionInfo(
        "security", "none", Text("安全方式：none、sign、encrypt", "security: none, sign or encrypt (Basic256Sha256)")
    ),
    OptionInfo("user", "", Text("用户名；留空为匿名", "user name; empty is anonymous")),
    OptionInfo("password", "", Text("密码", "password")),
    OptionInfo(
        "source_time",
        False,
        Text("用服务器给的源时间，而不是读取时间", "take the source time instead of the time of reading"),
    ),
)
PORT = 4840
_NODE_ID = re.compile(
    r"(?:ns=(?P<namespace>[0-9]{1,5});)?"
    r"(?:i=(?P<number>[0-9]{1,10})|s=.+|g=[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|b=[A-Za-z0-9+/]+={0,2})",
    re.DOTALL,
)


def node_id(written: str) -> str:
    """The node id in ``written``, trimmed (Part 6, 5.3.1.10); :class:`DriverError` says how to write it."""
    text = written.strip()
    match = _NODE_ID.fullmatch(text)
    if match is None or int(match["namespace"] or 0) > 0xFFFF or int(match["number"] or 0) > 0xFFFFFFFF:
        raise faults.bad_node_id(written)
    return text


def check(device: DeviceConfig) -> list[DriverError]:
    """Everything that is wrong with ``device`` and can be known without connecting."""
    found = unknown_options(device, OPTIONS)
    if not _is_endpoint(device.address):
        found.append(
            DriverError(
                "device_address",
                Text(f"“{device.address}”不是 OPC UA 地址。", f'"{device.address}" is no OPC UA address.'),
                Text("请写成 opc.tcp://192.0.2.10:4840。", "Write it as opc.tcp://192.0.2.10:4840."),
            )
        )
    if device.options.get("security", "none") not in SECURITY:
        found.append(
            DriverError(
                "option_security",
                Text("选项 security 的值不认识。", "The option security has an unknown value."),
                Text("可用：none、sign、encrypt。", "Use none, sign or encrypt."),
            )
        )
    for point in device.points:
        try:
            node_id(point.address)
        except DriverError as fault:
            what = Text(f"点位“{point.name}”：{fault.what.zh}", f'Point "{point.name}": {fault.what.en}')
            found.append(DriverError(fault.code, what, fault.next_step))
    return found


def _is_endpoint(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme == "opc.tcp" and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
