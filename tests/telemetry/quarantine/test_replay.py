"""From refusal to the store: what was set aside goes in exactly once when its cause is mended, or is discarded."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from peers.asgi_caller import Answer, call
from peers.memory_engine import MemoryEngine
from peers.town import NOW, Town, numbered
from zhulian.telemetry import feeder
from zhulian.telemetry.store.errors import statement_refused
from zhulian.vocabulary.readings import PointId, Reading, TenantId, TimeUs
from zhulian.wire.batch import encode, from_readings

HOUR_US = 3600 * 10**6


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    town = Town(tmp_path)
    yield town
    await town.stop()


async def ask(town: Town, method: str, path: str) -> Answer:
    return await call(town.loopback, method, f"/quarantine{path}")


async def values(town: Town) -> dict[float, int]:
    town.start()
    await town.stop()
    return town.engine.values()


async def test_refused_batches_are_listed_by_enterprise(town: Town) -> None:
    await town.send(1, 3, numbered(1, 3, 0))
    await town.send(1, 3, b"rubbish", gateway=2, tenant=TenantId(6))
    everything = (await ask(town, "GET", "")).json()
    assert [item["code"] for item in everything["items"]] == ["batch_unreadable", "time_out_of_reach"]
    own = (await ask(town, "GET", "?tenants=5")).json()
    assert [(item["gateway"], item["rows"]) for item in own["items"]] == [(1, 3)]
    assert (own["total"], own["totals"]["rows"]) == (1, 6)
    assert (await ask(town, "GET", "?tenants=7")).json()["items"] == []
    assert town.receiving.health()["quarantine"].items == 2  # type: ignore[attr-defined]


async def test_the_list_is_narrowed_by_sender_reason_and_time(town: Town) -> None:
    await town.send(1, 3, numbered(1, 3, 0))
    town.clock.now_us = TimeUs(NOW + HOUR_US)
    await town.send(1, 3, b"rubbish", gateway=2)

    async def found(query: str) -> list[int]:
        answer = (await ask(town, "GET", query)).json()
        assert answer["senders"] == sorted({item["gateway"] for item in answer["items"]})
        return [item["gateway"] for item in answer["items"]]

    assert await found("?senders=1,-5") == [1]
    assert await found("?senders=-1") == []
    assert await found("?reason=batch_") == [2]
    assert await found(f"?since_us={NOW + HOUR_US}") == [2]
    assert await found(f"?reason=time_&since_us={NOW + HOUR_US}") == []
    assert (await ask(town, "GET", "?senders=me")).status == 400
    assert (await ask(town, "GET", "?size=0")).json() | {"totals": 0} == {
        "items": [], "total": 2, "totals": 0, "senders": [1, 2],
    }  # fmt: skip


async def test_a_batch_with_a_wrong_clock_goes_in_once_with_its_times_moved(town: Town) -> None:
    body = numbered(1, 3, NOW + 30 * HOUR_US)
    assert (await town.send(1, 3, body)).status == 422
    still = await ask(town, "POST", "/1/replay")
    assert (still.status, still.json()["code"]) == (422, "time_out_of_reach")
    assert (await ask(town, "POST", f"/1/replay?shift_s={-30 * 3600}")).json()["rows"] == 3
    assert (await ask(town, "POST", "/1/replay")).status == 404
    assert (await town.send(1, 3, body)).json()["duplicate"], "the gateway's own copy is known for what it is"
    assert await values(town) == {1.0: 1, 2.0: 1, 3.0: 1}
    assert town.engine.rows().column("ts").to_pylist()[0].timestamp() * 1e6 == NOW + 1


async def test_rows_set_aside_go_in_when_their_time_has_come(town: Town) -> None:
    readings = [Reading(PointId(9), TimeUs(NOW + 30 * HOUR_US * (n % 2)), float(n)) for n in range(4)]
    assert (await town.send(1, 4, encode(from_readings(readings)))).json()["set_aside"] == 2
    town.clock.now_us = TimeUs(NOW + 10 * HOUR_US)
    assert (await ask(town, "POST", "/1/replay")).json() == {"rows": 2, "duplicate": False, "clock_offset_us": 0}
    assert await values(town) == {0.0: 1, 1.0: 1, 2.0: 1, 3.0: 1}


async def test_what_was_received_otherwise_cannot_go_in_again(town: Town) -> None:
    await town.send(1, 10)
    await town.send(5, 15)
    answer = await ask(town, "POST", "/1/replay")
    assert (answer.status, answer.json()["code"]) == (409, "not_replayable")
    assert (await ask(town, "GET", "/1/body")).body == numbered(5, 15)
    assert (await ask(town, "POST", "/1/discard")).json() == {"discarded": True}
    assert (await ask(town, "GET", "/1/body")).status == 404


@pytest.mark.parametrize("path", ["/x/replay", "/1/replay?shift_s=soon", "/1/replay?shift_s=99999999999", "/1/nowhere"])
async def test_nonsense_is_named(town: Town, path: str) -> None:
    assert (await ask(town, "POST", path)).status in {400, 404}


async def test_a_batch_that_the_store_will_never_have_does_not_hold_up_the_others(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeder, "LONGEST_PAUSE_S", 0.001)
    insert = MemoryEngine.insert

    def choosy(engine: MemoryEngine, block: Any) -> None:
        if 2.0 in block.rows.column("value").to_pylist():
            raise statement_refused("Code: 469. DB::Exception: a constraint", 469)
        insert(engine, block)

    monkeypatch.setattr(town.engine, "insert", lambda block: choosy(town.engine, block))
    monkeypatch.setattr(town.receiving.feeder, "_insert_again", choosy)
    for number in (1, 2, 3):
        await town.send(number, number)
    town.start()
    async with asyncio.timeout(60):
        while town.receiving.health()["rows_waiting"]:  # noqa: ASYNC110 - the feeder tells nobody, by design
            await asyncio.sleep(0.002)
    await town.stop()
    assert town.engine.values() == {1.0: 1, 3.0: 1}
    (item,) = town.receiving.shelf.listed()
    assert (item.kind, item.code, town.receiving.health()["batches_lost"]) == ("block", "store_refused", 1)


async def test_the_shelf_outlives_a_crash_and_so_does_the_memory_of_what_went_in(town: Town, tmp_path: Path) -> None:
    await town.send(1, 3, numbered(1, 3, NOW + 30 * HOUR_US))
    await town.crash()
    again = Town(tmp_path)
    assert (await ask(again, "POST", f"/1/replay?shift_s={-30 * 3600}")).json()["duplicate"] is False
    await again.crash()
    last = Town(tmp_path)
    assert (await last.send(1, 3, numbered(1, 3, NOW + 30 * HOUR_US))).json()["duplicate"]
    assert await values(last) == {1.0: 1, 2.0: 1, 3.0: 1}


async def test_a_batch_that_neither_store_nor_shelf_will_have_stays_in_the_journal(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeder, "LONGEST_PAUSE_S", 0.001)

    def never(*_: object) -> None:
        raise statement_refused("Code: 469. DB::Exception: a constraint", 469)

    monkeypatch.setattr(town.engine, "insert", never)
    monkeypatch.setattr(town.receiving.feeder, "_insert_again", never)
    shelf = town.settings.data.quarantine
    shelf.write_text("no folder, so nothing can be kept in it")
    await town.send(1, 3)
    town.start()
    async with asyncio.timeout(60):
        while not any("disk" in fault["code"] for fault in town.receiving.health()["faults"]):  # type: ignore[attr-defined]  # noqa: ASYNC110
            await asyncio.sleep(0.002)
    assert (town.receiving.health()["rows_waiting"], town.receiving.health()["batches_lost"]) == (3, 0)
    shelf.unlink()
    async with asyncio.timeout(60):
        while town.receiving.health()["rows_waiting"]:  # noqa: ASYNC110 - the feeder tells nobody, by design
            await asyncio.sleep(0.002)
    assert (town.receiving.health()["batches_lost"], len(town.receiving.shelf.listed())) == (1, 1)
