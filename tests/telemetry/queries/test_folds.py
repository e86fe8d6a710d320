"""Answers from folded hours: the same as from raw rows, with late readings that were folded again and some not yet."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from peers import telemetry_truth as truth
from peers.store_endpoint import StoreEndpoint, table
from zhulian.telemetry.folding import Folding
from zhulian.telemetry.queries import Asked, Source, Span, Telemetry, Watch
from zhulian.telemetry.queries.folds import RUNS, STOOD, with_folds
from zhulian.telemetry.store.engine import Block
from zhulian.telemetry.store.place import Place
from zhulian.telemetry.store.remote import RemoteEngine
from zhulian.vocabulary.readings import PointId, Quality, Reading, TenantId, TimeUs
from zhulian.vocabulary.settings import Settings

START = TimeUs(1_789_311_600_000_000)
"""2026-09-13 15:00 UTC, an hour before the city's midnight."""
SECOND, MINUTE, HOUR, DAY = 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000
NOW = TimeUs(START + 30 * DAY)
OURS, OTHERS = TenantId(71), TenantId(72)
WORDS, MEASURED, GAPPY, QUICK, NEVER = (PointId(number) for number in range(1, 6))
STEPS = {WORDS: 20 * SECOND, MEASURED: 30 * SECOND, GAPPY: 4 * MINUTE, QUICK: 5 * SECOND}
HOURS = {WORDS: 30, MEASURED: 30, GAPPY: 90, QUICK: 20}
ANY = settings(max_examples=25, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])


