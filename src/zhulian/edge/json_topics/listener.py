"""Listens to plain JSON topics on a broker, and keeps what it hears; a part of the gateway, as Sparkplug's host is.

With ``session`` the broker keeps messages of QoS 1 while the gateway is away. A message is acknowledged when it is
heard; what the outbox has not written yet when the power fails (a tenth of a second) is lost.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from zhulian.edge.backoff import Backoff
from zhulian.edge.broker import Line, first_of
from zhulian.edge.configuration import MqttSection
from zhulian.edge.faults import EdgeError, fault
from zhulian.edge.json_topics.heard import Machines
from zhulian.edge.recorder import Recorder
from zhulian.vocabulary.clock import Clock
from zhulian.wire.configuration import DeviceConfig

log = logging.getLogger(__name__)
Born = Callable[[tuple[DeviceConfig, ...]], None]


class Listener:
    """``run`` as a part of the gateway; ``machines`` for its status. ``born`` hears of machines and points."""

    def __init__(  # noqa: PLR0917 - one for each part
        self, section: MqttSection, secrets: Path, recorder: Recorder, clock: Clock, machines: Machines, born: Born
    ) -> None:
        self.machines = machines
        self.is_connected = False
        self._line_fault: EdgeError | None = None
        self._section, self._secrets, self._recorder, self._clock, self._born = section, secrets, recorder, clock, born

    @property
    def fault(self) -> EdgeError | None:
        """Why nothing is heard, else what was heard and could not be read."""
        strange = self.machines.strange
        if self._line_fault is not None or not strange.count:
            return self._line_fault
        return fault(
            "mqtt_strange_messages",
            f"{strange.count} 条 MQTT 消息读不懂，最近一条在 {strange.topic}：{strange.why_zh}。",
            f"{strange.count} MQTT messages could not be read, the last on {strange.topic}: {strange.why_en}.",
            "请核对配置里这个主题的写法；其余消息照常接收。",
            "Check what the gateway's file says of this topic; other messages are taken as always.",
        )

    async def run(self) -> None:
        """Stay on the broker until cancelled."""
        again = Backoff(1.0, 30.0)
        while True:
            filters = sorted({rule.filter for rule in self.machines.rules})
            line = Line(self._section, self._secrets, filters, session=self._section.session)
            try:
                await line.connect()
                again.reset()
                self.is_connected, self._line_fault = True, None
                log.info("listening to %s on %s", ", ".join(filters), self._section.broker)
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._listen(line))
            except* EdgeError as group:
                self._note(first_of(group))
            finally:
                self.is_connected = False
                self.machines.lose()
                await line.close()
            await asyncio.sleep(again.next_s())

    async def _listen(self, line: Line) -> None:
        while True:
            message = await line.next()
            heard = self.machines.take(message.topic, message.body, self._clock(), is_retained=message.is_retained)
            if heard.is_news:
                self._born(self.machines.devices)
            await self._recorder.keep(heard.samples)

    def _note(self, trouble: EdgeError) -> None:
        if self._line_fault is None or self._line_fault.code != trouble.code:
            log.warning("%s", trouble)
        self._line_fault = trouble
