"""A whole platform for a journey: its own data folder, free ports, and real processes that a test may kill.

Uses the same commands a person would: ``zhulian telemetry run``, ``zhulian web``, ``zhulian edge run``.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import clickhouse_connect
import urllib3
from clickhouse_connect.driver.client import Client

from peers.migrated import sqlite_file
from peers.ports import free_port
from zhulian.cli.records import SQLITE
from zhulian.cli.up import is_taken

ZHULIAN = (sys.executable, "-m", "zhulian.cli.main")


def wait_until(fact: Callable[[], object], within_s: float, what: str) -> None:
    """Return as soon as ``fact()`` is true; fail with ``what`` after ``within_s``."""
    deadline = time.monotonic() + within_s
    while not fact():
        assert time.monotonic() < deadline, f"{what}: not within {within_s} s"
        time.sleep(0.05)


class Part:
    """One process of the platform, started again after every kill."""

    def __init__(self, name: str, command: tuple[str, ...], environment: dict[str, str], log: Path) -> None:
        self.name = name
        self._command = command
        self._environment = environment
        self._log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(self._command, env=self._environment, stdout=log, stderr=log)

    def kill(self) -> None:
        """SIGKILL: no chance to say good-bye."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()


class Platform:
    """Portal, telemetry and any number of gateways over one data folder; ``is_new`` leaves migrations to the portal."""

    def __init__(self, folder: Path, is_new: bool = False) -> None:
        self.folder = folder
        if not is_new:
            (folder / "data").mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copy(sqlite_file(), folder / "data" / SQLITE)
        self.web_port, self.ingest_port, self.store_port = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.web_port}"
        self.environment = os.environ | {
            "ZHULIAN_DATA": str(folder / "data"),
            "ZHULIAN_PORT": str(self.web_port),
            "ZHULIAN_INGEST_PORT": str(self.ingest_port),
            "ZHULIAN_STORE_PORT": str(self.store_port),
            "PYTHONUNBUFFERED": "1",
        }
        self.telemetry = self.part("telemetry", "telemetry", "run")
        self.web = self.part("web", "web")
        self._http = urllib3.PoolManager(retries=False, timeout=2.0)

    def part(self, name: str, *arguments: str) -> Part:
        """A process of this platform that runs ``zhulian ARGUMENTS``; not started yet."""
        return Part(name, (*ZHULIAN, *arguments), self.environment, self.folder / f"{name}.log")

    def django(self, script: str) -> str:
        """Run ``script`` against this platform's records in a process of its own; returns what it printed."""
        prelude = "from zhulian.portal.start import migrate, start_django\nstart_django()\nmigrate()\n"
        done = subprocess.run(
            (sys.executable, "-c", prelude + script),
            check=False,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=150,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def answers(self, url: str) -> bool:
        """Whether something answers at ``url`` without a server error."""
        try:
            return self._http.request("GET", url, redirect=False).status < 500
        except urllib3.exceptions.HTTPError:
            return False

    @property
    def store_key(self) -> str:
        """The password of the store's endpoint."""
        return (self.folder / "data" / "keys" / "store.key").read_text().strip()

    def store(self) -> Client:
        """The store's own endpoint, through the ordinary ClickHouse client."""
        return clickhouse_connect.get_client(
            host="127.0.0.1", port=self.store_port, username="zhulian", password=self.store_key, database="zhulian"
        )

    def ask_store(self, path: str) -> str:
        """One of the loopback routes, as text without blanks."""
        headers = {"X-ClickHouse-User": "zhulian", "X-ClickHouse-Key": self.store_key}
        answer = self._http.request("GET", f"http://127.0.0.1:{self.store_port}{path}", headers=headers)
        return answer.data.decode().replace(" ", "")

    def wait_ready(self) -> None:
        """Until portal and gateway lane answer."""
        wait_until(lambda: is_taken(self.ingest_port), 150, "telemetry is ready")
        wait_until(lambda: self.answers(f"{self.url}/health"), 150, "the portal is ready")


@contextmanager
def running_platform(folder: Path, is_new: bool = False) -> Iterator[Platform]:
    """A platform with portal and telemetry running; everything is stopped at the end."""
    platform = Platform(folder, is_new)
    with ExitStack() as stack:
        for part in (platform.telemetry, platform.web):
            stack.callback(part.stop)
            part.start()
        platform.wait_ready()
        yield platform
