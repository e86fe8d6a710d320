"""Plans and demands applied in the feeder's turns: what goes, what stays, what a fault in between leaves."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from peers.store_endpoint import Row, steady, table
from peers.town import NOW, HandClock, Town, numbered
from zhulian.telemetry import feeder, server
from zhulian.telemetry.journal.frames import BatchFrame
from zhulian.telemetry.receiving import Receiving
from zhulian.telemetry.retention import running
from zhulian.telemetry.retention.due import Erasure, Preview
from zhulian.telemetry.retention.plan import Group, Keep, Plan
from zhulian.telemetry.retention.running import Demand, Retention
from zhulian.telemetry.store import retiring
from zhulian.telemetry.store.embedded import EmbeddedEngine
from zhulian.telemetry.store.engine import Answer, Block
from zhulian.telemetry.store.errors import StoreError
from zhulian.telemetry.store.mending import days_held, disagreeing
from zhulian.telemetry.store.remote import RemoteEngine
from zhulian.telemetry.store.rollups import ROLLUPS
from zhulian.telemetry.store.schema import TABLES
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.readings import TenantId
from zhulian.vocabulary.settings import read_settings

DAY_US = 86_400_000_000
TODAY = NOW // DAY_US
DAYS = 60
HOURS = 4


class FaultyEngine(EmbeddedEngine):
    """Refuses one statement that begins with ``refuses``, as a store does that runs out of memory."""

    refuses = ""

    def query(
        self,
        sql: str,
        form: str = "Native",
        settings: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Answer:
        if self.refuses and sql.startswith(self.refuses):
            self.refuses = ""
            raise StoreError("refused", Text("内存不足。", "Out of memory."), Text("稍候。", "Wait."))
        return super().query(sql, form, settings, parameters)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyEngine]:
    engine = FaultyEngine.open(tmp_path_factory.mktemp("retention"), 512)
    assert isinstance(engine, FaultyEngine)
    yield engine
    engine.close()


@pytest.fixture
def engine(opened: FaultyEngine) -> FaultyEngine:
    """Four readings a day, for sixty days up to yesterday, of points 11 and 12 of one enterprise and 21 of another."""
    for one in TABLES:
        if one.name != "schema_version":
            opened.run(f"TRUNCATE TABLE {one.name}")
    rows: list[Row] = []
    for tenant, point in ((1, 11), (1, 12), (2, 21)):
        rows += steady(tenant, point, (TODAY - DAYS) * DAY_US + 1, DAY_US // HOURS, [1.5] * (DAYS * HOURS))
    opened.insert(Block(f"running-{id(rows)}", table(rows)))
    return opened


@contextlib.asynccontextmanager
async def at_work(engine: FaultyEngine, folder: Path) -> AsyncIterator[Retention]:
    settings = read_settings({"ZHULIAN_DATA": str(folder)})
    receiving = Receiving(settings, engine, HandClock())
    feeding = asyncio.create_task(receiving.feeder.run())
    working = asyncio.create_task(receiving.retention.run())
    try:
        yield receiving.retention
    finally:
        receiving.retention.end()
        await working
        receiving.feeder.finish()
        await feeding
        await receiving.journal.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - retention tells nobody, by design
            await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeder, "HOLD_S", 0.0)
    monkeypatch.setattr(feeder, "GAP_S", 0.0)


def left(engine: EmbeddedEngine, point: int, table: str = "readings") -> int:
    return int(engine.run(f"SELECT count() FROM {table} WHERE point = {point}"))


def assert_agrees(engine: EmbeddedEngine, late: int = 0) -> None:
    for each in ROLLUPS:
        assert not list(disagreeing(engine.run, each, days_held(engine.run))), each.name
    assert engine.run("SELECT sum(daily.rows) FROM daily").strip() == str(3 * DAYS * HOURS + late)


async def test_a_plan_with_exceptions(engine: FaultyEngine, tmp_path: Path) -> None:
    plan = Plan(Keep(58, 59), {2: Keep()}, (Group(1, (12,), Keep(57, 59)),))
    async with at_work(engine, tmp_path) as retention:
        told = await retention.preview(plan)
        assert (told.rows, told.days, told.hours) == (2 * 4 + 3 * 4, 3, 8)
        retention.apply(plan)
        await until(lambda: retention.progress.ended_us is not None)
        assert (retention.progress.rows, retention.progress.fault) == (28, None)
        assert (await retention.preview(plan)) == Preview()
    # of 60 days the oldest has an age of 59 days: point 11 lost the ages 58 and 59, point 12 also 57
    assert [left(engine, point) for point in (11, 12, 21)] == [(DAYS - 2) * 4, (DAYS - 3) * 4, DAYS * 4]
    assert [left(engine, point, "hourly") for point in (11, 12, 21)] == [(DAYS - 1) * 4, (DAYS - 1) * 4, DAYS * 4]
    assert_agrees(engine)


async def test_a_demand_with_its_sums(engine: FaultyEngine, tmp_path: Path) -> None:
    wanted = Erasure(7, 1, TODAY - 10, TODAY - 9, (11,), with_sums=True)
    async with at_work(engine, tmp_path) as retention:
        assert (await retention.preview_of(wanted)).rows == 8
        assert retention.erase(wanted) == retention.erase(wanted)
        await until(lambda: retention.erase(wanted).is_done)
        assert (retention.erase(wanted).rows, retention.erase(wanted).steps) == (8, 2)
    assert [left(engine, point) for point in (11, 12, 21)] == [DAYS * 4 - 8, DAYS * 4, DAYS * 4]
    assert [left(engine, point, "hourly") for point in (11, 12)] == [DAYS * 4 - 8, DAYS * 4]
    async with at_work(engine, tmp_path / "next") as retention:  # the next process is handed it in once more
        retention.erase(wanted)
        await until(lambda: retention.erase(wanted).is_done)
        assert retention.erase(wanted).rows == 8


@pytest.mark.parametrize("refused", ["ALTER TABLE hourly_kept", "ALTER TABLE readings", "INSERT INTO retirements"])
@pytest.mark.parametrize("late", [0, 1])
async def test_a_step_that_the_store_refuses_half_way(
    engine: FaultyEngine, tmp_path: Path, refused: str, late: int
) -> None:
    """It is finished before anything is inserted or staged: what comes now must not go with the others."""
    wanted = Erasure(8, 1, TODAY - 10, TODAY - 8)
    async with at_work(engine, tmp_path) as retention:
        engine.refuses = refused
        retention.erase(wanted)
        await until(lambda: retention.progress.fault is not None)
        if late:
            await asyncio.to_thread(retention.settle)  # as the feeder does
            there = left(engine, 11)
            engine.insert(Block(f"late-{refused}", table([(1, 11, (TODAY - 10) * DAY_US + 77, 3.0, "", 0)])))
            assert left(engine, 11) == there + 1
        retention.erase(wanted)
        await until(lambda: retention.progress.fault is None and retention.erase(wanted).is_done)
        assert retention.erase(wanted).rows == 2 * 3 * HOURS + late
    assert [left(engine, point) for point in (11, 12, 21)] == [(DAYS - 3) * HOURS, (DAYS - 3) * HOURS, DAYS * HOURS]
    assert_agrees(engine, late)


async def test_a_demand_means_what_still_waits_in_the_journal(
    engine: FaultyEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acknowledged before the demand, stored after it: on a day of which the store knew nothing yet."""
    monkeypatch.setattr(feeder, "HOLD_S", 0.3)
    day = TODAY - DAYS - 5
    async with at_work(engine, tmp_path) as retention:
        frame = BatchFrame(1, TenantId(1), "life", 1, 1, NOW, 0, numbered(1, 1, day * DAY_US, point=11))
        receiving = retention._feeder
        assert isinstance(receiving, feeder.Feeder)
        receiving.offer(frame, await receiving._journal.append(frame), frame.readings())
        retention.erase(Erasure(9, 1, day, day))
        await until(lambda: retention.erase(Erasure(9, 1, day, day)).is_done)
        assert retention.erase(Erasure(9, 1, day, day)).rows == 1
    assert left(engine, 11) == DAYS * HOURS


