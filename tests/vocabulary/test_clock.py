"""Microseconds and datetimes are two spellings of one moment."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.vocabulary.clock import SHANGHAI, system_clock, to_datetime, to_time_us
from zhulian.vocabulary.readings import TimeUs

YEAR_1800, YEAR_2800 = -5_364_662_400_000_000, 26_191_641_600_000_000
ZONES = st.sampled_from([UTC, SHANGHAI, timezone(timedelta(hours=-3, minutes=-30))])


@given(st.integers(YEAR_1800, YEAR_2800))
def test_microseconds_survive_the_round_trip(time_us: int) -> None:
    assert to_time_us(to_datetime(TimeUs(time_us))) == time_us


@given(st.datetimes(datetime(1800, 1, 1), datetime(2800, 1, 1), timezones=ZONES))  # noqa: DTZ001 - hypothesis adds it
def test_any_zone_names_the_same_moment(moment: datetime) -> None:
    # Python calls moments of two zones unequal around a change of summer time (PEP 495), so both are seen from UTC.
    assert to_datetime(to_time_us(moment)) == moment.astimezone(UTC)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_time_us(datetime(2026, 11, 24, 8, 0))  # noqa: DTZ001 - that is the point


def test_shanghai_is_eight_hours_ahead() -> None:
    assert to_datetime(TimeUs(0)).astimezone(SHANGHAI).hour == 8


def test_the_system_clock_counts_microseconds() -> None:
    assert abs(to_datetime(system_clock()) - datetime.now(UTC)) < timedelta(seconds=5)
