"""Which registers to ask for together.

The cost of polling is per request, not per register, so neighbouring points are read in one request. Pure: the same
points and limits always give the same plan.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from zhulian.edge.protocols.modbus_tcp import faults
from zhulian.edge.protocols.modbus_tcp.addresses import LARGEST, Address, Table, parse
from zhulian.edge.protocols.modbus_tcp.types import BIT, BYTE_ORDERS, DEFAULT_TYPE, FORMATS, TYPES, registers
from zhulian.wire.configuration import PointConfig

LARGEST_REGISTERS = 125
LARGEST_BITS = 2000
Range = tuple[Table, int, int]
"""Table, first and last element, both inclusive."""


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

    ``largest`` registers (``largest_bits`` bits) a request; gaps of up to ``gap`` unwanted elements are read along; no
    request touches a ``forbidden`` range.
    """

    largest: int = LARGEST_REGISTERS
    gap: int = 8
    forbidden: tuple[Range, ...] = ()
    largest_bits: int = LARGEST_BITS

    def most(self, table: Table) -> int:
        """Elements of ``table`` in one request."""
        return min(self.largest_bits, self.largest * 16) if table.holds_bits else self.largest

    def forbids(self, table: Table, start: int, end: int) -> bool:
        """Whether start..end-1 holds a forbidden element."""
        return any(where == table and first < end and last >= start for where, first, last in self.forbidden)


def wanted(point: PointConfig, limits: Limits) -> Wanted:
    """Where ``point`` lies; :class:`DriverError` says why it cannot be read within ``limits``."""
    address = parse(point.address)
    if point.type and point.type not in TYPES:
        raise faults.not_one_of("modbus_type", point.type, TYPES)
    if point.byte_order and point.byte_order not in BYTE_ORDERS:
        raise faults.not_one_of("modbus_byte_order", point.byte_order, BYTE_ORDERS)
    if address.is_bit and point.type not in {"", BIT}:
        raise faults.only_a_bit(point.address, point.type)
    if not address.is_bit and point.type == BIT:
        raise faults.which_bit(point.address)
    found = Wanted(point, address, 1 if address.is_bit else registers(point.type or DEFAULT_TYPE))
    if found.end > LARGEST + 1:
        raise faults.beyond_the_end(point.address, point.type)
    if found.count > limits.most(address.table):
        raise faults.too_wide(point.address, found.count, limits.largest)
    if limits.forbids(address.table, address.start, found.end):
        raise faults.forbidden(point.address)
    return found


def plan(points: Iterable[Wanted], limits: Limits) -> list[Request]:
    """Requests that cover every point once, whole. Points are :func:`wanted` within the same ``limits``."""
    requests: list[Request] = []
    group: list[Wanted] = []
    end = 0
    for point in sorted(points, key=lambda each: (each.address.table, each.address.start, each.end)):
        if group and not _joins(group[0].address, end, point, limits):
            requests.append(_request(group, end))
            group, end = [], 0
        group.append(point)
        end = max(end, point.end)
    return [*requests, _request(group, end)] if group else requests


def single(point: Wanted) -> Request:
    """A request for one point alone, to find out which of a group is wrong."""
    return _request([point], point.end)


def _joins(first: Address, end: int, point: Wanted, limits: Limits) -> bool:
    """Whether ``point`` can still be read with a group that runs from ``first`` to ``end``."""
    return (
        point.address.table == first.table
        and point.address.start - end <= limits.gap
        and max(end, point.end) - first.start <= limits.most(first.table)
        and not limits.forbids(first.table, end, point.address.start)
    )


def _request(group: list[Wanted], end: int) -> Request:
    first = group[0].address
    return Request(first.table, first.start, end - first.start, tuple(group))
