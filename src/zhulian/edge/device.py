"""One machine's loop: connect, read what is due, keep what is news, and after a fault step back and try again.

Each machine has a task of its own (:mod:`zhulian.edge.scheduler` starts them), so that a slow or dead one costs nobody
else anything. The loop ends only when it is cancelled: whatever goes wrong is noted, shown and tried again.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from zhulian.edge.backoff import Backoff
from zhulian.edge.points import PointWatch, Sample, point_key
from zhulian.edge.protocols.driver import Driver, DriverError, ProtocolInfo, RawValue
from zhulian.edge.recorder import Recorder
from zhulian.edge.schedule import Schedule
from zhulian.vocabulary.clock import Clock
from zhulian.vocabulary.errors import Text
from zhulian.wire.configuration import DeviceConfig, PointConfig
from zhulian.wire.status import DeviceStatus

log = logging.getLogger(__name__)

LONGEST_QUARANTINE_S = 30.0
CLOSE_WITHIN_S = 0.8
SILENT_AFTER_S = 60.0
"""Without one good value for this long (or ten polls) a connection is not believed, however open it looks."""

Answers = Mapping[str, RawValue | DriverError]


class Machine:
    """The running side of one :class:`DeviceConfig`."""

    def __init__(
        self, device: DeviceConfig, info: ProtocolInfo, recorder: Recorder, clock: Clock, secrets: Path | None
    ) -> None:
        self.device = device
        self.fault: DriverError | None = None
        self.point_faults: dict[str, DriverError] = {}
        self.polls = self.failures = self.last_good_us = 0
        self.watches = {point.name: PointWatch(point_key(device, point), point) for point in device.points}
        self._info, self._recorder, self._clock, self._secrets = info, recorder, clock, secrets
        self._quarantine = Backoff(max(1.0, device.poll_s), LONGEST_QUARANTINE_S)
        self._last_good_s = 0.0
        self._is_paused = False
        self._driver: Driver | None = None
        self._turn = asyncio.Lock()

    async def run(self, stagger: float) -> None:
        """Poll until cancelled."""
        loop = asyncio.get_running_loop()
        schedule = Schedule(self.device, loop.time(), stagger)
        if not self.device.points:  # nothing to read; a new configuration brings a new machine
            await asyncio.Event().wait()
        while True:
            await asyncio.sleep(max(0.0, schedule.next_s - loop.time()))
            try:
                await self._converse(schedule)
            except DriverError as fault:
                self._note(fault)
            except (OSError, TimeoutError) as error:
                self._note(unreachable(self.device, error))
            except Exception as error:  # the border to foreign protocol code; the loop must go on
                is_new = self.fault is None or self.fault.code != "driver_crashed"
                log.log(logging.ERROR if is_new else logging.DEBUG, "driver of %s", self.device.name, exc_info=True)
                self._note(crashed(self.device, error))
            await asyncio.sleep(self._quarantine.next_s())

    def status(self) -> DeviceStatus:
        """How it is right now."""
        return DeviceStatus(
            id=self.device.id,
            name=self.device.name,
            state=self._state(),
            last_good_us=self.last_good_us,
            polls=self.polls,
            failures=self.failures,
            fault=self.fault.as_json() if self.fault else None,
            point_faults={name: fault.as_json() for name, fault in self.point_faults.items()},
        )

    @contextlib.asynccontextmanager
    async def line(self) -> AsyncIterator[Driver | None]:
        """The open connection between two polls, ``None`` while there is none: some machines accept one master only."""
        async with self._turn:
            yield self._driver

    def _state(self) -> Literal["starting", "running", "partial", "unreachable", "paused"]:
        if self._is_paused:
            return "paused"
        if self.fault is not None:
            return "unreachable"
        if self.point_faults:
            return "partial"
        return "running" if self.last_good_us else "starting"

    async def _converse(self, schedule: Schedule) -> None:
        """One connection, for as long as it lasts."""
        loop = asyncio.get_running_loop()
        self._last_good_s = loop.time()
        async with connected(self.device, self._info, self._clock, self._secrets) as driver:
            self._driver = driver
            try:
                while True:
                    await asyncio.sleep(max(0.0, schedule.next_s - loop.time()))
                    if due := schedule.take(loop.time()):
                        await self._poll(driver, due)
            finally:
                self._driver = None

    async def _poll(self, driver: Driver, points: Sequence[PointConfig]) -> None:
        self.polls += 1
        async with self._turn:
            answers = await read_within(driver, self.device, points)
        samples = [sample for point in points if (sample := self._judge(point, answers)) is not None]
        self.fault = None
        await self._hand_over(samples)
        self._check_silence()

    def _judge(self, point: PointConfig, answers: Answers) -> Sample | None:
        answer = answers.get(point.name)
        if answer is None:
            answer = unanswered(self.device, point)
        if isinstance(answer, DriverError):
            self.point_faults[point.name] = answer
            return None
        self.point_faults.pop(point.name, None)
        now_us = self._clock()
        self.last_good_us, self._last_good_s = now_us, asyncio.get_running_loop().time()
        self._quarantine.reset()
        return self.watches[point.name].take(answer, now_us)

    async def _hand_over(self, samples: Sequence[Sample]) -> None:
        """Back-pressure arrives here: while the outbox takes nothing, this machine is not read."""
        self._is_paused = self._recorder.is_full
        try:
            await self._recorder.keep(samples)
        finally:
            self._is_paused = False

    def _check_silence(self) -> None:
        limit_s = max(SILENT_AFTER_S, 10 * self.device.poll_s)
        if asyncio.get_running_loop().time() - self._last_good_s > limit_s:
            raise next(iter(self.point_faults.values()), silent(self.device))

    def _note(self, fault: DriverError) -> None:
        if self.fault is None or self.fault.code != fault.code:
            log.warning("%s: %s", self.device.name, fault)
        self.failures += 1
        self.fault = fault


@contextlib.asynccontextmanager
async def connected(
    device: DeviceConfig, info: ProtocolInfo, clock: Clock, secrets: Path | None
) -> AsyncIterator[Driver]:
    """An open driver; connecting and closing are bounded in time, whatever the driver does."""
    driver = info.open(device, clock, secrets)
    try:
        async with asyncio.timeout(max(5.0, 2 * device.timeout_s)):
            await driver.__aenter__()
    except TimeoutError as error:
        raise silent(device) from error
    try:
        yield driver
    finally:
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await driver.__aexit__(None, None, None)
        except Exception as error:  # noqa: BLE001 - a broken connection may fail to close in any way; it is over
            log.debug("closing %s: %r", device.name, error)


async def read_within(driver: Driver, device: DeviceConfig, points: Sequence[PointConfig]) -> Answers:
    """Read ``points``, given up when the driver hangs far beyond the device's own time limit."""
    try:
        async with asyncio.timeout(max(30.0, 5 * device.timeout_s)):
            return await driver.read(points)
    except TimeoutError as error:
        raise silent(device) from error


