"""What is kept of what is read."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.edge.points import PointWatch, point_key
from zhulian.edge.protocols.driver import RawValue
from zhulian.vocabulary.readings import Quality, TimeUs
from zhulian.wire.configuration import DeviceConfig, PointConfig

DEVICE = DeviceConfig(name="总电表", protocol="fake", address="x")
NOON = TimeUs(1_800_000_000_000_000)


def watch(**settings: object) -> PointWatch:
    point = PointConfig(name="功率", address="0", **settings)  # type: ignore[arg-type]
    return PointWatch(point_key(DEVICE, point), point)


def at(seconds: float) -> TimeUs:
    return TimeUs(NOON + int(seconds * 1e6))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_an_unusable_number_is_kept_as_the_failure_it_is(value: float) -> None:
    sample = watch().take(RawValue(value), NOON)
    assert sample is not None
    assert (sample.value, sample.quality) == (0.0, Quality.BAD)


@pytest.mark.parametrize(
    ("value", "quality"),
    [(5.0, Quality.GOOD), (0.0, Quality.GOOD), (-0.1, Quality.UNCERTAIN), (10.1, Quality.UNCERTAIN)],
)
def test_a_value_outside_its_limits_is_uncertain(value: float, quality: Quality) -> None:
    sample = watch(low=0.0, high=10.0).take(RawValue(value), NOON)
    assert sample is not None
    assert sample.quality is quality


def test_limits_never_improve_a_bad_value() -> None:
    sample = watch(low=0.0, high=10.0).take(RawValue(50.0, quality=Quality.BAD), NOON)
    assert sample is not None
    assert sample.quality is Quality.BAD


def test_a_point_that_speaks_needs_no_number() -> None:
    sample = watch().take(RawValue(math.nan, "运行" * 900), NOON)
    assert sample is not None
    assert sample.quality is Quality.GOOD
    assert sample.text is not None
    assert len(sample.text) == 1000


def test_unchanged_is_sent_again_only_after_the_longest_silence() -> None:
    point = watch(max_silence_s=60.0)
    taken = [second for second in range(200) if point.take(RawValue(1.0), at(second)) is not None]
    assert taken == [0, 60, 120, 180]


def test_a_change_of_quality_or_words_is_news_inside_the_dead_band() -> None:
    point = watch(deadband=5.0)
    assert point.take(RawValue(1.0), at(0))
    assert not point.take(RawValue(2.0), at(1))
    assert point.take(RawValue(2.0, quality=Quality.BAD), at(2))
    assert point.take(RawValue(2.0, "停机", Quality.BAD), at(3))


def test_a_clock_set_back_does_not_silence_a_point() -> None:
    point = watch(max_silence_s=60.0)
    assert point.take(RawValue(1.0), at(0))
    assert point.take(RawValue(1.0), at(-7200))


def test_the_machines_own_time_counts_when_it_is_plausible() -> None:
    point = watch(max_silence_s=0.0)
    times = [
        point.take(RawValue(1.0, time_us=at(source)), at(now))
        for source, now in [(-1, 0), (-1, 1), (7200, 2), (-9999, 3)]
    ]
    assert [sample.time_us if sample else None for sample in times] == [at(-1), at(1), at(2), at(3)]


def test_keys_survive_naming_and_tell_platform_points_apart() -> None:
    own = PointConfig(name="功率", address="0")
    assert point_key(DEVICE, own) == "总电表\n功率"
    assert point_key(DEVICE, PointConfig(id=17, name="功率", address="0")) == "#17"


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.floats(0, 1e5), st.floats(0, 30))
def test_what_is_left_out_was_inside_the_dead_band_and_not_too_old(
    values: list[float], deadband: float, silence_s: float
) -> None:
    point = watch(deadband=deadband, max_silence_s=silence_s)
    sent, sent_at = math.nan, 0
    for second, value in enumerate(values):
        sample = point.take(RawValue(value), at(second))
        if sample is None:
            assert value == sent or abs(value - sent) < deadband
            assert second - sent_at < silence_s
        else:
            assert sample.value == value
            assert sample.time_us == at(second)
            sent, sent_at = value, second
