"""Retirement against plain counting: sums stay to the last bit, a kill at any statement changes nothing or is finished.

A kill is a statement that never runs: the engine's own statements are whole or not there at the next start
(``test_killed``), so what can differ is which of them came last.
"""

from collections.abc import Iterable, Iterator
from itertools import count as numbers

import pytest

from peers.store_endpoint import Row, table
from zhulian.telemetry.again import insert_again
from zhulian.telemetry.store import retiring
from zhulian.telemetry.store.embedded import EmbeddedEngine
from zhulian.telemetry.store.engine import Block
from zhulian.telemetry.store.folded import count_excessive, fold
from zhulian.telemetry.store.mending import Run, days_held, disagreeing, remake
from zhulian.telemetry.store.repair import repair
from zhulian.telemetry.store.retiring import READINGS, Going
from zhulian.telemetry.store.rollups import HOURLY, OF_POINTS, ROLLUPS, Rollup
from zhulian.telemetry.store.schema import TABLES
from zhulian.telemetry.store.stretches import DAY_S

FIRST = 20_726
"""2026-09-30 in days: the day that follows begins another month."""
BLOCKS = numbers(1)
ALL = "1"


class KilledError(Exception):
    """The process ends here."""


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine.open(tmp_path_factory.mktemp("retiring"), 512)
    yield engine
    engine.close()


@pytest.fixture
def engine(opened: EmbeddedEngine) -> EmbeddedEngine:
    """Three days of two enterprises with two points each, a reading every two hours."""
    for one in TABLES:
        if one.name != "schema_version":
            opened.run(f"TRUNCATE TABLE {one.name}")
    rows = [
        row(t, p, (FIRST + d) * DAY_S + h * 7200) for t in (1, 2) for p in (1, 2) for d in range(3) for h in range(12)
    ]
    opened.insert(block(rows))
    return opened


def row(tenant: int, point: int, at_s: int, value: float | None = None) -> Row:
    return tenant, tenant * 10 + point, at_s * 1_000_000 + 7, at_s % 977 / 2 if value is None else value, "", 0


def block(rows: list[Row]) -> Block:
    return Block(f"retiring-{next(BLOCKS)}", table(rows))


def of_day(day: int, condition: str = ALL, source: str = READINGS, **more: int) -> Going:
    return Going(source, day * DAY_S, (day + 1) * DAY_S, condition, **more)  # type: ignore[arg-type]


def retire(run: Run, going: Going, turn: Run | None = None) -> None:
    """``turn`` runs what happens from writing it down on."""
    retiring.stage(run, going)
    rows = retiring.count(run, going)
    assert retiring.is_staged(run, going, rows)
    run = turn or run
    retiring.begin(run, going, rows)
    retiring.finish_begun(run)


def sums(engine: EmbeddedEngine) -> dict[str, str]:
    """Everything that the rollups say, in words."""
    return {each.name: engine.run(f"SELECT {_columns(each)} ORDER BY ALL") for each in ROLLUPS}


def _columns(rollup: Rollup) -> str:
    name, whose = rollup.name, ", ".join(rollup.whose)
    of_points = "sum(total), min(low), max(high), min(first)" if rollup.of_points else "groupBitmapMerge(points)"
    return (
        f"{whose}, {rollup.start}, sum({name}.rows), sum({name}.count), {of_points}, max({name}.last) FROM {name}"
        f" GROUP BY {whose}, {rollup.start}"
    )


def readings(engine: EmbeddedEngine, condition: str = ALL) -> int:
    return int(engine.run(f"SELECT count() FROM readings WHERE {condition}"))


def assert_agrees(engine: EmbeddedEngine, days: Iterable[int] | None = None) -> None:
    held = days_held(engine.run) if days is None else days
    for each in ROLLUPS:
        assert not list(disagreeing(engine.run, each, held)), each.name


