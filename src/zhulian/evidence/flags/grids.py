"""Hours as arrays, for the rules that compare series."""

import numpy as np
from numpy.typing import NDArray

from zhulian.evidence.collectors.picking import Role
from zhulian.evidence.flags.known import HOUR_US, HOURS, Line

Array = NDArray[np.float64]
MEASURED = frozenset({Role.POWER, Role.OTHER})
"""Roles whose values rise and fall; counters and states look alike without anybody copying them."""


def is_analogue(line: Line) -> bool:
    """Whether it measures something that never stays quite the same: it has a unit, and is no counter or state."""
    return line.role in MEASURED and bool(line.unit.strip())


def means(line: Line, from_us: int) -> Array:
    """Hourly means from ``from_us`` on, ``HOURS`` of them; NaN where there was no usable reading."""
    grid = np.full(HOURS, np.nan)
    for hour in line.hours:
        at = (hour.time_us - from_us) // HOUR_US
        if hour.mean is not None and 0 <= at < HOURS:
            grid[at] = hour.mean
    return grid


def growth(line: Line, from_us: int) -> Array:
    """By how much a counter rose within each hour; NaN where it was not read."""
    grid = np.full(HOURS, np.nan)
    for hour in line.hours:
        at = (hour.time_us - from_us) // HOUR_US
        if hour.low is not None and hour.high is not None and 0 <= at < HOURS:
            grid[at] = hour.high - hour.low
    return grid