async def test_no_one_makes_rows_of_what_is_being_taken_away(
    engine: FaultyEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, could_have = retiring.begin, []
    async with at_work(engine, tmp_path) as retention:

        def begun(*given: Any) -> None:
            with ThreadPoolExecutor(1) as other:
                could_have.append(other.submit(retention.taking.acquire, blocking=False).result())
            begin(*given)

        monkeypatch.setattr(retiring, "begin", begun)
        retention.erase(Erasure(10, 1, TODAY - 10, TODAY - 10))
        await until(lambda: retention.erase(Erasure(10, 1, TODAY - 10, TODAY - 10)).is_done)
    assert could_have
    assert not any(could_have)


async def test_a_step_of_which_the_staging_is_gone_takes_nothing_away(engine: FaultyEngine) -> None:
    """Somebody else at the same store has finished it, and emptied what it was put together in."""
    going = retiring.Going("readings", (TODAY - 9) * 86_400, (TODAY - 8) * 86_400, "tenant = 1")
    retiring.stage(engine.run, going)
    retiring.begin(engine.run, going, 8)
    for one in TABLES:
        if one.name.endswith("_staged"):
            engine.run(f"TRUNCATE TABLE {one.name}")
    with pytest.raises(StoreError) as caught:
        retiring.finish_begun(engine.run)
    assert caught.value.code == "staging_gone"
    assert [left(engine, point) for point in (11, 12, 21)] == [DAYS * HOURS] * 3
    engine.run("TRUNCATE TABLE retirements")


class NoTurns:
    """Nobody may be asked for a turn."""

    async def alone(self, _work: Callable[[], int | None]) -> int | None:
        raise AssertionError

    async def caught_up(self) -> None:
        raise AssertionError


async def test_a_cluster_keeps_everything_and_that_is_said_once_before_anything_is_staged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nobody answers at this address: any statement would be another fault."""
    there = RemoteEngine.open("clickhouse://127.0.0.1:1/city", "city")
    retention = Retention(there, NoTurns(), HandClock())
    for _ in range(2):
        told = retention.apply(Plan(Keep(30, 60)))
        assert (told.fault or {})["code"] == "cluster_keeps"
        assert retention.erase(Erasure(1, 1, TODAY - 3, TODAY)) == Demand(1)
    assert [record.message.count("cluster") for record in caplog.records] == [1]
    assert not retention._wishes
    working = asyncio.create_task(retention.run())
    retention.apply(Plan())  # nothing is asked of it: nothing is wrong
    await until(lambda: retention.progress.ended_us is not None)
    assert retention.progress.fault is None
    retention.end()
    await working


async def test_a_stop_does_not_wait_for_a_step_whose_turn_never_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "due", lambda *_: iter([retiring.Going("readings", 0, 86_400, "1")]))
    monkeypatch.setattr(retiring, "stage", lambda *_: None)
    town, stop = Town(tmp_path), asyncio.Event()
    town.engine.refuse = True
    await town.send(1, 10)
    feeding = asyncio.create_task(town.receiving.feeder.run())
    async with asyncio.timeout(60):
        async with server._retaining(town.receiving, stop):
            await until(lambda: town.receiving.feeder.progress.fault is not None)
            town.receiving.retention.apply(Plan())
            await until(lambda: bool(town.receiving.feeder._errands))
        with pytest.raises(StoreError):
            await feeding
    await town.receiving.journal.close()
