"""What may be set for a Modbus device, and what is wrong with a configuration before any connection is tried."""

import re
from dataclasses import dataclass
from typing import Self

from zhulian.edge.protocols.driver import DriverError, OptionInfo, unknown_options
from zhulian.edge.protocols.modbus_tcp import addresses
from zhulian.edge.protocols.modbus_tcp.planner import LARGEST_REGISTERS, Limits, Range, wanted
from zhulian.edge.protocols.unreachable import host_and_port
from zhulian.vocabulary.errors import Text
from zhulian.wire.configuration import DeviceConfig

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
PORT = 502
_SEPARATOR = re.compile(r"[,;，；、]")


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


def forbidden_ranges(written: str) -> tuple[Range, ...]:
    """``40100-40120,30005`` as (table, first, last), counted from 0."""
    return tuple(_range(part.strip()) for part in _SEPARATOR.split(written) if part.strip())


def _range(written: str) -> Range:
    begin, _, end = written.partition("-")
    first, last = addresses.parse(begin), addresses.parse(end or begin)
    if last.table != first.table or last.start < first.start:
        raise DriverError(
            "option_forbidden",
            Text(f"选项 forbidden 中的“{written}”不是区间。", f'"{written}" in the option forbidden is no range.'),
            Text("请写成 40100-40120，同一张表，从小到大。", "Write 40100-40120: one table, lower end first."),
        )
    return (first.table, first.start, last.start)


def check(device: DeviceConfig) -> list[DriverError]:
    """Everything that is wrong with ``device`` and can be known without connecting."""
    found = unknown_options(device, OPTIONS)
    limits = Limits()
    try:
        host_and_port(device.address, PORT)
        if not found:
            options = Options.of(device)
            found = _out_of_range(options)
            limits = limits if found else options.limits
    except DriverError as fault:
        found.append(fault)
    for point in device.points:
        try:
            wanted(point, limits)
        except DriverError as fault:
            found.append(_at_point(point.name, fault))
    return found


def _at_point(name: str, fault: DriverError) -> DriverError:
    """A device may have hundreds of points: say which one."""
    what = Text(f"点位“{name}”：{fault.what.zh}", f'Point "{name}": {fault.what.en}')
    return DriverError(fault.code, what, fault.next_step)


def _out_of_range(options: Options) -> list[DriverError]:
    limits = options.limits
    if (
        0 <= options.unit <= 255
        and 0 < limits.largest <= LARGEST_REGISTERS
        and limits.gap >= 0
        and min(options.connect_delay_s, options.request_gap_s) >= 0
    ):
        return []
    return [
        DriverError(
            "option_range",
            Text("Modbus 选项超出范围。", "A Modbus option is out of range."),
            Text(
                "unit 为 0–255，max_registers 为 1–125；gap、connect_delay_s、request_gap_s 不小于 0。",
                "unit is 0 to 255, max_registers 1 to 125; gap, connect_delay_s and request_gap_s are at least 0.",
            ),
        )
    ]
