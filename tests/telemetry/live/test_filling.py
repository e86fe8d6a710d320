"""Asking a store for live values until it answers."""

import asyncio

import pytest

from peers.memory_engine import MemoryEngine, failed
from peers.store_endpoint import table
from peers.town import NOW, HandClock
from zhulian.telemetry import filling
from zhulian.telemetry.filling import Filling
from zhulian.telemetry.live import LiveValues
from zhulian.telemetry.store.errors import StoreError, store_newer
from zhulian.vocabulary.readings import PointId, TenantId


class Away(MemoryEngine):
    """Refuses with each of ``refusals`` first."""

    def __init__(self, *refusals: StoreError) -> None:
        super().__init__()
        self._refusals = list(refusals)
        self.blocks["one"] = table([(1, 4, NOW, 2.0, "", 0)])

    def latest(self) -> object:  # type: ignore[override]  # as a table
        if self._refusals:
            raise self._refusals.pop(0)
        return super().latest()


def filling_of(live: LiveValues, engine: MemoryEngine, *, is_elsewhere: bool = True) -> Filling:
    return Filling(live, engine, is_elsewhere)  # type: ignore[arg-type]  # only this part of an engine is asked


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "FIRST_PAUSE_S", 0.0)


async def test_it_asks_until_there_is_an_answer() -> None:
    live = LiveValues(HandClock())
    asking = filling_of(live, Away(failed(), failed()))
    working = asyncio.create_task(asking.run())
    await asking.asked.wait()
    assert asking.fault is not None
    await working
    assert asking.fault is None
    assert [latest.value for latest in live.latest(TenantId(1), [PointId(4)])] == [2.0]


async def test_it_ends_while_the_store_is_away() -> None:
    asking = filling_of(LiveValues(HandClock()), Away(*[failed() for _ in range(9)]))
    working = asyncio.create_task(asking.run())
    await asking.asked.wait()
    asking.end()
    await working
    assert asking.fault is not None


async def test_a_store_of_a_later_zhulian_is_not_waited_for() -> None:
    with pytest.raises(StoreError, match="schema version 9"):
        await filling_of(LiveValues(HandClock()), Away(failed(), store_newer(9, 1))).run()


async def test_without_the_store_in_this_process_nothing_starts() -> None:
    live = LiveValues(HandClock())
    with pytest.raises(StoreError):
        filling_of(live, Away(failed()), is_elsewhere=False)
    asking = filling_of(live, Away(), is_elsewhere=False)
    assert len(live) == 1
    await asking.run()
