"""Coverage by hand: one reading a minute, some missing, in rows and in buckets."""

import pytest

from zhulian.telemetry.queries.basis import Asked, Entries, covered_share, estimated_interval_us
from zhulian.vocabulary.readings import PointId, TimeUs

SECOND, MINUTE, DAY = 1_000_000, 60_000_000, 86_400_000_000
HOUR = (TimeUs(0), TimeUs(60 * MINUTE))


def rows(*minutes: int) -> Entries:
    return Entries([minute * MINUTE for minute in minutes], [1] * len(minutes), 0)


@pytest.mark.parametrize(
    ("entries", "share"),
    [
        (rows(*range(60)), 1.0),
        (rows(*range(1, 60)), 1.0),  # the first one was not due before
        (rows(*range(0, 59)), 1 - 30 / 3600),  # the last one was
        (rows(*range(30)), 30.5 / 60),
        (rows(*range(30, 60)), 0.5),
        (rows(*(minute for minute in range(60) if minute != 20)), 1 - 30 / 3600),
        (rows(), 0.0),
        (Entries([at * 10 * MINUTE for at in range(6)], [10] * 6, 10 * MINUTE), 1.0),
        (Entries([at * 10 * MINUTE for at in range(6)], [10, 10, 5, 10, 0, 10], 10 * MINUTE), 1 - (4.5 + 9.5) / 60),
        (Entries([0], [1000], 10 * MINUTE), 10 / 60),
    ],
)
def test_share(entries: Entries, share: float) -> None:
    assert covered_share(entries, MINUTE, HOUR) == pytest.approx(share)


def test_a_range_without_length_has_no_share() -> None:
    assert covered_share(rows(1), MINUTE, (TimeUs(5), TimeUs(5))) is None


def test_the_interval_is_the_median_step() -> None:
    assert estimated_interval_us(rows(0, 1, 2, 3, 30)) == MINUTE
    assert estimated_interval_us(Entries([0, 600 * SECOND, 1200 * SECOND], [10, 10, 3], 600 * SECOND)) == MINUTE
    assert estimated_interval_us(rows(7)) is None


@pytest.mark.parametrize(
    ("every_us", "grace_us", "stands_us"),
    [
        (None, None, 600 * SECOND),
        (SECOND, None, 30 * SECOND),
        (MINUTE, None, 3 * MINUTE),
        (DAY, None, DAY),
        (MINUTE, 0, 0),
        (None, 9 * DAY, DAY),
    ],
)
def test_how_long_a_reading_stands(every_us: int | None, grace_us: int | None, stands_us: int) -> None:
    assert Asked(PointId(1), every_us, grace_us).stands_us == stands_us