def readings(point: PointId) -> list[Reading]:
    """Words that change now and then, a measurement, one with gaps and bad readings, one every five seconds."""
    found, time = [], START + 7 * MINUTE
    for step in range(HOURS[point] * HOUR // STEPS[point]):
        mixed = (step * 7919 + point * 104_729) % 1009
        time += STEPS[point] + mixed * 1000 + (3 * HOUR if point == GAPPY and mixed > 960 else 0)
        if point == WORDS:
            value, words = float(step // 97 % 3), "运行" if step // 97 % 3 == 1 else None
        else:
            value, words = mixed / 2, None
        quality = Quality.BAD if mixed % (5 if point == GAPPY else 400) == 1 else Quality.GOOD
        found.append(Reading(point, TimeUs(time), value, quality, words))
    return found


TRUTH = {point: readings(point) for point in STEPS}
LAST = max(rows[-1].time_us for rows in TRUTH.values())


def lateness(row: Reading) -> int:
    """0: in time. 1: late, in an hour that is folded again. 2: later, and that hour is not."""
    hour = row.time_us // HOUR % 10
    return 0 if hour % 5 or row.time_us // SECOND % 3 else 1 + hour // 5


@pytest.fixture(scope="module")
def engine(store_endpoint: StoreEndpoint) -> Iterator[RemoteEngine]:
    opened = RemoteEngine(
        Place("127.0.0.1", store_endpoint.port, "zhulian", store_endpoint.key, "zhulian", is_secure=False)
    )
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def folded(settings: Settings, engine: RemoteEngine) -> Iterator[Telemetry]:
    folding = Folding(engine, lambda: NOW)
    for late in range(3):
        rows = [
            (tenant, row.point, row.time_us, row.value * factor, row.text or "", int(row.quality))
            for tenant, factor in ((OURS, 1.0), (OTHERS, -1000.0))
            for found in TRUTH.values()
            for row in found
            if lateness(row) == late
        ]
        engine.insert(Block(f"folds-{late}", table(rows)))
        if late < 2:
            folding.fold_all()
    connected = Telemetry.connect(settings)
    connected._clock = lambda: NOW
    yield connected
    connected.close()


@st.composite
def spans(draw: st.DrawFn) -> tuple[TimeUs, TimeUs]:
    start = START + draw(st.integers(-2 * HOUR, 30 * HOUR))
    return TimeUs(start), TimeUs(start + draw(st.sampled_from([HOUR, 13 * HOUR, DAY, 4 * DAY])))


graces = st.sampled_from([0, 10 * SECOND, 90 * SECOND, 10 * MINUTE, 5 * HOUR])


@ANY
@given(st.sampled_from([*STEPS, NEVER]), graces, spans())
def test_states_are_those_of_the_raw_rows(
    folded: Telemetry, point: PointId, grace_us: int, span: tuple[TimeUs, TimeUs]
) -> None:
    asked = Asked(point, None, grace_us)
    found = folded.states(OURS, asked, *span, most=2000)
    wanted = truth.states(TRUTH.get(point, []), asked, span, NOW)
    assert found.times == wanted.times[:100]
    if len(wanted.spans) <= 2000:
        assert found.spans == wanted.spans


def by_hand(rows: list[Reading], watch: Watch, span: tuple[TimeUs, TimeUs]) -> Span | None:
    """A question looks back by one grace."""
    rows = [row for row in rows if span[0] - watch.grace_us <= row.time_us < span[1]]
    there = above = covered = 0
    area = 0.0
    for row, following in zip(rows, [*(row.time_us for row in rows[1:]), span[1]], strict=bool(rows)):
        since = max(row.time_us, span[0])
        held, known = (
            max(min(following, row.time_us + grace, span[1]) - since, 0) for grace in (watch.grace_us, watch.cover_us)
        )
        there += held
        if row.quality is not Quality.BAD:
            above += held if row.value > watch.above else 0
            covered, area = covered + known, area + row.value * held
    inside = truth.within(rows, span)
    usable = len(truth.usable(inside))
    return Span(watch.point, len(inside), usable, usable, there, above, covered, area) if rows else None


@ANY
@given(graces, graces, st.sampled_from([float("inf"), 100.0]), spans())
def test_times_and_integrals_are_those_of_the_raw_rows(
    folded: Telemetry, grace_us: int, cover_us: int, above: float, span: tuple[TimeUs, TimeUs]
) -> None:
    watches = [Watch(point, grace_us, cover_us, above) for point in (*STEPS, NEVER)]
    found = folded.spans(OURS, watches, *span)
    wanted = {watch.point: by_hand(TRUTH.get(watch.point, []), watch, span) for watch in watches}
    assert found == {point: each for point, each in wanted.items() if each}


@ANY
@given(spans(), st.sampled_from([60, 300, 2000]))
def test_minutes_make_the_same_buckets(folded: Telemetry, span: tuple[TimeUs, TimeUs], most: int) -> None:
    found = folded.series(OURS, QUICK, *span, most, every_us=5 * SECOND)
    raw = folded.series(OURS, QUICK, *span, most)
    for name in ("times_us", "means", "lows", "highs", "counts", "total", "last_us", "shape"):
        assert getattr(found, name) == getattr(raw, name), name


def test_minutes_are_said_to_be_read(folded: Telemetry) -> None:
    found = folded.series(OURS, QUICK, START, TimeUs(START + DAY), 600, every_us=5 * SECOND)
    assert (found.bucket_s, found.basis.source) == (180.0, Source.MINUTE)


def test_hours_are_read_raw_only_where_they_must_be(folded: Telemetry, engine: RemoteEngine) -> None:
    span = (START, TimeUs(START + DAY))
    values = {"tenant": OURS, "points": [WORDS], "start": span[0], "end": span[1], "from": span[0] - HOUR}
    found = with_folds(folded._history, RUNS, values | {"grace": 10 * MINUTE})
    assert found is not None
    late = {row.time_us // HOUR * 3600 for row in TRUTH[WORDS] if lateness(row) == 2}
    assert set(found["hours"]) == {hour for hour in late if span[0] <= hour * SECOND < span[1]}
    assert with_folds(folded._history, RUNS, values | {"grace": 10 * SECOND}) is None
    times = with_folds(folded._history, STOOD, values | {"shortest": [MINUTE]})
    assert times is not None
    assert times["hours"] == found["hours"]


def test_what_is_folded_is_not_folded_again(folded: Telemetry, engine: RemoteEngine) -> None:
    folding = Folding(engine, lambda: NOW)
    folding.fold_all()
    assert list(folding.steps()) == []
    assert list(Folding(engine, lambda: NOW).steps()) == []
    assert all(later > earlier for earlier, later in pairwise([0, *sorted(folding._known)]))


def test_a_day_is_folded_when_it_is_over(engine: RemoteEngine) -> None:
    day = 30_000
    engine.insert(Block("not-over", table([(73, 1, day * DAY + 5 * HOUR, 1.0, "", 0)])))
    for now, count in ((day * DAY + DAY, "0"), (day * DAY + DAY + 2 * HOUR, "1")):
        Folding(engine, lambda now=now: TimeUs(now)).fold_all()  # type: ignore[misc]
        answer = b"".join(engine.query("SELECT count() FROM folded WHERE tenant = 73", "TSV"))
        assert answer.decode().strip() == count
