"""What a Modbus device says when it says no, in words that lead to the cure."""

from zhulian.edge.protocols.driver import DriverError
from zhulian.vocabulary.errors import Text

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3
GATEWAY_PATH, GATEWAY_SILENT = 10, 11
CONFIGURATION_FAULTS = frozenset({ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE})
"""Answers that will be the same tomorrow: the point is wrong, not the device."""

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
    2: Text(
        "多数电表的说明书从 40001 起编号而协议从 0 起：请把地址加一或减一再试，或改写成 holding:0；"
        "也请核对数据类型占几个寄存器。",
        "Most manuals count from 40001 while the protocol counts from 0: try one more or one less, or write holding:0;"
        " check also how many registers the type takes.",
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
        _CURES.get(code, _ANY_CURE),
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
