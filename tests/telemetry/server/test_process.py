"""The real process over the real store: killed again and again, stopped, started twice, with streams held open."""

import http.client
import random
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from peers.numbered_gateway import ROWS, NumberedGateway, assert_exactly_once, body_of
from peers.telemetry_process import LONGEST_S, Sender, TelemetryProcess
from zhulian.telemetry.journal.frames import CutFrame
from zhulian.telemetry.journal.frames import encode as encode_frame
from zhulian.telemetry.server import KEEP_ALIVE, _listen
from zhulian.vocabulary.clock import system_clock
from zhulian.wire import lane

KILLS = 10


@pytest.fixture
def telemetry(tmp_path: Path) -> Iterator[TelemetryProcess]:
    with TelemetryProcess(tmp_path / "data") as process:
        yield process


@pytest.mark.timeout(900)
def test_sigkill_again_and_again_leaves_every_reading_exactly_once(telemetry: TelemetryProcess) -> None:
    chance = random.Random(7)
    gateways = [NumberedGateway(telemetry, number) for number in (1, 2)]
    for gateway in gateways:
        gateway.start()
    for _ in range(KILLS):
        time.sleep(0.1 + 0.4 * chance.random())
        telemetry.kill()
        telemetry.start()
    for gateway in gateways:
        gateway.is_wanted = False
        gateway.join(LONGEST_S)
        assert not gateway.is_alive()
        assert gateway.acknowledged
    assert_exactly_once(telemetry, gateways)
    assert telemetry.json("/health")["state"] == "ok"
    assert telemetry.stop() == 0


def test_a_stop_stores_what_waits_and_does_not_wait_for_streams(telemetry: TelemetryProcess) -> None:
    line = http.client.HTTPConnection("127.0.0.1", telemetry.lane_port, timeout=LONGEST_S)
    line.request("GET", lane.STREAM, headers={"Authorization": f"Bearer {telemetry.token()}"})
    answer = line.getresponse()
    assert answer.status == 200
    events = http.client.HTTPConnection("127.0.0.1", telemetry.store_port, timeout=LONGEST_S)
    key = (telemetry.settings.data.keys / "store.key").read_text().strip()
    headers = {"X-ClickHouse-User": "zhulian", "X-ClickHouse-Key": key}
    events.request("GET", "/live/stream?tenant=5&points=1", headers=headers)
    assert events.getresponse().status == 200
    sender = Sender(telemetry)
    assert sender.send(1, ROWS, body_of(1, system_clock()))[0] == 200
    assert telemetry.json("/gateways")[0]["connected"]
    assert telemetry.stop() == 0
    assert "timeout graceful shutdown exceeded" not in telemetry.log.read_text()
    line.close()
    events.close()
    sender.hang_up()
    telemetry.start()
    assert telemetry.ask("SELECT count() FROM zhulian.readings") == str(ROWS)
    assert telemetry.json("/health")["rows_stored"] == 0
    assert telemetry.json("/live/latest?tenant=5&points=1")[0]["value"] == ROWS


def test_check_counts_with_and_without_the_process_and_names_damage(telemetry: TelemetryProcess) -> None:
    assert Sender(telemetry).send(1, ROWS, body_of(1, system_clock()))[0] == 200
    telemetry.wait_until_stored(ROWS)
    running = telemetry.check()
    assert running.returncode == 0, running
    assert f"{ROWS}  读数 / readings" in running.stdout
    telemetry.stop()
    stopped = telemetry.check()
    assert stopped.returncode == 0, stopped
    assert f"{ROWS}  小时汇总中的读数" in stopped.stdout
    (segment,) = telemetry.settings.data.journal.glob("*.journal")
    whole = CutFrame(0, 0)
    segment.write_bytes(segment.read_bytes() + b"what is this" + encode_frame(whole))
    damaged = telemetry.check()
    assert damaged.returncode == 1
    assert "1  日志中的损坏" in damaged.stdout
    telemetry.start()
    assert telemetry.json("/health")["state"] == "degraded"


def test_a_second_process_is_refused_in_kind_words(telemetry: TelemetryProcess) -> None:
    second = TelemetryProcess(telemetry.settings.data.root)
    second.log = telemetry.log.with_suffix(".second")
    process = second.begin()
    out, _ = process.communicate(timeout=LONGEST_S)
    assert process.returncode == 1
    assert out == ""
    words = second.log.read_text()
    assert "正由另一个遥测进程" in words
    assert "Traceback" not in words
    assert telemetry.json("/health")["state"] == "ok"


def test_a_port_in_use_is_named(telemetry: TelemetryProcess, tmp_path: Path) -> None:
    second = TelemetryProcess(tmp_path / "other", ZHULIAN_INGEST_PORT=str(telemetry.lane_port))
    process: subprocess.Popen[str] = second.begin()
    process.communicate(timeout=LONGEST_S)
    words = second.log.read_text()
    assert process.returncode == 1
    assert str(telemetry.lane_port) in words
    assert "Traceback" not in words


def test_a_connection_whose_other_end_lost_its_power_is_noticed() -> None:
    with _listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert [accepted.getsockopt(*option) for option, _ in KEEP_ALIVE] == [value for _, value in KEEP_ALIVE]
