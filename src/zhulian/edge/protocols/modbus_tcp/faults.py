"""What a Modbus device says when it says no, in words that lead to the cure."""

from collections.abc import Sequence

from zhulian.edge.protocols.driver import DriverError
from zhulian.edge.protocols.modbus_tcp.addresses import parse
from zhulian.vocabulary.errors import Text

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3
SPOILS_ITS_GROUP = frozenset({ILLEGAL_ADDRESS, ILLEGAL_VALUE})
"""One point or hole may be to blame while the rest of the request can be read."""
SAME_TOMORROW = frozenset({ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE})
"""The point is wrong, not the device: asking at every poll would only cost time."""
DEVICE_IS_AWAY = frozenset({10, 11})
"""A serial gateway speaks for a device that it cannot reach: every other request would wait in vain too."""

_MEANINGS = {
    1: Text("非法功能", "illegal function"),
    2: Text("非法地址", "illegal data address"),
    3: Text("非法数值", "illegal data value"),
    4: Text("设备故障", "server device failure"),
    5: Text("已受理，仍在处理", "acknowledge, still working"),
    6: Text("设备忙", "server device busy"),
    8: Text("内存校验错", "memory parity error"),
    10: Text("网关路径不可用", "gateway path unavailable"),
    11: Text("网关后的设备没有应答", "gateway target did not respond"),
}
_CURES = {
    1: Text(
        "请换一张表再试：保持寄存器 4xxxx、输入寄存器 3xxxx、线圈 0xxxx、离散输入 1xxxx。",
        "Try another table: holding registers 4xxxx, input registers 3xxxx, coils 0xxxx, discrete inputs 1xxxx.",
    ),
    3: Text("请把选项 max_registers 调小再试。", "Try a smaller option max_registers."),
    6: Text("网关会稍后再试；请把采集周期放长。", "The gateway tries again; poll less often."),
    10: Text("请核对站号（unit）和串口服务器的设置。", "Check the unit number and the settings of the serial gateway."),
    11: Text("请核对站号（unit）、串口线和波特率。", "Check the unit number, the serial line and the baud rate."),
}
_ANY_CURE = Text("请查设备说明书中的异常码。", "Look the exception code up in the device's manual.")


def said_no(code: int, address: str, where: str) -> DriverError:
    """The device at ``where`` answered exception ``code`` for ``address``."""
    meaning = _MEANINGS.get(code, Text(f"异常 {code}", f"exception {code}"))
    return DriverError(
        f"modbus_exception_{code}",
        Text(
            f"读不到 {address}：{where} 应答了“{meaning.zh}”。",
            f'{address} cannot be read: {where} answered "{meaning.en}".',
        ),
        _illegal_address_cure(address) if code == ILLEGAL_ADDRESS else _CURES.get(code, _ANY_CURE),
    )


def _illegal_address_cure(address: str) -> Text:
    neighbours = parse(address).neighbours()
    return Text(
        f"说明书与协议的编号常差一位：请改成 {' 或 '.join(neighbours)} 再试；"
        "也请核对是保持寄存器（4xxxx）还是输入寄存器（3xxxx），以及数据类型占几个寄存器。",
        f"Manual and protocol often count one apart: try {' or '.join(neighbours)};"
        " check also holding (4xxxx) against input registers (3xxxx), and how many registers the type takes.",
    )


def wrong_unit(asked: int, answered: int, where: str) -> DriverError:
    """Unit ``asked`` was asked and another one answered."""
    return DriverError(
        "modbus_wrong_unit",
        Text(
            f"问的是 {where} 的站号 {asked}，应答的却是站号 {answered}。",
            f"Unit {asked} of {where} was asked, but unit {answered} answered.",
        ),
        Text(
            f"若这台设备的站号就是 {answered}，请把选项 unit 改成 {answered}；否则请检查串口服务器是否串了站。",
            f"If this device is unit {answered}, set the option unit to {answered};"
            " otherwise check whether the serial gateway mixes up its devices.",
        ),
    )


def not_modbus(where: str) -> DriverError:
    """Something answers there, but in another language."""
    return DriverError(
        "not_modbus",
        Text(f"{where} 的应答不是 Modbus TCP。", f"What {where} answers is not Modbus TCP."),
        Text(
            "请核对端口；若设备是串口透传（RTU over TCP），请在转换器上改为 Modbus TCP 模式。",
            "Check the port; if a converter passes RTU frames through, switch it to Modbus TCP.",
        ),
    )


def not_one_of(code: str, given: str, known: Sequence[str]) -> DriverError:
    """``given`` stands where only one of ``known`` may."""
    return DriverError(
        code,
        Text(f"“{given}”不认识。", f'"{given}" is not known.'),
        Text(f"可用：{'、'.join(known)}。", f"Use one of {', '.join(known)}."),
    )


def which_bit(address: str) -> DriverError:
    """A point of type bit whose address is a whole register."""
    return DriverError(
        "modbus_bit",
        Text(f"要读 {address} 的一位，但没有写是哪一位。", f"One bit of {address} is wanted, but not which."),
        Text(f"请写成 {address}.0 到 {address}.15。", f"Write {address}.0 to {address}.15."),
    )


def only_a_bit(address: str, kind: str) -> DriverError:
    """A number type for what is one bit."""
    return DriverError(
        "modbus_bit",
        Text(f"{address} 只有一位，装不下 {kind}。", f"{address} is one bit and cannot hold {kind}."),
        Text(
            "请把类型改成 bit；要读整数或浮点数，请用寄存器地址，如 40001。",
            "Set the type to bit; for a number use the address of a register, such as 40001.",
        ),
    )


def beyond_the_end(address: str, kind: str) -> DriverError:
    """A number that would reach past the last register."""
    return DriverError(
        "modbus_address",
        Text(
            f"从 {address} 起放不下 {kind}：超出最后一个寄存器。",
            f"{kind} at {address} reaches past the last register.",
        ),
        Text("请核对地址和类型。", "Check the address and the type."),
    )


def too_wide(address: str, count: int, largest: int) -> DriverError:
    """A number of more registers than one request may have."""
    return DriverError(
        "modbus_too_wide",
        Text(
            f"{address} 占 {count} 个寄存器，而 max_registers 只有 {largest}；分两次读会得到拼错的数。",
            f"{address} takes {count} registers but max_registers is {largest}; in two parts it may be torn.",
        ),
        Text(f"请把 max_registers 改成 {count} 或更大。", f"Set max_registers to {count} or more."),
    )


def forbidden(address: str) -> DriverError:
    """A point inside a range that must not be touched."""
    return DriverError(
        "modbus_forbidden",
        Text(
            f"{address} 在选项 forbidden 的区间内，不会去读。", f"{address} lies in a forbidden range and is not read."
        ),
        Text("请删除这个点位，或改小 forbidden 的区间。", "Remove the point, or make the range in forbidden smaller."),
    )
