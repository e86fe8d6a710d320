"""A look at what the telemetry process holds, running or not: counts, waiting batches, damage. For ``telemetry check``.

While the process runs it is asked through its port; otherwise the files are opened here.
"""

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

import msgspec

from zhulian.telemetry.journal import checkpoint as checkpoints
from zhulian.telemetry.journal.recovery import recover
from zhulian.telemetry.lock import DataFolderInUseError, hold
from zhulian.telemetry.quarantine.shelf import Shelf, Totals
from zhulian.telemetry.store.engine import open_engine
from zhulian.telemetry.store.errors import store_unreachable
from zhulian.telemetry.store.folded import count_excessive
from zhulian.telemetry.store.mending import Run, days_held, differs, disagreeing
from zhulian.telemetry.store.rollups import ROLLUPS, Rollup
from zhulian.telemetry.store.schema import ALARMS, OUTLIVING
from zhulian.telemetry.store.stretches import Stretch
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.settings import Settings

STORED = "SELECT count() FROM readings"
FOLDED = "SELECT sum(seen) FROM folded FINAL"
POINTS = "SELECT uniqExact(tenant, point) FROM readings"
SUMMED = "SELECT sum({0}.rows) FROM {0}"
NAMES = {
    "hourly": Text("小时汇总中的读数", "readings in the hourly sums"),
    "daily": Text("日汇总中的读数", "readings in the daily sums"),
    "tenant_hourly": Text("企业小时汇总中的读数", "readings in the hourly sums of enterprises"),
}
TIMEOUT_S = 60.0
EPOCH = date(1970, 1, 1)
LOOKS = 5
PAUSE_S = 0.2
"""While blocks arrive, sums may be a moment behind the rows: a partition is wrong when it is so at every look."""


class Finding(NamedTuple):
    """One line of the report; ``is_bad`` means that something needs a person, ``details`` says where."""

    key: str
    name: Text
    value: int
    is_bad: bool = False
    details: tuple[str, ...] = ()


def findings(settings: Settings) -> Iterator[Finding]:
    """The whole report. Raises ZhulianError."""
    try:
        with hold(settings.data.root), _files(settings) as run:
            yield from _of_store(run)
            yield from _of_journal(settings)
            yield from _quarantine(Shelf.of(settings, system_clock).totals())
    except DataFolderInUseError:
        yield Finding("running", Text("遥测进程在运行", "the telemetry process is running"), 1)
        yield from _of_store(lambda sql: _by_port(settings, "/", sql).decode())
        yield from _of_process(msgspec.json.decode(_by_port(settings, "/health"), type=_Health))
    yield from _of_ledger(settings)


@contextmanager
def opened(settings: Settings) -> Iterator[Run]:
    """Statements to the store, through the running process or its files. Raises ZhulianError."""
    try:
        with hold(settings.data.root), _files(settings) as run:
            yield run
    except DataFolderInUseError:
        yield lambda sql: _by_port(settings, "/", sql).decode()


class _Journal(msgspec.Struct):
    damages: list[str]
    torn_bytes: int


class _Health(msgspec.Struct):
    journal: _Journal
    rows_waiting: int
    batches_lost: int
    quarantine: Totals


def _of_process(health: _Health) -> Iterator[Finding]:
    yield Finding("rows_waiting", Text("等待入库的读数", "readings waiting for the store"), health.rows_waiting)
    yield _torn(health.journal.torn_bytes)
    yield _damages(health.journal.damages)
    lost = health.batches_lost
    yield Finding("batches_lost", Text("读不回的批", "batches that could not be read back"), lost, lost > 0)
    yield from _quarantine(health.quarantine)


