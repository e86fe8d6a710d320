"""Makes the machines of the gateway's own file known to the platform, and learns the ids that it gives them.

Readings taken before that wait in the outbox under the point's name and go out as soon as the ids are here.
"""

import asyncio
import logging
from collections.abc import Iterator

import msgspec

from zhulian.edge.backoff import Backoff
from zhulian.edge.enrolment import StateFolder
from zhulian.edge.link import JSON
from zhulian.edge.points import PointKey, point_key
from zhulian.edge.recorder import Recorder
from zhulian.edge.session import Request, Session
from zhulian.vocabulary.errors import ZhulianError
from zhulian.wire import lane
from zhulian.wire.configuration import DeviceConfig, GatewayConfig, read_json

log = logging.getLogger(__name__)


class Declaration:
    """Declares ``own`` until the platform has taken it, again whenever it changes."""

    def __init__(
        self, session: Session, folder: StateFolder, recorder: Recorder, own: tuple[DeviceConfig, ...]
    ) -> None:
        self.fault: ZhulianError | None = None
        self.device_ids: dict[str, int] = {}
        """The platform's ids of own machines by name, for the status."""
        self._session, self._folder, self._recorder = session, folder, recorder
        self._own = own
        self._is_due = asyncio.Event()
        self._is_due.set()

    def recall(self) -> None:
        """Use the ids learned last time until the platform has answered again."""
        kept = self._folder.declared()
        if kept is not None:
            self.device_ids = {device.name: device.id for device in read_json(kept, GatewayConfig).devices}

    def declare(self, own: tuple[DeviceConfig, ...]) -> None:
        """The file was edited."""
        self._own = own
        self._is_due.set()

    async def run(self) -> None:
        """Declare whenever there is something new."""
        again = Backoff(2.0, 60.0)
        while True:
            await self._is_due.wait()
            self._is_due.clear()
            try:
                await self._declare()
                self.fault = None
                again.reset()
            except ZhulianError as fault:
                if self.fault is None or self.fault.code != fault.code:
                    log.warning("machines not declared yet: %s", fault)
                self.fault = fault
                await asyncio.sleep(again.next_s())
                self._is_due.set()

    async def _declare(self) -> None:
        await self._session.enrolled()
        if not self._own and not self.device_ids:
            return
        body = msgspec.json.encode(GatewayConfig(devices=tuple(_without_secrets(device) for device in self._own)))
        answer = await self._session.to_portal(Request("POST", lane.DECLARE, body, JSON, 60.0))
        if not answer.is_good:
            raise answer.refusal()
        named = read_json(answer.body, GatewayConfig)
        await self._recorder.on_disk(self._recorder.outbox.name_points, dict(_ids(named)))
        self.device_ids = {device.name: device.id for device in named.devices}
        self._folder.save_declared(answer.body)


def _ids(named: GatewayConfig) -> Iterator[tuple[PointKey, int]]:
    for device in named.devices:
        for point in device.points:
            if point.id:
                yield point_key(device, msgspec.structs.replace(point, id=0)), point.id


def _without_secrets(device: DeviceConfig) -> DeviceConfig:
    """A machine's password stays in the factory: the platform only shows these machines, it does not talk to them."""
    options = {key: value for key, value in device.options.items() if "password" not in key and "secret" not in key}
    return msgspec.structs.replace(device, options=options)
