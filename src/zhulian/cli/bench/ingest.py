"""``zhulian bench ingest``: rows a second from HTTP through the journal into the store, against a real process.

Four connections send batches to a ``zhulian telemetry run`` of its own; the clock stops when the store has counted
every row. In the same run SQLite (WAL, FULL) stores rows in batches of the same size, and Debian's InfluxDB and
VictoriaMetrics, when they are on the PATH, take the same rows over as many connections. Batches are encoded beforehand
for all of them: the subject is receiving and keeping.
"""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from zhulian.cli.bench.figures import Figure, measured
from zhulian.cli.bench.peers import line_protocol, sqlite
from zhulian.cli.bench.peers.kept import Kept
from zhulian.cli.bench.recording import Recording, recording
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.readings import TenantId
from zhulian.vocabulary.settings import Settings, read_settings
from zhulian.wire import lane
from zhulian.wire.batch import encode
from zhulian.wire.credentials import issue_token, load_or_create_key

CONNECTIONS = 4
ROWS = {1_000: 2_000_000, 10_000: 6_000_000, 100_000: 4_000_000}
"""Batch size → rows sent in all: enough that the moment for which the store lets rows gather does not decide."""
SQLITE_ROWS = {1_000: 100_000, 10_000: 800_000, 100_000: 1_200_000}
"""It has no background work that more rows would show, and takes long."""
QUIET, FLOODER = range(11, 15), 10
"""Gateways of the measure of fairness."""
UNBOUNDED = {f"ZHULIAN_{whose}_ROWS_PER_SECOND": "1000000000" for whose in ("GATEWAY", "ENTERPRISE")}
"""The subject is what the platform can take, and not what it lets in."""
WITHIN_S = 60.0
WIDEST = 10_000
"""The batch size of most rows, after which peers' folders are looked at."""
LIBRARIES = ("chdb", "pyarrow", "uvicorn")
Peers = dict[str, Kept]
_measured = partial(measured, libraries=LIBRARIES)


@dataclass(slots=True)
class Run:
    """One batch size measured: rows, seconds until all were acknowledged and until the store had counted them, and
    seconds of every acknowledgement."""

    rows: int
    sent_s: float = 0.0
    stored_s: float = 0.0
    acknowledged_s: list[float] = field(default_factory=list)

    @property
    def acknowledged_per_s(self) -> float:
        """Durable: in the journal, whose bound ends such a burst."""
        return self.rows / self.sent_s

    @property
    def rows_per_s(self) -> float:
        """Durable and countable."""
        return self.rows / self.stored_s


class Platform:
    """A telemetry process in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        ports = {"ZHULIAN_INGEST_PORT": str(_free_port()), "ZHULIAN_STORE_PORT": str(_free_port())}
        self.environ = {
            **os.environ,
            **ports,
            **UNBOUNDED,
            "ZHULIAN_DATA": str(folder / "data"),
            "ZHULIAN_TELEMETRY_URL": "",
        }
        self.settings: Settings = read_settings(self.environ)
        self._log = folder / "telemetry.log"

    @contextmanager
    def running(self) -> Iterator[None]:
        """While inside, the process runs."""
        arguments = [sys.executable, "-c", "from zhulian.cli.telemetry import command; command()", "run"]
        with (
            self._log.open("w") as log,
            subprocess.Popen(  # noqa: S603 - ourselves
                arguments, env=self.environ, stdout=subprocess.PIPE, stderr=log, text=True
            ) as process,
        ):
            try:
                if process.stdout is None or process.stdout.readline() != "ready\n":
                    raise RuntimeError(f"the telemetry process did not start: {self._log.read_text()}")
                yield
            finally:
                process.terminate()

    def ask(self, sql: str, within_s: float = WITHIN_S) -> str:
        """One statement to the store."""
        headers = {
            "X-ClickHouse-User": "zhulian",
            "X-ClickHouse-Key": (self.settings.data.keys / "store.key").read_text().strip(),
        }
        url = f"http://127.0.0.1:{self.settings.store_port}/"
        form = " FORMAT TSV" if sql.startswith("SELECT") else ""
        request = urllib.request.Request(url, f"{sql}{form}".encode(), headers)
        with urllib.request.urlopen(request, timeout=within_s) as answer:  # noqa: S310 - our own loopback port
            return str(answer.read().decode().strip())

    def lane(self, gateway: int) -> tuple[int, str]:
        """Where a gateway sends batches to, and its token."""
        return int(self.settings["ZHULIAN_INGEST_PORT"]), self.token(gateway)

    def token(self, gateway: int) -> str:
        """A gateway's token; every gateway is its own enterprise here."""
        key = load_or_create_key(self.settings.data.keys / "platform.pem")
        return issue_token(key, gateway, TenantId(gateway), system_clock())


