"""Peers that take line protocol over HTTP: Debian's InfluxDB and VictoriaMetrics, each with its own defaults.

They get the same rows as Zhulian, in batches of the same size, over as many connections. Their clock stops with the
last acknowledgement, ours when the rows are counted. VictoriaMetrics keeps what it acknowledged in memory for a while
and has no log, so a power cut takes rows that it had taken: its figure is for less than what ours promises.
"""

import http.client
import itertools
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

START_WITHIN_S = 15.0
TIMEOUT_S = 60.0
Port = Callable[[], int]
Lines = Sequence[bytes]
"""The batches of one connection."""


@dataclass(frozen=True, slots=True)
class Server:
    """A program on the PATH; ``arguments`` makes its command line from a folder and a port of its own."""

    name: str
    program: str
    arguments: Callable[[Path, Port], tuple[int, list[str]]]
    first_request: str
    """What creates the database; asked for until the server answers."""


def _influxdb(home: Path, free_port: Port) -> tuple[int, list[str]]:
    port = free_port()
    path = home / "influxdb.conf"
    path.write_text(f"""
reporting-disabled = true
bind-address = "127.0.0.1:{free_port()}"
[meta]
  dir = "{home}/meta"
[data]
  dir = "{home}/data"
  wal-dir = "{home}/wal"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
""")
    return port, ["-config", str(path)]


def _victoria(home: Path, free_port: Port) -> tuple[int, list[str]]:
    port = free_port()
    return port, [f"-httpListenAddr=127.0.0.1:{port}", f"-storageDataPath={home}/data", "-retentionPeriod=100y"]


SERVERS = (
    Server("InfluxDB", "influxd", _influxdb, "/query?q=CREATE+DATABASE+bench"),
    Server("VictoriaMetrics, in memory first", "victoria-metrics", _victoria, "/health"),
)


def lines(gateway: int, batch: pa.RecordBatch) -> bytes:
    """A batch as line protocol, one line a reading, microseconds."""
    stamps = batch.column("ts").cast(pa.int64()).to_pylist()
    rows = zip(batch.column("point").to_pylist(), batch.column("value").to_pylist(), stamps, strict=True)
    return "\n".join(f"r,gateway={gateway},point={point} v={value} {ts}" for point, value, ts in rows).encode()


def rows_per_s(server: Server, folder: Path, sent: Sequence[Lines], free_port: Port) -> float | None:
    """Rows a second until all is acknowledged, one connection for each item of ``sent``; None without the program."""
    program = shutil.which(server.program)
    if program is None:
        return None
    home = folder / f"{server.program}-{free_port()}"
    home.mkdir()
    with _running(program, home, server, free_port) as port, ThreadPoolExecutor(len(sent)) as connections:
        started_s = time.perf_counter()
        list(connections.map(_send, itertools.repeat(port), sent))
        took_s = time.perf_counter() - started_s
    return sum(body.count(b"\n") + 1 for bodies in sent for body in bodies) / took_s


@contextmanager
def _running(program: str, home: Path, server: Server, free_port: Port) -> Iterator[int]:
    """While inside, the server runs; gives its port."""
    port, arguments = server.arguments(home, free_port)
    with subprocess.Popen(  # noqa: S603 - the program found on the PATH, our own arguments
        [program, *arguments], cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _await(port, server.first_request)
            yield port
        finally:
            process.terminate()


def _await(port: int, path: str) -> None:
    deadline_s = time.monotonic() + START_WITHIN_S
    while True:
        try:
            _post(http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S), path, b"")
        except OSError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.1)
        else:
            return


def _send(port: int, bodies: Lines) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    for body in bodies:
        _post(connection, "/write?db=bench&precision=u", body)
    connection.close()


def _post(connection: http.client.HTTPConnection, path: str, body: bytes) -> None:
    connection.request("POST", path, body)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= http.HTTPStatus.BAD_REQUEST:
        raise RuntimeError(f"{path}: {answer.status} {text!r}")
