"""The Modbus TCP driver: plans once, then asks group by group, and remembers what the device refused."""

import asyncio
from collections.abc import Mapping, Sequence
from operator import attrgetter
from types import TracebackType
from typing import NamedTuple, Self

from zhulian.edge.protocols.driver import DriverError, Outcome
from zhulian.edge.protocols.modbus_tcp import faults, planner
from zhulian.edge.protocols.modbus_tcp.codec import Conversation, ExceptionAnswer, GarbledAnswer, WrongUnit
from zhulian.edge.protocols.modbus_tcp.lessons import Lessons
from zhulian.edge.protocols.modbus_tcp.options import PORT, Options
from zhulian.edge.protocols.modbus_tcp.planner import Request, Wanted
from zhulian.edge.protocols.modbus_tcp.values import Decoder
from zhulian.edge.protocols.unreachable import host_and_port, timed_out, unreachable
from zhulian.vocabulary.errors import Text
from zhulian.wire.asks import Node
from zhulian.wire.configuration import DeviceConfig, PointConfig

_name = attrgetter("name")


class _Group(NamedTuple):
    """One request and the way to take its answer apart."""

    request: Request
    decoder: Decoder


class _Plan(NamedTuple):
    """How to read one set of points: the requests, the points themselves, and those that cannot be read at all."""

    groups: Sequence[_Group]
    wanted: Mapping[str, Wanted]
    faults: Mapping[str, DriverError]


class ModbusTcpDriver:
    """One device behind one TCP connection. ``async with driver: await driver.read(points)``."""

    def __init__(self, device: DeviceConfig) -> None:
        self._device = device
        self._host, self._port = host_and_port(device.address, PORT)
        self._options = Options.of(device)
        self._conversation = Conversation()
        self._turn = asyncio.Lock()
        self._free_at_s = 0.0
        """When the next request may be sent, for devices that need a pause."""
        self._forget()

    async def __aenter__(self) -> Self:
        self._forget()
        await self._connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._conversation.close()

    async def read(self, points: Sequence[PointConfig]) -> dict[str, Outcome]:
        """Each point's value or fault; the device as a whole fails with :class:`DriverError`."""
        async with self._turn:
            try:
                return await self._read(points)
            finally:
                if self._options.close_after:
                    self._conversation.close()

    async def browse(self, node: str) -> Sequence[Node]:
        """Modbus has no directory."""
        del node
        raise DriverError(
            "browse_unsupported",
            Text("Modbus 设备没有点位目录。", "A Modbus device has no directory of points."),
            Text("请按说明书粘贴点表。", "Paste the point table from its manual."),
        )

    def _forget(self) -> None:
        """Begin anew: a device that was away may come back with other firmware."""
        self._lessons = Lessons(self._options.limits)
        self._plans: dict[tuple[str, ...], _Plan] = {}

    async def _connect(self) -> None:
        self._conversation = Conversation()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._device.timeout_s):
                await loop.create_connection(lambda: self._conversation, self._host, self._port)
        except OSError as fault:
            raise unreachable(fault, self._device.address, self._device.timeout_s) from fault
        if self._options.connect_delay_s:
            await asyncio.sleep(self._options.connect_delay_s)

    async def _read(self, points: Sequence[PointConfig]) -> dict[str, Outcome]:
        names = tuple(map(_name, points))
        plan = self._plans.get(names) or self._plan(names, points)
        found: dict[str, Outcome] = dict(plan.faults)
        for group in plan.groups:
            found.update(await self._ask_group(group))
        if plan.faults:
            found |= await self._ask_again(plan)
        return found

    def _plan(self, names: tuple[str, ...], points: Sequence[PointConfig]) -> _Plan:
        wanted: dict[str, Wanted] = {}
        unreadable: dict[str, DriverError] = {}
        for point in points:
            try:
                wanted[point.name] = planner.wanted(point, self._options.limits)
            except DriverError as fault:
                unreadable[point.name] = fault
        refused = {name: known for name in wanted if (known := self._lessons.fault_of(name)) is not None}
        requests = planner.plan([each for name, each in wanted.items() if name not in refused], self._lessons.limits)
        self._plans[names] = _Plan([_Group(each, Decoder(each)) for each in requests], wanted, unreadable | refused)
        return self._plans[names]

    async def _ask_group(self, group: _Group) -> dict[str, Outcome]:
        try:
            return group.decoder.decode(await self._ask(group.request))
        except ExceptionAnswer as answer:
            return await self._refused(group.request, answer.code)

    async def _refused(self, request: Request, code: int) -> dict[str, Outcome]:
        """The device said no to ``request``: find out to which of its points, and plan differently from now on."""
        where, now_s = self._device.address, asyncio.get_running_loop().time()
        said_no: dict[str, DriverError] = {
            each.point.name: faults.said_no(code, each.point.address, where) for each in request.serves
        }
        if code in faults.DEVICE_IS_AWAY:
            raise next(iter(said_no.values()))
        if code in faults.SPOILS_ITS_GROUP and len(said_no) > 1:
            return await self._ask_each(request)
        if code in faults.SAME_TOMORROW:
            self._plans.clear()
            for name, fault in said_no.items():
                self._lessons.refuse(name, fault, now_s)
        return dict(said_no)

    async def _ask_each(self, request: Request) -> dict[str, Outcome]:
        found: dict[str, Outcome] = {}
        for each in request.serves:
            alone = planner.single(each)
            found |= await self._ask_group(_Group(alone, Decoder(alone)))
        self._lessons.learn(request, found, asyncio.get_running_loop().time())
        self._plans.clear()
        return found

    async def _ask_again(self, plan: _Plan) -> dict[str, Outcome]:
        """One refused point whose time has come. If it can be read now the device has changed: learn it anew."""
        name = self._lessons.to_ask_again(tuple(plan.faults), asyncio.get_running_loop().time())
        if name is None:
            return {}
        alone = planner.single(plan.wanted[name])
        found = await self._ask_group(_Group(alone, Decoder(alone)))
        if not isinstance(found[name], DriverError):
            self._forget()
        return found

    async def _ask(self, request: Request) -> bytes:
        where, timeout_s = self._device.address, self._device.timeout_s
        if not self._conversation.is_open:  # closed on purpose, or by a device that drops quiet connections
            await self._connect()
        await self._pause()
        try:
            return await self._conversation.ask(self._options.unit, request, timeout_s)
        except TimeoutError as fault:
            raise timed_out(where, timeout_s) from fault
        except OSError as fault:
            raise unreachable(fault, where, timeout_s) from fault
        except WrongUnit as fault:
            raise faults.wrong_unit(self._options.unit, fault.unit, where) from fault
        except GarbledAnswer as fault:
            self._conversation.close()
            raise faults.not_modbus(where) from fault
        finally:
            self._free_at_s = asyncio.get_running_loop().time() + self._options.request_gap_s

    async def _pause(self) -> None:
        if self._options.request_gap_s:
            await asyncio.sleep(max(0.0, self._free_at_s - asyncio.get_running_loop().time()))
