"""The real ``zhulian telemetry run`` in a folder of its own, to be killed, and a gateway that sends to it."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from peers.ports import free_port
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.readings import TenantId
from zhulian.vocabulary.settings import read_settings
from zhulian.wire import lane
from zhulian.wire.credentials import issue_token, load_or_create_key

LONGEST_S = 100.0
"""How long a busy machine may take over anything."""
COMMAND = (sys.executable, "-c", "from zhulian.cli.telemetry import command; command()")


class TelemetryProcess:
    """Started and stopped as often as a test likes; the ports stay the same."""

    def __init__(self, folder: Path, **changed: str) -> None:
        self.lane_port, self.store_port = free_port(), free_port()
        self.environ = {
            **os.environ,
            "ZHULIAN_DATA": str(folder),
            "ZHULIAN_INGEST_PORT": str(self.lane_port),
            "ZHULIAN_STORE_PORT": str(self.store_port),
            **changed,
        }
        self.settings = read_settings(self.environ)
        self.log = folder.with_suffix(".log")
        self.process: subprocess.Popen[str] | None = None

    def begin(self) -> "subprocess.Popen[str]":
        """Start, not waiting for readiness."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "run"], env=self.environ, stdout=subprocess.PIPE, stderr=log, text=True, close_fds=True
            )
        return self.process

    def start(self) -> None:
        """Start and wait for "ready"."""
        process = self.begin()
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line == "ready\n", f"{line!r}\n{self.log.read_text()[-3000:]}"

    def kill(self) -> None:
        """SIGKILL: no warning, no tidying up."""
        assert self.process is not None
        self.process.kill()
        self._end()

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self._end()

    def _end(self) -> int:
        assert self.process is not None
        code = self.process.wait(LONGEST_S)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None
        return code

    def check(self) -> "subprocess.CompletedProcess[str]":
        """``zhulian telemetry check`` on the same folder."""
        return subprocess.run(
            [*COMMAND, "check"], check=False, env=self.environ, capture_output=True, text=True, timeout=LONGEST_S
        )

    def token(self, gateway: int = 1, tenant: int = 5) -> str:
        key = load_or_create_key(self.settings.data.keys / "platform.pem")
        return issue_token(key, gateway, TenantId(tenant), system_clock())

    def ask(self, sql: str) -> str:
        """One statement to the store's endpoint."""
        return self._loopback("/", f"{sql} FORMAT TSV".encode()).decode().strip()

    def json(self, path: str) -> Any:
        """One of the loopback's JSON answers."""
        return json.loads(self._loopback(path))

    def _loopback(self, path: str, body: bytes | None = None) -> bytes:
        key = (self.settings.data.keys / "store.key").read_text().strip()
        headers = {"X-ClickHouse-User": "zhulian", "X-ClickHouse-Key": key}
        request = urllib.request.Request(f"http://127.0.0.1:{self.store_port}{path}", body, headers)
        with urllib.request.urlopen(request, timeout=LONGEST_S) as answer:
            return bytes(answer.read())

    def wait_until_stored(self, rows: int, within_s: float = LONGEST_S, database: str = "zhulian") -> None:
        """Until the store holds at least ``rows`` and no block is on its way: sums follow their rows by a moment."""
        deadline_s = time.monotonic() + within_s
        while int(self.ask(f"SELECT count() FROM {database}.readings")) < rows or self.json("/health")["rows_waiting"]:
            assert time.monotonic() < deadline_s, self.json("/health")
            time.sleep(0.05)

    def wait_until_summed(self, within_s: float = LONGEST_S) -> None:
        """Until nothing waits for the store: rows are in their table a moment before they are in the sums."""
        deadline_s = time.monotonic() + within_s
        while self.json("/health")["rows_waiting"]:
            assert time.monotonic() < deadline_s, self.json("/health")
            time.sleep(0.05)

    def __enter__(self) -> "TelemetryProcess":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.kill()
            self._end()


class Sender:
    """A gateway over one kept connection: counts its readings, keeps a batch until it is acknowledged."""

    def __init__(self, telemetry: TelemetryProcess, gateway: int = 1, tenant: int = 5, epoch: str = "life") -> None:
        self._telemetry = telemetry
        self._token = telemetry.token(gateway, tenant)
        self._epoch = epoch
        self._connection: http.client.HTTPConnection | None = None

    def send(self, first: int, last: int, body: bytes) -> tuple[int, dict[str, Any]]:
        """One attempt: status and answer. Raises OSError or HTTPException when the line is down."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._telemetry.lane_port, timeout=LONGEST_S)
        try:
            self._connection.request("POST", lane.BATCHES, body, self._headers(first, last))
            answer = self._connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            self.hang_up()
            raise

    def hang_up(self) -> None:
        """Drop the connection; the next send opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _headers(self, first: int, last: int) -> Mapping[str, str]:
        return {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": lane.CONTENT_TYPE,
            lane.H_EPOCH: self._epoch,
            lane.H_FIRST: str(first),
            lane.H_LAST: str(last),
            lane.H_SENT: str(system_clock()),
        }
