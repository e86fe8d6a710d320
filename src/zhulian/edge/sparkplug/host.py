"""The host application on the broker: hears the groups, says that it is there, asks for births that were missed.

Sparkplug sends data with QoS 0: what is said while the gateway is down is
lost unless the node itself keeps it (as nodes do that wait for their primary host's state); see docs/howto.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path

from zhulian.edge.backoff import Backoff
from zhulian.edge.broker import Line, Presence, first_of
from zhulian.edge.configuration import SparkplugSection
from zhulian.edge.faults import EdgeError
from zhulian.edge.recorder import Recorder
from zhulian.edge.sparkplug import topics
from zhulian.edge.sparkplug.nodes import Nodes
from zhulian.edge.sparkplug.payload import BOOLEAN, decode, encode
from zhulian.edge.sparkplug.topics import Topic
from zhulian.vocabulary.clock import Clock
from zhulian.wire.configuration import DeviceConfig

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
            filters = [topics.everything_of(group) for group in self._section.groups]
            line = Line(self._section, self._secrets, filters, self._presence())
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
                self._note(first_of(group))
            finally:
                self.is_connected = False
                self.nodes.lose()
                await line.close()
            await asyncio.sleep(again.next_s())

    def _presence(self) -> Presence:
        """Birth and will carry the same time stamp (tck-id-host-topic-phid-death-payload-timestamp-connect)."""
        stamp_ms = self._clock() // 1000
        here, gone = (json.dumps({"online": is_here, "timestamp": stamp_ms}).encode() for is_here in (True, False))
        return Presence(topics.state(self._section.host), here, gone, b'"online": true')

    async def _listen(self, line: Line) -> None:
        while True:
            message = await line.next()
            topic = topics.parse(message.topic)
            if topic is None or message.is_retained:
                continue
            try:
                await self._take(line, topic, message.body)
            except EdgeError as trouble:
                self._note(trouble)

    async def _take(self, line: Line, topic: Topic, body: bytes) -> None:
        now_us = self._clock()
        heard = self.nodes.take(topic, decode(body), now_us)
        if heard.is_news:
            self._born(self.nodes.devices)
        await self._recorder.keep(heard.samples)
        if heard.wants_birth:
            self._ask(line, topic.group, topic.node)

    def _ask(self, line: Line, group: str, node: str) -> None:
        """Ask a node to be born again, unless that was done just now."""
        now_us = self._clock()
        if now_us - self._asked_us.get((group, node), 0) >= BIRTH_EVERY_US:
            self._asked_us[group, node] = now_us
            # QoS 0, never retained (tck-id-payloads-ncmd-qos, -retain)
            line.publish(topics.command(group, node), encode([(REBIRTH, BOOLEAN, True)], now_us))

    async def _say_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self._recorder.keep(self.nodes.again(self._clock()))

    def _note(self, trouble: EdgeError) -> None:
        if self.fault is None or self.fault.code != trouble.code:
            log.warning("%s", trouble)
        self.fault = trouble
