"""Which registers to ask for together.

The cost of polling is per request, not per register, so neighbouring points are read in one request. Pure: the same
points and limits always give the same plan.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zhulian.edge.protocols.modbus_tcp.addresses import Address, Table, parse
from zhulian.edge.protocols.modbus_tcp.types import DEFAULT_TYPE, FORMATS, registers
from zhulian.wire.configuration import PointConfig

LARGEST_REGISTERS = 125
LARGEST_BITS = 2000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A point and where it lies: ``count`` elements of ``address.table`` from ``address.start``."""

    point: PointConfig
    address: Address
    count: int

    @property
    def format(self) -> str:
        """How :mod:`struct` unpacks it, once its bytes are in order."""
        return FORMATS[self.point.type or DEFAULT_TYPE]

    @property
    def end(self) -> int:
        """The first element behind it."""
        return self.address.start + self.count


@dataclass(frozen=True, slots=True)
class Request:
    """One read of ``count`` elements, and the points it serves."""

    table: Table
    start: int
    count: int
    serves: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a device puts up with.

    ``largest`` elements a request; gaps of up to ``gap`` unwanted elements are read along; no request touches a
    ``forbidden`` range (table, first, last).
    """

    largest: int = LARGEST_REGISTERS
    gap: int = 8
    forbidden: tuple[tuple[Table, int, int], ...] = ()


def wanted(point: PointConfig) -> Wanted:
    """Where ``point`` lies; :class:`DriverError` when its address cannot be read."""
    address = parse(point.address)
    is_single = address.table.holds_bits or address.bit is not None
    return Wanted(point, address, 1 if is_single else registers(point.type or DEFAULT_TYPE))


def plan(points: Iterable[Wanted], limits: Limits) -> list[Request]:
    """Requests that cover every point once, whole, within ``limits``."""
    requests: list[Request] = []
    group: list[Wanted] = []
    for point in sorted(points, key=lambda each: (each.address.table, each.address.start, each.end)):
        if group and not _joins(group, point, limits):
            requests.append(_request(group))
            group = []
        group.append(point)
    return [*requests, _request(group)] if group else requests


def single(point: Wanted) -> Request:
    """A request for one point alone, to find out which of a group is wrong."""
    return _request([point])


def _joins(group: Sequence[Wanted], point: Wanted, limits: Limits) -> bool:
    table, start = group[0].address.table, group[0].address.start
    end = max(each.end for each in group)
    largest = min(LARGEST_BITS, limits.largest * 16) if table.holds_bits else min(LARGEST_REGISTERS, limits.largest)
    return (
        point.address.table == table
        and point.address.start - end <= limits.gap
        and max(end, point.end) - start <= largest
        and not _touches(limits.forbidden, table, end, point.address.start)
    )


def _touches(forbidden: Sequence[tuple[Table, int, int]], table: Table, start: int, end: int) -> bool:
    """Whether the gap start..end-1 holds a forbidden element."""
    return any(where == table and first < end and last >= start for where, first, last in forbidden)


def _request(group: Sequence[Wanted]) -> Request:
    start = group[0].address.start
    return Request(group[0].address.table, start, max(each.end for each in group) - start, tuple(group))
