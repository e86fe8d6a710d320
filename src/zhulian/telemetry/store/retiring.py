"""Rows taken away for good while the sums over them stay, or go too: one step at a time, each exactly once.

A step concerns rows of one table in a stretch of a day or two. Every partition that it touches, of that table and of
what is made of it, is put together anew in a staging table (:func:`stage`): what stays there, and in what the heirs
keep, what the rows add up to. With nothing being inserted, that is counted against what is there (:func:`is_staged`),
the step is written down as begun, and the partitions are replaced; each of these statements may be repeated. So a kill
at any moment either changes nothing or is finished at the next start, before anything is inserted.

Called by ``telemetry.retention``; ``preparation`` finishes what was begun. Why not by mutations: see ADR 0035.
"""

from collections.abc import Iterator
from typing import NamedTuple

from zhulian.telemetry.store import schema
from zhulian.telemetry.store.errors import staging_gone
from zhulian.telemetry.store.folded import FOLDED
from zhulian.telemetry.store.mending import PATIENT, Run, mend
from zhulian.telemetry.store.rollups import HOURLY, ROLLUPS, Rollup
from zhulian.telemetry.store.stretches import DAY_S, Stretch, Stretches, each_day, weeks

READINGS = schema.READINGS.name
_WHOLE = "SETTINGS insert_deduplicate = 0, async_insert = 0, max_execution_time = 0, max_insert_threads = 1"
_BEGUN = (
    "SELECT arrayStringConcat(groupArray(line), ';') FROM (SELECT concatWithSeparator(' ', toString(step),"
    " toString(any(number)), any(source), toString(any(start)), toString(any(end)), toString(any(with_sums)),"
    " toString(any(rows)), max(condition)) AS line FROM retirements"
    " WHERE step IN (SELECT step FROM retirements GROUP BY step HAVING max(is_done) = 0) GROUP BY step ORDER BY step)"
)
"""Conditions may be long, and there are many of steps that are done: only those of open ones are read."""


