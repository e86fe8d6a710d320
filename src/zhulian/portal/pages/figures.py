"""What a page shows as a figure, a state or an age: plain values, made by pages, drawn by the components.

A figure never stands alone: it knows its unit, how fresh it is, how much of the whole it covers, where it comes from,
and, when it is missing, why.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhulian.organisations.queries import MachineRow, PointRow
from zhulian.telemetry.queries import GatewayState, Latest
from zhulian.vocabulary.errors import ZhulianError
from zhulian.vocabulary.freshness import Freshness, freshness
from zhulian.vocabulary.readings import PointId, Quality, TimeUs
from zhulian.wire.status import DeviceStatus

Words = str | Promise
_WHOLE_TYPES = frozenset({"int16", "uint16", "int32", "uint32", "int64", "uint64", "bit"})


@dataclass(frozen=True, slots=True)
class Figure:
    """One number on a page. ``value`` None is shown as a dash with ``reason``."""

    label: Words
    value: float | int | None
    unit: Words = ""
    origin: str = ""
    """Address of the page that says where this figure comes from."""
    reason: Words = ""
    note: Words = ""
    coverage: tuple[int, int] | None = None
    """How many of how many it is made of, when partial."""
    change: float | None = None
    change_against: Words = ""
    last_us: TimeUs | None = None
    every_s: float = 60.0
    is_sample: bool = False


class State(StrEnum):
    """How a machine stands, as shape, word and colour show it."""

    RUNNING = "running"
    IDLE = "idle"
    STOPPED = "stopped"
    FAULT = "fault"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MachineState:
    """State of one machine as its gateway and its readings tell it. ``since_us``: the last sign of life."""

    state: State
    word: Words
    since_us: TimeUs | None = None
    fault: ZhulianError | None = None


@dataclass(frozen=True, slots=True)
class PointValue:
    """One point with its newest reading, ready to be drawn; ``reason`` says why there is none."""

    point: PointRow
    latest: Latest | None
    freshness: Freshness
    reason: Words = ""
    fault: ZhulianError | None = None

    @property
    def id(self) -> PointId:
        """The point's id."""
        return self.point.id

    @property
    def value(self) -> float | None:
        """What may be shown: a bad reading has no value."""
        return None if self.latest is None or self.latest.quality is Quality.BAD else self.latest.value

    @property
    def decimals(self) -> int | None:
        """0 for counted things, None where the size of the value decides."""
        scaled = self.point.scale * 1.0
        is_whole = self.point.type in _WHOLE_TYPES and scaled.is_integer() and float(self.point.offset).is_integer()
        return 0 if is_whole else None

    @property
    def is_stale(self) -> bool:
        """Shown grey."""
        return self.freshness in {Freshness.SILENT, Freshness.NEVER}

    @property
    def last_us(self) -> TimeUs | None:
        """Time of the newest reading."""
        return self.latest.time_us if self.latest else None


NO_READING = _("还没有收到过读数")
BAD_READING = _("设备应答了，但不是可用的数值")


def point_value(
    point: PointRow, latest: Latest | None, now_us: TimeUs, outage: Words = "", device: DeviceStatus | None = None
) -> PointValue:
    """``point`` as it is drawn at ``now_us``; ``outage`` is why readings cannot be had at all."""
    fault = device.point_faults.get(point.name) if device else None
    judged = freshness(latest.time_us if latest else None, now_us, point.reports_every_s)
    reason: Words = ""
    if latest is None:
        reason = outage or NO_READING
    elif latest.quality is Quality.BAD:
        reason = BAD_READING
    return PointValue(point, latest, judged, reason, ZhulianError.from_json(fault) if fault else None)


def machine_state(  # noqa: PLR0911 - one line a state, in order of weight
    machine: MachineRow,
    values: list[PointValue],
    device: DeviceStatus | None,
    gateway: GatewayState | None,
    outage: Words,
) -> MachineState:
    """One word for a machine: what its gateway reports outranks the age of its readings."""
    last_us = max((value.latest.time_us for value in values if value.latest), default=None)
    if outage:
        return MachineState(State.UNKNOWN, _("暂时读不到"), last_us)
    if device is not None and device.fault and gateway is not None and gateway.connected:
        return MachineState(State.FAULT, _("连不上"), last_us, ZhulianError.from_json(device.fault))
    best = _best(values)
    if best is Freshness.NEVER:
        word = _("等待首个读数") if machine.gateway else _("未分配网关")
        return MachineState(State.UNKNOWN, word)
    if best is Freshness.SILENT:
        return MachineState(State.STOPPED, _("静默"), last_us)
    if best is Freshness.LATE:
        return MachineState(State.IDLE, _("读数迟到"), last_us)
    if device is not None and device.state == "partial":
        return MachineState(State.IDLE, _("部分点位读不到"), last_us)
    return MachineState(State.RUNNING, _("采集中"), last_us)


def _best(values: list[PointValue]) -> Freshness:
    found = {value.freshness for value in values}
    return next((one for one in (Freshness.LIVE, Freshness.LATE, Freshness.SILENT) if one in found), Freshness.NEVER)
