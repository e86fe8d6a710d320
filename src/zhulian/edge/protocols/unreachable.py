"""Why a machine cannot be reached, in words: shared by all protocols that speak over TCP."""

import socket
from errno import ECONNREFUSED, EHOSTUNREACH, ENETUNREACH

from zhulian.edge.protocols.driver import DriverError
from zhulian.vocabulary.errors import Text


def host_and_port(address: str, default_port: int) -> tuple[str, int]:
    """``host:port``, ``host`` or ``[IPv6]:port`` in parts; :class:`DriverError` says how to write it."""
    text = address.strip()
    host, _, port = text.rpartition(":") if ":" in text.rsplit("]", 1)[-1] else (text, "", str(default_port))
    host = host.removeprefix("[").removesuffix("]")
    if not host or "/" in host or not port.isascii() or not port.isdigit() or not 0 < int(port) <= 65535:
        raise DriverError(
            "device_address",
            Text(f"“{address}”不是设备地址。", f'"{address}" is no device address.'),
            Text(f"请写成 192.0.2.10:{default_port}。", f"Write it as 192.0.2.10:{default_port}."),
        )
    return host, int(port)


def unreachable(fault: OSError, where: str, timeout_s: float) -> DriverError:
    """``fault`` while talking to ``where``, as a cause a person can act on."""
    if isinstance(fault, TimeoutError):
        return timed_out(where, timeout_s)
    if isinstance(fault, socket.gaierror):
        return DriverError(
            "host_unknown",
            Text(f"找不到主机“{where}”。", f'No host is called "{where}".'),
            Text("请检查名称的拼写，或改用 IP 地址。", "Check the spelling, or use the IP address."),
        )
    if fault.errno == ECONNREFUSED:
        return _refused(where)
    if fault.errno in {EHOSTUNREACH, ENETUNREACH}:
        return DriverError(
            "no_route",
            Text(f"网络上到不了 {where}。", f"There is no route to {where}."),
            Text("请检查网线、网段和网关设置。", "Check the cable, the subnet and the router."),
        )
    return closed(where)


def _refused(where: str) -> DriverError:
    return DriverError(
        "connection_refused",
        Text(
            f"{where} 拒绝了连接：设备在线，但这个端口没有开放服务。",
            f"{where} refused: it is there, but nothing serves this port.",
        ),
        Text(
            "请核对端口号，并在设备上启用该协议；有的设备只允许一个主站，请先断开另一个。",
            "Check the port and enable the protocol on the device; some allow one master only: disconnect the other.",
        ),
    )


def timed_out(where: str, timeout_s: float) -> DriverError:
    """Nothing came back within ``timeout_s``."""
    return DriverError(
        "timed_out",
        Text(f"{where} 在 {timeout_s:g} 秒内没有应答。", f"{where} did not answer within {timeout_s:g} s."),
        Text(
            "请检查设备是否通电、地址和站号是否正确；慢的设备可把超时调大。",
            "Check that it is powered and that address and unit number are right; slow devices need a longer time-out.",
        ),
    )


def closed(where: str) -> DriverError:
    """The other side hung up."""
    return DriverError(
        "connection_closed",
        Text(f"{where} 断开了连接。", f"{where} closed the connection."),
        Text(
            "网关会自动重连；若反复出现，请检查设备允许的连接数。",
            "The gateway reconnects by itself; if this repeats, check how many connections it allows.",
        ),
    )
