"""The host application on the broker: hears the groups, says that it is there, asks for births that were missed.

paho speaks MQTT in a thread of its own and hands each message to the event loop. When the outbox takes nothing, the
thread stops reading, so the broker feels it. Sparkplug sends data with QoS 0: what is said while the gateway is down is
lost unless the node itself keeps it (as nodes do that wait for their primary host's state); see docs/howto.
"""

import asyncio
import json
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from zhulian.edge.backoff import Backoff
from zhulian.edge.configuration import SparkplugSection
from zhulian.edge.faults import EdgeError, fault
from zhulian.edge.recorder import Recorder
from zhulian.edge.sparkplug import topics
from zhulian.edge.sparkplug.nodes import Nodes
from zhulian.edge.sparkplug.payload import BOOLEAN, decode, encode
from zhulian.edge.sparkplug.topics import Topic
from zhulian.vocabulary.clock import Clock
from zhulian.wire.configuration import DeviceConfig

KEEP_ALIVE_S = 15
CONNECT_WITHIN_S = 10.0
MOST_WAITING = 2_000
"""Messages between the broker and the outbox; beyond it the broker waits."""
BIRTH_EVERY_US = 10_000_000
"""A node is asked for its birth at most this often."""
LOOK_EVERY_S = 5.0
REBIRTH = "Node Control/Rebirth"
log = logging.getLogger(__name__)


Born = Callable[[tuple[DeviceConfig, ...]], None]


class Host:
    """``run`` as a part of the gateway; ``nodes`` for its status. ``born`` hears of machines that became known."""

    def __init__(  # noqa: PLR0917 - one for each part
        self, section: SparkplugSection, secrets: Path, recorder: Recorder, clock: Clock, nodes: Nodes, born: Born
    ) -> None:
        self.nodes = nodes
        self.fault: EdgeError | None = None
        self.is_connected = False
        self._section, self._secrets, self._recorder, self._clock, self._born = section, secrets, recorder, clock, born
        self._asked_us: dict[tuple[str, str], int] = {}

    async def run(self) -> None:
        """Stay on the broker until cancelled."""
        again = Backoff(1.0, 30.0)
        while True:
            line = _Line(self._section, self._secrets, self._clock)
            try:
                await line.connect()
                again.reset()
                self.is_connected, self.fault = True, None
                for node in self.nodes.lose():
                    self._ask(line, *node)
                log.info("listening to %s on %s", ", ".join(self._section.groups), self._section.broker)
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._listen(line))
                    tasks.create_task(self._say_again())
            except* EdgeError as group:
                self._note(_first(group))
            finally:
                self.is_connected = False
                self.nodes.lose()
                await line.close()
            await asyncio.sleep(again.next_s())

    async def _listen(self, line: "_Line") -> None:
        while True:
            topic, body = await line.next()
            try:
                await self._take(line, topic, body)
            except EdgeError as trouble:
                self._note(trouble)

    async def _take(self, line: "_Line", topic: Topic, body: bytes) -> None:
        now_us = self._clock()
        heard = self.nodes.take(topic, decode(body), now_us)
        if heard.is_news:
            self._born(self.nodes.devices)
        await self._recorder.keep(heard.samples)
        if heard.wants_birth:
            self._ask(line, topic.group, topic.node)

    def _ask(self, line: "_Line", group: str, node: str) -> None:
        """Ask a node to be born again, unless that was done just now."""
        now_us = self._clock()
        if now_us - self._asked_us.get((group, node), 0) >= BIRTH_EVERY_US:
            self._asked_us[group, node] = now_us
            line.publish(topics.command(group, node), encode([(REBIRTH, BOOLEAN, True)], now_us))

    async def _say_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self._recorder.keep(self.nodes.again(self._clock()))

    def _note(self, trouble: EdgeError) -> None:
        if self.fault is None or self.fault.code != trouble.code:
            log.warning("%s", trouble)
        self.fault = trouble


