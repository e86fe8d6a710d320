"""When to read which point: pure arithmetic on a grid that does not drift, one grid for each poll interval."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from zhulian.wire.configuration import DeviceConfig, PointConfig

FIRST_WITHIN_S = 1.0
"""A new device is read at least this soon, however long its interval."""


@dataclass(slots=True)
class _Group:
    poll_s: float
    points: list[PointConfig]
    origin_s: float
    due_s: float


class Schedule:
    """The grids of one device. ``stagger`` in 0..1 spreads many devices evenly over their interval."""

    def __init__(self, device: DeviceConfig, now_s: float, stagger: float) -> None:
        by_interval: dict[float, list[PointConfig]] = defaultdict(list)
        for point in device.points:
            by_interval[point.poll_s or device.poll_s].append(point)
        self._groups = [
            _Group(poll_s, points, now_s + stagger * poll_s, now_s + stagger * min(poll_s, FIRST_WITHIN_S))
            for poll_s, points in sorted(by_interval.items())
        ]

    @property
    def next_s(self) -> float:
        """When the next points are due; infinity without points."""
        return min((group.due_s for group in self._groups), default=math.inf)

    def take(self, now_s: float) -> Sequence[PointConfig]:
        """The points that are due by ``now_s``. Missed turns are left out, never caught up in a burst."""
        due = [group for group in self._groups if group.due_s <= now_s]
        for group in due:
            turns = math.floor((now_s - group.origin_s) / group.poll_s) + 1
            group.due_s = group.origin_s + max(turns, 0) * group.poll_s
            if group.due_s <= now_s:  # rounding at the grid's edge
                group.due_s += group.poll_s
        return [point for group in due for point in group.points]
