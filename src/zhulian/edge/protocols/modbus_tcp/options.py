"""What may be set for a Modbus device, and what is wrong with a configuration before any connection is tried."""

import re
from dataclasses import dataclass
from typing import Self

from zhulian.edge.protocols.driver import DriverError, OptionInfo, unknown_options
from zhulian.edge.protocols.modbus_tcp import addresses, types
from zhulian.edge.protocols.modbus_tcp.addresses import Table
from zhulian.edge.protocols.modbus_tcp.planner import LARGEST_REGISTERS, Limits
from zhulian.edge.protocols.unreachable import host_and_port
from zhulian.vocabulary.errors import Text
from zhulian.wire.configuration import DeviceConfig, PointConfig

OPTIONS = (
    OptionInfo("unit", 1, Text("站号（从站地址）", "unit number (slave address)")),
    OptionInfo("max_registers", LARGEST_REGISTERS, Text("一次最多读多少个寄存器", "most registers in one request")),
    OptionInfo("gap", 8, Text("为合并请求可多读的空隙", "unwanted registers that may be read along")),
    OptionInfo(
        "forbidden", "", Text("不可触碰的区间，如 40100-40120,30005", "ranges never to touch: 40100-40120,30005")
    ),
    OptionInfo("connect_delay_s", 0.0, Text("连接后先等待（秒）", "pause after connecting, s")),
    OptionInfo("request_gap_s", 0.0, Text("两次请求之间等待（秒）", "pause between requests, s")),
    OptionInfo(
        "close_after", False, Text("读完即断开（设备只容一个主站）", "hang up after each poll (one-master devices)")
    ),
)
_RANGE = re.compile(r"([a-z0-9:]+)(?:-([a-z0-9:]+))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one device, with their types."""

    unit: int
    limits: Limits
    connect_delay_s: float
    request_gap_s: float
    close_after: bool

    @classmethod
    def of(cls, device: DeviceConfig) -> Self:
        """Options of ``device``; what is not set has its default."""
        value = {option.name: device.options.get(option.name, option.default) for option in OPTIONS}
        limits = Limits(int(value["max_registers"]), int(value["gap"]), forbidden_ranges(str(value["forbidden"])))
        return cls(
            int(value["unit"]),
            limits,
            float(value["connect_delay_s"]),
            float(value["request_gap_s"]),
            bool(value["close_after"]),
        )


def forbidden_ranges(written: str) -> tuple[tuple[Table, int, int], ...]:
    """``40100-40120,30005`` as (table, first, last), counted from 0."""
    ranges = []
    for part in filter(None, (piece.strip() for piece in written.split(","))):
        match = _RANGE.fullmatch(part)
        first = addresses.parse(match[1] if match else part)
        last = addresses.parse(match[2]) if match and match[2] else first
        ranges.append((first.table, first.start, last.start))
    return tuple(ranges)


def check(device: DeviceConfig) -> list[DriverError]:
    """Everything that is wrong with ``device`` and can be known without connecting."""
    found = unknown_options(device, OPTIONS)
    try:
        host_and_port(device.address, 502)
        if not found:
            found += _limits(Options.of(device))
    except DriverError as fault:
        found.append(fault)
    for point in device.points:
        found += _point(point)
    return found


def _limits(options: Options) -> list[DriverError]:
    if 0 <= options.unit <= 255 and 0 < options.limits.largest <= LARGEST_REGISTERS and options.limits.gap >= 0:
        return []
    return [
        DriverError(
            "option_range",
            Text("Modbus 选项超出范围。", "A Modbus option is out of range."),
            Text(
                "unit 为 0–255，max_registers 为 1–125，gap 不小于 0。",
                "unit is 0 to 255, max_registers 1 to 125, gap at least 0.",
            ),
        )
    ]


def _point(point: PointConfig) -> list[DriverError]:
    found = []
    try:
        address = addresses.parse(point.address)
        if not address.table.holds_bits and address.bit is None and point.type == types.BIT:
            found.append(_bit_of_what(point))
    except DriverError as fault:
        found.append(fault)
    if point.type and point.type not in types.TYPES:
        found.append(_not_one_of("modbus_type", point.name, point.type, types.TYPES))
    if point.byte_order and point.byte_order not in types.BYTE_ORDERS:
        found.append(_not_one_of("modbus_byte_order", point.name, point.byte_order, types.BYTE_ORDERS))
    return found


def _bit_of_what(point: PointConfig) -> DriverError:
    return DriverError(
        "modbus_bit",
        Text(
            f"点位“{point.name}”要读寄存器的一位，但没有写是哪一位。",
            f'Point "{point.name}" reads one bit, but not which.',
        ),
        Text(f"请写成 {point.address}.0 到 {point.address}.15。", f"Write {point.address}.0 to {point.address}.15."),
    )


def _not_one_of(code: str, name: str, given: str, known: tuple[str, ...]) -> DriverError:
    return DriverError(
        code,
        Text(f"点位“{name}”的“{given}”不认识。", f'Point "{name}": "{given}" is not known.'),
        Text(f"可用：{'、'.join(known)}。", f"Use one of {', '.join(known)}."),
    )