class _Line:
    """One connection to the broker. Every method is called on the event loop; paho's own thread only hands over."""

    def __init__(self, section: SparkplugSection, secrets: Path, clock: Clock) -> None:
        self._section, self._secrets = section, secrets
        self._loop = asyncio.get_running_loop()
        self._heard: asyncio.Queue[tuple[Topic, bytes] | EdgeError] = asyncio.Queue()
        self._room = threading.Semaphore(MOST_WAITING)
        self._connected: asyncio.Future[None] = self._loop.create_future()
        self._state, self._is_closing = topics.state(section.host), False
        self._stamp_ms = clock() // 1000
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, clean_session=True, reconnect_on_failure=False)

    async def connect(self) -> None:
        """Connect, subscribe, say "here". Raises EdgeError."""
        client, section = self._client, self._section
        client.on_connect, client.on_message, client.on_disconnect = self._on_connect, self._on_message, self._on_end
        client.will_set(self._state, self._here(is_here=False), qos=1, retain=True)
        parts = urlsplit(section.broker)
        self._secure(is_encrypted=parts.scheme == "mqtts")
        port = parts.port or (8883 if parts.scheme == "mqtts" else 1883)
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                await asyncio.to_thread(client.connect, parts.hostname or "", port, KEEP_ALIVE_S)
                client.loop_start()
                await self._connected
        except (OSError, TimeoutError, ValueError) as error:
            raise _unreachable(section.broker, str(error) or "没有应答 / no answer") from error

    async def next(self) -> tuple[Topic, bytes]:
        """The next message; raises EdgeError when the connection is over."""
        found = await self._heard.get()
        self._room.release()
        if isinstance(found, EdgeError):
            raise found
        return found

    def publish(self, topic: str, body: bytes) -> None:
        """A command: QoS 0, never retained (tck-id-payloads-ncmd-qos, -retain)."""
        self._client.publish(topic, body, qos=0, retain=False)

    async def close(self) -> None:
        """Say "gone" and hang up; safe when nothing was open."""
        self._is_closing = True
        for _ in range(MOST_WAITING):
            self._room.release()
        if self._client.is_connected():
            self._client.publish(self._state, self._here(is_here=False), qos=1, retain=True)
            self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    def _secure(self, *, is_encrypted: bool) -> None:
        section = self._section
        try:
            if section.username:
                file = self._secrets / section.password_file
                password = file.read_text("utf-8").strip() if section.password_file else None
                self._client.username_pw_set(section.username, password)
            if is_encrypted:
                self._client.tls_set(str(self._secrets / section.ca) if section.ca else None)
        except OSError as error:
            raise _no_secret(error) from error

    def _here(self, *, is_here: bool) -> bytes:
        """Birth and will carry the same time stamp (tck-id-host-topic-phid-death-payload-timestamp-connect)."""
        return json.dumps({"online": is_here, "timestamp": self._stamp_ms}).encode()

    # -- paho's thread -------------------------------------------------------------------------------------------------

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:  # noqa: ANN401
        if reason.is_failure:
            self._call(self._refused, str(reason))
            return
        client.subscribe([(topics.everything_of(group), 1) for group in self._section.groups] + [(self._state, 1)])
        client.publish(self._state, self._here(is_here=True), qos=1, retain=True)
        self._call(self._accepted)

    def _on_message(self, client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:  # noqa: ANN401
        if message.topic == self._state:
            if b'"online": true' not in message.payload and not self._is_closing:
                client.publish(self._state, self._here(is_here=True), qos=1, retain=True)  # an old will came late
            return
        topic = topics.parse(message.topic)
        if topic is None or message.retain:
            return
        self._room.acquire()
        self._call(self._heard.put_nowait, (topic, message.payload))

    def _on_end(self, _client: Any, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:  # noqa: ANN401
        self._call(self._heard.put_nowait, _broken(self._section.broker, str(reason)))

    def _call(self, work: Callable[..., None], *arguments: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work, *arguments)

    # -- the event loop ------------------------------------------------------------------------------------------------

    def _accepted(self) -> None:
        if not self._connected.done():
            self._connected.set_result(None)

    def _refused(self, reason: str) -> None:
        if not self._connected.done():
            self._connected.set_exception(_unwelcome(self._section.broker, reason))


def _first(group: BaseExceptionGroup[EdgeError]) -> EdgeError:
    found = group.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found


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
