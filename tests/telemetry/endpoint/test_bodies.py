"""Bodies that stop on their way: they are given up in time, and meanwhile nobody else waits for a thread."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from peers.asgi_caller import App, call, scope_of
from peers.memory_engine import MemoryEngine
from zhulian.telemetry.endpoint import incoming
from zhulian.telemetry.endpoint.app import THREADS, THREADS_FOR_LONG, endpoint
from zhulian.telemetry.endpoint.incoming import GATHERED_BYTES
from zhulian.telemetry.store.answers import WholeAnswer

KEY = {"X-ClickHouse-User": "zhulian", "X-ClickHouse-Key": "key"}
INSERTION = b"INSERT INTO readings FORMAT CSV\n"


class Engine(MemoryEngine):
    """Answers everything with one row, and counts what is inserted by bytes."""

    def query(self, *_: object) -> WholeAnswer:
        return WholeAnswer(b"1\n")

    def insert_raw(self, _sql: str, _form: str, body: Iterator[bytes], _settings: Mapping[str, str]) -> int:
        return sum(map(len, body))


@pytest.fixture
def app() -> App:
    async def nothing(*_: object) -> None:
        raise AssertionError

    return endpoint(Engine(), "key", nothing)  # type: ignore[arg-type]  # as much of an engine as is asked for


async def stalled(app: App, *pieces: bytes) -> list[Any]:
    """What is answered to a body that stops after ``pieces``."""
    told: list[Any] = []
    waiting = list(pieces)

    async def receive() -> Any:
        if not waiting:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": waiting.pop(0), "more_body": True}

    async def send(message: Any) -> None:
        told.append(message)

    await app(scope_of("POST", "/", KEY), receive, send)
    return told


@pytest.mark.parametrize("piece", [b"", b"SELECT ", INSERTION + b"7" * (GATHERED_BYTES + 1)])
async def test_stalled_bodies_keep_no_thread_from_others(app: App, piece: bytes) -> None:
    holding = [asyncio.create_task(stalled(app, piece)) for _ in range(THREADS + THREADS_FOR_LONG)]
    await asyncio.sleep(0.05)
    async with asyncio.timeout(60):
        assert (await call(app, "POST", "/", KEY, b"SELECT 1")).body == b"1\n"
    for one in holding:
        one.cancel()
    await asyncio.gather(*holding, return_exceptions=True)


@pytest.mark.parametrize("piece", [b"SELECT ", INSERTION + b"7" * (GATHERED_BYTES + 1)])
async def test_a_stalled_body_is_given_up_and_its_connection_closed(
    app: App, piece: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "SILENT_S", 0.02)
    async with asyncio.timeout(60):
        start, body = await stalled(app, piece)
    assert (b"x-clickhouse-exception-code", b"209") in start["headers"]
    assert (b"connection", b"close") in start["headers"]
    assert b"did not arrive in time" in body["body"]


async def test_a_body_that_only_drips_is_given_up(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "SILENT_S", 0.1)

    async def drip() -> Any:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b" ", "more_body": True}

    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append(message)

    async with asyncio.timeout(60):
        await app(scope_of("POST", "/", KEY), drip, send)
    assert told[0]["status"] == 400


async def test_a_long_body_that_keeps_coming_is_inserted_whole(app: App) -> None:
    pieces = [b"7" * GATHERED_BYTES] * 3
    answer = await call(app, "POST", "/", KEY, INSERTION, *pieces)
    assert answer.headers["x-clickhouse-summary"] == f'{{"written_rows": "{3 * GATHERED_BYTES}"}}'
