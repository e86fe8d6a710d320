"""All machines of one gateway: starts a task for each, and changes only those whose configuration changed."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable

from zhulian.edge.device import Machine
from zhulian.wire.configuration import DeviceConfig

log = logging.getLogger(__name__)

GOLDEN = 0.618033988749895
"""Multiples of it modulo 1 spread any number of machines evenly."""
STOP_WITHIN_S = 1.0

Make = Callable[[DeviceConfig], Machine]


class Scheduler:
    """``make`` builds the running side of a device; the gateway and tests hand it in."""

    def __init__(self, make: Make) -> None:
        self._make = make
        self._running: dict[str, tuple[Machine, asyncio.Task[None]]] = {}
        self._started = 0

    @property
    def machines(self) -> list[Machine]:
        """The machines in the order in which they were configured."""
        return [machine for machine, _ in self._running.values()]

    def sharing_line_with(self, device: DeviceConfig) -> Machine | None:
        """The running machine that is reached exactly as ``device`` would be."""
        way = (device.protocol, device.address, device.options)
        same = (m for m in self.machines if (m.device.protocol, m.device.address, m.device.options) == way)
        return next(same, None)

    async def apply(self, devices: Iterable[DeviceConfig]) -> None:
        """Run exactly ``devices`` (names unique). An unchanged device keeps its task and its connection."""
        wanted = {device.name: device for device in devices}
        gone = [name for name, (machine, _) in self._running.items() if wanted.get(name) != machine.device]
        await self._stop(gone)
        for name, device in wanted.items():
            if name not in self._running:
                self._start(device)
        self._running = {name: self._running[name] for name in wanted}

    async def stop(self) -> None:
        """Stop all machines; their connections are closed."""
        await self._stop(list(self._running))

    def _start(self, device: DeviceConfig) -> None:
        stagger = (self._started * GOLDEN) % 1.0
        self._started += 1
        machine = self._make(device)
        task = asyncio.create_task(machine.run(stagger), name=f"machine {device.name}")
        self._running[device.name] = (machine, task)

    async def _stop(self, names: list[str]) -> None:
        tasks = [self._running.pop(name)[1] for name in names]
        for task in tasks:
            task.cancel()
        if tasks:
            _, stuck = await asyncio.wait(tasks, timeout=STOP_WITHIN_S)
            for task in stuck:
                log.warning("%s does not stop; left behind", task.get_name())
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError, asyncio.InvalidStateError):
                if error := task.exception():
                    log.error("%s ended with %r", task.get_name(), error)
