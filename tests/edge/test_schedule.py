"""Grids do not drift, and missed turns are not caught up."""

import math

from hypothesis import given
from hypothesis import strategies as st

from zhulian.edge.schedule import Schedule
from zhulian.wire.configuration import DeviceConfig, PointConfig


def device(*polls: float | None, poll_s: float = 1.0) -> DeviceConfig:
    points = tuple(PointConfig(name=f"p{number}", address="0", poll_s=poll) for number, poll in enumerate(polls))
    return DeviceConfig(name="d", protocol="fake", address="ok", poll_s=poll_s, points=points)


def test_points_are_read_at_their_own_interval() -> None:
    schedule = Schedule(device(None, 5.0), 100.0, 0.0)
    counts = {"p0": 0, "p1": 0}
    while schedule.next_s < 160.0:
        for point in schedule.take(schedule.next_s):
            counts[point.name] += 1
    assert counts == {"p0": 60, "p1": 12}


def test_without_points_nothing_is_due() -> None:
    schedule = Schedule(device(), 0.0, 0.5)
    assert schedule.next_s == math.inf
    assert not schedule.take(1e9)


def test_a_slow_interval_is_first_read_within_a_second() -> None:
    assert Schedule(device(3600.0), 0.0, 0.9).next_s <= 1.0


@given(st.floats(0.01, 100), st.floats(0, 0.999), st.lists(st.floats(0, 50), max_size=40), st.floats(0, 1e6))
def test_due_times_stay_on_the_grid_and_ahead_of_now(
    poll_s: float, stagger: float, delays: list[float], start_s: float
) -> None:
    schedule = Schedule(device(poll_s), start_s, stagger)
    origin = start_s + stagger * poll_s
    for delay in delays:
        now = schedule.next_s + delay
        assert len(schedule.take(now)) == 1
        assert now < schedule.next_s <= now + poll_s * 2 + 1e-6
        turns = (schedule.next_s - origin) / poll_s
        assert abs(turns - round(turns)) < 1e-3