def run(**_: object) -> list[Figure]:
    """All figures of this benchmark, in about three minutes with all peers."""
    source = recording()
    with tempfile.TemporaryDirectory(prefix="zhulian-bench-") as name:
        folder = Path(name)
        platform = Platform(folder)
        with platform.running():
            runs = {size: _measure(platform, source, size, rows) for size, rows in ROWS.items()}
            row_bytes = _row_bytes(platform)
            fairness = _fairness(platform, source)
        peers = {size: _peers(folder, source, size) for size in runs}
    figures = [figure for size, found in runs.items() for figure in _figures(size, found, peers[size])]
    return [*figures, *_size_figures(source, row_bytes, peers[WIDEST]), fairness]


def _measure(platform: Platform, source: Recording, size: int, rows: int) -> Run:
    found = Run(rows)
    before = int(platform.ask("SELECT count() FROM zhulian.readings"))
    each = rows // CONNECTIONS
    senders = [_Sender(platform, source, gateway, size, each) for gateway in range(1, CONNECTIONS + 1)]
    started_s = time.perf_counter()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
        found.acknowledged_s += sender.result()
    found.sent_s = time.perf_counter() - started_s
    while int(platform.ask("SELECT count() FROM zhulian.readings")) < before + each * CONNECTIONS:
        if time.perf_counter() - started_s > WITHIN_S:
            raise RuntimeError("the store has not counted all rows in time")
        time.sleep(0.02)
    found.stored_s = time.perf_counter() - started_s
    return found


