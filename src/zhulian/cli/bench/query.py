"""``zhulian bench query``: how long the pages' own queries take while 50,000 rows a second come in.

A ``zhulian telemetry run`` of its own holds a month of minutes of ten enterprises; questions go through
:class:`zhulian.telemetry.queries.Telemetry`, as the portal's do. SQLite (WAL, clustered by tenant, point and time)
answers the same questions from the same rows, also beside a writer, in the same run.
"""

import http.client
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhulian.cli.bench.figures import Figure, measured
from zhulian.cli.bench.ingest import Platform
from zhulian.cli.bench.query_peer import SqliteAnswers, write_sqlite
from zhulian.cli.bench.recording import recording
from zhulian.telemetry.endpoint.key import USER, load_or_create_key
from zhulian.telemetry.queries import Telemetry
from zhulian.telemetry.store.engine import BLOCK_SCHEMA, Block
from zhulian.telemetry.store.place import Place
from zhulian.telemetry.store.remote import RemoteEngine
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.readings import PointId, TenantId, TimeUs
from zhulian.wire import lane
from zhulian.wire.batch import encode

TENANTS = 10
MINUTE_US = 60_000_000
DAY_US = 1440 * MINUTE_US
DAYS = 30
END_US = 1_790_000_000_000_000 // DAY_US * DAY_US
START_US = END_US - DAYS * DAY_US
WRITER = 99
"""The gateway and enterprise that writes meanwhile."""
BATCH_ROWS = 10_000
BATCHES_PER_S = 5
LONGEST_S = 5.0
MOST_RUNS = 300
LIBRARIES = ("chdb", "clickhouse-connect", "pyarrow")
Numbers = npt.NDArray[Any]
T = TypeVar("T")
_spawned = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Question:
    """One page query and the same asked of the peer."""

    title: str
    ask: Callable[[], object]
    ask_peer: Callable[[], object]


