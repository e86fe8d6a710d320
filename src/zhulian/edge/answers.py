"""Reads a machine once, or browses it, for a person who is waiting: ``zhulian edge try`` and the portal's wizard."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import msgspec

from zhulian.edge.checks import device_faults, wrong
from zhulian.edge.configuration import trimmed
from zhulian.edge.device import connected, crashed, read_within, silent, unanswered, unreachable
from zhulian.edge.points import usable
from zhulian.edge.protocols.driver import Driver, DriverError, ProtocolInfo, RawValue
from zhulian.edge.scheduler import Scheduler
from zhulian.vocabulary.clock import Clock
from zhulian.vocabulary.errors import ZhulianError
from zhulian.wire.asks import Ask, PointResult, Reply
from zhulian.wire.configuration import ConfigurationError, DeviceConfig, PointConfig

ANSWER_WITHIN_S = 2.6
"""A person waits three seconds at the portal; the rest is the way there and back."""


class Tester:
    """Tries devices that need not be configured yet. ``running`` lends its open connections where it has one."""

    def __init__(
        self,
        protocols: Mapping[str, ProtocolInfo],
        clock: Clock,
        secrets: Path | None,
        running: Scheduler | None = None,
    ) -> None:
        self._protocols, self._clock, self._secrets, self._running = protocols, clock, secrets, running

    async def answer(self, ask: Ask, within_s: float = ANSWER_WITHIN_S) -> Reply:
        """The reply to a try or browse ask, in time, whatever the machine does."""
        if ask.device is None:
            return Reply(id=ask.id, fault=_no_device().as_json())
        try:
            if ask.kind == "browse":
                async with asyncio.timeout(within_s):
                    return await self._browse(ask, trimmed(ask.device))
            return Reply(id=ask.id, points=await self.read_once(ask.device, within_s))
        except TimeoutError:
            return Reply(id=ask.id, fault=silent(ask.device).as_json())
        except ZhulianError as fault:
            return Reply(id=ask.id, fault=fault.as_json())

    async def read_once(self, device: DeviceConfig, within_s: float) -> tuple[PointResult, ...]:
        """Each point of ``device`` read once, in their order. Raises when the machine as a whole cannot be read."""
        device = trimmed(device)
        refused = self._check(device)
        points = [point for point in device.points if point.name not in refused]
        started = time.perf_counter()
        answers: Mapping[str, RawValue | DriverError] = {}
        if points:
            answers = await self._read(msgspec.structs.replace(device, points=tuple(points)), points, within_s)
        took_ms = (time.perf_counter() - started) * 1e3
        return tuple(
            _result(point, refused.get(point.name) or answers.get(point.name) or unanswered(device, point), took_ms)
            for point in device.points
        )

    def _check(self, device: DeviceConfig) -> dict[str, ZhulianError]:
        """Points that cannot be right, by name; raises what is wrong with the device itself."""
        bare = msgspec.structs.replace(device, points=())
        for fault in device_faults([bare], self._protocols):
            raise fault
        checked = (
            (p.name, device_faults([msgspec.structs.replace(bare, points=(p,))], self._protocols))
            for p in device.points
        )
        return {name: faults[0] for name, faults in checked if faults}

    async def _read(
        self, device: DeviceConfig, points: Sequence[PointConfig], within_s: float
    ) -> Mapping[str, RawValue | DriverError]:
        try:
            async with asyncio.timeout(within_s), self._line(device) as driver:
                return await read_within(driver, device, points)
        except TimeoutError as error:
            raise silent(device) from error
        except OSError as error:
            raise unreachable(device, error) from error
        except ZhulianError:
            raise
        except Exception as error:  # the border to foreign protocol code
            raise crashed(device, error) from error

    async def _browse(self, ask: Ask, device: DeviceConfig) -> Reply:
        for fault in device_faults([msgspec.structs.replace(device, points=())], self._protocols):
            raise fault
        try:
            async with self._line(device) as driver:
                return Reply(id=ask.id, nodes=tuple(await driver.browse(ask.node)))
        except TimeoutError:
            raise
        except OSError as error:
            raise unreachable(device, error) from error

    @contextlib.asynccontextmanager
    async def _line(self, device: DeviceConfig) -> AsyncIterator[Driver]:
        """The running connection to the same machine, else a new one."""
        machine = self._running.sharing_line_with(device) if self._running else None
        if machine is not None:
            async with machine.line() as shared:
                if shared is not None:
                    yield shared
                    return
        async with connected(device, self._protocols[device.protocol], self._clock, self._secrets) as driver:
            yield driver


def _result(point: PointConfig, answer: RawValue | ZhulianError, took_ms: float) -> PointResult:
    if isinstance(answer, ZhulianError):
        return PointResult(name=point.name, took_ms=took_ms, fault=answer.as_json())
    value, quality = usable(point, answer.value, answer.quality, speaks=answer.text is not None)
    return PointResult(name=point.name, value=value, text=answer.text, quality=int(quality), took_ms=took_ms)


def _no_device() -> ConfigurationError:
    return wrong(
        "ask_without_device", "请求里没有说要试哪台设备。", "The request names no device to try.",
        ("请重新打开接入向导再试。", "Open the wizard again."),
    )  # fmt: skip
