"""The way down to gateways: one open stream each, asks and their replies, and how each gateway last said it was.

Ingest feeds it (streams, replies, status); the loopback routes use it for the portal. Event loop's thread only.
"""

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass, field

import msgspec

from zhulian.vocabulary.clock import Clock
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.wire.asks import Ask, Reply
from zhulian.wire.lane import PING_S
from zhulian.wire.status import STATUS_EVERY_S, GatewayStatus

LONGEST_QUEUE = 100
SILENCE_US = int(3 * max(PING_S, STATUS_EVERY_S) * 1_000_000)
"""A gateway says something every few seconds; after this long, an open stream only looks open."""


class DownlinkError(ZhulianError):
    """An ask that did not get its answer. ``status`` is the HTTP status on the loopback."""

    def __init__(self, status: int, code: str, what: Text, next_step: Text) -> None:
        super().__init__(code, what, next_step)
        self.status = status


class GatewayState(msgspec.Struct, frozen=True):
    """What the portal is told about a gateway."""

    gateway: int
    connected: bool
    last_heard_us: int
    clock_offset_us: int
    status: GatewayStatus | None


@dataclass(slots=True)
class Stream:
    """One open connection; ``next_ask`` feeds it. Ends when a newer one of the same gateway opens."""

    _asks: deque[Ask] = field(default_factory=lambda: deque(maxlen=LONGEST_QUEUE))
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    is_ended: bool = False

    def put(self, ask: Ask) -> None:
        """Send ``ask`` down; when the line is stuck, the oldest gives way."""
        self._asks.append(ask)
        self._changed.set()

    def end(self) -> None:
        """No more asks."""
        self.is_ended = True
        self._changed.set()

    async def next_ask(self, ping_s: float = PING_S) -> Ask | None:
        """The next ask; a ping when there was none for ``ping_s``; ``None`` when the stream has ended."""
        if not self._asks and not self.is_ended:
            self._changed.clear()
            try:
                async with asyncio.timeout(ping_s):
                    await self._changed.wait()
            except TimeoutError:
                return Ask(kind="ping")
        if self.is_ended:
            return None
        return self._asks.popleft()


@dataclass(slots=True)
class _Gateway:
    last_heard_us: int = 0
    clock_offset_us: int = 0
    status: GatewayStatus | None = None
    stream: Stream | None = None
    asked: dict[str, asyncio.Future[Reply]] = field(default_factory=dict)


class Downlink:
    """All gateways that were heard since the process started."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._gateways: dict[int, _Gateway] = {}
        self._is_closing = False

    def _of(self, gateway: int) -> _Gateway:
        return self._gateways.setdefault(gateway, _Gateway())

    def heard(self, gateway: int, clock_offset_us: int | None = None) -> None:
        """A valid request came from ``gateway``."""
        known = self._of(gateway)
        known.last_heard_us = self._clock()
        if clock_offset_us is not None:
            known.clock_offset_us = clock_offset_us

    def report(self, gateway: int, status: GatewayStatus) -> None:
        """Keep how the gateway says it is."""
        self._of(gateway).status = status

    def open_stream(self, gateway: int) -> Stream:
        """A new stream; an older one of the same gateway ends, since a gateway has one line only."""
        known = self._of(gateway)
        if known.stream is not None:
            known.stream.end()
        known.stream = Stream(is_ended=self._is_closing)
        return known.stream

    def close_stream(self, gateway: int, stream: Stream) -> None:
        """The connection behind ``stream`` is gone."""
        stream.end()
        known = self._of(gateway)
        if known.stream is stream:
            known.stream = None

    def answer(self, gateway: int, reply: Reply) -> bool:
        """Hand ``reply`` to whoever waits for it; False when nobody does, or the ask went to another gateway."""
        waiting = self._of(gateway).asked.get(reply.id)
        if waiting is None or waiting.done():
            return False
        waiting.set_result(reply)
        return True

    async def ask(self, gateway: int, ask: Ask, timeout_s: float) -> Reply:
        """Send ``ask``, wait for its reply. Raises DownlinkError gateway_offline or gateway_silent."""
        known = self._of(gateway)
        if known.stream is None or not self._is_connected(known):
            raise _offline(gateway)
        name = secrets.token_hex(8)  # ours, so that two askers can never take each other's answer
        waiting: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        known.asked[name] = waiting
        known.stream.put(msgspec.structs.replace(ask, id=name))
        try:
            async with asyncio.timeout(timeout_s):
                reply = await waiting
        except TimeoutError:
            raise _silent(gateway, timeout_s) from None
        finally:
            del known.asked[name]
        return msgspec.structs.replace(reply, id=ask.id)

    def announce(self, gateway: int, version: int) -> bool:
        """Tell the gateway that a newer configuration waits; False when it is offline (it asks when it comes back)."""
        stream = self._of(gateway).stream
        if stream is None:
            return False
        stream.put(Ask(kind="configuration", version=version))
        return True

    def states(self) -> list[GatewayState]:
        """Every gateway heard since the start."""
        return [
            GatewayState(gateway, self._is_connected(known), known.last_heard_us, known.clock_offset_us, known.status)
            for gateway, known in sorted(self._gateways.items())
            if known.last_heard_us
        ]

    def _is_connected(self, known: _Gateway) -> bool:
        return known.stream is not None and self._clock() - known.last_heard_us < SILENCE_US

    def close(self) -> None:
        """End all streams, so that they do not hold up the stop."""
        self._is_closing = True
        for known in self._gateways.values():
            if known.stream is not None:
                known.stream.end()


def _offline(gateway: int) -> DownlinkError:
    return DownlinkError(
        404,
        "gateway_offline",
        Text(f"网关 {gateway} 没有连接到平台。", f"Gateway {gateway} is not connected to the platform."),
        Text(
            "请检查网关是否通电、联网：在网关上运行 zhulian edge status。",
            "Check that it has power and a network: run zhulian edge status on the gateway.",
        ),
    )


def _silent(gateway: int, timeout_s: float) -> DownlinkError:
    return DownlinkError(
        504,
        "gateway_silent",
        Text(
            f"网关 {gateway} 在 {timeout_s:g} 秒内没有答复。",
            f"Gateway {gateway} gave no answer within {timeout_s:g} s.",
        ),
        Text(
            "设备可能响应很慢；请再试一次，或在网关上运行 zhulian edge try。",
            "The machine may be slow; try again, or run zhulian edge try on the gateway.",
        ),
    )