def run(rows: int = 5_000_000, **_: object) -> list[Figure]:
    """All figures, in about a minute. ``rows`` is rounded down to whole points of a month each."""
    points = max(1, rows // (TENANTS * DAYS * 1440))
    with tempfile.TemporaryDirectory(prefix="zhulian-bench-") as name:
        folder = Path(name)
        platform = Platform(folder)
        with platform.running():
            _load(platform, points)
        peer = SqliteAnswers.fill(folder / "peer.sqlite3", _rows_by_point(points))
        with platform.running():  # started anew, so that live values come from the store
            telemetry = Telemetry.connect(platform.settings)
            questions = _questions(telemetry, peer, points)
            with _writing(write_platform, _address(platform)):
                ours = [_times_s(question.ask) for question in questions]
            telemetry.close()
        with _writing(write_sqlite, peer.path):
            theirs = [_times_s(question.ask_peer) for question in questions]
        peer.close()
    title = f"query, {points * TENANTS * DAYS * 1440:,} rows, writing {BATCH_ROWS * BATCHES_PER_S:,}/s"
    return [
        figure
        for question, mine, other in zip(questions, ours, theirs, strict=True)
        for figure in _figures(f"{title}: {question.title}", mine, other)
    ]


def _questions(telemetry: Telemetry, peer: SqliteAnswers, points: int) -> list[Question]:
    tenant, point, ids = TenantId(3), PointId(1), [PointId(number) for number in range(1, points + 1)]
    tenants = [TenantId(number) for number in range(1, TENANTS + 1)]
    start, day, end = TimeUs(START_US), TimeUs(END_US - DAY_US), TimeUs(END_US)
    return [
        Question(
            f"latest of {points} points", lambda: telemetry.latest(tenant, ids), lambda: peer.latest(tenant, points)
        ),
        Question(
            "24 h of a point",
            lambda: telemetry.series(tenant, point, day, end),
            lambda: peer.series(tenant, point, day, end, 180_000_000),
        ),
        Question(
            "30 d of a point",
            lambda: telemetry.series(tenant, point, start, end),
            lambda: peer.series(tenant, point, start, end, 7_200_000_000),
        ),
        Question(
            f"counts of {points} points", lambda: telemetry.counts(tenant, ids), lambda: peer.counts(tenant, points)
        ),
        Question(
            f"24 h by hour of {TENANTS} enterprises",
            lambda: telemetry.city_hours({each: each for each in tenants}, day, end),
            lambda: peer.hourly(TENANTS, day, end),
        ),
    ]


def _times_s(ask: Callable[[], object]) -> list[float]:
    """Seconds of each answer, asked for :data:`LONGEST_S` or :data:`MOST_RUNS` times after two to warm up."""
    ask()
    ask()
    times: list[float] = []
    until_s = time.perf_counter() + LONGEST_S
    while len(times) < MOST_RUNS and (time.perf_counter() < until_s or len(times) < 3):
        began_s = time.perf_counter()
        ask()
        times.append(time.perf_counter() - began_s)
    return times


def _figures(title: str, mine: list[float], other: list[float]) -> Iterator[Figure]:
    for percent in (50, 99):
        yield measured(
            f"{title}, p{percent}",
            float(np.percentile(mine, percent)) * 1000,
            "ms",
            seconds=sum(mine) + sum(other),
            libraries=LIBRARIES,
            peer="SQLite WAL, clustered",
            peer_value=float(np.percentile(other, percent)) * 1000,
        )


def _load(platform: Platform, points: int) -> None:
    key = load_or_create_key(platform.settings.data.keys / "store.key")
    engine = RemoteEngine(Place("127.0.0.1", platform.settings.store_port, USER, key, "zhulian", is_secure=False))
    values = recording().values
    for day in range(DAYS):
        minutes = np.tile(np.arange(day * 1440, (day + 1) * 1440), TENANTS * points)
        owners = np.repeat(np.arange(TENANTS * points), 1440)
        engine.insert(Block(f"bench-{day}", _table(owners // points + 1, owners % points + 1, minutes, values)))
    engine.close()
    platform.ask("OPTIMIZE TABLE zhulian.hourly FINAL")


def _table(tenants: Numbers, points: Numbers, minutes: Numbers, values: Numbers) -> pa.Table:
    columns = [
        pa.array(tenants.astype(np.uint32)),
        pa.array(points.astype(np.uint32)),
        pa.array(START_US + minutes * MINUTE_US, pa.timestamp("us", tz="UTC")),
        pa.array(_values(points, minutes, values)),
        pa.array([""] * len(minutes), pa.utf8()),
        pa.array(np.zeros(len(minutes), np.uint8)),
    ]
    return pa.Table.from_arrays(columns, schema=BLOCK_SCHEMA)


def _values(points: Numbers, minutes: Numbers, values: Numbers) -> Numbers:
    found: Numbers = values[minutes % len(values), points % values.shape[1]]
    return found


def _rows_by_point(points: int) -> Iterator[Iterator[tuple[int, int, int, float, str, int]]]:
    """The same rows in the order in which a clustered table is filled fastest."""
    values, minutes = recording().values, np.arange(DAYS * 1440)
    times = (START_US + minutes * MINUTE_US).tolist()
    for tenant in range(1, TENANTS + 1):
        for point in range(1, points + 1):
            found = _values(np.full(len(minutes), point), minutes, values).tolist()
            yield ((tenant, point, at, value, "", 0) for at, value in zip(times, found, strict=True))


@contextmanager
def _writing(write: Callable[[T, Event], None], where: T) -> Iterator[None]:
    stop = _spawned.Event()
    process = _spawned.Process(target=write, args=(where, stop), daemon=True)
    process.start()
    time.sleep(2)
    try:
        yield
    finally:
        stop.set()
        process.join(20)


def _address(platform: Platform) -> tuple[int, str]:
    return int(platform.settings["ZHULIAN_INGEST_PORT"]), platform.token(WRITER)


def write_platform(address: tuple[int, str], stop: Event) -> None:
    """In a process of its own: batches to the gateway lane, :data:`BATCHES_PER_S` a second."""
    port, token = address
    source = recording()
    headers = {"Authorization": f"Bearer {token}", lane.H_EPOCH: "bench-query"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    first, next_s = 0, time.monotonic()
    while not stop.wait(max(0.0, next_s - time.monotonic())):
        next_s += 1 / BATCHES_PER_S
        numbers = {lane.H_FIRST: str(first + 1), lane.H_LAST: str(first + BATCH_ROWS), lane.H_SENT: str(system_clock())}
        connection.request("POST", lane.BATCHES, encode(source.batch(first, BATCH_ROWS, WRITER)), headers | numbers)
        connection.getresponse().read()
        first += BATCH_ROWS
