"""A protocol without wires, for tests of everything above a driver: each address names a behaviour.

Device address: ``ok``, ``slow:SECONDS``, ``dead`` (refuses), ``hang`` (never answers), ``crash``. Point address: a
number is that constant; ``count`` counts reads; ``nan``; ``text``; ``bad`` fails alone; ``missing`` is left out.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zhulian.edge.protocols.driver import DriverError, ProtocolInfo, RawValue
from zhulian.vocabulary.clock import Clock
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.readings import Quality
from zhulian.wire.asks import Node
from zhulian.wire.configuration import DeviceConfig, PointConfig


class FakeProtocol:
    """Behaviour by device name can be changed while it runs: ``behaviour["press"] = "dead"``."""

    def __init__(self) -> None:
        self.behaviour: dict[str, str] = {}
        self.connects: Counter[str] = Counter()
        self.closes: Counter[str] = Counter()
        self.counts: Counter[tuple[str, str]] = Counter()
        self.reads: dict[str, list[float]] = defaultdict(list)

    def protocols(self) -> dict[str, ProtocolInfo]:
        info = ProtocolInfo(
            name="fake", title=Text("假", "fake"), address_hint="ok", can_browse=True, open=self.open, check=check
        )
        return {"fake": info}

    def open(self, device: DeviceConfig, _clock: Clock, _secrets: Path | None) -> Any:
        return FakeDriver(self, device)


def check(device: DeviceConfig) -> list[DriverError]:
    return [
        fault("fake_address", f"点位“{point.name}”的地址 {point.address} 不对")
        for point in device.points
        if point.address == "wrong"
    ]


def fault(code: str, words: str) -> DriverError:
    return DriverError(code, Text(f"{words}。", f"{words}."), Text("请检查。", "Check it."))


class FakeDriver:
    def __init__(self, protocol: FakeProtocol, device: DeviceConfig) -> None:
        self.protocol, self.device = protocol, device

    @property
    def behaviour(self) -> str:
        return self.protocol.behaviour.get(self.device.name, self.device.address)

    async def __aenter__(self) -> "FakeDriver":
        if self.behaviour == "dead":
            raise fault("fake_dead", f"{self.device.name} 拒绝连接")
        self.protocol.connects[self.device.name] += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        self.protocol.closes[self.device.name] += 1

    async def read(self, points: Sequence[PointConfig]) -> dict[str, RawValue | DriverError]:
        name = self.device.name
        self.protocol.reads[name].append(asyncio.get_running_loop().time())
        if self.behaviour.startswith("slow:"):
            await asyncio.sleep(float(self.behaviour[5:]))
        if self.behaviour == "hang":
            await asyncio.Event().wait()
        if self.behaviour == "dead":
            raise fault("fake_dead", f"{name} 断开")
        if self.behaviour == "crash":
            raise ZeroDivisionError("a driver's own mistake")
        return {point.name: self._value(point) for point in points if point.address != "missing"}

    def _value(self, point: PointConfig) -> RawValue | DriverError:
        if point.address == "bad":
            return fault("fake_point", f"读不到 {point.name}")
        if point.address == "text":
            return RawValue(0.0, "运行", Quality.GOOD, None)
        if point.address == "count":
            self.protocol.counts[self.device.name, point.name] += 1
            return RawValue(float(self.protocol.counts[self.device.name, point.name]), None, Quality.GOOD, None)
        return RawValue(float(point.address), None, Quality.GOOD, None)

    async def browse(self, node: str) -> Sequence[Node]:
        return [Node(address=f"{node}/a", name="a", is_folder=False)]
