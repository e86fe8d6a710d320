"""Answers over a range: lines, grids, states and histograms, against what plain Python makes of the same readings."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peers import telemetry_truth as truth
from peers.store_endpoint import StoreEndpoint, table
from zhulian.telemetry.queries import Asked, Bins, Fill, Shape, Source, Telemetry
from zhulian.telemetry.store.engine import Block
from zhulian.telemetry.store.place import Place
from zhulian.telemetry.store.remote import RemoteEngine
from zhulian.vocabulary.readings import PointId, Quality, Reading, TenantId, TimeUs
from zhulian.vocabulary.settings import Settings

START = TimeUs(1_789_315_200_000_000)
SECOND, MINUTE, HOUR, DAY = 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000
NOW = START + 400 * DAY
OURS, OTHERS = TenantId(41), TenantId(42)
NEVER = PointId(99)
RANDOM = [PointId(number) for number in range(1, 9)]
"""Points with readings as hypothesis would have them, one shape each; the seed is fixed."""
ANY = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def readings(point: PointId) -> list[Reading]:
    """Few states, gaps, bad and uncertain readings, words; times that never repeat."""
    number = int(point)
    found, time = [], START + number * 777
    for step in range(400):
        mixed = (step * 7919 + number * 104_729) % 1009
        time += [SECOND, 20 * SECOND, MINUTE, 7 * MINUTE, 3 * HOUR][(0, 0, 1, 1, 2, 2, 2, 3, 3, 4)[mixed % 10]] + mixed
        value = float(mixed % (2 + number)) if number % 2 else mixed / 7
        quality = Quality((0, 0, 0, 0, 0, 1, 2)[mixed % 7])
        words = "运行" if number == 3 and mixed % 2 else None
        found.append(Reading(point, TimeUs(time), float(int(value)) if number == 5 else value, quality, words))
    return found


TRUTH = {point: readings(point) for point in RANDOM}
LAST = max(rows[-1].time_us for rows in TRUTH.values())


@pytest.fixture(scope="module")
def lines(settings: Settings, store_endpoint: StoreEndpoint) -> Iterator[Telemetry]:
    engine = RemoteEngine(
        Place("127.0.0.1", store_endpoint.port, "zhulian", store_endpoint.key, "zhulian", is_secure=False)
    )
    rows = [
        (tenant, row.point, row.time_us, row.value * factor, row.text or "", int(row.quality))
        for tenant, factor in ((OURS, 1.0), (OTHERS, -1000.0))
        for found in TRUTH.values()
        for row in found
    ]
    engine.insert(Block("lines", table(rows)))
    engine.close()
    connected = Telemetry.connect(settings)
    connected._clock = lambda: TimeUs(NOW)
    yield connected
    connected.close()


@st.composite
def spans(draw: st.DrawFn) -> tuple[TimeUs, TimeUs]:
    start = START + draw(st.integers(-HOUR, LAST - START + HOUR))
    return TimeUs(start), TimeUs(start + draw(st.sampled_from([1, SECOND, MINUTE, HOUR, DAY, 9 * DAY, 60 * DAY])))


asks = st.builds(
    Asked,
    st.sampled_from([*RANDOM, NEVER]),
    st.sampled_from([None, MINUTE, HOUR]),
    st.sampled_from([None, 0, 90 * SECOND, 5 * HOUR, 9 * DAY]),
)


def rows_of(asked: Asked) -> list[Reading]:
    return TRUTH.get(asked.point, [])


@ANY
@given(asked=asks, span=spans())
def test_states_change_when_the_readings_do(lines: Telemetry, asked: Asked, span: tuple[TimeUs, TimeUs]) -> None:
    found = lines.states(OURS, asked, *span, most=2000)
    wanted = truth.states(rows_of(asked), asked, span, NOW)
    assert found.spans == wanted.spans
    assert found.times == wanted.times[:100]


@ANY
@given(asked=asks, span=spans(), most=st.integers(1, 60))
def test_states_too_short_to_be_shown_are_merged_and_say_so(
    lines: Telemetry, asked: Asked, span: tuple[TimeUs, TimeUs], most: int
) -> None:
    found = lines.states(OURS, asked, *span, most).spans
    exact = truth.state_spans(rows_of(asked), asked, span)
    assert len(found) <= max(most, 2)
    assert sum(each.changes for each in found) == len(exact)
    assert sum(each.there_us for each in found) == sum(each.there_us for each in exact)
    assert all(earlier.end_us <= later.start_us for earlier, later in pairwise(found))
    assert all(each in exact for each in found if not each.is_merged)
    for each in found:
        inside = [one for one in exact if each.start_us <= one.start_us and one.end_us <= each.end_us]
        longest = max(inside, key=lambda one: (one.there_us, -one.start_us))
        assert (each.value, each.text) == (longest.value, longest.text)
        assert each.changes == len(inside)


@ANY
@given(
    asked=st.lists(asks, min_size=1, max_size=4, unique_by=lambda each: each.point),
    span=spans(),
    most=st.integers(2, 300),
    fill=st.sampled_from(Fill),
)
def test_a_grid_holds_what_stood(
    lines: Telemetry, asked: list[Asked], span: tuple[TimeUs, TimeUs], most: int, fill: Fill
) -> None:
    found = lines.aligned(OURS, asked, *span, most, fill=fill)
    wanted = truth.aligned(TRUTH, asked, span, most, fill, now_us=NOW)
    assert (found.times_us, found.step_us) == (wanted.times_us, wanted.step_us)
    assert len(found.times_us) <= most
    for point, values in wanted.values.items():
        assert found.values[point] == [value if value is None else pytest.approx(value) for value in values]
        assert found.basis[point].source is (Source.RAW if found.step_us < HOUR else Source.HOUR)


@ANY
@given(
    asked=asks,
    span=spans(),
    bins=st.integers(1, 30),
    limits=st.tuples(st.none() | st.integers(-5, 60).map(float), st.none() | st.integers(0, 100).map(float)),
)
def test_a_histogram_counts_every_usable_reading_once(
    lines: Telemetry, asked: Asked, span: tuple[TimeUs, TimeUs], bins: int, limits: tuple[float | None, float | None]
) -> None:
    found = lines.histogram(OURS, asked, *span, bins, low=limits[0], high=limits[1])
    wanted = truth.histogram(rows_of(asked), asked, span, bins, limits, now_us=NOW)
    assert replace(found, basis=wanted.basis) == wanted


@ANY
@given(asked=asks, span=spans(), bins=st.integers(1, 12))
def test_quantiles_hold_about_equally_many(
    lines: Telemetry, asked: Asked, span: tuple[TimeUs, TimeUs], bins: int
) -> None:
    found = lines.histogram(OURS, asked, *span, bins, by=Bins.QUANTILES)
    values = sorted(row.value for row in truth.usable(truth.within(rows_of(asked), span)))
    assert sum(found.counts) == len(values)
    assert (found.below, found.above, found.is_exact) == (0, 0, True)
    if values:
        assert (found.edges[0], found.edges[-1]) == (values[0], values[-1])
        assert sorted(set(found.edges)) == found.edges or len(found.edges) == 2
        places = [at / bins * (len(values) - 1) for at in range(bins + 1)]
        exact = [_between(values, place) for place in places]
        assert {round(edge, 6) for edge in found.edges} == {round(edge, 6) for edge in exact}


def _between(values: Sequence[float], place: float) -> float:
    low, part = int(place), place - int(place)
    return values[low] + (values[min(low + 1, len(values) - 1)] - values[low]) * part


@ANY
@given(point=st.sampled_from(RANDOM[1::2]), span=spans(), most=st.integers(3, 200))  # no two triangles alike
def test_a_line_keeps_the_largest_triangles(
    lines: Telemetry, point: PointId, span: tuple[TimeUs, TimeUs], most: int
) -> None:
    found = lines.series(OURS, point, *span, most, shape=Shape.LINE)
    exact = [(row.time_us, row.value) for row in truth.usable(truth.within(TRUTH[point], span))]
    assert list(zip(found.times_us, found.means, strict=True)) == truth.triangles(exact, most)
    assert found.shape is (Shape.READINGS if len(exact) <= most else Shape.LINE)
    assert found.counts == [1] * len(found.times_us)


@ANY
@given(asked=asks, span=spans())
def test_coverage_is_the_share_that_had_readings(lines: Telemetry, asked: Asked, span: tuple[TimeUs, TimeUs]) -> None:
    found = lines.series(OURS, asked.point, *span, 2000, every_us=asked.every_us)
    if asked.every_us:
        wanted = truth.basis(rows_of(asked), asked, span, NOW)
        assert found.basis.share == pytest.approx(wanted.share)
        assert (found.basis.every_us, found.basis.is_estimated) == (asked.every_us, False)
    else:
        assert found.basis.is_estimated is (found.basis.every_us is not None)
    assert found.basis.share is None or 0.0 <= found.basis.share <= 1.0


def test_a_range_without_length_is_empty_for_every_question(lines: Telemetry) -> None:
    asked, span = Asked(RANDOM[0], MINUTE), (START, START)
    assert lines.states(OURS, asked, *span).spans == []
    assert lines.aligned(OURS, [asked], *span).times_us == []
    assert lines.histogram(OURS, asked, *span).edges == []
    assert lines.series(OURS, asked.point, *span, shape=Shape.LINE).basis.share is None


def test_nobody_gets_another_s_readings(lines: Telemetry) -> None:
    span = (START, TimeUs(LAST))
    theirs = lines.histogram(OTHERS, Asked(RANDOM[0]), *span)
    assert theirs.edges[-1] <= 0
    assert all(each.value <= 0 for each in lines.states(OTHERS, Asked(RANDOM[0]), *span, most=2000).spans)
    assert lines.states(TenantId(43), Asked(RANDOM[0]), *span).spans == []
    assert set(lines.aligned(TenantId(43), [Asked(RANDOM[0])], *span).values[RANDOM[0]]) == {None}
