"""What collectors ask: how long readings stand, counters that restart, extents, hours, days; by hand-made series."""

from collections.abc import Iterator, Sequence

import pytest

from peers.store_endpoint import StoreEndpoint, table
from zhulian.telemetry.queries import Extent, Growth, Hour, Span, Telemetry, Watch
from zhulian.telemetry.store.engine import Block
from zhulian.telemetry.store.place import Place
from zhulian.telemetry.store.remote import RemoteEngine
from zhulian.vocabulary.readings import PointId, TenantId, TimeUs
from zhulian.vocabulary.settings import Settings

DAY_START_US = 1_789_315_200_000_000
SECOND_US, MINUTE_US, HOUR_US, DAY_US = 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000
OURS, OTHERS = TenantId(31), TenantId(32)
STATE, GAPPY, COUNTER, SLIPPY, BADLY, NEVER = (PointId(number) for number in range(1, 7))
START, END = TimeUs(DAY_START_US), TimeUs(DAY_START_US + DAY_US)
Row = tuple[int, int, int, float, str, int]


def series(point: int, values: Sequence[tuple[float, float]], quality: int = 0) -> list[Row]:
    """``values``: seconds after the day's start, value; for both tenants, the other's ten times as large."""
    return [
        (tenant, point, DAY_START_US + int(at * SECOND_US), value * factor, "", quality)
        for tenant, factor in ((OURS, 1), (OTHERS, 10))
        for at, value in values
    ]


@pytest.fixture(scope="module")
def measured(settings: Settings, store_endpoint: StoreEndpoint) -> Iterator[Telemetry]:
    engine = RemoteEngine(
        Place("127.0.0.1", store_endpoint.port, "zhulian", store_endpoint.key, "zhulian", is_secure=False)
    )
    minutes = range(-2, 24 * 60 + 2)
    rows = series(STATE, [(minute * 60, float(8 <= minute // 60 < 16)) for minute in minutes])
    rows += series(GAPPY, [(minute * 60, 30.0) for minute in minutes if not 600 <= minute < 720])
    rows += series(COUNTER, [(-60, 100), (60, 101), (120, 103), (180, 2), (240, 5), (90_000, 999)])
    rows += series(SLIPPY, [(0, 100), (60, 101), (120, 0), (180, 102), (240, 103)])
    rows += series(BADLY, [(0, 5.0), (120, 5.0)]) + series(BADLY, [(60, 1e9)], quality=2)
    engine.insert(Block("measuring", table(rows)))
    engine.close()
    connected = Telemetry.connect(settings)
    yield connected
    connected.close()


def watch(point: PointId, above: float = 0.5) -> Watch:
    return Watch(point, 3 * MINUTE_US, 90 * SECOND_US, above)


def test_a_state_is_on_for_as_long_as_it_was(measured: Telemetry) -> None:
    found = measured.spans(OURS, [watch(STATE)], START, END)[STATE]
    assert found == Span(STATE, 1440, 1440, 1440, DAY_US, 8 * HOUR_US, DAY_US, 8 * HOUR_US)


def test_a_gap_is_no_time_at_all(measured: Telemetry) -> None:
    found = measured.spans(OURS, [watch(GAPPY)], START, END)[GAPPY]
    assert found.there_us == DAY_US - 2 * HOUR_US + 2 * MINUTE_US  # the last reading stands for its grace
    assert found.covered_us == DAY_US - 2 * HOUR_US + 30 * SECOND_US
    assert found.value_us == pytest.approx(30.0 * found.there_us)


def test_a_bad_reading_ends_what_stood_and_is_no_value(measured: Telemetry) -> None:
    found = measured.spans(OURS, [watch(BADLY)], START, END)[BADLY]
    assert (found.rows, found.good, found.usable) == (3, 2, 2)
    assert found.there_us == 5 * MINUTE_US
    assert found.above_us == 4 * MINUTE_US
    assert found.value_us == pytest.approx(5.0 * 4 * MINUTE_US)


def test_points_are_watched_each_in_its_own_way(measured: Telemetry) -> None:
    found = measured.spans(OURS, [watch(STATE, 2.0), watch(GAPPY, 29.0), watch(NEVER)], START, END)
    assert found[STATE].above_us == 0
    assert found[GAPPY].above_us == found[GAPPY].there_us
    assert NEVER not in found
    assert measured.spans(OURS, [], START, END) == {}


def test_a_counter_grows_over_restarts(measured: Telemetry) -> None:
    """From before the day 100 → 101 → 103 → restart at 2 → 5; what comes after the day is not counted."""
    assert measured.growth(OURS, [COUNTER], START, END) == {COUNTER: Growth(COUNTER, 1 + 2 + 2 + 3, 1, 4)}


def test_a_single_low_reading_is_a_slip(measured: Telemetry) -> None:
    assert measured.growth(OURS, [SLIPPY], START, END)[SLIPPY] == Growth(SLIPPY, 3.0, 0, 4)


def test_nobody_sees_another_s(measured: Telemetry) -> None:
    assert measured.growth(OTHERS, [COUNTER], START, END)[COUNTER].amount == 80.0
    assert measured.spans(OTHERS, [watch(GAPPY, 299.0)], START, END)[GAPPY].above_us > 0
    assert measured.spans(TenantId(33), [watch(STATE)], START, END) == {}
    assert measured.extents(TenantId(33), [STATE], START, END) == {}


def test_extents_and_hours(measured: Telemetry) -> None:
    assert measured.extents(OURS, [BADLY, NEVER], START, END) == {
        BADLY: Extent(BADLY, 3, 2, 5.0, 5.0, START, TimeUs(DAY_START_US + 2 * MINUTE_US))
    }
    hours = measured.hours(OURS, [STATE], START, END)[STATE]
    assert [hour.mean for hour in hours] == [float(8 <= hour < 16) for hour in range(24)]
    assert hours[0] == Hour(START, 60, 60, 0.0, 0.0, 0.0)


def test_days_by_group(measured: Telemetry) -> None:
    first = (DAY_START_US // SECOND_US + 28_800) // 86_400
    found = measured.days(OURS, {STATE: 7, GAPPY: 7, BADLY: 8, NEVER: 9}, TimeUs(START - DAY_US), TimeUs(END + DAY_US))
    assert found == {7: frozenset({first - 1, first, first + 1}), 8: frozenset({first})}


def test_many_points_go_in_several_statements(measured: Telemetry) -> None:
    watches = [*(watch(PointId(1000 + number)) for number in range(1100)), watch(STATE)]
    assert set(measured.spans(OURS, watches, START, END)) == {STATE}
