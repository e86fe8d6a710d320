"""Every rollup equals what plain Python makes of the readings: in any blocks, any order, late, and sent again."""

import math
import secrets
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from peers.store_endpoint import Row, table
from zhulian.telemetry.again import insert_again
from zhulian.telemetry.store.embedded import EmbeddedEngine
from zhulian.telemetry.store.engine import Block
from zhulian.telemetry.store.rollups import DAILY, HOURLY, OF_POINTS, ROLLUPS, TENANT_HOURLY, Rollup
from zhulian.telemetry.store.stretches import CITY_S, DAY_S, months, weeks

MONTH_ENDS_S = 1_790_780_400
"""2026-09-30 15:00 UTC, an hour before October begins in the city; 105 hours later it is Monday in UTC."""
SECOND_US = 1_000_000
WIDTH_S = {HOURLY.name: 3600, DAILY.name: DAY_S}
Sums = tuple[int, int, float, float, float, int, int]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngine]:
    opened = EmbeddedEngine.open(tmp_path_factory.mktemp("rollups"), 512)
    yield opened
    opened.close()


def ask(engine: EmbeddedEngine, sql: str) -> list[list[str]]:
    return [line.split("\t") for line in b"".join(engine.query(sql, "TSV")).decode().splitlines()]


# Halves, so that any order of adding gives the same sum to the last bit.
READING = st.tuples(
    st.just(1),
    st.integers(1, 2),
    st.sampled_from([-25, -1, 0, 1, 104, 105]).flatmap(
        lambda hour: st.integers(0, 3_599_999_999).map(lambda us: (MONTH_ENDS_S + hour * 3600) * SECOND_US + us)
    ),
    st.integers(-1000, 1000).map(lambda halves: halves / 2),
    st.sampled_from(["", "运行"]),
    st.integers(0, 2),
)
READINGS = st.lists(READING, min_size=1, max_size=30, unique_by=lambda row: (row[1], row[2]))


def by_hand(rows: Sequence[Row], width_s: int) -> dict[tuple[int, int], Sums]:
    """(point, start of the piece in seconds) → rows, count, total, low, high, first, last."""
    pieces: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in rows:
        pieces[row[1], (row[2] // SECOND_US + CITY_S) // width_s * width_s - CITY_S].append(row)
    return {key: _sums(found) for key, found in pieces.items()}


def _sums(found: Sequence[Row]) -> Sums:
    usable = [row[3] for row in found if row[5] < 2]
    times = [row[2] for row in found]
    low, high = min(usable, default=math.inf), max(usable, default=-math.inf)
    return len(found), len(usable), sum(usable), low, high, min(times), max(times)


def of_tenants_by_hand(rows: Sequence[Row]) -> dict[int, tuple[int, int, int, int]]:
    """Start of the hour in seconds → rows, count, last, points."""
    hours: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        hours[row[2] // SECOND_US // 3600 * 3600].append(row)
    return {
        hour: (
            len(found),
            sum(row[5] < 2 for row in found),
            max(row[2] for row in found),
            len({row[1] for row in found}),
        )
        for hour, found in hours.items()
    }


def of_tenants(engine: EmbeddedEngine) -> dict[int, tuple[int, int, int, int]]:
    name = TENANT_HOURLY.name
    sums = f"sum({name}.rows), sum({name}.count), toUnixTimestamp64Micro(max(last)), groupBitmapMerge(points)"
    found = ask(engine, f"SELECT toUnixTimestamp(hour), {sums} FROM {name} GROUP BY tenant, hour")
    return {int(row[0]): (int(row[1]), int(row[2]), int(row[3]), int(row[4])) for row in found}


def stored(engine: EmbeddedEngine, rollup: Rollup) -> dict[tuple[int, int], Sums]:
    name = rollup.name
    found = ask(
        engine,
        f"SELECT point, toUnixTimestamp({rollup.start}), sum({name}.rows), sum({name}.count), sum(total), min(low),"
        f" max(high), toUnixTimestamp64Micro(min(first)), toUnixTimestamp64Micro(max(last)) FROM {name}"
        f" GROUP BY point, {rollup.start}",
    )
    return {
        (int(row[0]), int(row[1])): (
            int(row[2]),
            int(row[3]),
            float(row[4]),
            float(row[5]),
            float(row[6]),
            int(row[7]),
            int(row[8]),
        )
        for row in found
    }


@settings(max_examples=8, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(rows=READINGS, data=st.data())
def test_any_blocks_in_any_order_and_again(engine: EmbeddedEngine, rows: list[Row], data: st.DataObject) -> None:
    for name in ("readings", *(rollup.name for rollup in ROLLUPS)):
        ask(engine, f"TRUNCATE TABLE {name}")
    mixed = data.draw(st.permutations(rows))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(rows)), max_size=2)) | {0, len(rows)})
    test = secrets.token_hex(8)  # the store remembers tokens from one example to the next
    blocks = [Block(f"{test}-{a}", table(mixed[a:b])) for a, b in pairwise(cuts)]
    for block in blocks:
        engine.insert(block)
    for block in data.draw(st.lists(st.sampled_from(blocks), max_size=2)):
        data.draw(st.sampled_from([engine.insert, lambda block: insert_again(engine, block)]))(block)
    for rollup in OF_POINTS:
        assert stored(engine, rollup) == by_hand(rows, WIDTH_S[rollup.name]), rollup.name
    assert of_tenants(engine) == of_tenants_by_hand(rows)
    newest = {
        point: max((row for row in rows if row[1] == point), key=lambda row: row[2])
        for point in {row[1] for row in rows}
    }
    kept = {row["point"]: (row["value"], row["text"], row["quality"]) for row in engine.latest().to_pylist()}
    assert kept == {point: row[3:] for point, row in newest.items()}


@given(st.lists(st.integers(0, 40_000), max_size=9))
def test_stretches_hold_their_days_and_meet_without_a_gap(days: list[int]) -> None:
    for stretches in (weeks, months):
        found = stretches(days)
        assert found == sorted(found, key=lambda stretch: stretch.start_s)
        assert len({stretch.partition for stretch in found}) == len(found)
        for second in (moment for day in days for moment in (day * DAY_S, (day + 1) * DAY_S - 1)):
            assert len([stretch for stretch in found if stretch.start_s <= second < stretch.end_s]) == 1


def test_stretches_are_called_as_the_store_calls_them(engine: EmbeddedEngine) -> None:
    for rollup in ROLLUPS:
        for stretch in rollup.stretches(range(20_600, 20_640)):
            for second in (stretch.start_s, stretch.end_s - 1):
                sql = f"WITH toDateTime({second}, 'UTC') AS {rollup.start} SELECT {rollup.table.partition_by}"
                assert ask(engine, sql) == [[stretch.partition.strip("'")]]
