"""A chart's figures: equal to what plain Python makes of the rows, never too many, never another tenant's."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhulian.telemetry.queries import Source, Telemetry
from zhulian.telemetry.queries.buckets import DAY_US as A_DAY_US
from zhulian.telemetry.queries.buckets import bucket_count, bucket_start_us, bucket_width_us
from zhulian.vocabulary.readings import PointId, TenantId, TimeUs

MONDAY_US = 1_789_315_200_000_000
SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
OURS = TenantId(21)
SLOW, FAST, MIXED = PointId(1), PointId(2), PointId(3)


def test_a_month_comes_from_hourly_sums_and_the_edges_from_rows(telemetry: Telemetry) -> None:
    start, end = TimeUs(MONDAY_US + 90 * MINUTE_US), TimeUs(MONDAY_US + 29 * DAY_US + 45 * MINUTE_US)
    series = telemetry.series(OURS, SLOW, start, end)
    assert series.bucket_s == 7200.0
    assert len(series.times_us) <= 600
    assert sum(series.counts) == series.total == (end - start) // MINUTE_US
    assert series.last_us == end - MINUTE_US
    assert series.times_us[0] == MONDAY_US
    assert (series.counts[0], series.lows[0], series.highs[0], series.means[0]) == (30, 30.0, 59.0, 44.5)
    assert (series.counts[1], series.lows[1], series.highs[1], series.means[1]) == (120, 0.0, 59.0, 29.5)


def test_days_come_from_daily_sums_and_their_edges_from_hours_and_rows(telemetry: Telemetry) -> None:
    start, end = TimeUs(MONDAY_US + 90 * MINUTE_US), TimeUs(MONDAY_US + 29 * DAY_US + 45 * MINUTE_US)
    series = telemetry.series(OURS, SLOW, start, end, most=40)
    assert (series.bucket_s, series.basis.source) == (86_400.0, Source.DAY)
    assert series.times_us == [MONDAY_US + day * DAY_US for day in range(30)]
    assert series.counts == [1350, *[1440] * 28, 45]
    assert series.total == sum(series.counts)
    assert series.last_us == end - MINUTE_US
    assert (series.lows[1], series.highs[1], series.means[1]) == (0.0, 59.0, 29.5)
    assert (series.lows[29], series.highs[29], series.means[29]) == (0.0, 44.0, 22.0)


def test_a_day_is_down_sampled_from_rows(telemetry: Telemetry) -> None:
    series = telemetry.series(OURS, SLOW, TimeUs(MONDAY_US), TimeUs(MONDAY_US + DAY_US))
    assert series.bucket_s == 180.0
    assert len(series.times_us) == 480
    assert series.means[:2] == [1.0, 4.0]
    assert series.total == 1440


def test_few_readings_come_as_they_are(telemetry: Telemetry) -> None:
    series = telemetry.series(OURS, SLOW, TimeUs(MONDAY_US), TimeUs(MONDAY_US + HOUR_US))
    assert series.bucket_s == 0.0
    assert series.means == series.lows == series.highs == [float(i) for i in range(60)]
    assert series.times_us == [MONDAY_US + i * MINUTE_US for i in range(60)]


def test_bad_readings_are_counted_but_never_drawn(telemetry: Telemetry) -> None:
    raw = telemetry.series(OURS, MIXED, TimeUs(MONDAY_US), TimeUs(MONDAY_US + HOUR_US))
    assert (raw.total, len(raw.means), max(raw.highs)) == (30, 20, 28.0)
    assert raw.last_us == MONDAY_US + 29 * MINUTE_US
    wide = telemetry.series(OURS, MIXED, TimeUs(MONDAY_US), TimeUs(MONDAY_US + DAY_US), most=2)
    assert (wide.total, sum(wide.counts), wide.highs) == (30, 20, [28.0])
    assert wide.means == [pytest.approx(sum(i for i in range(30) if i % 3 != 2) / 20)]


@pytest.mark.parametrize("point", [PointId(77), SLOW])
def test_nothing_there_is_an_empty_series(telemetry: Telemetry, point: PointId) -> None:
    for start, end in ((0, HOUR_US), (MONDAY_US, MONDAY_US), (MONDAY_US, 0), (0, 400 * DAY_US)):
        series = telemetry.series(OURS, point, TimeUs(start), TimeUs(end))
        assert (series.times_us, series.total, series.last_us) == ([], 0, None)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start_s=st.integers(-7200, 9000),
    length_s=st.integers(1, 40 * 86400),
    most=st.integers(1, 5000),
    point=st.sampled_from([SLOW, FAST, MIXED]),
)
def test_whatever_is_asked_sums_are_right_and_entries_few(
    telemetry: Telemetry, start_s: int, length_s: int, most: int, point: PointId
) -> None:
    start = TimeUs(MONDAY_US + start_s * SECOND_US)
    end = TimeUs(start + length_s * SECOND_US)
    series = telemetry.series(OURS, point, start, end, most)
    assert len(series.times_us) <= min(most, 2000)
    assert series.times_us == sorted(set(series.times_us))
    assert all(low <= mean <= high for low, mean, high in zip(series.lows, series.means, series.highs, strict=True))
    assert all(value < 1e6 for value in series.highs)  # the other tenant's begin at a million
    step_us, rows = {SLOW: (MINUTE_US, 43_200), FAST: (SECOND_US, 7200), MIXED: (MINUTE_US, 30)}[point]
    inside = [i for i in range(rows) if start <= MONDAY_US + i * step_us < end]
    assert series.total == len(inside)
    usable = [i for i in inside if point != MIXED or i % 3 != 2]
    assert sum(series.counts) == len(usable)
    drawn = sum(mean * count for mean, count in zip(series.means, series.counts, strict=True))
    assert math.isclose(drawn, sum(i % 60 if point == SLOW else i for i in usable), rel_tol=1e-9, abs_tol=1e-6)


@given(start=st.integers(0, 4 * 10**15), length=st.integers(1, 10**16), most=st.integers(1, 2000))
def test_buckets_are_never_more_than_asked_for(start: int, length: int, most: int) -> None:
    width = bucket_width_us(TimeUs(start), TimeUs(start + length), most)
    if most > 1:  # a range over midnight touches two buckets of any width
        assert bucket_count(TimeUs(start), TimeUs(start + length), width) <= most
    assert bucket_start_us(start, width) <= start < bucket_start_us(start, width) + width
    if width % A_DAY_US == 0:
        assert (bucket_start_us(start, width) + 8 * HOUR_US) % A_DAY_US == 0
