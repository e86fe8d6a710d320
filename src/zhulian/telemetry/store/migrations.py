"""Stores of earlier versions brought to the present one, in place, before anything is inserted.

Every step looks at what is there and not at what was done before: killed at any statement, it goes on at the next
start. It works by partition, so that memory stays bounded and what is done is not done again.
"""

import logging
from collections.abc import Callable

from zhulian.telemetry.store.mending import PATIENT, Run, days_held, days_of, mend
from zhulian.telemetry.store.rollups import DAILY, HOURLY, TENANT_HOURLY

log = logging.getLogger(__name__)
_OLD = "hourly_version_1"
_PARTITIONS = (
    "SELECT arrayStringConcat(arraySort(groupUniqArray(toString(toMonday(hour)))), ' ')"  # noqa: S608
    f" FROM {_OLD} {PATIENT}"
)
_KEPT_COLUMNS = "tenant, point, hour, rows, count, total, low, high, first, last"


def to_version_2(run: Run) -> None:
    """Hourly sums with the newest reading in three columns instead of one tuple; days beside the hours."""
    if not _has(run, "tables", "name = 'readings'"):
        return  # a new store
    if _has(run, "columns", "table = 'hourly' AND name = 'newest'"):
        run("DROP TABLE IF EXISTS hourly_view SYNC")
        run(f"RENAME TABLE hourly TO {_OLD}")
    run(HOURLY.table.statement)
    if _has(run, "tables", f"name = '{_OLD}'"):
        for monday in run(_PARTITIONS).split():
            _take_over(run, monday)
        run(f"DROP TABLE {_OLD} SYNC")
    run(DAILY.table.statement)
    if not _has(run, "tables", "name = 'daily_view'"):
        mend(run, days_of(run), (HOURLY, DAILY))


def to_version_3(run: Run) -> None:
    """Hours of enterprises, from the hours of their points; those are there also where raw rows are gone."""
    if not _has(run, "tables", "name = 'readings'"):
        return  # a new store
    run(TENANT_HOURLY.table.statement)
    if not _has(run, "tables", "name = 'tenant_hourly_view'"):
        mend(run, days_held(run), (TENANT_HOURLY,))


def _take_over(run: Run, monday: str) -> None:
    """A week of the old hourly sums; nothing but this fills the new table yet, so equal counts mean that it is done."""
    where = f"WHERE toMonday(hour) = '{monday}'"
    known, there = (int(run(f"SELECT sum(rows) FROM {table} {where} {PATIENT}")) for table in (_OLD, "hourly"))  # noqa: S608
    if known == there:
        return
    log.info("存储升级到版本 2：%s 起的一周 / the store moves to version 2: the week from %s", monday, monday)
    run(f"ALTER TABLE hourly DROP PARTITION '{monday}'")
    newest = ", ".join(
        f"initializeAggregation('argMaxState', tupleElement(finalizeAggregation(newest), {place}), last)"
        for place in (1, 2, 3)
    )
    run(
        f"INSERT INTO hourly SELECT {_KEPT_COLUMNS}, {newest} FROM {_OLD} {where}"  # noqa: S608
        " SETTINGS insert_deduplicate = 0, async_insert = 0, max_execution_time = 0"
    )


def _has(run: Run, what: str, condition: str) -> bool:
    return int(run(f"SELECT count() FROM system.{what} WHERE database = currentDatabase() AND {condition}")) > 0  # noqa: S608


MIGRATIONS: dict[int, Callable[[Run], None]] = {2: to_version_2, 3: to_version_3}
"""What brings a store to each version from the one before it."""
