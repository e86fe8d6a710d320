"""The city that ``zhulian bench query`` asks about: a month of minutes of every point, made by the store itself."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from zhulian.cli.bench.ingest import Platform
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.readings import TenantId, TimeUs

ENTERPRISES = 480
POINTS = 5
"""Of each enterprise: one machine."""
DAYS = 30
DISTRICTS = 8
MINUTE_US = 60_000_000
DAY_US = 1440 * MINUTE_US
BUILT_WITHIN_S = 600.0
_COUNT = "SELECT count(), toUnixTimestamp64Micro(max(ts)) FROM zhulian.readings WHERE tenant <= {}"
_VALUE = "round(100 + 10 * sin(minute / 97 + point) + cityHash64(point, minute) % 100 / 100, 2)"
_DAY = (
    "INSERT INTO zhulian.readings (tenant, point, ts, value, text, quality)"  # noqa: S608 - numbers of our own
    " SELECT intDiv(number, 1440 * {points}) + 1, intDiv(number, 1440) + 1 AS point,"
    " fromUnixTimestamp64Micro({start} + (number % 1440 AS minute) * 60000000, 'UTC'), " + _VALUE + ", '', 0"
    " FROM numbers({rows}) SETTINGS max_execution_time = 0, max_insert_threads = 1"
)
Row = tuple[int, int, int, float, str, int]


@dataclass(frozen=True, slots=True)
class City:
    """How much there is, and from when to when."""

    rows: int
    start_us: TimeUs
    end_us: TimeUs


def build(platform: Platform) -> City:
    """Fill the platform's store, unless it is filled already."""
    wanted = ENTERPRISES * POINTS * DAYS * 1440
    with platform.running():
        if int(platform.ask(_COUNT.format(ENTERPRISES)).split()[0]) != wanted:
            _fill(platform)
        rows, last_us = map(int, platform.ask(_COUNT.format(ENTERPRISES)).split())
    if rows != wanted:
        raise RuntimeError(f"the store holds {rows} rows instead of {wanted}: give an empty folder")
    end_us = last_us + MINUTE_US
    return City(rows, TimeUs(end_us - DAYS * DAY_US), TimeUs(end_us))


def _fill(platform: Platform) -> None:
    """Day by day; each begins at a full hour, so that the newest minute is at most an hour old."""
    end_us = system_clock() // (60 * MINUTE_US) * 60 * MINUTE_US
    for day in range(DAYS):
        start_us, rows = end_us - (DAYS - day) * DAY_US, ENTERPRISES * POINTS * 1440
        platform.ask(_DAY.format(points=POINTS, start=start_us, rows=rows), BUILT_WITHIN_S)
    platform.ask("OPTIMIZE TABLE zhulian.hourly FINAL", BUILT_WITHIN_S)


def district_of(tenant: TenantId) -> int:
    """Enterprises are spread over the districts."""
    return tenant % DISTRICTS + 1


def sqlite_rows(city: City, enterprises: int) -> Iterator[Iterator[Row]]:
    """The first ``enterprises``, point by point: the order in which a clustered table is filled fastest."""
    times = range(city.start_us, city.end_us, MINUTE_US)
    minutes = np.arange(len(times))
    for point in range(1, enterprises * POINTS + 1):
        tenant = (point - 1) // POINTS + 1
        values = np.round(100 + 10 * np.sin(minutes / 97 + point), 2).tolist()
        yield ((tenant, point, at, value, "", 0) for at, value in zip(times, values, strict=True))
