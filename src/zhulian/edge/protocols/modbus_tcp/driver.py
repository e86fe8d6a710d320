"""The Modbus TCP driver: plans once, then asks group by group."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import NamedTuple, Self

from zhulian.edge.protocols.driver import DriverError, Outcome, RawValue
from zhulian.edge.protocols.modbus_tcp import faults, planner
from zhulian.edge.protocols.modbus_tcp.codec import Conversation, ExceptionAnswer, GarbledAnswer
from zhulian.edge.protocols.modbus_tcp.options import Options
from zhulian.edge.protocols.modbus_tcp.planner import Request, Wanted
from zhulian.edge.protocols.modbus_tcp.values import Decoder
from zhulian.edge.protocols.unreachable import host_and_port, timed_out, unreachable
from zhulian.vocabulary.errors import Text
from zhulian.wire.asks import Node
from zhulian.wire.configuration import DeviceConfig, PointConfig

PORT = 502


class _Group(NamedTuple):
    request: Request
    decoder: Decoder


class ModbusTcpDriver:
    """One device behind one TCP connection. ``async with driver: await driver.read(points)``."""

    def __init__(self, device: DeviceConfig) -> None:
        self._device = device
        self._host, self._port = host_and_port(device.address, PORT)
        self._options = Options.of(device)
        self._conversation = Conversation()
        self._plans: dict[tuple[str, ...], tuple[list[_Group], dict[str, Outcome]]] = {}
        self._tight: set[str] = set()
        """Points grouped without gaps, because a group over a gap was refused."""
        self._proven: set[str] = set()
        """Points known to be readable, though a group with them was refused."""
        self._alone: set[str] = set()
        """Points asked for singly."""

    async def __aenter__(self) -> Self:
        self._conversation = Conversation()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._device.timeout_s):
                await loop.create_connection(lambda: self._conversation, self._host, self._port)
        except OSError as fault:
            raise unreachable(fault, self._device.address, self._device.timeout_s) from fault
        if self._options.connect_delay_s:
            await asyncio.sleep(self._options.connect_delay_s)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._conversation.close()

    async def read(self, points: Sequence[PointConfig]) -> dict[str, Outcome]:
        """Each point's value or fault; the device as a whole fails with :class:`DriverError`."""
        if not self._conversation.is_open:
            await self.__aenter__()
        groups, unreadable = self._planned(points)
        found = unreadable | await self._read_all(groups)
        if self._options.close_after:
            self._conversation.close()
        return found

    async def browse(self, node: str) -> Sequence[Node]:
        """Modbus has no directory."""
        del node
        raise DriverError(
            "browse_unsupported",
            Text("Modbus 设备没有点位目录。", "A Modbus device has no directory of points."),
            Text("请按说明书粘贴点表。", "Paste the point table from its manual."),
        )

    def _planned(self, points: Sequence[PointConfig]) -> tuple[list[_Group], dict[str, Outcome]]:
        names = tuple(point.name for point in points)
        if names not in self._plans:
            self._plans[names] = self._plan(points)
        return self._plans[names]

    def _plan(self, points: Sequence[PointConfig]) -> tuple[list[_Group], dict[str, Outcome]]:
        readable: list[Wanted] = []
        unreadable: dict[str, Outcome] = {}
        for point in points:
            try:
                readable.append(planner.wanted(point))
            except DriverError as fault:
                unreadable[point.name] = fault
        return self._requests(readable), unreadable

    def _requests(self, points: Sequence[Wanted]) -> list[_Group]:
        singly = [planner.single(each) for each in points if each.point.name in self._alone]
        rest = [each for each in points if each.point.name not in self._alone]
        tight = [each for each in rest if each.point.name in self._tight]
        loose = [each for each in rest if each.point.name not in self._tight]
        limits = self._options.limits
        return _with_decoders(planner.plan(loose, limits) + planner.plan(tight, replace(limits, gap=0)) + singly)

    async def _read_all(self, groups: Sequence[_Group]) -> dict[str, Outcome]:
        found: dict[str, Outcome] = {}
        for index, group in enumerate(groups):
            if index and self._options.request_gap_s:
                await asyncio.sleep(self._options.request_gap_s)
            found |= await self._read(group)
        return found

    async def _read(self, group: _Group) -> dict[str, Outcome]:
        try:
            return group.decoder.decode(await self._ask(group.request))
        except ExceptionAnswer as answer:
            return await self._refused(group.request, answer)

    async def _refused(self, request: Request, answer: ExceptionAnswer) -> dict[str, Outcome]:
        """One wrong point, or a hole between two, spoils its group: close the gaps first, then find the culprit."""
        names = {each.point.name for each in request.serves}
        if len(names) == 1 or answer.code not in faults.CONFIGURATION_FAULTS:
            where = self._device.address
            return {each.point.name: faults.said_no(answer.code, each.point.address, where) for each in request.serves}
        self._plans.clear()
        if not names <= self._tight:
            self._tight |= names
            return await self._read_all(self._requests(request.serves))
        found = await self._read_all(_with_decoders([planner.single(each) for each in request.serves]))
        readable = {name for name, outcome in found.items() if isinstance(outcome, RawValue)}
        self._alone |= names if names <= self._proven else names - readable
        self._proven |= readable
        return found

    async def _ask(self, request: Request) -> bytes:
        where, timeout_s = self._device.address, self._device.timeout_s
        try:
            return await self._conversation.ask(self._options.unit, request, timeout_s)
        except TimeoutError as fault:
            raise timed_out(where, timeout_s) from fault
        except OSError as fault:
            raise unreachable(fault, where, timeout_s) from fault
        except GarbledAnswer as fault:
            self._conversation.close()
            raise faults.not_modbus(where) from fault


def _with_decoders(requests: Sequence[Request]) -> list[_Group]:
    return [_Group(request, Decoder(request)) for request in requests]
