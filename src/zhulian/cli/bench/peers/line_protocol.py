"""Peers that take line protocol over HTTP: Debian's InfluxDB and VictoriaMetrics, each with its own defaults.

They get the same rows as Zhulian, as many, in batches of the same size, over as many connections, and their clock stops
when ours does: once all rows can be asked for. VictoriaMetrics keeps what it acknowledged in memory for a while and has
no log, so a power cut takes rows that it had taken: its figure is for less than what ours promises.
"""

import http.client
import itertools
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from zhulian.cli.bench.peers.kept import Kept, size_bytes

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
    counted: Callable[[int, int], bool]
    """Whether, by the server on this port, so many rows can be asked for."""


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


def _influxdb_counted(port: int, rows: int) -> bool:
    return f",{rows}]" in _get(port, "/query?db=bench&q=SELECT+count(v)+FROM+r")


def _victoria_counted(port: int, _rows: int) -> bool:
    """Its own figure of rows that no question finds yet; counting all of them would take it longer than taking them."""
    pending = [line for line in _get(port, "/metrics").splitlines() if line.startswith("vm_pending_rows")]
    return bool(pending) and all(line.endswith(" 0") for line in pending)


SERVERS = (
    Server("InfluxDB", "influxd", _influxdb, "/query?q=CREATE+DATABASE+bench", _influxdb_counted),
    Server("VictoriaMetrics, in memory first", "victoria-metrics", _victoria, "/health", _victoria_counted),
)


def lines(gateway: int, batch: pa.RecordBatch) -> bytes:
    """A batch as line protocol, one line a reading, microseconds."""
    stamps = batch.column("ts").cast(pa.int64()).to_pylist()
    rows = zip(batch.column("point").to_pylist(), batch.column("value").to_pylist(), stamps, strict=True)
    return "\n".join(f"r,gateway={gateway},point={point} v={value} {ts}" for point, value, ts in rows).encode()


def kept(server: Server, folder: Path, sent: Sequence[Lines], free_port: Port) -> Kept | None:
    """Send ``sent``, one connection for each item, until all can be asked for; None without the program."""
    program = shutil.which(server.program)
    if program is None:
        return None
    home = folder / f"{server.program}-{free_port()}"
    home.mkdir()
    rows = sum(body.count(b"\n") + 1 for bodies in sent for body in bodies)
    with _running(program, home, server, free_port) as port, ThreadPoolExecutor(len(sent)) as connections:
        started_s = time.perf_counter()
        list(connections.map(_send, itertools.repeat(port), sent))
        acknowledged_s = time.perf_counter() - started_s
        _until(lambda: server.counted(port, rows))
        took_s = time.perf_counter() - started_s
    return Kept(rows / acknowledged_s, rows / took_s, size_bytes(home) / rows)


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


def _until(holds: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + TIMEOUT_S
    while not holds():
        if time.monotonic() > deadline_s:
            raise RuntimeError("the peer did not come to an end in time")
        time.sleep(0.02)


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


def _get(port: int, path: str) -> str:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)) as connection:
        return _asked(connection, "GET", path).decode()


def _post(connection: http.client.HTTPConnection, path: str, body: bytes) -> None:
    _asked(connection, "POST", path, body)


def _asked(connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None) -> bytes:
    connection.request(method, path, body)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= http.HTTPStatus.BAD_REQUEST:
        raise RuntimeError(f"{path}: {answer.status} {text!r}")
    return text
