"""The gateway lane, called in process: what is taken once, what is refused and in which words, what goes down."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from peers.asgi_caller import call, scope_of, stream
from peers.town import NOW, Town, numbered
from zhulian.vocabulary.readings import PointId, Quality, Reading, TenantId, TimeUs
from zhulian.wire import lane
from zhulian.wire.asks import Ask, PointResult, Reply
from zhulian.wire.batch import SCHEMA, encode, from_readings
from zhulian.wire.status import STATUS, GatewayStatus

HOUR_US = 3600 * 10**6


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    town = Town(tmp_path)
    yield town
    await town.stop()


async def stored(town: Town) -> list[dict[str, Any]]:
    town.start()
    await town.stop()
    rows: list[dict[str, Any]] = town.engine.rows().to_pylist()
    return rows


async def test_a_batch_is_received_once(town: Town) -> None:
    first = await town.send(1, 10)
    again = await town.send(1, 10)
    assert (first.status, first.json()) == (200, {"rows": 10, "duplicate": False, "clock_offset_us": 0})
    assert (again.status, again.json()["duplicate"]) == (200, True)
    assert [row["value"] for row in await stored(town)] == [float(n) for n in range(1, 11)]


async def test_the_same_batch_at_the_same_moment_is_received_once(town: Town) -> None:
    answers = await asyncio.gather(*(town.send(1, 10) for _ in range(3)))
    assert sorted(answer.json()["duplicate"] for answer in answers) == [False, True, True]
    assert len(await stored(town)) == 10


async def test_batches_may_come_in_any_order(town: Town) -> None:
    for first in (21, 1, 11):
        assert (await town.send(first, first + 9)).status == 200
    assert (await town.send(5, 25)).json()["duplicate"]
    assert len(await stored(town)) == 30


async def test_a_batch_that_is_known_in_part_is_refused(town: Town) -> None:
    await town.send(1, 10)
    answer = await town.send(5, 15)
    assert (answer.status, answer.json()["code"]) == (409, "sequence_overlap")


async def test_the_same_numbers_of_another_life_or_gateway_are_new(town: Town) -> None:
    await town.send(1, 10)
    assert not (await town.send(1, 10, **{lane.H_EPOCH: "another"})).json()["duplicate"]
    assert not (await town.send(1, 10, gateway=2)).json()["duplicate"]
    assert len(await stored(town)) == 30


async def test_the_tenant_comes_from_the_token_only(town: Town) -> None:
    await town.send(1, 1, tenant=TenantId(5))
    await town.send(1, 1, gateway=2, tenant=TenantId(6), **{"Tenant": "5", "Zhulian-Tenant": "5"})
    rows = await stored(town)
    assert sorted((row["tenant"], row["point"]) for row in rows) == [(5, 9), (6, 9)]
    assert [latest.value for latest in town.receiving.live.latest(TenantId(6), [PointId(9)])] == [1.0]


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("Authorization", None, "token_missing"),
        ("Authorization", "Basic abc", "token_missing"),
        ("Authorization", "Bearer nonsense", "token_invalid"),
        (lane.H_EPOCH, None, "header_wrong"),
        (lane.H_EPOCH, "../..", "header_wrong"),
        (lane.H_EPOCH, "x" * 65, "header_wrong"),
        (lane.H_FIRST, None, "header_wrong"),
        (lane.H_FIRST, "0", "header_wrong"),
        (lane.H_FIRST, "²", "header_wrong"),
        (lane.H_FIRST, "-1", "header_wrong"),
        (lane.H_LAST, "0", "header_wrong"),
        (lane.H_LAST, "9" * 30, "header_wrong"),
        (lane.H_LAST, "7", "batch_row_count"),
        (lane.H_SENT, None, "header_wrong"),
        (lane.H_SENT, "soon", "header_wrong"),
        ("Content-Length", str(lane.LARGEST_BATCH_BYTES + 1), "body_too_large"),
    ],
)
async def test_a_wrong_header_is_named(town: Town, header: str, value: str | None, code: str) -> None:
    answer = await town.send(1, 10, **{header: value})
    assert answer.json()["code"] == code
    assert answer.status == {"token_missing": 401, "token_invalid": 401, "body_too_large": 413}.get(
        code, 422 if code.startswith("batch") else 400
    )
    assert all(answer.json()[word] for word in ("what_zh", "what_en", "next_zh", "next_en"))
    assert await stored(town) == []


async def test_a_token_expires(town: Town) -> None:
    headers = town.headers(**{lane.H_FIRST: 1, lane.H_LAST: 1})
    assert (await call(town.lane, "POST", lane.BATCHES, headers, numbered(1, 1))).status == 200
    town.clock.now_us = TimeUs(NOW + 601 * 10**6)
    answer = await call(town.lane, "POST", lane.BATCHES, headers, numbered(1, 1))
    assert (answer.status, answer.json()["code"]) == (401, "token_expired")


async def test_a_revoked_gateway_is_refused_within_seconds_and_may_come_back(town: Town) -> None:
    revoked = town.settings.data.revoked
    assert (await town.send(1, 1)).status == 200
    for content, status in [("[1, 7]", 401), ("not json", 401), ("[7]", 200), ("[1]", 401), (None, 200)]:
        revoked.unlink() if content is None else revoked.write_text(content)
        town.clock.now_us = TimeUs(town.clock.now_us + 5 * 10**6)
        answer = await town.send(1, 1)
        assert answer.status == status, content
        assert status == 200 or answer.json()["code"] == "gateway_revoked"


async def test_a_body_is_bounded_even_without_a_length(town: Town) -> None:
    headers = town.headers(**{lane.H_FIRST: 1, lane.H_LAST: 10})
    pieces = [bytes(2**20)] * 17
    answer = await call(town.lane, "POST", lane.BATCHES, headers, *pieces)
    assert (answer.status, answer.json()["code"]) == (413, "body_too_large")


async def test_a_body_that_breaks_off_changes_nothing(town: Town) -> None:
    headers = town.headers(**{lane.H_FIRST: 1, lane.H_LAST: 10})
    answer = await call(town.lane, "POST", lane.BATCHES, headers, numbered(1, 10)[:100], breaks_off=True)
    assert answer.json()["code"] == "body_broken_off"
    assert (await town.send(1, 10)).json()["duplicate"] is False


@given(noise=st.binary(min_size=1, max_size=300))
@hypothesis_settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_noise_is_refused_by_name(town: Town, noise: bytes) -> None:
    answer = await town.send(1, 10, noise)
    assert (answer.status, answer.json()["code"]) == (422, "batch_unreadable")


async def test_a_refused_batch_does_not_use_up_its_numbers(town: Town) -> None:
    assert (await town.send(1, 10, b"rubbish")).status == 422
    assert (await town.send(1, 10)).json()["duplicate"] is False


@pytest.mark.parametrize(
    ("time_us", "sent_us", "status"),
    [
        (NOW, NOW, 200),
        (NOW + 23 * HOUR_US, NOW, 200),
        (NOW + 25 * HOUR_US, NOW, 422),
        (NOW + 25 * HOUR_US, NOW + 5 * HOUR_US, 200),
        (NOW - 20 * 365 * 24 * HOUR_US, NOW, 200),
        (0, 0, 422),
        (631_151_999_000_000, NOW, 422),
        (4_102_444_800_000_000, 4_102_444_800_000_000, 422),
    ],
)
async def test_impossible_times_are_refused(town: Town, time_us: int, sent_us: int, status: int) -> None:
    answer = await town.send(1, 3, numbered(1, 3, time_us), **{lane.H_SENT: sent_us})
    assert answer.status == status
    assert status == 200 or answer.json()["code"] == "time_out_of_reach"


@pytest.mark.parametrize(
    ("skew_us", "quality"), [(0, 0), (59 * 10**6, 0), (-59 * 10**6, 0), (61 * 10**6, 1), (-HOUR_US, 1)]
)
async def test_a_clock_that_is_off_makes_readings_uncertain(town: Town, skew_us: int, quality: int) -> None:
    bad = Reading(PointId(4), TimeUs(NOW), 0.0, Quality.BAD)
    body = encode(from_readings([Reading(PointId(3), TimeUs(NOW), 1.0), bad]))
    answer = await town.send(1, 2, body, **{lane.H_SENT: NOW + skew_us})
    assert answer.json()["clock_offset_us"] == skew_us
    assert [row["quality"] for row in await stored(town)] == [quality, 2]


async def test_readings_of_impossible_times_are_set_aside_alone(town: Town) -> None:
    times = [NOW, 0, NOW + 25 * HOUR_US, NOW - 1]
    body = encode(from_readings([Reading(PointId(9), TimeUs(at), float(n)) for n, at in enumerate(times)]))
    answers = [(await town.send(1, 4, body)).json() for _ in range(2)]
    assert [(answer["rows"], answer["duplicate"], answer.get("set_aside", 0)) for answer in answers] == [
        (4, False, 2),
        (4, True, 0),
    ]
    assert sorted(row["value"] for row in await stored(town)) == [0.0, 3.0]
    (item,) = town.receiving.shelf.listed()
    assert (item.kind, item.rows, item.code, item.tenant) == ("rows", 2, "time_out_of_reach", 5)


async def test_a_novel_is_not_a_reading(town: Town) -> None:
    assert (await town.send(1, 1, numbered(1, 1, text="长" * 1000))).status == 200
    assert (await town.send(2, 2, numbered(2, 2, text="长" * 2000))).json()["code"] == "text_too_long"
    assert [row["text"] for row in await stored(town)] == ["长" * 1000]


async def test_one_gateway_cannot_take_all_places(town: Town) -> None:
    gate = asyncio.Event()

    async def slow(number: int) -> int:
        headers = town.headers(**{lane.H_FIRST: number, lane.H_LAST: number})
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            await gate.wait()
            return {"type": "http.request", "body": numbered(number, number)}

        async def send(message: Any) -> None:
            sent.append(message)

        pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await town.lane({"type": "http", "method": "POST", "path": lane.BATCHES, "headers": pairs}, receive, send)
        return int(sent[0]["status"])

    waiting = [asyncio.create_task(slow(number)) for number in range(1, 5)]
    await asyncio.sleep(0)
    answer = await town.send(9, 9)
    assert (answer.status, answer.headers["retry-after"]) == (429, "1")
    assert (await town.send(9, 9, gateway=2)).status == 200
    gate.set()
    assert await asyncio.gather(*waiting) == [200] * 4
    assert (await town.send(9, 9)).status == 200


async def test_unknown_paths_and_methods_are_named(town: Town) -> None:
    assert (await call(town.lane, "GET", "/nowhere")).json()["code"] == "path_unknown"
    assert (await call(town.lane, "GET", lane.BATCHES)).status == 405


async def test_a_stalled_store_pushes_back_and_loses_nothing(tmp_path: Path) -> None:
    town = Town(tmp_path, journal_mb=1)
    town.engine.stall()
    town.start()
    rows, taken, number = 2000, 0, 1
    while True:
        answer = await town.send(number, number + rows - 1, noisy(number, rows))
        if answer.status == 503:
            break
        assert answer.status == 200
        number += rows
        taken += rows
    assert answer.json()["code"] == "journal_full"
    assert int(answer.headers["retry-after"]) > 0
    assert town.receiving.health()["rows_waiting"] == taken
    town.engine.go_on()
    async with asyncio.timeout(60):
        while (await town.send(number, number + rows - 1, noisy(number, rows))).status != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await town.stop()
    assert town.engine.values() == dict.fromkeys((float(n) for n in range(1, number + rows)), 1)


def noisy(first: int, rows: int) -> bytes:
    """Numbered readings with words that do not compress."""
    readings = [
        Reading(PointId(9), TimeUs(NOW + n), float(n), text=os.urandom(16).hex()) for n in range(first, first + rows)
    ]
    return encode(from_readings(readings))


async def test_status_and_clock_are_kept(town: Town) -> None:
    status = GatewayStatus(version="1", outbox_rows=3)
    await call(town.lane, "POST", STATUS, town.headers(), msgspec.json.encode(status))
    await town.send(1, 1, **{lane.H_SENT: NOW + 5})
    (state,) = town.receiving.downlink.states()
    assert (state.gateway, state.connected, state.clock_offset_us, state.status) == (1, False, 5, status)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"version": 3}', b"\xff", b"[" * 100_000])
async def test_an_unreadable_status_is_named(town: Town, body: bytes) -> None:
    answer = await call(town.lane, "POST", STATUS, town.headers(), body)
    assert (answer.status, answer.json()["code"]) == (400, "body_unreadable")


async def test_asks_go_down_and_replies_come_back(town: Town) -> None:
    downlink = town.receiving.downlink
    async with stream(town.lane, lane.STREAM, town.headers()) as line:
        asking = asyncio.create_task(downlink.ask(1, Ask(kind="try", id="mine"), 5))
        ask = msgspec.json.decode(await line.next() or b"", type=Ask)
        assert ask.kind == "try"
        reply = Reply(id=ask.id, points=(PointResult(name="p", value=1.0),))
        elsewhere = await call(
            town.lane, "POST", lane.REPLIES, town.headers(2, TenantId(6)), msgspec.json.encode(reply)
        )
        assert elsewhere.json() == {"taken": False}
        assert not asking.done()
        await call(town.lane, "POST", lane.REPLIES, town.headers(), msgspec.json.encode(reply))
        assert (await asking).points == reply.points
        assert downlink.states()[0].connected
        assert downlink.announce(1, 8)
        assert json.loads(await line.next() or b"") == {"kind": "configuration", "version": 8}
    assert not downlink.states()[0].connected
    assert not downlink.announce(1, 9)


async def test_a_new_stream_ends_the_old_one_and_a_stop_ends_all(town: Town) -> None:
    async with (
        stream(town.lane, lane.STREAM, town.headers()) as old,
        stream(town.lane, lane.STREAM, town.headers()) as new,
    ):
        assert await old.next() is None
        town.receiving.downlink.close()
        assert await new.next() is None


async def test_a_mistake_of_ours_is_answered_and_keeps_the_data_at_the_gateway(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Iterator[None]:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(town.receiving.journal, "append", broken)
    answer = await town.send(1, 1)
    assert (answer.status, answer.json()["code"]) == (503, "internal_fault")
    monkeypatch.undo()
    assert (await town.send(1, 1)).json()["duplicate"] is False


def test_the_schema_on_the_wire_is_what_the_feeder_expects() -> None:
    assert SCHEMA.names == ["point", "ts", "value", "text", "quality"]
    assert pa.types.is_timestamp(SCHEMA.field("ts").type)


async def test_a_sender_that_falls_silent_gives_its_place_back(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that loses its power in the middle of a body never hangs up."""
    monkeypatch.setattr("zhulian.telemetry.answers.SILENT_S", 0.01)
    scope = scope_of("POST", lane.BATCHES, town.headers(**{lane.H_FIRST: 1, lane.H_LAST: 10}))
    told: list[Any] = []

    async def silence() -> Any:
        await asyncio.Event().wait()

    async def tell(message: Any) -> None:
        told.append(message)

    await asyncio.gather(*(town.lane(scope, silence, tell) for _ in range(4)))
    monkeypatch.undo()
    assert [message["status"] for message in told if "status" in message] == [503] * 4
    assert (await town.send(1, 10)).status == 200


