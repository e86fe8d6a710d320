"""One connection to an MQTT broker, for whoever hears machines over it: Sparkplug nodes, or plain topics.

paho speaks MQTT in a thread of its own and hands each message to the event loop. When the outbox takes nothing, the
thread stops reading, so the broker feels it.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from zhulian.edge.faults import EdgeError, fault

KEEP_ALIVE_S = 15
CONNECT_WITHIN_S = 10.0
MOST_WAITING = 2_000
"""Messages between the broker and the outbox; beyond it the broker waits."""


class BrokerSection(Protocol):
    """How a file names a broker and an account on it."""

    @property
    def broker(self) -> str:
        """``mqtt://host:port`` or ``mqtts://…``."""

    @property
    def username(self) -> str:
        """ "" for none."""

    @property
    def password_file(self) -> str:
        """In the state folder's ``secrets``."""

    @property
    def ca(self) -> str:
        """So is this."""


class Message(NamedTuple):
    """What was published where. ``is_retained``: the broker kept it from some time before."""

    topic: str
    body: bytes
    is_retained: bool


class Presence(NamedTuple):
    """A retained topic that says whether somebody listens; the broker says "gone" when the line breaks."""

    topic: str
    here: bytes
    gone: bytes
    mark: bytes
    """What stands in every "here", whoever said it."""


class Line:
    """One connection to the broker. Every method is called on the event loop; paho's own thread only hands over."""

    def __init__(
        self,
        broker: BrokerSection,
        secrets: Path,
        filters: Sequence[str],
        presence: Presence | None = None,
        session: str = "",
    ) -> None:
        """``session``: a name under which the broker keeps messages of QoS 1 while nobody listens; "" keeps none."""
        self._broker, self._secrets, self._filters, self._presence = broker, secrets, filters, presence
        self._loop = asyncio.get_running_loop()
        self._heard: asyncio.Queue[Message | EdgeError] = asyncio.Queue()
        self._room = threading.Semaphore(MOST_WAITING)
        self._connected: asyncio.Future[None] = self._loop.create_future()
        self._is_closing = False
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, session, clean_session=not session, reconnect_on_failure=False
        )

    async def connect(self) -> None:
        """Connect, subscribe, say "here". Raises EdgeError."""
        client = self._client
        client.on_connect, client.on_subscribe = self._on_connect, self._on_subscribe
        client.on_message, client.on_disconnect = self._on_message, self._on_end
        if self._presence:
            client.will_set(self._presence.topic, self._presence.gone, qos=1, retain=True)
        parts = urlsplit(self._broker.broker)
        self._secure(is_encrypted=parts.scheme == "mqtts")
        port = parts.port or (8883 if parts.scheme == "mqtts" else 1883)
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                await asyncio.to_thread(client.connect, parts.hostname or "", port, KEEP_ALIVE_S)
                client.loop_start()
                await self._connected
        except (OSError, TimeoutError, ValueError) as error:
            raise _unreachable(self._broker.broker, str(error) or "没有应答 / no answer") from error

    async def next(self) -> Message:
        """The next message; raises EdgeError when the connection is over."""
        found = await self._heard.get()
        self._room.release()
        if isinstance(found, EdgeError):
            raise found
        return found

    def publish(self, topic: str, body: bytes) -> None:
        """QoS 0, not retained."""
        self._client.publish(topic, body, qos=0, retain=False)

    async def close(self) -> None:
        """Say "gone" and hang up; safe when nothing was open."""
        self._is_closing = True
        for _ in range(MOST_WAITING):
            self._room.release()
        if self._client.is_connected():
            if self._presence:
                self._client.publish(self._presence.topic, self._presence.gone, qos=1, retain=True)
            self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    def _secure(self, *, is_encrypted: bool) -> None:
        section = self._broker
        try:
            if section.username:
                file = self._secrets / section.password_file
                password = file.read_text("utf-8").strip() if section.password_file else None
                self._client.username_pw_set(section.username, password)
            if is_encrypted:
                self._client.tls_set(str(self._secrets / section.ca) if section.ca else None)
        except OSError as error:
            raise _no_secret(error) from error

    # -- paho's thread -------------------------------------------------------------------------------------------------

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:  # noqa: ANN401
        if reason.is_failure:
            self._call(self._refused, str(reason))
            return
        presence = [(self._presence.topic, 1)] if self._presence else []
        client.subscribe([(one, 1) for one in self._filters] + presence)
        if self._presence:
            client.publish(self._presence.topic, self._presence.here, qos=1, retain=True)

    def _on_subscribe(self, _client: Any, _data: Any, _number: Any, reasons: Sequence[Any], _more: Any) -> None:  # noqa: ANN401
        """Only now nothing that is published goes past us."""
        if all(reason.is_failure for reason in reasons):
            self._call(self._refused, str(reasons[0]))
        else:
            self._call(self._accepted)

    def _on_message(self, client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:  # noqa: ANN401
        presence = self._presence
        if presence and message.topic == presence.topic:
            if presence.mark not in message.payload and not self._is_closing:
                client.publish(presence.topic, presence.here, qos=1, retain=True)  # an old will came late
            return
        self._room.acquire()
        self._call(self._heard.put_nowait, Message(message.topic, bytes(message.payload), message.retain))

    def _on_end(self, _client: Any, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:  # noqa: ANN401
        self._call(self._heard.put_nowait, _broken(self._broker.broker, str(reason)))

    def _call(self, work: Callable[..., None], *arguments: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work, *arguments)

    # -- the event loop ------------------------------------------------------------------------------------------------

    def _accepted(self) -> None:
        if not self._connected.done():
            self._connected.set_result(None)

    def _refused(self, reason: str) -> None:
        if not self._connected.done():
            self._connected.set_exception(_unwelcome(self._broker.broker, reason))


def first_of(group: BaseExceptionGroup[EdgeError]) -> EdgeError:
    """The fault in a group that a task group made of it."""
    found = group.exceptions[0]
    return first_of(found) if isinstance(found, BaseExceptionGroup) else found


def _unreachable(broker: str, why: str) -> EdgeError:
    return fault(
        "broker_unreachable",
        f"连不上消息代理 {broker}：{why}。",
        f"The broker {broker} cannot be reached: {why}.",
        "请检查地址、端口和证书；网关会自动重试。",
        "Check address, port and certificate; the gateway tries again by itself.",
    )


def _unwelcome(broker: str, reason: str) -> EdgeError:
    return fault(
        "broker_refused",
        f"消息代理 {broker} 拒绝了连接（{reason}）。",
        f"The broker {broker} refused the connection ({reason}).",
        "请核对用户名和密码文件，并确认该账号可以订阅这些组。",
        "Check user name and password file, and that the account may subscribe to these groups.",
    )


def _broken(broker: str, reason: str) -> EdgeError:
    return fault(
        "broker_gone",
        f"与消息代理 {broker} 的连接断开（{reason}）。",
        f"The connection to the broker {broker} ended ({reason}).",
        "网关会自动重连，并请各节点重新上报。",
        "The gateway connects again by itself and asks the nodes for their births.",
    )


def _no_secret(error: OSError) -> EdgeError:
    return fault(
        "broker_secret_missing",
        f"读不到消息代理的密码或证书文件（{error}）。",
        f"The password or certificate file for the broker cannot be read ({error}).",
        "请把文件放进网关状态文件夹的 secrets，并检查读取权限。",
        "Put the file into secrets in the gateway's state folder, and check that it may be read.",
    )
