"""Journal → store, with a crash at every step: each acknowledged reading is stored exactly once."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from peers.memory_engine import MemoryEngine, failed
from peers.town import NOW, Town, numbered
from zhulian.telemetry import feeder
from zhulian.telemetry.journal import segments
from zhulian.telemetry.store.engine import Block
from zhulian.telemetry.store.errors import StoreError, statement_refused
from zhulian.vocabulary.readings import PointId, TenantId


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting for company, in tests."""
    monkeypatch.setattr(feeder, "HOLD_S", 0.0)
    monkeypatch.setattr(feeder, "GAP_S", 0.0)
    monkeypatch.setattr(feeder, "LONGEST_PAUSE_S", 0.01)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - the feeder tells nobody, by design
            await asyncio.sleep(0.002)


def once_each(last: int) -> dict[float, int]:
    return {float(number): 1 for number in range(1, last + 1)}


async def test_blocks_are_grouped_and_the_checkpoint_follows(tmp_path: Path) -> None:
    town = Town(tmp_path)
    for first in range(1, 100, 10):
        await town.send(first, first + 9)
    town.start()
    await town.stop()
    assert len(town.engine.blocks) == 1
    assert town.engine.values() == once_each(100)
    again = Town(tmp_path, town.engine)
    assert again.receiving.journal.recovered.batches == []
    assert (await again.send(1, 10)).json()["duplicate"]
    await again.stop()


async def test_a_crash_between_insertion_and_checkpoint_stores_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeder, "CHECKPOINT_S", 3600.0)
    town = Town(tmp_path)
    town.receiving.feeder._last_checkpoint_s = asyncio.get_running_loop().time()
    town.start()
    for first in range(1, 40, 10):
        await town.send(first, first + 9)
        await until(lambda: not town.receiving.feeder.progress.rows_waiting)
    sent = list(town.engine.sent)
    await town.crash()
    again = Town(tmp_path, town.engine)
    again.start()
    await again.receiving.feeder.replayed.wait()
    await again.stop()
    assert again.engine.sent == sent * 2
    assert again.engine.values() == once_each(40)


