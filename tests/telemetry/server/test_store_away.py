"""A store somewhere else that is away when the telemetry process starts: batches are acknowledged into the journal, the
state says so, and the store is prepared and read as soon as it answers. The store is a second process of the kind."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from peers.telemetry_process import Sender, TelemetryProcess
from zhulian.telemetry.endpoint.key import load_or_create_key
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.readings import PointId, Reading, TimeUs
from zhulian.wire.batch import encode, from_readings

WITHIN_S = 100.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TelemetryProcess]:
    """Not started."""
    process = TelemetryProcess(tmp_path / "store")
    try:
        yield process
    finally:
        if process.process is not None:
            process.kill()


@pytest.fixture
def telemetry(tmp_path: Path, store: TelemetryProcess) -> Iterator[TelemetryProcess]:
    """Started, with its store away."""
    key = quote(load_or_create_key(store.settings.data.keys / "store.key"), safe="")
    url = f"clickhouse://zhulian:{key}@127.0.0.1:{store.store_port}/city"
    with TelemetryProcess(tmp_path / "data", ZHULIAN_TELEMETRY_URL=url) as process:
        yield process


def said(point: int, value: float, time_us: int) -> bytes:
    return encode(from_readings([Reading(PointId(point), TimeUs(time_us), value)]))


def values(telemetry: TelemetryProcess) -> dict[int, float]:
    found = telemetry.json("/live/latest?tenant=5&points=1,2")
    return {latest["point"]: latest["value"] for latest in found}


def until(truth: Callable[[], Any]) -> None:
    deadline_s = time.monotonic() + WITHIN_S
    while not truth():
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def is_well(telemetry: TelemetryProcess) -> bool:
    return bool(telemetry.json("/health")["state"] == "ok")


def test_it_starts_acknowledges_and_catches_up(telemetry: TelemetryProcess, store: TelemetryProcess) -> None:
    now_us = system_clock()
    assert Sender(telemetry).send(1, 1, said(1, 11.0, now_us))[0] == 200
    until(lambda: telemetry.json("/health")["faults"])
    health = telemetry.json("/health")
    assert (health["state"], health["rows_stored"]) == ("degraded", 0)
    assert [fault["code"] for fault in health["faults"]] == ["store_unreachable"]
    assert values(telemetry) == {1: 11.0}
    store.start()
    until(lambda: is_well(telemetry))
    telemetry.wait_until_stored(1, database="city")
    assert Sender(telemetry, 2).send(1, 1, said(2, 22.0, now_us))[0] == 200
    telemetry.wait_until_stored(2, database="city")
    assert telemetry.stop() == 0
    assert store.stop() == 0

    telemetry.start()
    assert values(telemetry) == {}
    sender = Sender(telemetry, 3)
    assert sender.send(1, 1, said(1, 12.0, now_us + 1))[0] == 200
    assert sender.send(2, 2, said(2, 21.0, now_us - 1))[0] == 200
    assert values(telemetry) == {1: 12.0, 2: 21.0}
    store.start()
    until(lambda: is_well(telemetry))
    assert values(telemetry) == {1: 12.0, 2: 22.0}
    telemetry.wait_until_stored(4, database="city")
    assert telemetry.stop() == 0


def test_a_stop_does_not_wait_for_a_store_that_took_the_call_and_says_nothing(tmp_path: Path) -> None:
    """Whoever started it waits ten seconds. What was acknowledged is in the journal, and goes on from there."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        url = f"clickhouse://127.0.0.1:{silent.getsockname()[1]}/city"
        with TelemetryProcess(tmp_path / "data", ZHULIAN_TELEMETRY_URL=url) as telemetry:
            assert Sender(telemetry).send(1, 1, said(1, 11.0, system_clock()))[0] == 200
            began_s = time.monotonic()
            telemetry.stop()
            assert time.monotonic() - began_s < 8
            assert "Traceback" not in telemetry.log.read_text()
            telemetry.start()
            assert values(telemetry) == {1: 11.0}
            answer = Sender(telemetry).send(1, 1, said(1, 11.0, system_clock()))
            assert answer[1]["duplicate"] is True