class Going(NamedTuple):
    """The rows of ``source`` from ``start_s`` until ``end_s`` (UTC) for which ``condition`` holds of tenant and point.

    ``with_sums``: everything that was made of them goes too; then the bounds are midnights of the city.
    ``number`` says on whose demand, 0 for retention.
    """

    source: str
    start_s: int
    end_s: int
    condition: str
    with_sums: bool = False
    number: int = 0

    @property
    def days(self) -> range:
        """The days in UTC that it touches."""
        return range(self.start_s // DAY_S, -(-self.end_s // DAY_S))

    def where(self, time: str) -> str:
        """The rows in a table whose times are in the column ``time``."""
        return f"{Stretch('', self.start_s, self.end_s).holds(time)} AND ({self.condition})"

    @property
    def is_of_tenant(self) -> bool:
        """Whether the condition is one on enterprises alone, and so holds of sums that are not by point."""
        return "point" not in self.condition

    @property
    def heirs(self) -> list[Rollup]:
        """The rollups that keep what these rows add up to."""
        gone = {self.source, *self.followers}
        return [] if self.with_sums else [each for each in schema.OUTLIVING if each.source in gone]

    @property
    def followers(self) -> list[str]:
        """The rollups that lose with the source what was made of these rows."""
        found = [self.source]
        for rollup in ROLLUPS:
            if not rollup.outlives and rollup.source in found:
                found.append(rollup.name)
        return found[1:]


class Held(NamedTuple):
    """A table that a step concerns, and what there is to be counted in it; ``heir`` when it keeps sums instead."""

    name: str
    time: str
    stretches: Stretches
    measure: str
    heir: Rollup | None = None
    final: str = ""
    """`` FINAL`` where rows of one key replace each other."""

    @property
    def staged(self) -> str:
        """Where its partitions are put together."""
        return f"{self.name}_staged"

    def within(self, going: Going) -> str:
        """Everything in the partitions that the step touches."""
        return " OR ".join(f"({stretch.holds(self.time)})" for stretch in self.stretches(going.days))

    def stay(self, going: Going) -> str:
        """What stays of it."""
        return f"({self.within(going)})" if self.heir else f"({self.within(going)}) AND NOT ({going.where(self.time)})"

    def readings(self, run: Run, where: str, staged: bool = False) -> int:
        """How many readings its rows are or add up to."""
        name = self.staged if staged else self.name
        return _number(run, f"SELECT {self.measure.format(name)} FROM {name}{self.final} WHERE {where}")  # noqa: S608


def stage(run: Run, going: Going) -> None:
    """Put every partition together as it will be."""
    for held in _tables(going):
        run(f"TRUNCATE TABLE {held.staged}")
        run(f"INSERT INTO {held.staged} SELECT * FROM {held.name} WHERE {held.stay(going)} {_WHOLE}")  # noqa: S608
        if held.heir:
            where = going.where(f"{held.heir.source}.{held.heir.source_time}")
            run(f"INSERT INTO {held.staged} {held.heir.select(f'WHERE {where}')} {_WHOLE}")


def count(run: Run, going: Going) -> int:
    """The readings that these rows are, or add up."""
    held = _source(going.source)
    return held.readings(run, going.where(held.time))


def is_staged(run: Run, going: Going, rows: int) -> bool:
    """Whether what is staged accounts for everything that is there by now, and for the ``rows`` that go.

    Never for hours of which there are readings, such as late ones: their sums would be made of them once more.
    """
    if going.source != READINGS and count(run, going._replace(source=READINGS)):
        return False
    return all(
        held.readings(run, held.within(going), staged=True)
        == held.readings(run, held.stay(going)) + (rows if held.heir else 0)
        for held in _tables(going)
    )


def begin(run: Run, going: Going, rows: int) -> None:
    """Write it down; from here on it will be done. Nothing may be inserted until :func:`finish_begun` has ended."""
    step = _number(run, "SELECT max(step) + 1 FROM retirements")
    _write(run, going, step, rows, is_done=False)


def finish_begun(run: Run) -> None:
    """Do what was begun and is not done; nothing at all otherwise. Safe to repeat from any statement on."""
    for line in filter(None, run(_BEGUN).strip().split(";")):
        step, number, source, start_s, end_s, with_sums, rows, condition = line.split(" ", 7)
        going = Going(source, int(start_s), int(end_s), condition, with_sums == "1", int(number))
        for held in _tables(going):
            _replace(run, held, going)
        if going.with_sums:  # sums that are not by point hold these readings among others
            mend(run, going.days)
        _write(run, going, int(step), int(rows), is_done=True)
        for held in _tables(going):
            run(f"TRUNCATE TABLE {held.staged}")


def rows_gone(run: Run, number: int) -> int:
    """How many readings went on that demand so far."""
    return _number(run, f"SELECT sum(rows) FROM retirements WHERE is_done = 1 AND number = {number}")  # noqa: S608


def _replace(run: Run, held: Held, going: Going) -> None:
    """Partition by partition, each in one piece; one of which nothing stays is dropped. Raises StoreError."""
    for stretch in held.stretches(going.days):
        where = stretch.holds(held.time)
        stays = where if held.heir else f"{where} AND NOT ({going.where(held.time)})"
        if _has_any(run, held.staged, where):
            run(f"ALTER TABLE {held.name} REPLACE PARTITION {stretch.partition} FROM {held.staged}")
        elif _has_any(run, held.name, stays):
            raise staging_gone(f"{held.name}/{stretch.partition}")
        else:
            run(f"ALTER TABLE {held.name} DROP PARTITION {stretch.partition}")


def _has_any(run: Run, table: str, where: str) -> bool:
    return _number(run, f"SELECT count() FROM (SELECT 1 FROM {table} WHERE {where} LIMIT 1)") > 0  # noqa: S608


def _tables(going: Going) -> Iterator[Held]:
    """The heirs, the source, what it kept itself, and everything made of it that does not outlive it."""
    for rollup in going.heirs:
        yield Held(rollup.kept.name, rollup.start, rollup.stretches, "sum({0}.rows)", rollup)
    yield _source(going.source)
    for rollup in ROLLUPS:
        is_source, follows = rollup.name == going.source, rollup.name in going.followers
        if is_source or follows or (going.with_sums and (rollup.of_points or going.is_of_tenant)):
            if not is_source:
                yield Held(rollup.name, rollup.start, rollup.stretches, "sum({0}.rows)")
            if rollup.outlives:
                yield Held(rollup.kept.name, rollup.start, rollup.stretches, "sum({0}.rows)")

    if going.number or going.source == HOURLY.name:  # folds hold values as they were, and are looked up by hour
        yield Held(FOLDED.name, "hour", weeks, "sum({0}.seen)", final=" FINAL")


def _source(name: str) -> Held:
    if name == READINGS:
        return Held(READINGS, "ts", each_day, "count()")
    rollup = next(each for each in ROLLUPS if each.name == name)
    return Held(rollup.name, rollup.start, rollup.stretches, "sum({0}.rows)")


def _write(run: Run, going: Going, step: int, rows: int, *, is_done: bool) -> None:
    condition = "" if is_done else going.condition
    run(
        "INSERT INTO retirements (step, is_done, number, source, start, end, with_sums, rows, condition) VALUES"  # noqa: S608
        f" ({step}, {int(is_done)}, {going.number}, '{going.source}', {going.start_s}, {going.end_s},"
        f" {int(going.with_sums)}, {rows}, '{condition}')"
    )


def _number(run: Run, sql: str) -> int:
    return int(run(f"{sql} {PATIENT}"))
