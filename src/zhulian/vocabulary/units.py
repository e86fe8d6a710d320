"""What a unit measures, for wherever a unit stands alone as a group of points: "A" by itself reads like a class. Pure.

Quantities are called as in GB/T 3102 (ISO 80000). One that is not in the table stays what it is, because a
wrong name is worse than none.
"""

import unicodedata

from zhulian.vocabulary.errors import Text

QUANTITIES: tuple[tuple[Text, str], ...] = (
    (Text("电流", "Current"), "A mA kA KA μA"),
    (Text("电压", "Voltage"), "V mV kV KV kv"),
    (Text("电阻", "Resistance"), "Ω mΩ kΩ MΩ"),
    (Text("功率", "Power"), "W kW KW kw MW GW"),
    (Text("无功功率", "Reactive power"), "var kvar Mvar"),
    (Text("视在功率", "Apparent power"), "VA kVA MVA"),
    (Text("能量", "Energy"), "Wh kWh kW·h MWh GWh 度 J kJ MJ GJ kcal tce kgce"),
    (Text("无功电能", "Reactive energy"), "varh kvarh Mvarh"),
    (Text("频率", "Frequency"), "Hz HZ hz kHz MHz"),
    (Text("温度", "Temperature"), "°C °F K"),
    (Text("温度变化率", "Temperature change"), "°C/s °C/min °C/h K/s K/min K/h"),
    (Text("相对湿度", "Relative humidity"), "%RH"),
    (Text("百分比", "Percentage"), "% ‰"),
    (Text("压力", "Pressure"), "Pa hPa kPa MPa bar mbar psi kgf/cm2 mmHg mmH2O"),
    (Text("流量", "Flow"), "m3/h m3/min m3/s Nm3/h Nm3/min L/h L/min L/s kg/h kg/min kg/s t/h"),
    (Text("体积", "Volume"), "m3 Nm3 L mL"),
    (Text("质量", "Mass"), "mg g kg KG Kg t 吨 公斤"),
    (Text("长度", "Length"), "nm μm mm MM cm m km 米 毫米"),
    (Text("面积", "Area"), "mm2 cm2 m2 ha 亩"),
    (Text("速度", "Speed"), "mm/s mm/min m/s m/min m/h km/h"),
    (Text("加速度", "Acceleration"), "mm/s2 m/s2"),
    (Text("转速", "Rotational speed"), "r/min rpm r/s 转/分"),
    (Text("角度", "Angle"), "° rad deg"),
    (Text("力", "Force"), "N kN MN kgf"),
    (Text("力矩", "Torque"), "Nm N·m N.m kN·m kN.m"),
    (Text("时间", "Time"), "μs ms s min h d 秒 分钟 小时 天"),
    (Text("件数", "Pieces"), "件 个 只 台 套 片 支 瓶 箱 pcs pieces piece"),
    (Text("产出速率", "Output rate"), "件/h 件/min 件/小时 件/分 pcs/h pcs/min"),
    (Text("次数", "Number of times"), "次"),
    (Text("浓度", "Concentration"), "mg/L μg/L g/L mg/m3 μg/m3 ppm ppb"),
    (Text("酸碱度", "Acidity"), "pH"),
    (Text("电导率", "Conductivity"), "S/m mS/cm μS/cm"),
    (Text("浊度", "Turbidity"), "NTU"),
    (Text("声级", "Sound level"), "dB(A) dBA"),
    (Text("照度", "Illuminance"), "lx klx"),
)


def _key(unit: str) -> str:
    """One spelling for ℃ and °C, m³ and m3, µ and μ."""
    return "".join(unicodedata.normalize("NFKC", unit).split())


_BY_UNIT = {_key(unit): quantity for quantity, units in QUANTITIES for unit in units.split()}
_BY_LETTERS = {unit.casefold(): quantity for unit, quantity in _BY_UNIT.items() if len(unit) > 2}
"""As people type: KWH, Mpa, RPM. Not for fewer letters, where ms and mS, Pa and pA mean different things."""


def quantity_of(unit: str) -> Text | None:
    """What ``unit`` measures; None where nobody can tell."""
    key = _key(unit)
    return _BY_UNIT.get(key) or _BY_LETTERS.get(key.casefold())


def named(unit: str) -> Text:
    """The unit after the name of its quantity, “电流 · A”; an unknown one alone."""
    quantity = quantity_of(unit)
    return Text(f"{quantity.zh} · {unit}", f"{quantity.en} · {unit}") if quantity else Text(unit, unit)
