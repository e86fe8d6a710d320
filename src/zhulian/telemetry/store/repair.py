"""A store put right while nothing else holds it: parts that were set aside, then sums. For ``telemetry repair``.

Rows that are whole are never touched. What a detached part of raw rows can still give comes back by ordinary insertion,
and only rows that the store does not hold: parts may have been stored again from the journal since. Parts that cannot
be read are moved to ``store/set-aside``, as they are. Killed at any moment, it goes on when it is run again.
"""

import os
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from zhulian.telemetry.store import schema
from zhulian.telemetry.store.embedded import EmbeddedEngine
from zhulian.telemetry.store.errors import StoreError
from zhulian.telemetry.store.mending import days_kept, days_of, mend, mend_folds
from zhulian.telemetry.store.rollups import ROLLUPS

FOUND = "readings_found"
SET_ASIDE = "set-aside"
_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})?_\d+_\d+_\d+")
_PARTS = (
    "SELECT concat(table, ' ', name, ' ', reason) FROM system.detached_parts"
    " WHERE database = currentDatabase() AND reason != '' ORDER BY table, name"
)
_FOLDERS = "SELECT data_paths[1] FROM system.tables WHERE database = currentDatabase() AND name = '{0}'"
_ROW = "tenant, point, ts, reinterpretAsUInt64(value), text, quality"
"""What makes two rows the same; the bits of the value, because NaN equals nothing."""
_LACKING = (
    f"FROM {FOUND} WHERE ({_ROW}) NOT IN"  # noqa: S608
    f" (SELECT {_ROW} FROM readings WHERE toDate(ts) IN (SELECT DISTINCT toDate(ts) FROM {FOUND}))"
)
_TAKE_BACK = (
    f"INSERT INTO readings SELECT * {_LACKING}"
    " SETTINGS insert_deduplicate = 0, async_insert = 0, max_execution_time = 0, max_partitions_per_insert_block = 0"
)


class Repaired(NamedTuple):
    """One thing done: ``rows_found`` (whose part), ``part_set_aside``, ``sums_remade`` or ``folds_dropped``."""

    what: str
    where: str
    rows: int = 0


class Detached(NamedTuple):
    """A part that the engine does not use, and why."""

    table: str
    name: str
    reason: str


def repair(engine: EmbeddedEngine) -> Iterator[Repaired]:
    """What is done, as it is done. Raises StoreError."""
    run = engine.run
    run(f"DROP TABLE IF EXISTS {FOUND} SYNC")  # of a repair that was killed: the part is still where it was
    for part in [Detached(*line.split(" ", 2)) for line in run(_PARTS).splitlines()]:
        folder = _folder(engine, part.table) / "detached" / part.name
        if part.table == schema.READINGS.name and _attached(engine, part, folder):
            yield _taken_back(engine, part, folder)
        else:
            yield _set_aside(engine, part, folder)
    lost = _days_with_lost_rows(engine)
    yield from (Repaired("sums_remade", partition) for partition in mend(run, {*days_of(run), *days_kept(run)} - lost))
    yield from (Repaired("folds_dropped", day) for day in mend_folds(run))


def _days_with_lost_rows(engine: EmbeddedEngine) -> set[int]:
    """Where sums know more than the rows that are left: they are kept until somebody removes the part set aside."""
    aside = engine.folder / SET_ASIDE
    tables = (schema.READINGS, *(rollup.kept for rollup in schema.OUTLIVING))
    names = [found for table in tables for path in (aside / table.name).glob("*") if (found := _DAY.search(path.name))]
    lost = {(date(*(int(part or 1) for part in found.groups())) - date(1970, 1, 1)).days for found in names}
    return {day for rollup in ROLLUPS for stretch in rollup.stretches(lost) for day in stretch.days}


def _attached(engine: EmbeddedEngine, part: Detached, folder: Path) -> bool:
    """Whether the part could be read: its files are linked into a table of their own."""
    engine.run(f"CREATE TABLE {FOUND} AS readings")
    name = part.name.removeprefix(f"{part.reason}_")
    shutil.copytree(folder, _folder(engine, FOUND) / "detached" / name, copy_function=os.link)
    try:
        engine.run(f"ALTER TABLE {FOUND} ATTACH PART '{name}'")
        engine.run(f"SELECT sum(cityHash64(*)) FROM {FOUND}")  # noqa: S608 - reads, and so checks, every byte
    except StoreError:
        engine.run(f"DROP TABLE {FOUND} SYNC")
        return False
    return True


def _taken_back(engine: EmbeddedEngine, part: Detached, folder: Path) -> Repaired:
    """Rows that only the found table holds go where the others are; then the part is of no more use."""
    rows = int(engine.run(f"SELECT count() {_LACKING}"))
    if rows:
        engine.run(_TAKE_BACK)
    shutil.rmtree(folder)
    engine.run(f"DROP TABLE {FOUND} SYNC")
    return Repaired("rows_found", f"{part.table}/{part.name}", rows)


def _set_aside(engine: EmbeddedEngine, part: Detached, folder: Path) -> Repaired:
    target = engine.folder / SET_ASIDE / part.table
    target.mkdir(parents=True, exist_ok=True)
    folder.rename(target / part.name)
    return Repaired("part_set_aside", f"{part.table}/{part.name}")


def _folder(engine: EmbeddedEngine, table: str) -> Path:
    return Path(engine.run(_FOLDERS.format(table)).strip())
