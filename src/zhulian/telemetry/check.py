"""A look at what the telemetry process holds, running or not: counts, waiting batches, damage. For ``telemetry check``.

While the process runs it is asked through its port; otherwise the files are opened here.
"""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import msgspec

from zhulian.telemetry.journal import checkpoint as checkpoints
from zhulian.telemetry.journal.recovery import recover
from zhulian.telemetry.lock import DataFolderInUseError, hold
from zhulian.telemetry.quarantine.shelf import Shelf, Totals
from zhulian.telemetry.store.engine import open_engine
from zhulian.telemetry.store.errors import store_unreachable
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.settings import Settings

STORED = "SELECT count() FROM readings"
POINTS = "SELECT uniqExact(tenant, point) FROM readings"
HOURLY = "SELECT sum(rows) FROM hourly"
BROKEN = "SELECT count() FROM system.detached_parts WHERE database = currentDatabase() AND reason LIKE 'broken%'"
TIMEOUT_S = 60.0
Ask = Callable[[str], int]


class Finding(NamedTuple):
    """One line of the report; ``is_bad`` means that something needs a person."""

    name: Text
    value: int
    is_bad: bool = False


def findings(settings: Settings) -> Iterator[Finding]:
    """The whole report. Raises ZhulianError."""
    try:
        with hold(settings.data.root), _files(settings) as ask:
            yield from _of_store(ask)
            yield from _of_journal(settings)
            yield from _quarantine(Shelf.of(settings, system_clock).totals())
    except DataFolderInUseError:
        yield Finding(Text("遥测进程在运行", "the telemetry process is running"), 1)
        yield from _of_store(lambda sql: int(_by_port(settings, "/", f"{sql} FORMAT TSV")))
        yield from _of_process(msgspec.json.decode(_by_port(settings, "/health"), type=_Health))


class _Journal(msgspec.Struct):
    damages: list[str]
    torn_bytes: int


class _Health(msgspec.Struct):
    journal: _Journal
    rows_waiting: int
    batches_lost: int
    quarantine: Totals


def _of_process(health: _Health) -> Iterator[Finding]:
    yield Finding(Text("等待入库的读数", "readings waiting for the store"), health.rows_waiting)
    yield _torn(health.journal.torn_bytes)
    yield _damages(len(health.journal.damages))
    yield Finding(
        Text("读不回的批", "batches that could not be read back"), health.batches_lost, health.batches_lost > 0
    )
    yield from _quarantine(health.quarantine)


def _of_store(ask: Ask) -> Iterator[Finding]:
    yield Finding(Text("读数", "readings"), ask(STORED))
    yield Finding(Text("点位", "points"), ask(POINTS))
    yield Finding(Text("小时汇总中的读数", "readings in the hourly sums"), ask(HOURLY))
    broken = ask(BROKEN)
    yield Finding(Text("损坏的数据块", "broken parts"), broken, broken > 0)


def _of_journal(settings: Settings) -> Iterator[Finding]:
    folder = settings.data.journal
    if not folder.exists():
        return
    found = recover(folder, checkpoints.load_or_create(folder).position, keep_copies=False)
    yield Finding(Text("日志中等待入库的批", "batches waiting in the journal"), len(found.batches))
    yield _torn(found.torn_bytes)
    yield _damages(len(found.damages))


def _quarantine(totals: Totals) -> Iterator[Finding]:
    """Not damage: what could not be stored is safe there, and waits for a person."""
    yield Finding(Text("隔离区中的批", "batches in the quarantine"), totals.items)
    yield Finding(Text("隔离区中的读数", "readings in the quarantine"), totals.rows)
    yield Finding(
        Text("隔离区满后丢弃的批", "batches that gave way in a full quarantine"),
        totals.dropped_items,
        totals.dropped_items > 0,
    )


def _torn(size_bytes: int) -> Finding:
    """No damage: a write that was under way when the process died, and that nobody was told about."""
    return Finding(Text("日志尾部未写完的字节", "torn bytes at the journal's end"), size_bytes)


def _damages(count: int) -> Finding:
    return Finding(Text("日志中的损坏", "damages in the journal"), count, count > 0)


@contextmanager
def _files(settings: Settings) -> Iterator[Ask]:
    engine = open_engine(settings)
    try:
        yield lambda sql: int(b"".join(engine.query(sql, "TSV")))
    finally:
        engine.close()


def _by_port(settings: Settings, path: str, sql: str | None = None) -> bytes:
    where = f"http://127.0.0.1:{settings.store_port}{path}"
    key = (settings.data.keys / "store.key").read_text().strip()
    headers = {"X-ClickHouse-User": "zhulian", "X-ClickHouse-Key": key}
    request = urllib.request.Request(where, sql.encode() if sql else None, headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            return bytes(answer.read())
    except (urllib.error.URLError, TimeoutError) as fault:
        raise store_unreachable(where, str(fault)) from fault
