"""The peer of ``zhulian bench query``: the same questions to SQLite, the standard library's own store."""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing.synchronize import Event
from pathlib import Path

Row = tuple[int, int, int, float, str, int]
BATCH_ROWS = 10_000
PAUSE_S = 0.2
WRITER = 9_999
_INSERT = "INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?, ?)"


class SqliteAnswers:
    """A table clustered by (tenant, point, ts), in write-ahead mode."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._base = connect(path)

    @classmethod
    def fill(cls, path: Path, points: Iterable[Iterator[Row]]) -> "SqliteAnswers":
        """Make the table and fill it point by point, anew."""
        for kept in path.parent.glob(path.name + "*"):
            kept.unlink()
        made = cls(path)
        made._base.execute(
            "CREATE TABLE readings (tenant INT, point INT, ts INT, value REAL, text TEXT, quality INT,"
            " PRIMARY KEY (tenant, point, ts)) WITHOUT ROWID"
        )
        for rows in points:
            with made._base:
                made._base.executemany(_INSERT, rows)
        return made

    def latest(self, tenant: int, points: Sequence[int]) -> list[Row]:
        """The newest row of each point."""
        sql = "SELECT * FROM readings WHERE tenant = ? AND point = ? ORDER BY ts DESC LIMIT 1"
        return [self._base.execute(sql, (tenant, point)).fetchone() for point in points]

    def series(self, tenant: int, point: int, start_us: int, end_us: int, width_us: int) -> list[Row]:
        """Mean, low, high and count by bucket."""
        sql = (
            "SELECT (ts - ?) / ? AS slot, avg(value), min(value), max(value), count(*) FROM readings"
            " WHERE tenant = ? AND point = ? AND ts >= ? AND ts < ? AND quality < 2 GROUP BY slot ORDER BY slot"
        )
        return self._base.execute(sql, (start_us, width_us, tenant, point, start_us, end_us)).fetchall()

    def top(self, start_us: int, end_us: int) -> list[Row]:
        """The twenty tenants with most rows."""
        sql = (
            "SELECT tenant, count(*) AS sent, count(DISTINCT point), max(ts) FROM readings"
            " WHERE ts >= ? AND ts < ? GROUP BY tenant ORDER BY sent DESC LIMIT 20"
        )
        return self._base.execute(sql, (start_us, end_us)).fetchall()

    def city_hours(self, start_us: int, end_us: int) -> list[Row]:
        """Rows by hour and group of tenants."""
        sql = (
            "SELECT tenant % 8 AS district, ts / 3600000000 AS hour, count(*) FROM readings"
            " WHERE ts >= ? AND ts < ? GROUP BY district, hour"
        )
        return self._base.execute(sql, (start_us, end_us)).fetchall()

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()


def connect(path: Path) -> sqlite3.Connection:
    """With the settings that make it durable."""
    base = sqlite3.connect(path, timeout=30)
    base.execute("PRAGMA journal_mode = WAL")
    base.execute("PRAGMA synchronous = FULL")
    base.execute("PRAGMA cache_size = -262144")
    return base


def write_sqlite(path: Path, stop: Event) -> None:
    """In a process of its own: as many rows a second as the platform's writer sends, as far as SQLite keeps up."""
    base = connect(path)
    tick, next_s = 0, time.monotonic()
    while not stop.wait(max(0.0, next_s - time.monotonic())):
        next_s += PAUSE_S
        rows = ((WRITER, row % 120, tick + row // 120, 1.5, "", 0) for row in range(BATCH_ROWS))
        with base:
            base.executemany(_INSERT, rows)
        tick += BATCH_ROWS
    base.close()
