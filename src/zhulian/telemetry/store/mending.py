"""Rollups made equal to what they are made of: after a crash in the middle of an insertion, a migration, a repair.

A partition of a rollup and its source know of the same number of readings, or the partition is made anew. An insertion
puts its rows of a partition in place at once or not at all, so equal numbers mean equal sums.
"""

from collections.abc import Callable, Iterable, Iterator

from zhulian.telemetry.store.folded import count_excessive, drop_excessive
from zhulian.telemetry.store.rollups import ROLLUPS, Rollup
from zhulian.telemetry.store.stretches import Stretch

Run = Callable[[str], str]
"""A statement → its answer as text."""
PATIENT = "SETTINGS max_execution_time = 0"
_REMAKE = (
    "SETTINGS insert_deduplicate = 0, async_insert = 0, max_execution_time = 0,"
    " optimize_aggregation_in_order = 1, max_insert_threads = 1"
)

_DAYS = f"SELECT arrayStringConcat(groupUniqArray(toInt32(toDate(ts))), ' ') FROM readings {PATIENT}"  # noqa: S608

_SUMMED_DAYS = (
    "SELECT arrayStringConcat(groupUniqArray(day), ' ') FROM (SELECT DISTINCT toInt32(toDate(hour)) AS day FROM hourly"  # noqa: S608
    f" UNION ALL SELECT DISTINCT toInt32(toDate(day)) AS day FROM daily) {PATIENT}"
)


def mend(run: Run, days: Iterable[int], rollups: Iterable[Rollup] = ROLLUPS) -> list[str]:
    """Make every rollup right on ``days`` (counted from 1970, UTC); what was made anew, as ``hourly/'2026-05-25'``."""
    touched = set(days)
    remade = []
    for rollup in rollups:
        for stretch in disagreeing(run, rollup, touched):
            remake(run, rollup, stretch)
            remade.append(f"{rollup.name}/{stretch.partition}")
            touched.update(stretch.days)  # what is filled from this one has just been given its rows once more
    return remade


def mend_folds(run: Run) -> list[str]:
    """Take away folds that know more readings than the hours do; those days, as ``folded/20600``."""
    wrong = [day for day in days_held(run) if _number(run, count_excessive(day))]
    for day in wrong:
        run(drop_excessive(day))
    return [f"folded/{day}" for day in wrong]


def disagreeing(run: Run, rollup: Rollup, days: Iterable[int]) -> Iterator[Stretch]:
    """The partitions on ``days`` that count another number of readings than their source."""
    return (stretch for stretch in rollup.stretches(days) if differs(run, rollup, stretch))


def differs(run: Run, rollup: Rollup, stretch: Stretch) -> bool:
    """Whether one partition does."""
    return _number(run, rollup.count_in_source(stretch)) != _number(run, rollup.count(stretch))


def remake(run: Run, rollup: Rollup, stretch: Stretch) -> None:
    """Drop a partition and make it again; what is dropped and what is made are the same stretch of time."""
    run(f"ALTER TABLE {rollup.name} DROP PARTITION {stretch.partition}")
    run(f"INSERT INTO {rollup.name} {rollup.select(rollup.of_stretch(stretch))} {_REMAKE}")
    if rollup.outlives:
        run(f"INSERT INTO {rollup.name} SELECT * FROM {rollup.kept.name} WHERE {stretch.holds(rollup.start)} {_REMAKE}")  # noqa: S608


def days_of(run: Run) -> list[int]:
    """The days, counted from 1970 in UTC, on which there are raw rows."""
    return sorted(map(int, run(_DAYS).split()))


def days_held(run: Run) -> list[int]:
    """The days of which raw rows or sums are there: also those whose rows are gone."""
    return sorted({*days_of(run), *map(int, run(_SUMMED_DAYS).split())})


def days_kept(run: Run) -> list[int]:
    """The days of which there are sums of retired rows."""
    found = [
        run(f"SELECT arrayStringConcat(groupUniqArray(toInt32(toDate({rollup.start}))), ' ') FROM {rollup.kept.name}")  # noqa: S608
        for rollup in ROLLUPS
        if rollup.outlives
    ]
    return sorted({int(day) for days in found for day in days.split()})


def _number(run: Run, sql: str) -> int:
    return int(run(f"{sql} {PATIENT}"))
