"""Rules to begin with, by what kind of machine it is and what its points are called. Pure.

A template is an offer: it fills the form, and an engineer looks its limit up on the nameplate or in the process sheet
and confirms it; nothing is switched on by itself. Where no general figure exists the limit is left to be typed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from zhulian.telemetry.alarms.rules import Kind
from zhulian.vocabulary.errors import Text


@dataclass(frozen=True, slots=True)
class Template:
    """One rule that fits machines whose kind or name holds one of ``machines``, and points that hold one of ``points``.

    ``limits`` gives the limit by the point's unit, since pressure comes in several; a unit that is not in it does not
    fit. ``source`` says where the figure comes from.
    """

    key: str
    name: Text
    machines: tuple[str, ...]
    """Empty fits every machine."""
    points: tuple[str, ...]
    kind: Kind
    priority: int
    source: Text
    advice: Text
    limits: Mapping[str, float | None] = field(default_factory=dict)
    """Empty where the kind has no limit."""
    settings: Mapping[str, float | bool] = field(default_factory=dict)


class Named(Protocol):
    """A point, as far as a template looks at it."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def unit(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Offer:
    """A template for one point of a machine; ``limit`` is None where the engineer has to type it."""

    template: Template
    point: int
    point_name: str
    unit: str
    limit: float | None


COMPRESSOR = ("空压", "压缩机", "compressor")
PRESS = ("压力机", "液压机", "油压机", "冲床", "压铸机", "注塑", "hydraulic", "stamping", "injection")
"""Not “压机” or “press”: both are in the words for a compressor."""
FURNACE = ("炉", "热处理", "furnace", "oven")
PUMP = ("泵", "pump")
CNC = ("数控", "加工中心", "车床", "铣床", "磨床", "CNC", "lathe", "mill")
MOTOR = ("电机", "电动机", "风机", "motor", "fan")
TRANSFORMER = ("变压器", "transformer")
METER = ("电表", "配电", "进线", "meter")
CELSIUS = ("°C", "℃")
NAMEPLATE = Text("没有通用的数值，按工艺或铭牌填写", "No general figure: take it from the process sheet or nameplate")


def _celsius(limit: float | None) -> Mapping[str, float | None]:
    return dict.fromkeys(CELSIUS, limit)


