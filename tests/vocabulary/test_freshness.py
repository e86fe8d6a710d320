"""The borders between live, late and silent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.vocabulary.freshness import Freshness, freshness
from zhulian.vocabulary.readings import TimeUs

NOW = TimeUs(1_790_000_000_000_000)


def after(age_s: float, poll_s: float) -> Freshness:
    return freshness(TimeUs(NOW - round(age_s * 1e6)), NOW, poll_s)


def test_no_reading_at_all_is_never() -> None:
    assert freshness(None, NOW, 1.0) is Freshness.NEVER


@pytest.mark.parametrize(
    ("poll_s", "late_s", "silent_s"),
    [
        (1.0, 30.0, 600.0),  # quick points are given the shortest grace
        (10.0, 30.0, 600.0),
        (60.0, 180.0, 1200.0),  # slow ones three and twenty polls
        (900.0, 2700.0, 18000.0),
    ],
)
def test_the_borders(poll_s: float, late_s: float, silent_s: float) -> None:
    assert after(late_s, poll_s) is Freshness.LIVE
    assert after(late_s + 0.001, poll_s) is Freshness.LATE
    assert after(silent_s, poll_s) is Freshness.LATE
    assert after(silent_s + 0.001, poll_s) is Freshness.SILENT


def test_a_clock_that_runs_ahead_is_still_live() -> None:
    assert after(-3600.0, 1.0) is Freshness.LIVE


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 3600))
def test_a_value_never_gets_fresher_by_waiting(first: float, more: float, poll_s: float) -> None:
    order = [Freshness.LIVE, Freshness.LATE, Freshness.SILENT]
    assert order.index(after(first, poll_s)) <= order.index(after(first + more, poll_s))
