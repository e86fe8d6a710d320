"""One gateway, wired: machines → recorder → outbox → uplink, and the stream that brings its configuration.

``zhulian edge run`` starts one for each file. A part that fails is started again by itself and takes nothing else down;
SIGTERM puts everything that was read on the disk and ends within three seconds.
"""

import asyncio
import contextlib
import fcntl
import logging
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from zhulian.edge import enrolment
from zhulian.edge.answers import Tester
from zhulian.edge.backoff import Backoff
from zhulian.edge.configuration import LocalConfiguration, read_file
from zhulian.edge.declare import Declaration
from zhulian.edge.desired import Desired
from zhulian.edge.device import Machine
from zhulian.edge.faults import EdgeError, fault, folder_unwritable
from zhulian.edge.json_topics.heard import Machines
from zhulian.edge.json_topics.listener import Listener
from zhulian.edge.link import Link
from zhulian.edge.outbox import open_outbox
from zhulian.edge.protocols.driver import ProtocolInfo
from zhulian.edge.recorder import Recorder
from zhulian.edge.scheduler import Scheduler
from zhulian.edge.session import Session
from zhulian.edge.sparkplug.host import Host
from zhulian.edge.sparkplug.nodes import Nodes
from zhulian.edge.status import Picture, report
from zhulian.edge.status_page import StatusPage
from zhulian.edge.stream import Stream
from zhulian.edge.uplink import LIVE_EVERY_S, Uplink
from zhulian.vocabulary.clock import Clock, system_clock
from zhulian.vocabulary.errors import ZhulianError
from zhulian.wire.configuration import DeviceConfig

log = logging.getLogger(__name__)

LOOK_AT_FILES_S = 2.0
FLUSH_WITHIN_S = 1.0
DELIVER_WITHIN_S = 0.7
CODE_REFUSED = {"code_unknown", "code_used", "code_expired"}