async def test_a_crash_between_cut_and_insertion_forms_the_same_block(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.engine.stall()
    town.start()
    await town.send(1, 10)
    await until(lambda: town.receiving.journal.end > town.receiving.feeder._waiting[0].span.end)
    await town.send(11, 20)
    await town.crash()
    town.engine.blocks.clear()
    engine = MemoryEngine()
    again = Town(tmp_path, engine)
    again.start()
    await again.stop()
    assert [table.num_rows for table in engine.blocks.values()] == [10, 10]
    assert engine.values() == once_each(20)
    town.engine.go_on()


async def test_a_lost_answer_of_the_store_is_asked_for_again(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.engine.fail_after_insert = True
    await town.send(1, 10)
    town.start()
    await until(lambda: town.receiving.feeder.progress.rows_stored == 10)
    await town.stop()
    assert len(town.engine.sent) == 2
    assert town.engine.values() == once_each(10)


async def test_a_store_that_is_down_is_named_and_tried_again(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.engine.refuse = True
    town.start()
    await town.send(1, 10)
    await until(lambda: town.receiving.health()["state"] == "degraded")
    assert town.receiving.health()["faults"][0]["code"] == "store_down"  # type: ignore[index]
    town.engine.refuse = False
    await until(lambda: town.receiving.health()["state"] == "ok")
    await town.stop()
    assert town.engine.values() == once_each(10)


async def test_stopping_while_the_store_is_down_keeps_everything(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.engine.refuse = True
    await town.send(1, 10)
    town.start()
    with pytest.raises(StoreError):
        await town.stop()
    again = Town(tmp_path)
    again.start()
    await again.stop()
    assert again.engine.values() == once_each(10)


async def test_what_does_not_fit_into_memory_is_read_from_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeder, "ROWS_IN_MEMORY", 15)
    monkeypatch.setattr(feeder, "LARGEST_BLOCK_ROWS", 30)
    town = Town(tmp_path)
    for first in range(1, 100, 10):
        await town.send(first, first + 9)
    assert sum(waiting.readings is None for waiting in town.receiving.feeder._waiting) == 8
    town.start()
    await town.stop()
    assert [table.num_rows for table in town.engine.blocks.values()] == [30, 30, 30, 10]
    assert town.engine.values() == once_each(100)
    assert town.receiving.feeder._rows_in_memory == 0


async def test_a_batch_damaged_on_disk_is_counted_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeder, "ROWS_IN_MEMORY", 0)
    town = Town(tmp_path)
    for first in (1, 11, 21):
        await town.send(first, first + 9)
    span = town.receiving.feeder._waiting[1].span
    ((_, path),) = segments.listed(town.settings.data.journal)
    raw = bytearray(path.read_bytes())
    raw[span.start + 40] ^= 1
    path.write_bytes(raw)
    town.start()
    await town.stop()
    assert town.receiving.health()["batches_lost"] == 1
    assert set(town.engine.values()) == {float(n) for n in (*range(1, 11), *range(21, 31))}


@pytest.mark.parametrize("seed", range(12))
async def test_any_number_of_crashes_leaves_every_reading_once(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    engine, acknowledged, number = MemoryEngine(), 0, 1
    for _ in range(8):
        town = Town(tmp_path, engine)
        assert len(town.receiving.live.latest(TenantId(5), [PointId(9)])) == (1 if acknowledged else 0)
        town.start()
        for _ in range(chance.randint(0, 6)):
            first = max(1, number - 5 * chance.randint(0, 1))  # sometimes the last batch comes again
            if (await town.send(first, first + 4)).status == 200:
                number = max(number, first + 5)
                acknowledged = number - 1
            if chance.random() < 0.4:
                await asyncio.sleep(chance.random() / 100)
        engine.fail_after_insert = chance.random() < 0.3
        await town.crash()
    engine.fail_after_insert = False
    town = Town(tmp_path, engine)
    town.start()
    await town.stop()
    assert engine.values() == once_each(acknowledged)


async def test_live_values_come_back_from_store_and_journal(tmp_path: Path) -> None:
    town = Town(tmp_path)
    await town.send(1, 10, numbered(1, 10, NOW, point=1))
    town.start()
    await until(lambda: town.receiving.feeder.progress.rows_stored == 10)
    town.engine.stall()
    await town.send(11, 20, numbered(11, 20, NOW, point=2))
    before = town.receiving.live.latest(TenantId(5), [PointId(1), PointId(2)])
    await town.crash()
    town.engine.go_on()
    again = Town(tmp_path, town.engine)
    after = again.receiving.live.latest(TenantId(5), [PointId(1), PointId(2)])
    assert [(x.point, x.time_us, x.value) for x in before] == [(x.point, x.time_us, x.value) for x in after]
    assert [x.value for x in after] == [10.0, 20.0]
    await again.stop()


async def test_blocks_without_a_checkpoint_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeder, "MOST_UNMARKED_BLOCKS", 3)
    monkeypatch.setattr(feeder, "LARGEST_BLOCK_ROWS", 10)
    town = Town(tmp_path)

    async def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(town.receiving.journal, "move_checkpoint", full)
    for first in range(1, 100, 10):
        await town.send(first, first + 9)
    town.start()
    await until(lambda: town.receiving.feeder.progress.blocks_stored == 3)
    await until(lambda: town.receiving.health()["faults"] != [])
    assert town.receiving.health()["faults"][0]["code"] == "disk_full"  # type: ignore[index]
    assert len(town.engine.blocks) == 3
    monkeypatch.delattr(town.receiving.journal, "move_checkpoint")
    await until(lambda: town.receiving.feeder.progress.blocks_stored == 10)
    await town.stop()
    assert town.engine.values() == once_each(100)


async def test_a_lost_batch_is_counted_once_however_often_its_block_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeder, "ROWS_IN_MEMORY", 0)
    town = Town(tmp_path)
    await town.send(1, 10)
    await town.send(11, 20)
    span = town.receiving.feeder._waiting[0].span
    ((_, path),) = segments.listed(town.settings.data.journal)
    raw = bytearray(path.read_bytes())
    raw[span.start + 40] ^= 1
    path.write_bytes(raw)
    town.engine.refuse = True
    town.start()
    await until(lambda: len(town.engine.sent) > 3)
    town.engine.refuse = False
    await until(lambda: not town.receiving.feeder.progress.rows_waiting)
    await town.stop()
    assert town.receiving.health()["batches_lost"] == 1


async def test_a_block_that_went_in_by_pieces_is_never_offered_whole_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster knows a block by its token only: whole, it would hold the pieces twice."""
    offered: list[str] = []

    def choosy(_: MemoryEngine, block: Block) -> None:
        offered.append(block.token)
        if len(offered) <= feeder.ATTEMPTS:
            raise statement_refused("Code: 53. DB::Exception: type mismatch", 53)
        if len(offered) == feeder.ATTEMPTS + 2:
            raise failed()

    town = Town(tmp_path)
    monkeypatch.setattr(town.engine, "insert", lambda block: choosy(town.engine, block))
    monkeypatch.setattr(town.receiving.feeder, "_insert_again", choosy)
    for number in (1, 2):
        await town.send(number, number)
    town.start()
    await until(lambda: not town.receiving.feeder.progress.rows_waiting)
    await town.stop()
    assert [token.count("-") for token in offered] == [2] * feeder.ATTEMPTS + [3] * 4


async def test_a_checkpoint_that_is_written_in_the_end_is_no_fault_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeder, "CHECKPOINT_S", 0.01)
    town = Town(tmp_path)

    async def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(town.receiving.journal, "move_checkpoint", full)
    town.start()
    await town.send(1, 10)
    await until(lambda: town.receiving.health()["faults"] != [])
    monkeypatch.delattr(town.receiving.journal, "move_checkpoint")
    await until(lambda: town.receiving.health()["state"] == "ok")
    await town.stop()


async def test_long_texts_go_in_by_pieces_and_once_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one block they would need more memory than the store has, and everybody's readings would wait for ever."""
    monkeypatch.setattr(feeder, "LARGEST_INSERTION_BYTES", 20_000)
    monkeypatch.setattr(feeder, "LARGEST_BLOCK_BYTES", 50_000)
    monkeypatch.setattr(feeder, "BYTES_IN_MEMORY", 30_000)
    town = Town(tmp_path)
    for first in range(1, 40, 10):
        await town.send(first, first + 9, numbered(first, first + 9, text="长" * 1000))
    assert [waiting.readings is None for waiting in town.receiving.feeder._waiting] == [False, True, True, True]
    town.engine.fail_after_insert = True
    town.start()
    await until(lambda: not town.receiving.feeder.progress.rows_waiting)
    await town.crash()
    assert sorted(token.rpartition(".")[2] for token in town.engine.blocks) == ["0"] * 4 + ["1"] * 4
    assert town.engine.values() == once_each(40)
    again = Town(tmp_path, town.engine)
    again.start()
    await again.stop()
    assert again.engine.values() == once_each(40)


async def test_blocks_after_a_start_are_bounded_by_their_texts_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeder, "LARGEST_BLOCK_BYTES", 50_000)
    town = Town(tmp_path)
    for first in range(1, 40, 10):
        await town.send(first, first + 9, numbered(first, first + 9, text="长" * 1000))
    await town.crash()
    again = Town(tmp_path)
    again.start()
    await again.stop()
    assert [table.num_rows for table in again.engine.blocks.values()] == [10] * 4


async def test_caught_up_means_what_was_offered_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeder, "LARGEST_BLOCK_ROWS", 10)
    town = Town(tmp_path)
    await town.receiving.feeder.caught_up()
    for first in range(1, 40, 10):
        await town.send(first, first + 9)
    town.start()
    await town.receiving.feeder.caught_up()
    assert town.engine.values() == once_each(40)
    await town.stop()
