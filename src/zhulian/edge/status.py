"""How the gateway is: one picture for the local page, ``zhulian edge status`` and the platform."""

import asyncio
import logging
from collections.abc import Iterable, Iterator

import msgspec

from zhulian import __version__
from zhulian.edge.configuration import LocalConfiguration
from zhulian.edge.declare import Declaration
from zhulian.edge.desired import Desired
from zhulian.edge.enrolment import not_enrolled
from zhulian.edge.json_topics.listener import Listener
from zhulian.edge.link import JSON
from zhulian.edge.outbox import Fill, SetAside
from zhulian.edge.points import Sample
from zhulian.edge.recorder import Recorder
from zhulian.edge.room import Gap
from zhulian.edge.scheduler import Scheduler
from zhulian.edge.session import Request, Session
from zhulian.edge.sparkplug.host import Host
from zhulian.edge.sparkplug.nodes import Station
from zhulian.edge.stream import Stream
from zhulian.edge.uplink import Uplink
from zhulian.vocabulary.clock import Clock
from zhulian.vocabulary.errors import ZhulianError
from zhulian.wire.configuration import PointConfig
from zhulian.wire.status import STATUS, STATUS_EVERY_S, DeviceStatus, GatewayStatus

log = logging.getLogger(__name__)


class LatestValue(msgspec.Struct, frozen=True, kw_only=True):
    """The last value read of one point, sent or not."""

    device: str
    point: str
    unit: str
    value: float
    text: str | None
    quality: int
    time_us: int


class LocalStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The whole picture: what ``/status.json`` holds."""

    name: str
    now_us: int
    gateway: int
    """Its number on the platform; 0 before enrolment."""
    enterprise: str
    platform_url: str
    is_delivering: bool
    is_listening: bool
    last_delivered_us: int
    delivered_rows: int
    clock_offset_us: int
    in_memory_rows: int
    faults: tuple[dict[str, str], ...]
    fill: Fill
    gaps: tuple[Gap, ...]
    set_aside: tuple[SetAside, ...]
    values: tuple[LatestValue, ...]
    status: GatewayStatus


class Picture:
    """Looks at all parts of one gateway."""

    def __init__(  # noqa: PLR0917 - one for each part
        self,
        configuration: LocalConfiguration,
        session: Session,
        recorder: Recorder,
        scheduler: Scheduler,
        uplink: Uplink,
        stream: Stream,
        desired: Desired,
        declaration: Declaration,
        clock: Clock,
        host: Host | None = None,
        listener: Listener | None = None,
    ) -> None:
        self.file_fault: ZhulianError | None = None
        """Why an edited file is not in use."""
        self.other_faults: dict[str, ZhulianError] = {}
        """From enrolment, the status port and a damaged outbox; by kind."""
        self._configuration, self._clock, self._host = configuration, clock, host
        self._listener = listener
        self._session, self._recorder, self._scheduler = session, recorder, scheduler
        self._uplink, self._stream, self._desired, self._declaration = uplink, stream, desired, declaration

    def faults(self) -> list[ZhulianError]:
        """Everything that a person should know, the most pressing first; each kind once."""
        found: list[ZhulianError | None] = [
            self._recorder.fault,
            *self.other_faults.values(),
            self.file_fault,
            self._desired.fault,
            self._declaration.fault,
            self._uplink.clock_fault(),
            self._uplink.fault,
            self._stream.fault,
            self._host.fault if self._host else None,
            self._listener.fault if self._listener else None,
        ]
        if self._session.identity is None and self._configuration.platform_url:
            found.append(not_enrolled())
        return list({fault.code: fault for fault in found if fault is not None}.values())

    async def gateway_status(self) -> GatewayStatus:
        """What the platform is told."""
        return self._gateway_status(await self._recorder.on_disk(self._recorder.outbox.fill))

    async def local_status(self) -> LocalStatus:
        """What people on the spot are shown."""
        outbox, identity = self._recorder.outbox, self._session.identity
        fill = await self._recorder.on_disk(outbox.fill)
        return LocalStatus(
            name=self._configuration.name,
            now_us=self._clock(),
            gateway=identity.gateway if identity else 0,
            enterprise=identity.enterprise if identity else "",
            platform_url=identity.platform_url if identity else self._configuration.platform_url,
            is_delivering=identity is not None and self._uplink.fault is None,
            is_listening=self._stream.is_connected,
            last_delivered_us=self._uplink.last_delivered_us,
            delivered_rows=self._uplink.delivered_rows,
            clock_offset_us=self._uplink.clock_offset_us,
            in_memory_rows=self._recorder.in_memory,
            faults=tuple(fault.as_json() for fault in self.faults()),
            fill=fill,
            gaps=tuple(await self._recorder.on_disk(outbox.gaps)),
            set_aside=tuple(await self._recorder.on_disk(outbox.set_aside)),
            values=self._values(),
            status=self._gateway_status(fill),
        )

    def _gateway_status(self, fill: Fill) -> GatewayStatus:
        faults = self.faults()
        return GatewayStatus(
            version=__version__,
            configuration_version=self._desired.remote.version,
            outbox_rows=fill.rows + self._recorder.in_memory,
            oldest_us=fill.oldest_us,
            set_aside=fill.set_aside,
            lost_rows=fill.lost_rows,
            fault=faults[0].as_json() if faults else None,
            devices=tuple(self._with_id(status) for status in self._devices()),
        )

    def _devices(self) -> Iterator[DeviceStatus]:
        """Machines that are read, then those that are heard."""
        yield from (machine.status() for machine in self._scheduler.machines)
        yield from (station.status() for station in self._stations())

    def _stations(self) -> Iterable[Station]:
        yield from self._host.nodes.stations.values() if self._host else ()
        yield from self._listener.machines.stations.values() if self._listener else ()

    def _with_id(self, status: DeviceStatus) -> DeviceStatus:
        return msgspec.structs.replace(status, id=status.id or self._declaration.device_ids.get(status.name, 0))

    def _values(self) -> tuple[LatestValue, ...]:
        return tuple(
            LatestValue(
                device=name,
                point=point.name,
                unit=point.unit,
                value=latest.value,
                text=latest.text,
                quality=int(latest.quality),
                time_us=latest.time_us,
            )
            for name, point, latest in self._latest()
        )

    def _latest(self) -> Iterator[tuple[str, PointConfig, Sample]]:
        for machine in self._scheduler.machines:
            for watch in machine.watches.values():
                if watch.latest is not None:
                    yield machine.device.name, watch.point, watch.latest
        for station in self._stations():
            for known in station.metrics.values():
                if known.last is not None:
                    yield station.device.name, known.point, known.last


async def report(picture: Picture, session: Session, every_s: float = STATUS_EVERY_S) -> None:
    """Tell the platform every few seconds; a report that does not arrive is not repeated, the next one will do."""
    while True:
        await session.enrolled()
        try:
            body = msgspec.json.encode(await picture.gateway_status())
            answer = await session.to_lane(Request("POST", STATUS, body, JSON, 10.0))
            if not answer.is_good:
                raise answer.refusal()
        except ZhulianError as fault:
            log.debug("status not delivered: %s", fault)
        await asyncio.sleep(every_s)
