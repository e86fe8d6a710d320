"""What the same rows cost in SQLite (WAL, FULL), for ``zhulian bench ingest``. Ready-made rows; storing is timed."""

import itertools
import sqlite3
import time
from pathlib import Path

import pyarrow as pa

from zhulian.cli.bench.peers.kept import Kept, size_bytes

_TABLE = "CREATE TABLE readings (tenant INT, point INT, ts INT, value REAL, text TEXT, quality INT)"
_INSERT = "INSERT INTO readings VALUES (?, ?, ?, ?, ?, ?)"


def kept(folder: Path, batches: list[pa.RecordBatch]) -> Kept:
    """One transaction a batch, appended, each synced: the durability that a 200 promises."""
    ready = [_tuples(batch) for batch in batches]
    rows = sum(map(len, ready))
    home = folder / f"sqlite-{len(batches)}"
    home.mkdir()
    database = sqlite3.connect(home / "peer.sqlite3", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute(_TABLE)
    started_s = time.perf_counter()
    for one in ready:
        database.execute("BEGIN IMMEDIATE")
        database.executemany(_INSERT, one)
        database.execute("COMMIT")
    took_s = time.perf_counter() - started_s
    database.close()
    return Kept(rows / took_s, rows / took_s, size_bytes(home) / rows)


def _tuples(batch: pa.RecordBatch) -> list[tuple[int, int, int, float, str | None, int]]:
    point, ts, value, text, quality = (
        column.to_pylist() for column in batch.set_column(1, "ts", batch.column("ts").cast(pa.int64())).columns
    )
    return list(zip(itertools.repeat(1), point, ts, value, text, quality, strict=False))
