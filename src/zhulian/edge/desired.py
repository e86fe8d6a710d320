"""What this gateway should read: its own file plus what the platform configured, checked as a whole before use.

A configuration with one fault in it is refused as a whole and the old one keeps running; the fault is shown here and
reported to the platform together with the version that really runs.
"""

import asyncio
import logging
from collections.abc import Mapping

import msgspec

from zhulian.edge.backoff import Backoff
from zhulian.edge.checks import ConfigurationFaults, device_faults, missing_ids
from zhulian.edge.configuration import trimmed
from zhulian.edge.enrolment import StateFolder
from zhulian.edge.protocols.driver import ProtocolInfo
from zhulian.edge.scheduler import Scheduler
from zhulian.edge.session import Request, Session
from zhulian.vocabulary.errors import ZhulianError
from zhulian.wire import lane
from zhulian.wire.configuration import DeviceConfig, GatewayConfig, read_json

log = logging.getLogger(__name__)

LOOK_EVERY_S = 300.0
"""Ask for the configuration at least this often, in case the stream did not come through."""


class Desired:
    """The one place that decides which machines run."""

    def __init__(
        self,
        session: Session,
        folder: StateFolder,
        scheduler: Scheduler,
        protocols: Mapping[str, ProtocolInfo],
        own: tuple[DeviceConfig, ...],
    ) -> None:
        self.own = own
        self.remote = GatewayConfig()
        self.fault: ZhulianError | None = None
        """Why the newest configuration is not the one that runs."""
        self._session, self._folder, self._scheduler, self._protocols = session, folder, scheduler, protocols
        self._etag = ""
        self._look = asyncio.Event()
        self._look.set()

    @property
    def devices(self) -> tuple[DeviceConfig, ...]:
        """Own machines first; where the platform has one of the same name, the file beside the machine wins."""
        own_names = {device.name for device in self.own}
        return self.own + tuple(device for device in self.remote.devices if device.name not in own_names)

    async def start(self) -> None:
        """Run the own file and the configuration kept from last time."""
        kept = self._folder.configuration()
        if kept is not None:
            try:
                self.remote = self._checked(kept)
            except ZhulianError as fault:
                log.warning("kept configuration not used: %s", fault)
                self.fault = fault
        await self._scheduler.apply(self.devices)

    async def take_own(self, own: tuple[DeviceConfig, ...]) -> None:
        """The file was edited (and is good): change what changed in it."""
        self.own = own
        await self._scheduler.apply(self.devices)

    def look(self) -> None:
        """The platform says that something newer waits, or a new connection was made."""
        self._look.set()

    async def run(self) -> None:
        """Fetch whenever there is a reason to, until it works."""
        again = Backoff(1.0, 60.0)
        while True:
            await self._wait_for_reason()
            self._look.clear()
            try:
                await self._fetch()
                again.reset()
            except ZhulianError as fault:
                log.info("configuration not fetched: %s", fault)
                await asyncio.sleep(again.next_s())
                self._look.set()

    async def _wait_for_reason(self) -> None:
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._look.wait()
        except TimeoutError:
            return

    async def _fetch(self) -> None:
        headers = {"If-None-Match": self._etag} if self._etag else {}
        answer = await self._session.to_portal(Request("GET", lane.CONFIGURATION, headers=headers))
        if answer.status == 304:
            return
        if not answer.is_good:
            raise answer.refusal()
        await self._take_remote(answer.body)
        self._etag = next((value for name, value in answer.headers.items() if name.lower() == "etag"), "")

    async def _take_remote(self, body: bytes) -> None:
        try:
            remote = self._checked(body)
        except ZhulianError as fault:
            log.warning("the platform's configuration is refused, the old one keeps running: %s", fault)
            self.fault = fault
            return
        self.remote, self.fault = remote, None
        await self._scheduler.apply(self.devices)
        self._folder.save_configuration(body)
        log.info("configuration %s runs with %s machines", remote.version, len(self.devices))

    def _checked(self, body: bytes) -> GatewayConfig:
        remote = read_json(body, GatewayConfig)
        devices = tuple(trimmed(device) for device in remote.devices)
        faults = [*device_faults(devices, self._protocols), *missing_ids(devices)]
        if faults:
            raise ConfigurationFaults(faults)
        return msgspec.structs.replace(remote, devices=devices)
