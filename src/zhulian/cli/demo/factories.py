"""The three connected factories of the sample city: machines, their points, and which recording each replays."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from zhulian.cli.demo.recording import Array, machine_temperature, steel_energy
from zhulian.wire.configuration import DeviceConfig, PointConfig

Signal = Callable[[Array], Array]
_STEEL = (
    "回放真实记录：Steel Industry Energy Consumption，Sathishkumar V E、Shin、Cho，UCI 851，CC BY 4.0；"
    "平移到当前时间，15 分钟记录之间线性插值。"
)
_HEAT = (
    "回放真实记录：Numenta Anomaly Benchmark machine_temperature_system_failure，Numenta，MIT；"
    "平移到当前时间，5 分钟记录之间线性插值；原始数据未注明单位，此处按 °C 显示；升温速率与运行状态由温度推算。"
)
_AIR = (
    "回放真实记录：Numenta Anomaly Benchmark machine_temperature_system_failure，Numenta，MIT；"
    "平移到当前时间，5 分钟记录之间线性插值；原始数据未注明单位，此处当作排气温度按 °C 显示；"
    "供气压力与运行状态由温度推算。"
)
RUNNING_ABOVE_C = 60.0


@dataclass(frozen=True)
class SimulatedMachine:
    """One machine. ``signals`` gives each point's value over time, in the order of ``points``."""

    name: str
    workshop: str
    kind: str
    protocol: str
    unit: int
    points: tuple[PointConfig, ...]
    signals: tuple[Signal, ...]
    source_note: str

    def device(self, address: str) -> DeviceConfig:
        """How a gateway reads it at ``address``."""
        options: dict[str, str | int | float | bool] = {"unit": self.unit} if self.protocol == "modbus_tcp" else {}
        return DeviceConfig(
            name=self.name, protocol=self.protocol, address=address, options=options, points=self.points
        )


@dataclass(frozen=True)
class Factory:
    """An enterprise with machines; ``key`` names its gateway's folder."""

    key: str
    enterprise: str
    gateway: str
    machines: tuple[SimulatedMachine, ...]


def _register(
    name: str, start: int, unit: str, deadband: float, *, kind: str = "float32", scale: float = 1.0
) -> PointConfig:
    return PointConfig(
        name=name, address=f"holding:{start}", type=kind, unit=unit, deadband=deadband, scale=scale, max_silence_s=60
    )


def meter(name: str, workshop: str, unit: int, weeks_on: int) -> SimulatedMachine:
    """An electricity meter on Modbus, replaying the steel works ``weeks_on`` weeks in."""
    steel = steel_energy()
    return SimulatedMachine(
        name=name,
        workshop=workshop,
        kind="三相多功能电表",
        protocol="modbus_tcp",
        unit=unit,
        points=(
            _register("有功功率", 0, "kW", 0.2),
            _register("无功功率", 2, "kvar", 0.2),
            _register("功率因数", 4, "", 0.005),
            _register("正向有功电能", 6, "kWh", 0.1, kind="uint32", scale=0.01),
            _register("负荷等级", 8, "", 0, kind="uint16"),
        ),
        signals=(
            lambda t: steel.at("usage_kwh", t, weeks_on) * 4,
            lambda t: steel.at("lagging_kvarh", t, weeks_on) * 4,
            lambda t: steel.at("lagging_pf", t, weeks_on) / 100,
            lambda t: steel.total_at("usage_kwh", t, weeks_on),
            lambda t: steel.step_at("load", t, weeks_on),
        ),
        source_note=_STEEL,
    )


def heated(name: str, workshop: str, kind: str, unit: int, weeks_on: int) -> SimulatedMachine:
    """A machine with a temperature on OPC UA, ``weeks_on`` weeks in."""
    heat = machine_temperature()
    prefix = f"ns=2;s=machine{unit}"

    def temperature(times_s: Array) -> Array:
        return heat.at("temperature", times_s, weeks_on)

    return SimulatedMachine(
        name=name,
        workshop=workshop,
        kind=kind,
        protocol="opcua",
        unit=unit,
        points=(
            PointConfig(name="机体温度", address=f"{prefix}.temperature", unit="°C", deadband=0.05, low=0, high=110),
            PointConfig(name="升温速率", address=f"{prefix}.rate", unit="°C/h", deadband=0.5),
            PointConfig(name="运行", address=f"{prefix}.running", type="bit", unit=""),
        ),
        signals=(
            temperature,
            lambda t: (temperature(t) - temperature(t - 300.0)) * 12,
            lambda t: (temperature(t) > RUNNING_ABOVE_C).astype(np.float64),
        ),
        source_note=_HEAT,
    )


def compressor(name: str, workshop: str, unit: int, weeks_on: int) -> SimulatedMachine:
    """A screw compressor on Modbus, ``weeks_on`` weeks in; it has no rules of alarms, so that they are offered.

    Its pressure follows the temperature: full at 75 °C, lower the harder it works, falling when it stands still.
    """
    heat = machine_temperature()

    def temperature(times_s: Array) -> Array:
        return heat.at("temperature", times_s, weeks_on)

    return SimulatedMachine(
        name=name,
        workshop=workshop,
        kind="螺杆式空压机",
        protocol="modbus_tcp",
        unit=unit,
        points=(
            _register("排气温度", 0, "°C", 0.05),
            _register("供气压力", 2, "MPa", 0.002),
            _register("运行", 4, "", 0, kind="uint16"),
        ),
        signals=(
            temperature,
            lambda t: np.interp(temperature(t), (20.0, 75.0, 110.0), (0.45, 0.78, 0.62)),
            lambda t: (temperature(t) > RUNNING_ABOVE_C).astype(np.float64),
        ),
        source_note=_AIR,
    )


FACTORIES = (
    Factory(
        "steel",
        "云岭钢业（演示）有限公司",
        "炼轧厂网关",
        (
            meter("总进线电表", "变电所", 1, 0),
            meter("2# 轧机电表", "轧钢车间", 2, 8),
            meter("空压站电表", "公用工程", 3, 16),
            compressor("1# 空压机", "公用工程", 4, 2),
        ),
    ),
    Factory(
        "castings",
        "皋城精铸汽配（演示）有限公司",
        "压铸车间网关",
        (
            heated("1# 压铸机", "压铸车间", "冷室压铸机", 1, 0),
            heated("2# 压铸机", "压铸车间", "冷室压铸机", 2, 3),
            heated("3# 热处理炉", "热处理车间", "箱式炉", 3, 6),
        ),
    ),
    Factory(
        "food",
        "淠河绿色食品（演示）有限公司",
        "灌装车间网关",
        (
            meter("冷库电表", "冷库", 1, 24),
            meter("灌装线电表", "灌装车间", 2, 31),
            heated("杀菌釜", "杀菌车间", "卧式杀菌釜", 3, 8),
        ),
    ),
)
