"""Pieces without electricity: a production counter that grows while the machine draws no power."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zhulian.evidence.collectors.picking import Role
from zhulian.evidence.flags.grids import Array, growth, means
from zhulian.evidence.flags.known import HOUR_US, Hint, Known, Line, curve_of
from zhulian.vocabulary.errors import Text

VERSION = 1
TITLE = Text("产量与用电不符", "Pieces without electricity")
MEANING = Text(
    "产量计数在增加，同一台设备（没有则全厂）的用电却没有：计数可能不是机器给的。",
    "The production counter grows while the machine (or, without a meter, the whole site) draws no power: the count may"
    " not come from the machine.",
)
Mask = NDArray[np.bool_]
IDLE = 0.05
"""Power, or electricity of an hour, below this part of its own highest is none."""
LEAST_HOURS, LEAST_SHARE = 8, 0.2


def find(known: Known) -> Iterator[Hint]:
    """One hint a counter."""
    electric: dict[int, list[Line]] = defaultdict(list)
    for line in known.lines:
        if line.role in {Role.POWER, Role.ELECTRICITY}:
            electric[line.enterprise].append(line)
    for line in known.lines:
        if line.role is Role.PIECES:
            own = [one for one in electric[line.enterprise] if one.machine == line.machine]
            meters = own or electric[line.enterprise]
            if meters:
                yield from _checked(line, meters, known.from_us)


def _checked(line: Line, meters: list[Line], from_us: int) -> Iterator[Hint]:
    made = growth(line, from_us)
    idle: Mask = np.logical_and.reduce([_is_idle(meter, from_us) for meter in meters])
    strange: Mask = idle & np.isfinite(made) & (made > 0)
    total, unpowered = float(np.nansum(made)), float(made[strange].sum())
    if int(strange.sum()) >= LEAST_HOURS and unpowered >= LEAST_SHARE * total:
        yield _hint(line, meters, (strange, made), (total, unpowered), from_us)


def _is_idle(meter: Line, from_us: int) -> Mask:
    """Hours in which it was read and nothing was drawn."""
    drawn = means(meter, from_us) if meter.role is Role.POWER else growth(meter, from_us)
    highest = np.nanmax(drawn, initial=0.0)
    with np.errstate(invalid="ignore"):
        idle: Mask = np.isfinite(drawn) & (drawn <= IDLE * highest)
    return idle


def _hint(line: Line, meters: list[Line], hours: tuple[Mask, Array], pieces: tuple[float, float], from_us: int) -> Hint:
    strange, made = hours
    total, unpowered = pieces
    count = int(strange.sum())
    said = Text(
        f"“{line.words}”30 天计 {total:,.0f} {line.unit}，其中 {unpowered:,.0f} {line.unit}（{unpowered / total:.0%}）"
        f"出现在 {count} 个没有用电的小时里。请核对计数从哪里来，电表是否接在这台设备上。",
        f"“{line.words}” counted {total:,.0f} in 30 days, {unpowered:,.0f} of them ({unpowered / total:.0%}) in {count}"
        " hours without electricity. Check where the count comes from, and whether the meter is this machine's.",
    )
    columns = (Text("小时", "hour"), Text("计数", "pieces"))
    first = [int(at) for at in np.flatnonzero(strange)[:12]]
    rows = [[{"us": from_us + at * HOUR_US}, round(float(made[at]), 1)] for at in first]
    title = Text(
        f"“{line.machine_name}”有 {unpowered / total:.0%} 的产量没有用电",
        f"{unpowered / total:.0%} of what “{line.machine_name}” made took no electricity",
    )
    curves = [curve_of(line), *(curve_of(meter) for meter in meters[:2])]
    return Hint(str(line.point), line.enterprise, title, said, line.machine, columns, rows, curves)
