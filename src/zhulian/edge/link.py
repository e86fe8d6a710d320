"""HTTP to the platform: one session, and every way in which a network can fail as one named error.

Used by enrolment, tokens, uplink, stream, declaration and status; none of them sees an aiohttp exception.
"""

import contextlib
import os
import ssl
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import NamedTuple, Self

import aiohttp
import msgspec

from zhulian import __version__
from zhulian.edge.faults import EdgeError, fault
from zhulian.vocabulary.errors import Text, ZhulianError

LARGEST_ANSWER_BYTES = 32 * 1024 * 1024
JSON = {"Content-Type": "application/json"}


class Answer(NamedTuple):
    """What the platform said."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def is_good(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300

    def named_refusal(self) -> ZhulianError | None:
        """The platform's own words, when the body carries them; ``None`` for a page of some proxy."""
        try:
            words = msgspec.json.decode(self.body, type=dict[str, object])
        except msgspec.DecodeError:
            return None
        if not isinstance(words.get("code"), str):
            return None
        return ZhulianError.from_json({key: str(value) for key, value in words.items()})

    def refusal(self) -> ZhulianError:
        """Why this is no 2xx, in the platform's words or, failing these, in ours."""
        return self.named_refusal() or unexpected(self)


class NeverLeftError(EdgeError):
    """There was no connection: nothing of the request has arrived anywhere."""

    @classmethod
    def of(cls, fault: EdgeError) -> Self:
        """``fault``, known to be one of these."""
        return cls(fault.code, fault.what, fault.next_step)


class Link:
    """An open HTTP client. ``ca`` is an authority's PEM file beside those of the system."""

    def __init__(self, ca: Path | None = None) -> None:
        self._ca = ca
        self._client: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(ssl=_trust(self._ca), limit=8, keepalive_timeout=30.0)
        self._client = aiohttp.ClientSession(
            connector=connector,
            headers={"User-Agent": f"zhulian-edge/{__version__}"},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client is not None:
            await self._client.close()

    async def call(
        self, method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None,
        timeout_s: float = 15.0,
    ) -> Answer:  # fmt: skip
        """One request and its whole answer, whatever its status. Raises :class:`EdgeError` when none comes."""
        timeout = aiohttp.ClientTimeout(total=timeout_s, connect=10.0)
        async with self._open(method, url, body, headers, timeout) as response:
            content = await response.content.read(LARGEST_ANSWER_BYTES)
            while not response.content.at_eof() and len(content) < LARGEST_ANSWER_BYTES:
                content += await response.content.read(LARGEST_ANSWER_BYTES)
            return Answer(response.status, dict(response.headers), content, url)

    @contextlib.asynccontextmanager
    async def stream(self, url: str, headers: Mapping[str, str]) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer that never ends; read it within the block."""
        timeout = aiohttp.ClientTimeout(total=None, connect=10.0, sock_connect=10.0)
        async with self._open("GET", url, None, headers, timeout) as response:
            yield response

    @contextlib.asynccontextmanager
    async def _open(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str] | None,
        limits: aiohttp.ClientTimeout,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        if self._client is None:
            raise RuntimeError("Link is used outside of its block")
        try:
            async with self._client.request(
                method, url, data=body, headers=headers, timeout=limits, allow_redirects=False
            ) as response:
                yield response
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError, ssl.SSLError) as error:
            raise not_trusted(url, error) from error
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise bad_address(url) from error
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NeverLeftError.of(unreachable(url, error)) from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise unreachable(url, error) from error


def _trust(ca: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca is not None:
        try:
            context.load_verify_locations(ca)
        except (OSError, ssl.SSLError) as error:
            raise fault(
                "platform_ca",
                f"证书文件 {ca} 读不出（{error}）。",
                f"The certificate file {ca} cannot be read ({error}).",
                "请检查 platform.ca 的路径，文件应为 PEM 格式。",
                "Check the path under platform.ca; the file must be PEM.",
            ) from error
    return context


def unreachable(url: str, error: Exception) -> EdgeError:
    """No answer: name not found, nobody listens, cut off, or too slow."""
    why_zh, why_en = _reason(error)
    return fault(
        "platform_unreachable",
        f"连不上平台 {url}：{why_zh}。",
        f"The platform at {url} cannot be reached: {why_en}.",
        "读数已存在本机，网络恢复后自动补传；请检查网线、DNS、防火墙和 platform.url。",
        "Readings are kept here and sent later; check cable, name resolution, firewall and platform.url.",
    )


def _reason(error: Exception) -> tuple[str, str]:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "域名解析不到", "its name is not found"
    if isinstance(error, TimeoutError):
        return "超时没有应答", "no answer in time"
    if isinstance(error, aiohttp.ClientConnectorError):
        system = os.strerror(error.errno) if error.errno else str(error)
        return f"连接被拒绝或到不了（{system}）", f"the connection is refused or does not get there ({system})"
    if isinstance(error, (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError)):
        return "连接中途断开", "the connection was cut half-way"
    words = str(error) or type(error).__name__
    return f"连接中断（{words}）", f"the connection broke ({words})"


def not_trusted(url: str, error: Exception) -> EdgeError:
    """TLS failed: unknown authority, wrong name, expired."""
    return fault(
        "platform_certificate",
        f"平台 {url} 的证书不受信任（{error}）。",
        f"The certificate of {url} is not trusted ({error}).",
        "请检查本机时间；若平台用自己的证书机构，请把其 PEM 文件写进 platform.ca。",
        "Check this machine's clock; if the platform has an authority of its own, name its PEM file under platform.ca.",
    )


def bad_address(url: str) -> EdgeError:
    """Not an address at all."""
    return fault(
        "platform_address",
        f"平台地址 {url} 不是有效的网址。",
        f"{url} is not a valid platform address.",
        "请把 platform.url 写成 https://主机名 的形式。",
        "Write platform.url as https://host.",
    )


def unexpected(answer: Answer) -> EdgeError:
    """An answer that Zhulian does not give: a proxy, another program, or a fault inside the platform."""
    if answer.status >= 500:
        next_zh, next_en = (
            "这是平台一侧的故障，网关会自动重试。",
            "The fault is on the platform's side; the gateway tries again by itself.",
        )
    else:
        next_zh, next_en = (
            "这个地址上可能不是筑联，或中间有代理；请检查 platform.url。",
            "Perhaps something else answers there, or a proxy stands between; check platform.url.",
        )
    return EdgeError(
        "platform_unexpected",
        Text(
            f"{answer.url} 应答了意外的 HTTP {answer.status}。",
            f"{answer.url} answered with an unexpected HTTP {answer.status}.",
        ),
        Text(next_zh, next_en),
    )
