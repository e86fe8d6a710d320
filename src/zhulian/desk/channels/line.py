"""The line to the outside: one POST to a checked address, with time limits, without redirects.

An address that an administrator typed must not become a way into the city's own network: the host is resolved once,
every address it resolves to has to be public, and the connection goes to the very address that was checked. Hosts that
the city names in ``ZHULIAN_WEBHOOK_HOSTS`` are exempt, and only they may be spoken to without TLS.
"""

import ipaddress
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from zhulian.desk.rules import DeskError
from zhulian.vocabulary.errors import Text

Resolve = Callable[[str, int], list[str]]
TIMEOUT = urllib3.Timeout(connect=5, read=10)
LARGEST_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True)
class Words:
    """What is said: a title, an optional body, an absolute link, and the key that makes it one message."""

    key: str
    title: str
    body: str = ""
    link: str = ""
    link_words: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """One POST of JSON."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def resolve(host: str, port: int) -> list[str]:
    """Every address of ``host``, as this machine's resolver answers."""
    return sorted({str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})


@dataclass(frozen=True, slots=True)
class Line:
    """The way out. ``allowed`` are ``host`` or ``host:port`` that may be internal and without TLS."""

    allowed: frozenset[str] = frozenset()
    resolve: Resolve = resolve

    @classmethod
    def allowing(cls, setting: str) -> "Line":
        """A line with the exceptions of ``ZHULIAN_WEBHOOK_HOSTS``, comma-separated."""
        return cls(frozenset(filter(None, (name.strip().lower() for name in setting.split(",")))))

    def check(self, url: str) -> tuple[SplitResult, str]:
        """The parts of ``url`` and the address to connect to; raises when the city did not allow it."""
        parts, port = _split(url)
        host = (parts.hostname or "").lower()
        is_allowed = bool({host, f"{host}:{port}"} & self.allowed)
        if parts.scheme != "https" and not is_allowed:
            raise _refused(host, "没有加密（应以 https:// 开头）", "it is not encrypted (https:// is missing)")
        try:
            found = self.resolve(host, port)
        except OSError as fault:
            raise _unreachable(host, "域名解析不了", "its name cannot be resolved") from fault
        if not is_allowed and not all(_is_public(address) for address in found):
            raise _refused(host, "指向内部网络", "it points into an internal network")
        return parts, found[0]

    def post(self, post: Post) -> tuple[int, bytes]:
        """Send and return status and the beginning of the answer; raises with the cause in words."""
        parts, address = self.check(post.url)
        host = parts.hostname or ""
        headers = {"Content-Type": "application/json; charset=utf-8", "Host": parts.netloc.rpartition("@")[2]}
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        try:
            with _pool(parts, address) as pool:
                answer = pool.urlopen(
                    "POST", target, body=post.body, headers={**headers, **post.headers}, redirect=False,
                    retries=False, timeout=TIMEOUT, preload_content=False,
                )  # fmt: skip
                body = answer.read(LARGEST_ANSWER)
                answer.release_conn()
        except HTTPError as fault:
            raise _unreachable(host, *_cause(fault)) from fault
        return answer.status, body


def _pool(parts: SplitResult, address: str) -> urllib3.HTTPConnectionPool:
    """A pool that connects to ``address`` while TLS proves the host's name."""
    if parts.scheme == "https":
        return urllib3.HTTPSConnectionPool(
            address, parts.port or 443, server_hostname=parts.hostname, assert_hostname=parts.hostname
        )
    return urllib3.HTTPConnectionPool(address, parts.port or 80)


def _split(url: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url.strip())
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise DeskError(
            "webhook_address_wrong",
            Text("这不是一个完整的网址。", "This is no complete address."),
            Text("请从机器人设置里整段复制，应以 https:// 开头。", "Copy all of it from the robot's settings, with https://."),
        )  # fmt: skip
    return parts, port


def _is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_global and not found.is_multicast


def _cause(fault: HTTPError) -> tuple[str, str]:
    if isinstance(fault, urllib3.exceptions.SSLError):
        return "证书没有通过验证", "its certificate was not accepted"
    if isinstance(fault, urllib3.exceptions.ReadTimeoutError):
        return "连上了，但 10 秒内没有应答", "it was reached but did not answer within 10 seconds"
    if isinstance(fault, urllib3.exceptions.ConnectTimeoutError):
        return "5 秒内连不上", "no connection within 5 seconds"
    return "连接被拒绝或中断", "the connection was refused or broke off"


def _unreachable(host: str, zh: str, en: str) -> DeskError:
    return DeskError(
        "webhook_unreachable",
        Text(f"送不到 {host}：{zh}。", f"{host} was not reached: {en}."),
        Text("平台会自动重试；若一直如此，请检查地址和服务器的出网许可。",
             "It is tried again by itself; if this lasts, check the address and whether the server may go out."),
    )  # fmt: skip


def _refused(host: str, zh: str, en: str) -> DeskError:
    return DeskError(
        "webhook_address_refused",
        Text(f"没有向 {host} 发送：该地址{zh}。", f"Nothing was sent to {host}: {en}."),
        Text("确需使用时，请把主机名加进设置 ZHULIAN_WEBHOOK_HOSTS。",
             "If it has to be used, add the host to the setting ZHULIAN_WEBHOOK_HOSTS."),
    )  # fmt: skip
