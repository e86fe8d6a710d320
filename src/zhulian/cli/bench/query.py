"""``zhulian bench query``: how long the pages' own questions take at a hundred million rows while rows are written.

A ``zhulian telemetry run`` of its own holds a month of minutes of 480 enterprises, each with a machine of five points,
and 50,000 rows a second come in through its lane. Questions go through :class:`zhulian.telemetry.queries.Telemetry`,
as the portal's do. SQLite (WAL, clustered by tenant, point and time) answers the same ones in the same run, beside a
writer too, from a twentieth of the rows.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zhulian.cli.bench.figures import Figure, measured
from zhulian.cli.bench.ingest import Platform
from zhulian.cli.bench.query_city import (
    DAY_US,
    ENTERPRISES,
    MINUTE_US,
    POINTS,
    City,
    build,
    district_of,
    sqlite_rows,
)
from zhulian.cli.bench.query_peer import SqliteAnswers, write_sqlite
from zhulian.cli.bench.query_writer import BATCH_ROWS, BATCHES_PER_S, WRITER, write_platform, writing
from zhulian.telemetry.queries import Telemetry
from zhulian.vocabulary.readings import PointId, TenantId, TimeUs

PEER_ENTERPRISES = ENTERPRISES // 20
LONGEST_S = 5.0
MOST_RUNS = 300
LIBRARIES = ("chdb", "clickhouse-connect", "pyarrow")


@dataclass(frozen=True, slots=True)
class Question:
    """What a page asks, the same asked of the peer (where it can be), and within how many ms 99 of 100 must come."""

    title: str
    goal_ms: float
    ask: Callable[[], object]
    ask_peer: Callable[[], object] | None = None


def run(folder: Path | None = None) -> list[Figure]:
    """All figures. ``folder`` keeps the hundred million rows for the next run; building them takes minutes."""
    with _place(folder) as place:
        city = build(Platform(place))
        platform = Platform(place)
        began_s = time.perf_counter()
        with platform.running():  # live values come from the store, as after every start
            start_s = time.perf_counter() - began_s
            telemetry = Telemetry.connect(platform.settings)
            peer = SqliteAnswers.fill(place / "peer.sqlite3", sqlite_rows(city, PEER_ENTERPRISES))
            questions = _questions(telemetry, peer, city)
            with writing(write_platform, (platform.lane(WRITER), city.end_us)):
                ours = [_times_s(question.ask) for question in questions]
            telemetry.close()
        with writing(write_sqlite, peer.path):
            theirs = [_times_s(question.ask_peer) if question.ask_peer else [] for question in questions]
        peer.close()
    title = f"query, {city.rows:,} rows"
    figures = [measured(f"{title}: start to ready (goal 5)", start_s, "s", seconds=start_s, libraries=LIBRARIES)]
    peer_name = f"SQLite WAL, clustered, {city.rows * PEER_ENTERPRISES // ENTERPRISES:,} rows"
    for question, mine, other in zip(questions, ours, theirs, strict=True):
        named = f"{title}, writing {BATCH_ROWS * BATCHES_PER_S:,}/s: {question.title} (goal {question.goal_ms:g})"
        figures += _figures(named, mine, other, peer_name)
    return figures


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="zhulian-bench-") as name:
        yield Path(name)


def _questions(telemetry: Telemetry, peer: SqliteAnswers, city: City) -> list[Question]:
    tenant = TenantId(PEER_ENTERPRISES // 2)
    point = PointId((tenant - 1) * POINTS + 2)
    machine = [PointId((tenant - 1) * POINTS + at) for at in range(1, POINTS + 1)]
    everybody = [TenantId(number) for number in range(1, ENTERPRISES + 1)]
    districts = {each: district_of(each) for each in everybody}
    start, day, end = city.start_us, TimeUs(city.end_us - DAY_US), city.end_us
    return [
        Question(
            "latest of a machine",
            50,
            lambda: telemetry.latest(tenant, machine),
            lambda: peer.latest(tenant, machine),
        ),
        Question(
            "24 h of a point, down-sampled",
            50,
            lambda: telemetry.series(tenant, point, day, end, every_us=MINUTE_US),
            lambda: peer.series(tenant, point, day, end, 180_000_000),
        ),
        Question(
            "30 d of a point, down-sampled",
            50,
            lambda: telemetry.series(tenant, point, start, end, every_us=MINUTE_US),
            lambda: peer.series(tenant, point, start, end, 7_200_000_000),
        ),
        Question(
            "top 20 enterprises of 24 h", 50, lambda: telemetry.top(everybody, day, end), lambda: peer.top(day, end)
        ),
        Question("machines seen in 5 min", 50, lambda: _machines(telemetry)),
        Question(
            "24 h of the city by hour and district",
            100,
            lambda: telemetry.city_hours(districts, day, end),
            lambda: peer.city_hours(day, end),
        ),
        Question("30 d of the city by hour and district", 100, lambda: telemetry.city_hours(districts, start, end)),
    ]


def _machines(telemetry: Telemetry) -> int:
    """As the portal counts them: points that were heard, by the machine that each belongs to."""
    heard = telemetry.seen().points
    return len({(tenant, (point - 1) // POINTS) for tenant, points in heard.items() for point in points})


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


def _figures(title: str, mine: list[float], other: list[float], peer: str) -> Iterator[Figure]:
    for percent in (50, 99):
        yield measured(
            f"{title}, p{percent}",
            float(np.percentile(mine, percent)) * 1000,
            "ms",
            seconds=sum(mine) + sum(other),
            libraries=LIBRARIES,
            peer=peer if other else "",
            peer_value=float(np.percentile(other, percent)) * 1000 if other else None,
        )