def silent(device: DeviceConfig) -> DriverError:
    """Connected perhaps, but nothing comes."""
    return DriverError(
        "device_silent",
        Text(f"{device.name}（{device.address}）没有应答。", f"{device.name} ({device.address}) does not answer."),
        Text(
            "请检查设备是否上电、地址与站号是否正确、是否有别的主站占用；网关会自动重试。",
            "Check that it is on, that address and unit are right and that no other master holds it; "
            "the gateway tries again by itself.",
        ),
    )


def unreachable(device: DeviceConfig, error: Exception) -> DriverError:
    """The network or the port refused."""
    why = str(error) or type(error).__name__
    return DriverError(
        "device_unreachable",
        Text(
            f"连不上 {device.name}（{device.address}）：{why}。",
            f"{device.name} ({device.address}) cannot be reached: {why}.",
        ),
        Text(
            "请检查网线、IP 地址和端口，并在网关上 ping 一下；网关会自动重试。",
            "Check cable, address and port, and ping it from the gateway; the gateway tries again by itself.",
        ),
    )


def unanswered(device: DeviceConfig, point: PointConfig) -> DriverError:
    """The driver left a point out of its answer."""
    return DriverError(
        "point_unanswered",
        Text(f"{device.name} 没有回答点位“{point.name}”。", f"{device.name} gave no answer for point “{point.name}”."),
        Text("请检查点位地址和类型。", "Check the point's address and type."),
    )


def crashed(device: DeviceConfig, error: Exception) -> DriverError:
    """A mistake in driver code, not in the machine."""
    return DriverError(
        "driver_crashed",
        Text(
            f"读取 {device.name} 时驱动 {device.protocol} 出错（{type(error).__name__}: {error}）。",
            f"The driver {device.protocol} failed while reading {device.name} ({type(error).__name__}: {error}).",
        ),
        Text(
            "网关会自动重试；若反复出现，请把日志发给平台管理员。",
            "The gateway tries again by itself; if it repeats, send the log to the platform's administrator.",
        ),
    )