async def test_a_sender_that_only_drips_gives_its_place_back_too(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then is no silence; the place would be held for days."""
    monkeypatch.setattr("zhulian.telemetry.answers.SILENT_S", 0.05)
    scope = scope_of("POST", lane.BATCHES, town.headers(**{lane.H_FIRST: 1, lane.H_LAST: 10}))
    told: list[Any] = []

    async def drip() -> Any:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"A", "more_body": True}

    async def tell(message: Any) -> None:
        told.append(message)

    async with asyncio.timeout(60):
        await town.lane(scope, drip, tell)
    assert told[0]["status"] == 503


async def test_a_disk_that_cannot_keep_what_is_set_aside_keeps_the_batch_out(town: Town) -> None:
    """Otherwise the gateway would let go of readings that are nowhere else."""
    shelf = town.settings.data.quarantine
    shelf.write_text("no folder, so nothing can be kept in it")
    body = encode(from_readings([Reading(PointId(9), TimeUs(NOW + n * 30 * HOUR_US), float(n)) for n in (0, 1)]))
    answer = await town.send(1, 2, body)
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    shelf.unlink()
    assert (await town.send(1, 2, body)).json() == {
        "rows": 2, "duplicate": False, "clock_offset_us": 0, "set_aside": 1,
    }  # fmt: skip
    assert [item.rows for item in town.receiving.shelf.listed()] == [1]
    assert [row["value"] for row in await stored(town)] == [0.0]


async def test_a_batch_that_comes_again_by_another_clock_leaves_nothing_out(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set aside before the disk refused, and again, more of it, once the gateway's clock was put right."""
    ahead_us = 30 * HOUR_US
    body = encode(from_readings([Reading(PointId(9), TimeUs(NOW + n * ahead_us), float(n)) for n in (0, 1, 2)]))
    monkeypatch.setattr("zhulian.telemetry.journal.journal.RESERVE_BYTES", 2**62)
    assert (await town.send(1, 3, body, **{lane.H_SENT: NOW + ahead_us})).status == 503
    assert [item.rows for item in town.receiving.shelf.listed()] == [1]
    monkeypatch.undo()
    assert (await town.send(1, 3, body)).json()["set_aside"] == 2
    assert [item.rows for item in town.receiving.shelf.listed()] == [2]
    assert [row["value"] for row in await stored(town)] == [0.0]
