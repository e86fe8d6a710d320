"""Why a machine cannot be reached, in words: shared by all protocols that speak over TCP."""

import re
import socket
import unicodedata
from errno import ECONNREFUSED, EHOSTDOWN, EHOSTUNREACH, ENETDOWN, ENETUNREACH, ETIMEDOUT

from zhulian.edge.protocols.driver import DriverError
from zhulian.vocabulary.errors import Text

_WRITTEN = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.]+(?:%\w+)?)\]|(?P<host>[^\s:/\[\]]+))(?::(?P<port>\d{1,5}))?")
_ERRNO = re.compile(r"\[Errno (\d+)\]")


def host_and_port(address: str, default_port: int) -> tuple[str, int]:
    """``host:port``, ``host`` or ``[IPv6]:port`` in parts; :class:`DriverError` says how to write it."""
    match = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", address).strip())  # NFKC: full-width digits and colon
    port = int(match["port"] or default_port) if match else 0
    if match is None or not 0 < port <= 65535 or not _is_name(match["six"] or match["host"]):
        raise DriverError(
            "device_address",
            Text(f"“{address}”不是设备地址。", f'"{address}" is no device address.'),
            Text(f"请写成 192.0.2.10:{default_port}。", f"Write it as 192.0.2.10:{default_port}."),
        )
    return match["six"] or match["host"], port


def _is_name(host: str) -> bool:
    try:
        return bool(host.encode("idna"))
    except UnicodeError:  # a label that is empty or too long: looking it up would fail with the same
        return False


def unreachable(fault: OSError, where: str, timeout_s: float) -> DriverError:
    """``fault`` while talking to ``where``, as a cause a person can act on."""
    if isinstance(fault, socket.gaierror):
        return DriverError(
            "host_unknown",
            Text(f"找不到主机“{where}”。", f'No host is called "{where}".'),
            Text("请检查名称的拼写，或改用 IP 地址。", "Check the spelling, or use the IP address."),
        )
    numbers = _numbers(fault)
    if isinstance(fault, TimeoutError) or ETIMEDOUT in numbers:
        return timed_out(where, timeout_s)
    if ECONNREFUSED in numbers:
        return _refused(where)
    if numbers & {EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN}:
        return DriverError(
            "no_route",
            Text(f"网络上到不了 {where}。", f"There is no route to {where}."),
            Text("请检查网线、网段和网关设置。", "Check the cable, the subnet and the router."),
        )
    return closed(where)


def _numbers(fault: OSError) -> set[int]:
    """Its error numbers; where a name has several addresses, the loop joins their faults into one text."""
    return {fault.errno} if fault.errno else {int(number) for number in _ERRNO.findall(str(fault))}


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