class _Sender(threading.Thread):
    """One gateway on one connection, batch after batch."""

    def __init__(  # noqa: PLR0917 - a sender is all of these
        self, platform: Platform, source: Recording, gateway: int, size: int, rows: int, life: str = ""
    ) -> None:
        super().__init__()
        self._bodies = [encode(source.batch(first, size, gateway)) for first in range(0, rows, size)]
        self._size = size
        self._port = int(platform.settings["ZHULIAN_INGEST_PORT"])
        self._headers = {"Authorization": f"Bearer {platform.token(gateway)}", lane.H_EPOCH: f"bench-{size}{life}"}
        self._took_s: list[float] = []
        self._fault: Exception | None = None

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=WITHIN_S)
        try:
            for number, body in enumerate(self._bodies):
                self._took_s.append(self._send(connection, number * self._size + 1, body))
        except (OSError, http.client.HTTPException, RuntimeError) as fault:
            self._fault = fault
        finally:
            connection.close()

    def _send(self, connection: http.client.HTTPConnection, first: int, body: bytes) -> float:
        numbers = {lane.H_FIRST: str(first), lane.H_LAST: str(first + self._size - 1), lane.H_SENT: str(system_clock())}
        started_s = time.perf_counter()
        connection.request("POST", lane.BATCHES, body, self._headers | numbers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{answer.status}: {text!r}")
        return time.perf_counter() - started_s

    def result(self) -> list[float]:
        """Seconds of every acknowledgement. Raises what the sender met."""
        if self._fault is not None:
            raise self._fault
        return self._took_s


def _row_bytes(platform: Platform) -> float:
    """What a row takes on the disk once its parts are merged."""
    platform.ask("OPTIMIZE TABLE zhulian.readings FINAL")
    return float(
        platform.ask(
            "SELECT sum(bytes_on_disk) / sum(rows) FROM system.parts"
            " WHERE active AND database = 'zhulian' AND table = 'readings'"
        )
    )


def _fairness(platform: Platform, source: Recording) -> Figure:
    """How long gateways with small batches wait while another floods, beside how long they wait alone."""
    started_s = time.perf_counter()
    alone_ms = _quiet_p99_ms([_quiet(platform, source, gateway, "-alone") for gateway in QUIET])
    flood = [_Sender(platform, source, FLOODER, 100_000, 1_500_000, f"-{number}") for number in range(CONNECTIONS)]
    beside = [_quiet(platform, source, gateway, "-beside") for gateway in QUIET]
    for sender in flood:
        sender.start()
    beside_ms = _quiet_p99_ms(beside)
    for sender in flood:
        sender.join()
        sender.result()
    return _measured(
        f"{len(QUIET)} quiet gateways beside one that floods: acknowledged after, p99",
        beside_ms,
        "ms",
        seconds=time.perf_counter() - started_s,
        peer="the same without the flood",
        peer_value=alone_ms,
    )


def _quiet(platform: Platform, source: Recording, gateway: int, life: str) -> "_Sender":
    return _Sender(platform, source, gateway, 100, 10_000, life)


def _quiet_p99_ms(senders: list["_Sender"]) -> float:
    for sender in senders:
        sender.start()
    took_s: list[float] = []
    for sender in senders:
        sender.join()
        took_s += sender.result()
    return float(np.percentile(took_s, 99)) * 1000


def _figures(size: int, found: Run, peers: Peers) -> Iterator[Figure]:
    name = f"ingest, {CONNECTIONS} connections, batches of {size:,}"
    for peer, kept in peers.items():
        beside = partial(_measured, unit="rows/s", peer=peer)
        counted, sent = kept.rows_per_s, kept.acknowledged_per_s
        yield beside(f"{name}: durable and counted", found.rows_per_s, seconds=found.stored_s, peer_value=counted)
        yield beside(f"{name}: acknowledged", found.acknowledged_per_s, seconds=found.sent_s, peer_value=sent)
    for percent in (50, 99):
        latency_ms = float(np.percentile(found.acknowledged_s, percent)) * 1000
        yield _measured(f"{name}: acknowledged after, p{percent}", latency_ms, "ms", seconds=found.stored_s)


def _size_figures(source: Recording, row_bytes: float, peers: Peers) -> Iterator[Figure]:
    title = f"at rest, merged ({source.name})"
    for peer, kept in peers.items():
        yield _measured(title, row_bytes, "bytes/row", seconds=0.0, peer=peer, peer_value=kept.row_bytes)


def _peers(folder: Path, source: Recording, size: int) -> Peers:
    """What each peer that is here made of the rows."""
    few = _batches(source, size, SQLITE_ROWS[size])
    found = {"SQLite WAL FULL, no HTTP": sqlite.kept(folder, [batch for own in few for batch in own])}
    every = _batches(source, size, ROWS[size])
    sent = [[line_protocol.lines(gateway, batch) for batch in own] for gateway, own in enumerate(every)]
    for server in line_protocol.SERVERS:
        kept = line_protocol.kept(server, folder, sent, _free_port)
        if kept is not None:
            found[f"{server.name}, {CONNECTIONS} connections"] = kept
    return found


def _batches(source: Recording, size: int, rows: int) -> list[list[pa.RecordBatch]]:
    each = rows // CONNECTIONS
    return [[source.batch(at, size, gateway) for at in range(0, each, size)] for gateway in range(CONNECTIONS)]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