def test_a_whole_day_goes_and_its_sums_stay(engine: EmbeddedEngine) -> None:
    before = sums(engine)
    retire(engine.run, of_day(FIRST))
    assert readings(engine) == 96
    assert (
        engine.run(
            "SELECT count() FROM system.parts WHERE active AND table = 'readings' AND rows > 0 AND"
            " partition = '2026-09-30'"
        ).strip()
        == "0"
    )
    assert sums(engine) == before
    assert_agrees(engine)


def test_points_of_one_enterprise_go_alone(engine: EmbeddedEngine) -> None:
    before = sums(engine)
    retire(engine.run, of_day(FIRST, "tenant = 1 AND point IN (11)"))
    assert (readings(engine), readings(engine, "tenant = 2"), readings(engine, "point = 11")) == (132, 72, 24)
    assert sums(engine) == before
    assert_agrees(engine)


def test_sums_are_made_anew_from_what_is_left_and_what_was_kept(engine: EmbeddedEngine) -> None:
    before = sums(engine)
    retire(engine.run, of_day(FIRST, "tenant = 1"))
    for each in ROLLUPS:
        for stretch in each.stretches([FIRST]):
            remake(engine.run, each, stretch)
    assert sums(engine) == before
    engine.run("ALTER TABLE hourly DELETE WHERE tenant = 1 SETTINGS mutations_sync = 1")
    assert {done.what for done in repair(engine)} == {"sums_remade"}
    assert sums(engine) == before


def test_late_readings_of_a_retired_stretch_count_and_go_in_their_turn(engine: EmbeddedEngine) -> None:
    retire(engine.run, of_day(FIRST))
    late = [row(1, 1, FIRST * DAY_S + 3600 * h + 60, 999.0) for h in (0, 3)]
    one = block(late)
    engine.insert(one)
    insert_again(engine, one)
    assert readings(engine) == 98
    assert_agrees(engine)
    before = sums(engine)
    retire(engine.run, of_day(FIRST))
    assert readings(engine) == 96
    assert sums(engine) == before
    assert_agrees(engine)


def test_what_arrives_after_staging_is_noticed(engine: EmbeddedEngine) -> None:
    going = of_day(FIRST)
    retiring.stage(engine.run, going)
    engine.insert(block([row(1, 2, FIRST * DAY_S + 5)]))
    assert not retiring.is_staged(engine.run, going, retiring.count(engine.run, going))


def test_hours_go_and_days_stay(engine: EmbeddedEngine) -> None:
    before = sums(engine)
    for day in (FIRST, FIRST + 1):
        retire(engine.run, of_day(day, "tenant = 1"))
        retire(engine.run, of_day(day, "tenant = 1", HOURLY.name))
    after = sums(engine)
    assert (after["daily"], after["tenant_hourly"]) == (before["daily"], before["tenant_hourly"])
    stay = [line for line in before["hourly"].splitlines() if not line.startswith("1\t") or "10-02" in line]
    assert after["hourly"].splitlines() == stay
    assert engine.run("SELECT count() FROM hourly_kept").strip() == "0"
    assert_agrees(engine)
    engine.insert(block([row(1, 1, FIRST * DAY_S + 61)]))
    assert_agrees(engine)
    for source in (READINGS, HOURLY.name):
        retire(engine.run, of_day(FIRST, "tenant = 1", source))
    assert_agrees(engine)
    assert engine.run("SELECT sum(rows) FROM daily").strip() == "145"


def test_hours_stay_while_readings_of_theirs_are_there(engine: EmbeddedEngine) -> None:
    retire(engine.run, of_day(FIRST))
    engine.insert(block([row(1, 1, FIRST * DAY_S + 61)]))
    hours = of_day(FIRST, source=HOURLY.name)
    retiring.stage(engine.run, hours)
    assert not retiring.is_staged(engine.run, hours, retiring.count(engine.run, hours))
    for source in (READINGS, HOURLY.name):
        retire(engine.run, of_day(FIRST, source=source))
    assert_agrees(engine)
    assert engine.run("SELECT sum(rows) FROM daily").strip() == "145"


