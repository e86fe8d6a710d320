"""Live values against a dictionary, and the routes that give them out."""

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peers.asgi_caller import call, stream
from peers.store_endpoint import table
from peers.town import NOW, HandClock, Town, numbered
from zhulian.telemetry.live import LiveValues
from zhulian.vocabulary.readings import PointId, Quality, Reading, TenantId, TimeUs
from zhulian.wire import lane
from zhulian.wire.asks import Ask, Reply
from zhulian.wire.batch import SCHEMA, from_readings

READINGS = st.builds(
    Reading,
    point=st.integers(0, 6).map(PointId),
    time_us=st.integers(NOW - 50, NOW).map(TimeUs),
    value=st.floats(allow_nan=False, allow_infinity=False),
    quality=st.sampled_from(Quality),
    text=st.none() | st.sampled_from(["开机", "停机"]),
)
BATCHES = st.lists(st.tuples(st.integers(1, 3).map(TenantId), st.lists(READINGS, min_size=1, max_size=20)), max_size=8)
POINTS = [PointId(point) for point in range(8)]


def by_hand(batches: Sequence[tuple[TenantId, list[Reading]]]) -> dict[tuple[int, int], Reading]:
    kept: dict[tuple[int, int], Reading] = {}
    for tenant, readings in batches:
        for reading in readings:
            known = kept.get((tenant, reading.point))
            if known is None or reading.time_us >= known.time_us:
                kept[tenant, reading.point] = reading
    return kept


@given(BATCHES)
def test_the_newest_reading_of_every_point_is_kept(batches: list[tuple[TenantId, list[Reading]]]) -> None:
    live = LiveValues(HandClock())
    for tenant, readings in batches:
        live.take(tenant, from_readings(readings), NOW)
    kept = by_hand(batches)
    for tenant in (TenantId(1), TenantId(2), TenantId(3)):
        found = live.latest(tenant, POINTS)
        assert [latest.point for latest in found] == [point for point in POINTS if (tenant, point) in kept]
        for latest in found:
            reading = kept[tenant, latest.point]
            assert (latest.time_us, latest.value, latest.quality, latest.text) == (
                reading.time_us,
                reading.value,
                reading.quality,
                reading.text,
            )


def one(value: float, time_us: int, point: int = 1) -> pa.RecordBatch:
    return from_readings([Reading(PointId(point), TimeUs(time_us), value)])


def value_of(live: LiveValues, point: int = 1) -> float:
    (latest,) = live.latest(TenantId(1), [PointId(point)])
    return latest.value


def test_a_late_reading_never_replaces_a_newer_one() -> None:
    live = LiveValues(HandClock())
    live.take(TenantId(1), one(2.0, NOW), NOW)
    live.take(TenantId(1), one(1.0, NOW - 1), NOW)
    assert value_of(live) == 2.0


def test_a_reading_from_the_future_does_not_block_the_present() -> None:
    live = LiveValues(HandClock())
    live.take(TenantId(1), one(99.0, NOW + 3600 * 10**6), NOW)
    live.take(TenantId(1), one(1.0, NOW), NOW)
    assert value_of(live) == 1.0


def test_the_store_lies_underneath_whatever_arrived_before_it_answered() -> None:
    """By hand: point 1 is newer live, 2 newer in the store (the live one came late), 3 equal, 4 only in the store, 5 is
    live and in the store from a clock that was off, 6 the other way round."""
    live, off = LiveValues(HandClock()), NOW + 3600 * 10**6
    for point, time_us in ((1, NOW), (2, NOW - 9), (3, NOW), (5, NOW), (6, off)):
        live.take(TenantId(1), one(1.0, time_us, point), TimeUs(NOW + 1))
    live.fill(table([(1, point, at, 2.0, "", 0) for point, at in enumerate((NOW - 1, NOW - 1, NOW, NOW, off, NOW), 1)]))
    assert [value_of(live, point) for point in range(1, 7)] == [1.0, 2.0, 1.0, 2.0, 1.0, 1.0]


async def test_watchers_hear_of_what_the_store_knew() -> None:
    live = LiveValues(HandClock())
    mine, other = live.subscribe(TenantId(1), [PointId(4)]), live.subscribe(TenantId(2), [PointId(4)])
    live.fill(table([(1, 4, NOW, 2.0, "", 0), (1, 5, NOW, 2.0, "", 0)]))
    assert await mine.changed(0.01) == {PointId(4)}
    assert await other.changed(0) == set()


def test_activity_counts_the_last_minute_only() -> None:
    clock = HandClock()
    live = LiveValues(clock)
    assert live.activity() == []
    for second in range(90):
        clock.now_us = TimeUs(NOW + second * 10**6)
        live.take(TenantId(1), one(0.0, clock(), second % 4), clock())
    live.take(TenantId(2), one(0.0, NOW), clock())
    first, second_tenant = live.activity()
    assert (first.tenant, first.readings_last_minute, first.points_live, first.last_us) == (1, 60, 4, clock())
    assert (second_tenant.tenant, second_tenant.readings_last_minute) == (2, 1)
    assert (second_tenant.last_us, second_tenant.received_us) == (NOW, clock())
    clock.now_us = TimeUs(NOW + 3600 * 10**6)
    assert [(activity.readings_last_minute, activity.points_live) for activity in live.activity()] == [(0, 0), (0, 0)]


