"""What the same rows cost elsewhere, for ``zhulian bench ingest``: SQLite (WAL, FULL), and InfluxDB when it is here.

Both get their rows ready-made; only storing is timed.
"""

import itertools
import shutil
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pyarrow as pa

START_WITHIN_S = 15.0
_TABLE = "CREATE TABLE readings (tenant INT, point INT, ts INT, value REAL, text TEXT, quality INT)"
_INSERT = "INSERT INTO readings VALUES (?, ?, ?, ?, ?, ?)"


def sqlite_rows_per_s(folder: Path, batches: list[pa.RecordBatch]) -> float:
    """One transaction a batch, appended, each synced: the durability that a 200 promises."""
    ready = [_tuples(batch) for batch in batches]
    database = sqlite3.connect(folder / f"peer-{len(batches)}.sqlite3", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute(_TABLE)
    started_s = time.perf_counter()
    for rows in ready:
        database.execute("BEGIN IMMEDIATE")
        database.executemany(_INSERT, rows)
        database.execute("COMMIT")
    took_s = time.perf_counter() - started_s
    database.close()
    return sum(len(rows) for rows in ready) / took_s


def _tuples(batch: pa.RecordBatch) -> list[tuple[int, int, int, float, str | None, int]]:
    point, ts, value, text, quality = (
        column.to_pylist() for column in batch.set_column(1, "ts", batch.column("ts").cast(pa.int64())).columns
    )
    return list(zip(itertools.repeat(1), point, ts, value, text, quality, strict=False))


def influx_rows_per_s(folder: Path, batches: list[pa.RecordBatch], port: int, rpc_port: int) -> float | None:
    """Line protocol by HTTP into Debian's InfluxDB 1.6 with its own defaults; ``None`` when it is not on the PATH."""
    program = shutil.which("influxd")
    if program is None:
        return None
    home = folder / f"influx-{port}"
    home.mkdir()
    (home / "influxdb.conf").write_text(_configuration(home, port, rpc_port))
    process = subprocess.Popen(  # noqa: S603 - the program found on the PATH, our own arguments
        [program, "-config", str(home / "influxdb.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _create_database(f"http://127.0.0.1:{port}")
        return _write_lines(f"http://127.0.0.1:{port}/write?db=bench&precision=u", [_lines(batch) for batch in batches])
    finally:
        process.terminate()
        process.wait()


def _configuration(home: Path, port: int, rpc_port: int) -> str:
    return f"""
reporting-disabled = true
bind-address = "127.0.0.1:{rpc_port}"
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
"""


def _create_database(address: str) -> None:
    deadline_s = time.monotonic() + START_WITHIN_S
    while True:
        try:
            _post(f"{address}/query?q=CREATE+DATABASE+bench", b"")
        except urllib.error.URLError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.1)
        else:
            return


def _lines(batch: pa.RecordBatch) -> tuple[int, bytes]:
    rows = _tuples(batch)
    return len(rows), "\n".join(f"r,point={row[1]} v={row[3]} {row[2]}" for row in rows).encode()


def _write_lines(address: str, bodies: list[tuple[int, bytes]]) -> float:
    started_s = time.perf_counter()
    for _, body in bodies:
        _post(address, body)
    return sum(rows for rows, _ in bodies) / (time.perf_counter() - started_s)


def _post(address: str, body: bytes) -> None:
    with urllib.request.urlopen(address, data=body, timeout=START_WITHIN_S) as answer:  # noqa: S310 - loopback
        answer.read()
