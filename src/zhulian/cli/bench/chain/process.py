"""A real ``zhulian telemetry run`` over a folder of its own, started and killed as often as anybody likes."""

import io
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import msgspec

from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.readings import TenantId
from zhulian.vocabulary.settings import read_settings
from zhulian.wire.credentials import issue_token, load_or_create_key

ANSWER_WITHIN_S = 60.0
COUNTED_WITHIN_S = 900.0
_COMMAND = (sys.executable, "-c", "from zhulian.cli.telemetry import command; command()", "run")


class StartRefusedError(RuntimeError):
    """The process did not become ready; holds the last words of its log."""


class RefusedError(RuntimeError):
    """The process answered, and said no; holds its words."""


class Telemetry:
    """``data`` is its folder, ``log`` stands outside of it; the ports stay the same over all starts."""

    def __init__(self, data: Path, log: Path, **changed: str) -> None:
        self.lane_port, store_port = _free_port(), _free_port()
        self.environ = {
            **os.environ,
            "ZHULIAN_DATA": str(data),
            "ZHULIAN_INGEST_PORT": str(self.lane_port),
            "ZHULIAN_STORE_PORT": str(store_port),
            "ZHULIAN_TELEMETRY_URL": "",
            **changed,
        }
        self.settings = read_settings(self.environ)
        self._url = f"http://127.0.0.1:{store_port}"
        self._log = log
        self.process: subprocess.Popen[str] | None = None

    def begin(self) -> subprocess.Popen[str]:
        """Start, not waiting for readiness."""
        with self._log.open("a") as log:
            self.process = subprocess.Popen(  # noqa: S603 - ourselves
                _COMMAND, env=self.environ, stdout=subprocess.PIPE, stderr=log, text=True
            )
        return self.process

    def start(self) -> float:
        """Start; seconds until it was ready. Raises :class:`StartRefusedError`."""
        began_s = time.perf_counter()
        process = self.begin()
        if process.stdout is None or process.stdout.readline() != "ready\n":
            self.kill()
            raise StartRefusedError(self._log.read_text(encoding="utf-8")[-2000:])
        return time.perf_counter() - began_s

    def kill(self) -> None:
        """SIGKILL: no warning, no tidying up. Nothing when it does not run."""
        if self.process is None:
            return
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None

    def ask(self, sql: str) -> list[list[str]]:
        """Rows of one statement to the store, each cell as text; counting an hour's rows one by one takes its time."""
        text = self._loopback("/", f"{sql} FORMAT TSV".encode(), COUNTED_WITHIN_S).decode()
        return [line.split("\t") for line in text.splitlines()]

    def query(
        self,
        sql: str,
        form: str = "Native",
        settings: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> io.BytesIO:
        """One statement as a store answers it (``Asked``), so that what works on a store can do so from outside."""
        values = {f"param_{name}": value for name, value in (parameters or {}).items()}
        address = "/?" + urlencode({"default_format": form, **(settings or {}), **values})
        return io.BytesIO(self._loopback(address, sql.encode(), COUNTED_WITHIN_S))

    def health(self) -> dict[str, Any]:
        """What the process says of itself."""
        return self.told("/health")

    def told(self, path: str, put: object = None) -> dict[str, Any]:
        """The JSON behind a path of the loopback, after ``put`` was put there if it is given."""
        body = None if put is None else msgspec.json.encode(put)
        found: dict[str, Any] = json.loads(self._loopback(path, body, method="GET" if put is None else "PUT"))
        return found

    def token(self, gateway: int) -> str:
        """A gateway's token; every gateway is its own enterprise here."""
        key = load_or_create_key(self.settings.data.keys / "platform.pem")
        return issue_token(key, gateway, TenantId(gateway), system_clock())

    def _loopback(
        self, path: str, body: bytes | None = None, within_s: float = ANSWER_WITHIN_S, method: str | None = None
    ) -> bytes:
        key = (self.settings.data.keys / "store.key").read_text().strip()
        headers = {"X-ClickHouse-User": "zhulian", "X-ClickHouse-Key": key, "X-ClickHouse-Database": "zhulian"}
        request = urllib.request.Request(self._url + path, body, headers, method=method)  # noqa: S310 - our own port
        try:
            with urllib.request.urlopen(request, timeout=within_s) as answer:  # noqa: S310
                return bytes(answer.read())
        except urllib.error.HTTPError as refusal:
            raise RefusedError(refusal.read().decode()) from refusal

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