def test_points_heard_lately_by_tenant() -> None:
    clock = HandClock()
    live = LiveValues(clock)
    assert live.seen(1).points == {}
    for tenant, point, second in ((2, 7, 0), (1, 5, 100), (1, 4, 200), (3, 1, 300)):
        clock.now_us = TimeUs(NOW + second * 10**6)
        live.take(TenantId(tenant), one(0.0, NOW, point), clock())
    assert live.seen(250 * 10**6).points == {1: [4, 5], 3: [1]}
    assert (live.seen(1).as_of_us, live.seen(1).within_us, live.seen(1).points) == (clock(), 1, {3: [1]})


def test_a_hundred_thousand_points_are_cheap() -> None:
    live = LiveValues(HandClock())
    count = 100_000
    columns = [
        pa.array(np.arange(count, dtype=np.uint32)),
        pa.array(np.full(count, NOW), pa.timestamp("us", tz="UTC")),
        pa.array(np.random.default_rng(1).random(count)),
        pa.nulls(count, pa.utf8()),
        pa.array(np.zeros(count, np.uint8)),
    ]
    batch = pa.RecordBatch.from_arrays(columns, schema=SCHEMA)
    live.take(TenantId(1), batch, NOW)
    started = time.process_time()
    for _ in range(10):
        live.take(TenantId(1), batch, NOW)
        live.activity()
    assert len(live) == count
    assert time.process_time() - started < 1.5  # about 0.15 s on a quiet core


async def test_a_slow_watcher_sees_the_newest_value_and_costs_nothing() -> None:
    live = LiveValues(HandClock())
    watching = live.subscribe(TenantId(1), [PointId(1), PointId(2)])
    for number in range(10_000):
        live.take(TenantId(1), one(number, NOW + number), NOW)
    live.take(TenantId(1), one(5.0, NOW, 3), NOW)
    live.take(TenantId(2), one(5.0, NOW, 2), NOW)
    assert await watching.changed(1) == {1}
    assert await watching.changed(0.001) == set()
    live.unsubscribe(watching)


async def test_values_are_given_out_as_json_and_as_events(tmp_path: Path) -> None:
    town = Town(tmp_path)
    app = town.loopback
    await town.send(1, 3, numbered(1, 3, NOW, text="开机"))
    (latest,) = (await call(app, "GET", "/live/latest?tenant=5&points=9,10")).json()
    expected = {"point": 9, "time_us": NOW + 3, "value": 3.0, "quality": 0, "text": "开机", "received_us": NOW}
    assert latest == expected
    assert (await call(app, "GET", "/live/latest?tenant=6&points=9,10")).json() == []
    async with stream(app, "/live/stream?tenant=5&points=9,10") as events:
        assert await events.next() == b"data: " + msgspec.json.encode(expected) + b"\n\n"
        await town.send(4, 4)
        event = await events.next() or b""
        assert json.loads(event.removeprefix(b"data: "))["value"] == 4.0
        await town.send(5, 5, tenant=TenantId(6), gateway=2)
        town.receiving.live.close()
        assert await events.next() == b": ping\n\n"
        assert await events.next() is None
    assert town.receiving.live._subscriptions == {}
    assert [row["tenant"] for row in (await call(app, "GET", "/live/activity")).json()] == [5, 6]
    await town.stop()


@pytest.mark.parametrize(
    "target",
    [
        "/live/latest",
        "/live/latest?tenant=x",
        "/live/latest?tenant=1&points=1,x",
        "/live/latest?tenant=-1&points=1",
        "/live/latest?tenant=99999999999999999999&points=1",
        "/live/stream?tenant=1&points=1.5",
        "/live/latest?tenant=1&points=" + "1," * 20_000,
    ],
)
async def test_odd_questions_are_answered_kindly(tmp_path: Path, target: str) -> None:
    town = Town(tmp_path)
    answer = await call(town.loopback, "GET", target)
    assert answer.status == 400
    assert answer.json()["next_zh"]
    await town.stop()


async def test_asks_by_http(tmp_path: Path) -> None:
    town = Town(tmp_path)
    app = town.loopback
    body = msgspec.json.encode(Ask(kind="browse", id="a", node="top"))
    offline = await call(app, "POST", "/gateways/1/ask?timeout_s=1", {}, body)
    assert (offline.status, offline.json()["code"]) == (404, "gateway_offline")
    assert (await call(app, "POST", "/gateways/1/configuration?version=3")).json() == {"delivered": False}
    async with stream(town.lane, lane.STREAM, town.headers()) as line:
        silent = await call(app, "POST", "/gateways/1/ask?timeout_s=0.01", {}, body)
        assert (silent.status, silent.json()["code"]) == (504, "gateway_silent")
        await line.next()
        asking = asyncio.create_task(call(app, "POST", "/gateways/1/ask?timeout_s=5", {}, body))
        ask = msgspec.json.decode(await line.next() or b"", type=Ask)
        await call(town.lane, "POST", lane.REPLIES, town.headers(), msgspec.json.encode(Reply(id=ask.id)))
        assert (await asking).json() == {"id": "a"}
        (state,) = (await call(app, "GET", "/gateways")).json()
        assert (state["gateway"], state["connected"], state["status"]) == (1, True, None)
    assert (await call(app, "GET", "/health")).json()["state"] == "ok"
    assert (await call(app, "GET", "/elsewhere")).status == 404
    assert (await call(app, "POST", "/gateways/1/ask", {}, b"{")).status == 400
    await town.stop()