class Gateway:
    """``async with Gateway(...)`` runs it; leaving the block stops it cleanly."""

    def __init__(
        self,
        configuration: LocalConfiguration,
        protocols: Mapping[str, ProtocolInfo],
        clock: Clock = system_clock,
        live_every_s: float = LIVE_EVERY_S,
    ) -> None:
        self.configuration = configuration
        self.folder = enrolment.StateFolder(configuration.state)
        self._protocols, self._clock, self._live_every_s = protocols, clock, live_every_s
        self._tasks: list[asyncio.Task[None]] = []
        self._exits = contextlib.AsyncExitStack()

    async def __aenter__(self) -> "Gateway":
        try:
            await self._start()
        except BaseException:
            await self._exits.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Machines first, then what they left in memory goes to the disk, then the rest."""
        await self.scheduler.stop()
        self.recorder.close()
        await asyncio.wait([self._recording], timeout=FLUSH_WITHIN_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._last_delivery()
        await self._exits.aclose()
        log.info("%s stopped", self.configuration.name)

    async def _last_delivery(self) -> None:
        """What was just read need not wait for the next start, when the platform answers at once."""
        if self.session.identity is None or self.uplink.fault is not None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DELIVER_WITHIN_S):
                await self.uplink.turn()

    async def _start(self) -> None:
        configuration, folder = self.configuration, self.folder
        folder.create()
        self._exits.enter_context(alone_in(folder))
        outbox, damaged = await asyncio.to_thread(
            open_outbox, folder.outbox, configuration.outbox_bytes, configuration.outbox_age_s, self._clock()
        )
        self.recorder = Recorder(outbox, self._clock)
        self._exits.push_async_callback(self.recorder.release)
        self.scheduler = Scheduler(self._machine)
        self.link = await self._exits.enter_async_context(Link(configuration.ca))
        self.session = Session(self.link, folder, self._clock)
        self._wire()
        if damaged is not None:
            self.picture.other_faults["outbox"] = _moved_aside(damaged)
        self._tell_identity()
        await self._open_page()
        self._launch()
        self.declaration.recall()
        await self.desired.start()

    def _wire(self) -> None:
        own = self.configuration.devices
        tester = Tester(self._protocols, self._clock, self.folder.secrets, self.scheduler)
        self.uplink = Uplink(self.session, self.recorder, self._clock, self._live_every_s)
        self.host, self.listener = self._sparkplug(), self._json_topics()
        self.declaration = Declaration(self.session, self.folder, self.recorder, own + self._heard(own))
        self.desired = Desired(self.session, self.folder, self.scheduler, self._protocols, own)
        self.stream = Stream(self.session, self.desired, tester)
        self.picture = Picture(
            self.configuration, self.session, self.recorder, self.scheduler,
            self.uplink, self.stream, self.desired, self.declaration, self._clock, self.host, self.listener,
        )  # fmt: skip

    def _machine(self, device: DeviceConfig) -> Machine:
        return Machine(device, self._protocols[device.protocol], self.recorder, self._clock, self.folder.secrets)

    def _sparkplug(self) -> Host | None:
        """The listener on a broker, where the file names one."""
        section = self.configuration.sparkplug
        if section is None:
            return None
        nodes = Nodes(self.folder.heard(), with_group=len(section.groups) > 1)
        return Host(section, self.folder.secrets, self.recorder, self._clock, nodes, self._take_heard)

    def _json_topics(self) -> Listener | None:
        """The listener for plain topics, where the file names some."""
        section = self.configuration.mqtt
        if section is None:
            return None
        machines = Machines.of(section.topic, self.folder.heard_plainly())
        return Listener(section, self.folder.secrets, self.recorder, self._clock, machines, self._take_heard_plainly)

    def _take_heard_plainly(self, devices: tuple[DeviceConfig, ...]) -> None:
        """A plain topic told of new machines or points."""
        self.folder.save_heard_plainly(devices)
        self.declaration.declare(self.desired.own + self._heard(self.desired.own))

    def _take_heard(self, devices: tuple[DeviceConfig, ...]) -> None:
        """The broker told of new machines or points."""
        self.folder.save_heard(devices)
        self.declaration.declare(self.desired.own + self._heard(self.desired.own))

    def _heard(self, own: tuple[DeviceConfig, ...]) -> tuple[DeviceConfig, ...]:
        """Machines heard on brokers; of two with one name the one in the file wins, then that of Sparkplug."""
        names = {device.name for device in own}
        nodes = self.host.nodes.devices if self.host else ()
        plain = self.listener.machines.devices if self.listener else ()
        found = tuple(device for device in nodes if device.name not in names)
        names |= {device.name for device in found}
        return found + tuple(device for device in plain if device.name not in names)

    def _launch(self) -> None:
        self._recording = asyncio.create_task(self.recorder.run(), name="recorder")
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "uplink": self.uplink.run,
            "stream": self.stream.run,
            "configuration": self.desired.run,
            "declaration": self.declaration.run,
            "status": lambda: report(self.picture, self.session),
            "files": self._look_at_files,
            "enrolment": self._enrol,
        }
        if self.host is not None:
            parts["sparkplug"] = self.host.run
        if self.listener is not None:
            parts["mqtt"] = self.listener.run
        self._tasks = [asyncio.create_task(keep_going(name, part), name=name) for name, part in parts.items()]

    async def _open_page(self) -> None:
        if not self.configuration.status_port:
            return
        page = StatusPage(self.picture, self.configuration.status_port)
        try:
            await page.start()
        except EdgeError as trouble:
            log.warning("%s", trouble)
            self.picture.other_faults["status_page"] = trouble
            return
        self._exits.push_async_callback(page.stop)
        log.info("status page: http://127.0.0.1:%s/", page.port)

    def _tell_identity(self) -> None:
        """Enrolled before, or just now by ``zhulian edge enrol`` in another window."""
        identity = self.folder.identity()
        if identity is not None and identity != self.session.identity:
            self.session.take_identity(identity)
            self.desired.look()
            log.info("gateway %s of %s", identity.gateway, identity.enterprise)

    async def _enrol(self) -> None:
        """Use the code that stands in the file, once; without a network, as soon as there is one."""
        configuration, again = self.configuration, Backoff(2.0, 60.0)
        while configuration.code and configuration.platform_url and self.session.identity is None:
            try:
                await enrolment.enrol(
                    self.link, self.folder, configuration.platform_url, configuration.code, configuration.name
                )
            except ZhulianError as trouble:
                log.warning("%s", trouble)
                self.picture.other_faults["enrolment"] = trouble
                if trouble.code in CODE_REFUSED:
                    return  # no use in asking again with the same code
                await asyncio.sleep(again.next_s())
            else:
                self._tell_identity()
        self.picture.other_faults.pop("enrolment", None)

    async def _look_at_files(self) -> None:
        """Notice an enrolment made in another window, and an edited configuration file."""
        seen = _changed_at(self.configuration.path)
        while True:
            await asyncio.sleep(LOOK_AT_FILES_S)
            self._tell_identity()
            now = _changed_at(self.configuration.path)
            if now != seen:
                seen = now
                await self._read_again()

    async def _read_again(self) -> None:
        try:
            edited = await asyncio.to_thread(read_file, self.configuration.path, self._protocols)
        except ZhulianError as trouble:
            log.warning("the edited file is not used, the old configuration keeps running: %s", trouble)
            self.picture.file_fault = trouble
            return
        self.picture.file_fault = None
        if edited.devices != self.desired.own:
            await self.desired.take_own(edited.devices)
            self.declaration.declare(edited.devices + self._heard(edited.devices))
            log.info("machines of %s are in use as edited", self.configuration.path)


async def keep_going(name: str, part: Callable[[], Awaitable[None]]) -> None:
    """Run ``part``; should it fail in a way that nobody foresaw, log it and start it again."""
    again = Backoff(1.0, 30.0)
    while True:
        try:
            await part()
        except ZhulianError as trouble:
            log.error("%s: %s", name, trouble)
        except Exception:  # the supervisor: nothing may take the other parts down
            log.exception("%s failed and is started again", name)
        else:
            return
        await asyncio.sleep(again.next_s())


async def run_gateways(
    configurations: Sequence[LocalConfiguration],
    protocols: Mapping[str, ProtocolInfo],
    on_ready: Callable[[], None] = lambda: None,
    clock: Clock = system_clock,
) -> None:
    """Run all until SIGTERM or SIGINT. Raises when one of them cannot start at all."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    running: list[Gateway] = []
    try:
        for configuration in configurations:
            gateway = Gateway(configuration, protocols, clock)
            await gateway.__aenter__()
            running.append(gateway)
        on_ready()
        await stop.wait()
    finally:
        await asyncio.gather(*(gateway.__aexit__() for gateway in running))


@contextlib.contextmanager
def alone_in(folder: enrolment.StateFolder) -> Iterator[None]:
    """Hold the state folder: two processes on one outbox would number readings twice."""
    try:
        file: TextIO = folder.lock.open("a")
    except OSError as error:
        raise folder_unwritable(folder.root, error) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _already_running(folder.root) from error
        yield


def _changed_at(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def _already_running(root: Path) -> EdgeError:
    return fault(
        "gateway_already_running",
        f"已有一个网关在使用 {root}。",
        f"A gateway is already using {root}.",
        "请先停掉它；若是两个网关，请给它们不同的 gateway.state 文件夹。",
        "Stop that one first; give two gateways different gateway.state folders.",
    )


def _moved_aside(damaged: Path) -> EdgeError:
    return fault(
        "outbox_moved_aside",
        f"本机存储文件已损坏，已移到 {damaged} 保存，并新建了一个。",
        f"The outbox file was damaged; it was moved to {damaged} and a new one begun.",
        "其中可能有未发送的读数，请联系平台管理员，并检查磁盘。",
        "It may hold readings that were not sent; ask the platform's administrator, and check the disk.",
    )