def _of_store(run: Run) -> Iterator[Finding]:
    yield Finding("readings", Text("读数", "readings"), int(run(STORED)))
    yield Finding("points", Text("点位", "points"), int(run(POINTS)))
    for rollup in ROLLUPS:
        yield Finding(rollup.name, NAMES[rollup.name], int(run(SUMMED.format(rollup.name))))
    kept = sum(int(run(SUMMED.format(rollup.kept.name))) for rollup in OUTLIVING if rollup.of_points)
    yield Finding("retired", Text("已移走、只留汇总的读数", "readings that went, with their sums kept"), kept)
    wrong = tuple(_wrong_sums(run))
    name = Text("与来源不符的汇总分区", "partitions of sums that differ from their source")
    yield Finding("sums_wrong", name, len(wrong), bool(wrong), wrong)
    yield Finding("folded", Text("折算过的小时中的读数", "readings in folded hours"), int(run(FOLDED)))
    excessive = tuple(_excessive_folds(run))
    name = Text("所含读数多于小时汇总的折算", "folds of more readings than the hourly sums know")
    yield Finding("folds_wrong", name, len(excessive), bool(excessive), excessive)
    broken = tuple(run(ALARMS).splitlines())
    yield Finding("parts_broken", Text("损坏的数据块", "broken parts"), len(broken), bool(broken), broken)


def _wrong_sums(run: Run) -> Iterator[str]:
    days = days_held(run)
    for rollup in ROLLUPS:
        for stretch in disagreeing(run, rollup, days):
            if all(_still_disagrees(run, rollup, stretch) for _ in range(LOOKS)):
                yield f"{rollup.name}/{stretch.partition}"


def _excessive_folds(run: Run) -> Iterator[str]:
    """The days that have some."""
    for day in days_held(run):
        if int(run(count_excessive(day))):
            yield f"folded/{EPOCH + timedelta(days=day)}"


def _still_disagrees(run: Run, rollup: Rollup, stretch: Stretch) -> bool:
    time.sleep(PAUSE_S)
    return differs(run, rollup, stretch)


def _of_journal(settings: Settings) -> Iterator[Finding]:
    folder = settings.data.journal
    if not folder.exists():
        return
    found = recover(folder, checkpoints.load_or_create(folder).position, keep_copies=False)
    waiting = Text("日志中等待入库的批", "batches waiting in the journal")
    yield Finding("batches_waiting", waiting, len(found.batches))
    yield _torn(found.torn_bytes)
    yield _damages([f"{damage.span.start}-{damage.span.end}" for damage in found.damages])


def _of_ledger(settings: Settings) -> Iterator[Finding]:
    """Sequence numbers that a gateway has not sent although it sent later ones: live readings overtake a backlog."""
    if not settings.data.journal.exists():
        return
    ledger = checkpoints.load_or_create(settings.data.journal).ledger
    gaps = tuple(
        f"{gateway}/{epoch}: {before[1] + 1}-{after[0] - 1}"
        for gateway, epochs in sorted(ledger.items())
        for epoch, intervals in epochs.items()
        for before, after in pairwise(intervals)
    )
    name = Text("序号中的空缺（网关尚未补发）", "gaps in sequence numbers, not sent yet by their gateways")
    yield Finding("sequence_gaps", name, len(gaps), details=gaps)


def _quarantine(totals: Totals) -> Iterator[Finding]:
    """Not damage: what could not be stored is safe there, and waits for a person."""
    yield Finding("quarantine_batches", Text("隔离区中的批", "batches in the quarantine"), totals.items)
    yield Finding("quarantine_rows", Text("隔离区中的读数", "readings in the quarantine"), totals.rows)
    gone, name = totals.dropped_items, Text("隔离区满后丢弃的批", "batches that gave way in a full quarantine")
    yield Finding("quarantine_dropped", name, gone, gone > 0)


def _torn(size_bytes: int) -> Finding:
    """No damage: a write that was under way when the process died, and that nobody was told about."""
    return Finding("torn_bytes", Text("日志尾部未写完的字节", "torn bytes at the journal's end"), size_bytes)


def _damages(where: list[str]) -> Finding:
    name = Text("日志中的损坏", "damages in the journal")
    return Finding("journal_damages", name, len(where), bool(where), tuple(where))


@contextmanager
def _files(settings: Settings) -> Iterator[Run]:
    engine = open_engine(settings)
    try:
        yield lambda sql: b"".join(engine.query(sql, "TSV")).decode()
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
