"""One test stand a protocol: a machine, and what is good, wrong and odd on it. The contract test takes each in turn."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from peers import modbus_server, opcua_server
from zhulian.edge.protocols import protocols
from zhulian.edge.protocols.driver import Driver, RawValue
from zhulian.vocabulary.clock import system_clock
from zhulian.wire.configuration import DeviceConfig, OptionValue, PointConfig


@dataclass(frozen=True)
class Stand:
    """``good``: points and the values they must give; ``missing``: a point that the machine does not have."""

    protocol: str
    address: str
    serving: Callable[[int], AbstractContextManager[int]]
    good: dict[PointConfig, float]
    missing: PointConfig
    missing_code: str
    not_numbers: tuple[PointConfig, ...]
    not_our_language: str
    wrong_points: tuple[PointConfig, ...]
    words: dict[PointConfig, str] = field(default_factory=dict)

    def device(self, port: int, timeout_s: float = 5.0, **options: OptionValue) -> DeviceConfig:
        """The machine at ``port`` of this computer."""
        return DeviceConfig(
            name="压机",
            protocol=self.protocol,
            address=self.address.format(port=port),
            timeout_s=timeout_s,
            options=options,
            points=(*self.good, self.missing),
        )

    def open(self, port: int, timeout_s: float = 5.0, secrets: Path | None = None, **options: OptionValue) -> Driver:
        """A driver for it, not yet connected."""
        device = self.device(port, timeout_s, **options)
        return protocols()[self.protocol].open(device, system_clock, secrets)


def point(name: str, address: str, kind: str = "", **more: object) -> PointConfig:
    return PointConfig(name=name, address=address, type=kind, **more)  # type: ignore[arg-type]


MODBUS = Stand(
    protocol="modbus_tcp",
    address="127.0.0.1:{port}",
    serving=modbus_server.serving,
    good={
        point("温度", "40003", "float32"): 21.5,
        point("温度翻倍", "holding:2", "float32", scale=2.0, offset=-1.0): 42.0,
        point("第七号", "40007"): 6.0,
        point("输入", "30010", "int16"): 9.0,
        point("线圈", "coil:1"): 1.0,
        point("离散", "10003"): 0.0,
        point("某一位", "40007.1"): 1.0,
    },
    missing=point("没有", "holding:5000"),
    missing_code="modbus_exception_2",
    not_numbers=(point("非数", "holding:4", "float32"),),
    not_our_language="not_modbus",
    wrong_points=(
        point("错一", "2"),
        point("错二", "40001", "float16"),
        point("错三", "40001", "float32", byte_order="ABDC"),
    ),
)

OPCUA = Stand(
    protocol="opcua",
    address="opc.tcp://127.0.0.1:{port}/",
    serving=lambda port: opcua_server.serving(port=port),
    good={
        point("温度", "ns=2;s=Temperature"): 21.5,
        point("温度翻倍", "ns=2;s=Temperature", scale=2.0, offset=-1.0): 42.0,
        point("运行", "ns=2;s=Running"): 1.0,
        point("件数", "ns=2;s=Pieces"): -3.0,
    },
    missing=point("没有", "ns=2;s=Missing"),
    missing_code="opcua_node_unknown",
    not_numbers=(point("非数", "ns=2;s=NaN"), point("无穷", "ns=2;s=Infinity")),
    not_our_language="not_opcua",
    wrong_points=(point("错一", "Temperature"), point("错二", "ns=x;i=1"), point("错三", "")),
    words={
        point("程序", "ns=2;s=Program"): "运行",
        point("标签", "ns=2;s=Label"): "急停",
        point("开始", "ns=2;s=Started"): "2026-11-24T04:00:00+00:00",
    },
)

STANDS = (MODBUS, OPCUA)


def number(outcome: object) -> float:
    """The value of a good outcome; anything else fails the test with what it was."""
    assert isinstance(outcome, RawValue), outcome
    return outcome.value