def test_on_demand_the_sums_go_too(engine: EmbeddedEngine) -> None:
    retire(engine.run, of_day(FIRST, "tenant = 1"))
    start_s = (FIRST + 1) * DAY_S - 8 * 3600  # the city's 1 October
    going = Going(READINGS, start_s, start_s + DAY_S, "tenant = 1 AND point IN (11)", with_sums=True, number=5)
    retire(engine.run, going)
    for name, time in ((READINGS, "ts"), *((each.name, each.start) for each in OF_POINTS), ("hourly_kept", "hour")):
        assert engine.run(f"SELECT count() FROM {name} WHERE {going.where(time)}").strip() == "0", name
    assert engine.run("SELECT sum(rows) FROM daily").strip() == str(144 - 12)
    assert (readings(engine, "tenant = 2"), retiring.rows_gone(engine.run, 5)) == (72, 8)
    assert_agrees(engine)


def test_folds_stay_with_their_hours_and_go_on_demand(engine: EmbeddedEngine) -> None:
    engine.run(fold(FIRST, "(1, 11), (1, 12), (2, 21)", with_minutes=False))
    retire(engine.run, of_day(FIRST, "tenant = 1 AND point = 11"))
    assert engine.run("SELECT count() FROM folded").strip() == "36"
    retire(engine.run, of_day(FIRST, "tenant = 1 AND point = 11", HOURLY.name))
    retire(engine.run, of_day(FIRST, "tenant = 1 AND point = 12", number=9))
    assert engine.run("SELECT DISTINCT point FROM folded").strip() == "21"
    assert engine.run(count_excessive(FIRST)).strip() == "0"
    assert_agrees(engine)


@pytest.mark.parametrize(
    "going",
    [of_day(FIRST + 3), of_day(FIRST + 3, "tenant = 1"), of_day(FIRST + 3, "tenant = 1", with_sums=True)],
    ids=["whole", "partly", "with_sums"],
)
def test_killed_at_every_statement(engine: EmbeddedEngine, going: Going) -> None:
    """Each statement from "begun" on is the last that is not reached; then comes what a start does. A day a kill.

    Before that a step only writes staging tables, which it empties first.
    """
    engine.insert(block([row(t, 1, (FIRST + d) * DAY_S + 57_600) for t in (1, 2) for d in range(3, 40)]))
    everything, survived = sums(engine)["daily"], 0
    for last in range(100):
        try:
            retire(engine.run, going, dying(engine.run, last))
        except KilledError:
            survived += 1
            retiring.finish_begun(engine.run)
        else:
            break
        is_gone = not readings(engine, going.where("ts"))
        assert engine.run("SELECT sum(is_done) = uniqExact(step) FROM retirements").strip() == "1", last
        hours = int(engine.run(f"SELECT count() FROM hourly WHERE {going.where('hour')}"))
        assert hours == (0 if is_gone and going.with_sums else 2 if going.condition == ALL else 1), last
        assert_agrees(engine, going.days)
        if is_gone:
            going = going._replace(start_s=going.start_s + DAY_S, end_s=going.end_s + DAY_S)
    assert survived > 6
    assert going.with_sums or sums(engine)["daily"] == everything


def test_of_steps_that_are_done_nothing_long_is_read(engine: EmbeddedEngine) -> None:
    """Megabytes of conditions, a part of the table each, and a budget of kilobytes to find out that none is open."""
    for step in range(1, 9):
        begun = f"{step}, 0, 0, 'readings', 0, 86400, 0, 1, repeat('tenant = 1 OR ', 100000)"
        engine.run(f"INSERT INTO retirements SELECT {begun}, now()")
        engine.run(f"INSERT INTO retirements SELECT {step}, 1, 0, 'readings', 0, 86400, 0, 1, '', now()")
    retiring.finish_begun(lambda sql: engine.run(f"{sql} SETTINGS max_bytes_to_read = 10000"))


def dying(run: Run, after: int) -> Run:
    """``run`` for so many statements."""
    left = numbers(after, -1)

    def until(sql: str) -> str:
        if next(left) <= 0:
            raise KilledError
        return run(sql)

    return until
