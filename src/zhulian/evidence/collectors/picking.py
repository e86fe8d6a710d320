"""Which point of a machine means what: by its unit and name, as device templates write them. Pure.

A state point speaks of running or not; power is in kW, electricity is a counter in kWh, pieces are counted. Reactive
and apparent values look alike and are none of these.
"""

import re
from enum import StrEnum

_STATE = re.compile(r"^(设备)?(运行|开机|生产中)(状态|信号)?$|^run(ning)?([ _]?(state|status))?$", re.IGNORECASE)
_NOT_ACTIVE = re.compile(r"无功|视在|反向|reactive|apparent|reverse|export", re.IGNORECASE)
_MAIN = re.compile(r"总进线|进线总|总表|总电表|总配|\bmain\b|\bincoming\b", re.IGNORECASE)
_METER = re.compile(r"电表|电能表|\bmeter\b", re.IGNORECASE)
_GOOD = re.compile(r"合格|良品|\bgood\b", re.IGNORECASE)
_BAD = re.compile(r"不合格|不良|废品|次品|reject|scrap|\bbad\b", re.IGNORECASE)
KILOWATTS = {"w": 0.001, "kw": 1.0, "mw": 1000.0}
KILOWATT_HOURS = {"wh": 0.001, "kwh": 1.0, "mwh": 1000.0, "度": 1.0}
PIECES = frozenset({"件", "个", "只", "台", "套", "片", "支", "瓶", "箱", "pcs", "pieces", "piece"})
IDLE_SHARE = 0.1
"""A machine known by its power alone runs above this part of its highest power of thirty days."""


class Role(StrEnum):
    """What a point tells about its machine."""

    STATE = "state"
    POWER = "power"
    ELECTRICITY = "electricity"
    PIECES = "pieces"
    OTHER = "other"


def role_of(name: str, unit: str) -> Role:
    """What a point called ``name`` with this unit means."""
    spelled = unit.strip().lower()
    if not spelled:
        return Role.STATE if _STATE.match(name.strip()) else Role.OTHER
    if spelled in KILOWATTS and not _NOT_ACTIVE.search(name):
        return Role.POWER
    if spelled in KILOWATT_HOURS and not _NOT_ACTIVE.search(name):
        return Role.ELECTRICITY
    if spelled in PIECES and not _BAD.search(name) and not _GOOD.search(name):
        return Role.PIECES
    return Role.OTHER


def in_kw(unit: str) -> float:
    """How many kW one of ``unit`` is."""
    return KILOWATTS[unit.strip().lower()]


def in_kwh(unit: str) -> float:
    """How many kWh one of ``unit`` is."""
    return KILOWATT_HOURS[unit.strip().lower()]


def is_main_meter(machine: str) -> bool:
    """Whether it measures the whole site, so that what other meters measure is contained in it."""
    return bool(_MAIN.search(machine))


def is_meter(machine: str, kind: str) -> bool:
    """Whether it measures something else instead of making something."""
    return bool(_METER.search(machine) or _METER.search(kind))