TEMPLATES: tuple[Template, ...] = (
    Template(
        "discharge_hot", Text("排气温度高", "Discharge temperature high"), COMPRESSOR, ("排气温度", "discharge temp"),
        Kind.THRESHOLD, 2, Text("喷油螺杆机一般 110 ℃ 停机", "Oil-injected screw compressors usually trip at 110 °C"),
        Text("查油位、油冷却器和环境温度。", "Check the oil level, the oil cooler and the room."),
        _celsius(105.0), {"hysteresis": 3.0, "on_delay_s": 30.0},
    ),
    Template(
        "supply_low", Text("供气压力低", "Supply pressure low"), COMPRESSOR, ("排气压力", "供气压力", "pressure"),
        Kind.THRESHOLD, 2, Text("多数用气设备要求不低于 0.6 MPa", "Most users of air need at least 0.6 MPa"),
        Text("看是否漏气、是否有机组停机。", "Look for leaks and for a compressor that stands still."),
        {"MPa": 0.6, "bar": 6.0, "kPa": 600.0}, {"is_low": True, "on_delay_s": 60.0, "off_delay_s": 60.0},
    ),
    Template(
        "oil_hot", Text("油温高", "Oil temperature high"), PRESS, ("油温", "oil temp"),
        Kind.THRESHOLD, 3, Text("液压油一般在 30–55 ℃ 工作", "Hydraulic oil usually works at 30–55 °C"),
        Text("查油冷却器和冷却水。", "Check the oil cooler and its water."),
        _celsius(60.0), {"hysteresis": 3.0, "on_delay_s": 60.0},
    ),
    Template(
        "furnace_hot", Text("炉温超上限", "Furnace above its limit"), FURNACE, ("炉温", "炉膛温度", "temperature"),
        Kind.THRESHOLD, 1, NAMEPLATE,
        Text("核对工艺曲线，必要时断开加热。", "Compare with the process curve; cut the heating if need be."),
        _celsius(None), {"on_delay_s": 30.0},
    ),
    Template(
        "furnace_fast", Text("升温过快", "Heats up too fast"), FURNACE, ("炉温", "炉膛温度", "temperature"),
        Kind.RATE, 3, NAMEPLATE,
        Text("核对工艺曲线；热电偶松动也会这样。", "See the process curve; a loose thermocouple looks the same."),
        _celsius(None), {"on_delay_s": 60.0},
    ),
    Template(
        "pump_bearing_hot", Text("轴承温度高", "Bearing hot"), PUMP, ("轴承温度", "bearing temp"),
        Kind.THRESHOLD, 2, Text("泵的滚动轴承一般不超过 80 ℃", "Rolling bearings of pumps usually stay below 80 °C"),
        Text("听声音、看润滑，准备切换备用泵。", "Listen, look at the grease, prepare the stand-by pump."),
        _celsius(80.0), {"hysteresis": 3.0, "on_delay_s": 30.0},
    ),
    Template(
        "vibration", Text("振动大", "Vibration high"), (*PUMP, *MOTOR, *COMPRESSOR), ("振动", "vibration"),
        Kind.THRESHOLD, 2, Text("ISO 20816-3 中型机组刚性安装的 C 区上限 4.5 mm/s",
                                "ISO 20816-3, medium machines on rigid supports: upper end of zone C, 4.5 mm/s"),
        Text("查地脚、对中和轴承。", "Check the footing, the alignment and the bearings."),
        {"mm/s": 4.5}, {"hysteresis": 0.3, "on_delay_s": 60.0},
    ),
    Template(
        "pressure_low", Text("出口压力低", "Outlet pressure low"), PUMP, ("出口压力", "outlet pressure"),
        Kind.THRESHOLD, 2, NAMEPLATE,
        Text("看进口阀、液位和是否吸空。", "Look at the inlet valve and the level; is it sucking air?"),
        {"MPa": None, "bar": None, "kPa": None}, {"is_low": True, "on_delay_s": 30.0},
    ),
    Template(
        "spindle_hot", Text("主轴温度高", "Spindle hot"), CNC, ("主轴温度", "spindle temp"),
        Kind.THRESHOLD, 2, Text("多数电主轴 70 ℃ 起要查冷却", "Most motor spindles need more cooling from 70 °C"),
        Text("查主轴冷却和切削参数。", "Check the spindle's cooling and the cutting data."),
        _celsius(70.0), {"hysteresis": 3.0, "on_delay_s": 60.0},
    ),
    Template(
        "spindle_load", Text("主轴过载", "Spindle overloaded"), CNC, ("主轴负载", "主轴负荷", "spindle load"),
        Kind.THRESHOLD, 2, Text("额定负载为 100 %", "The rated load is 100 %"),
        Text("看刀具磨损和切深。", "Look at tool wear and depth of cut."),
        {"%": 100.0}, {"hysteresis": 5.0, "on_delay_s": 60.0},
    ),
    Template(
        "motor_bearing_hot", Text("轴承温度高", "Bearing hot"), MOTOR, ("轴承温度", "bearing temp"),
        Kind.THRESHOLD, 2, Text("滚动轴承允许 95 ℃", "Rolling bearings may reach 95 °C"),
        Text("听声音、看润滑。", "Listen, look at the grease."), _celsius(95.0),
        {"hysteresis": 3.0, "on_delay_s": 30.0},
    ),
    Template(
        "top_oil_hot", Text("顶层油温高", "Top oil hot"), TRANSFORMER, ("油温", "oil temp"),
        Kind.THRESHOLD, 1, Text("DL/T 572：自然循环油浸变压器顶层油温不宜经常超过 85 ℃",
                                "DL/T 572: top oil of naturally cooled transformers should seldom exceed 85 °C"),
        Text("看负荷和冷却，必要时转移负荷。", "Look at load and cooling; shift load if need be."),
        _celsius(85.0), {"hysteresis": 3.0, "on_delay_s": 120.0},
    ),
    Template(
        "power_factor_low", Text("功率因数低", "Power factor low"), METER, ("功率因数", "power factor"),
        Kind.THRESHOLD, 3, Text("力调电费的标准为 0.90", "The tariff's standard is 0.90"),
        Text("检查无功补偿柜是否投入。", "See whether the compensation is switched in."),
        {"": 0.9}, {"is_low": True, "hysteresis": 0.02, "on_delay_s": 1_800.0},
    ),
    Template(
        "no_data", Text("数据中断", "No data"), (), ("",), Kind.ABSENCE, 3,
        Text("五分钟没有读数", "Five minutes without a reading"),
        Text("看网关是否在线，再看设备是否通电。", "Is the gateway on line? Then: does the machine have power?"),
        {}, {"silence_s": 300.0},
    ),
)  # fmt: skip


def offers(machine_kind: str, machine_name: str, points: Sequence[Named], taken: Iterable[str]) -> list[Offer]:
    """The templates that fit a machine, each with the first point it fits; without those whose name is ``taken``."""
    about, gone = f"{machine_kind} {machine_name}".casefold(), set(taken)
    fitting = [
        each for each in TEMPLATES if not each.machines or any(word.casefold() in about for word in each.machines)
    ]
    found = [
        Offer(each, point.id, point.name, point.unit, each.limits.get(point.unit))
        for each in fitting
        if not gone.intersection((each.name.zh, each.name.en)) and (point := _first(each, points)) is not None
    ]
    return list({offer.template.name: offer for offer in reversed(found)}.values())[::-1]


def _first(template: Template, points: Sequence[Named]) -> Named | None:
    return next((point for point in points if _fits(template, point)), None)


def _fits(template: Template, point: Named) -> bool:
    is_named = any(word in point.name.casefold() for word in template.points)
    return is_named and (not template.limits or point.unit in template.limits)
