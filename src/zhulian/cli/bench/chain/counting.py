"""What is in the store beside what was acknowledged: every row, and every rollup that the schema has.

Numbered readings make it exact: gateway n was promised the numbers from 1 to m, so its enterprise has m rows, m
distinct values between 1 and m, and every rollup adds up to the same, whatever its pieces of time are.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from zhulian.cli.bench.chain.process import Telemetry
from zhulian.telemetry.check import findings
from zhulian.telemetry.store.rollups import ROLLUPS
from zhulian.telemetry.store.schema import READINGS
from zhulian.telemetry.store.table import Table

Ask = Callable[[str], list[list[str]]]
STORED_WITHIN_S = 60.0
_MEASURES: Mapping[str, tuple[str, Callable[[int], float]]] = {
    "rows": ("sum", float),
    "count": ("sum", float),
    "total": ("sum", lambda sent: sent * (sent + 1) / 2),
    "low": ("min", lambda _: 1.0),
    "high": ("max", float),
}
"""Columns that a rollup may have: how its pieces are put together, and what must come out after ``sent`` numbers."""

_ROWS_AT_ONCE = 4_000_000
"""Distinct numbers are counted in memory, and an hour's at full speed do not fit into it. A number belongs to one
point, so they are counted by points; one that strayed to another shows in the sums."""


@dataclass(frozen=True, slots=True)
class Account:
    """How the store differs from what was promised; all of it zero and empty when nothing is wrong."""

    lost: int = 0
    doubled: int = 0
    wrong: tuple[str, ...] = ()
    """Sums that do not add up to the rows, and whatever else is not as it should be, in words."""


def rollups() -> list[Table]:
    """The tables that add up readings. Raises RuntimeError for one that nothing here can count by."""
    found = [rollup.table for rollup in ROLLUPS]
    strange = [table.name for table in found if not _measures(table)]
    if strange:
        raise RuntimeError(f"no measure of {strange} is known to bench.chain.counting")
    return found


def wait_until_stored(telemetry: Telemetry) -> None:
    """Until nothing waits in the journal, or long enough for the account to say what is missing.

    Counting rows would be too early: they are in their table a moment before they are in the rollups.
    """
    deadline_s = time.monotonic() + STORED_WITHIN_S
    while telemetry.health()["rows_waiting"] and time.monotonic() < deadline_s:
        time.sleep(0.05)


def account(ask: Ask, sent: Mapping[int, int]) -> Account:
    """Compare with ``sent``: enterprise → its last acknowledged number."""
    lost = doubled = 0
    for tenant, promised in sent.items():
        count, distinct, low, high = _numbers(ask, tenant)
        stray = int(high > promised) + int(low < 1)  # a number that nobody sent must not make up for one that is lost
        lost += max(promised - int(distinct), 0) + stray
        doubled += int(count - distinct) + max(int(distinct) - promised, 0)
    return Account(lost, doubled, tuple(line for table in rollups() for line in wrong_sums(ask, table, sent)))


def wrong_sums(ask: Ask, table: Table, sent: Mapping[int, int]) -> list[str]:
    """Where a rollup does not add up to everything that was ``sent``."""
    names = _measures(table)
    merged = ", ".join(f"{_MEASURES[name][0]}({table.name}.{name})" for name in names)
    rows = _by_tenant(ask(f"SELECT tenant, {merged} FROM {table.name} GROUP BY tenant"))  # noqa: S608
    return [
        f"{table.name}.{name} of enterprise {tenant}: {found:.0f} and not {_MEASURES[name][1](promised):.0f}"
        for tenant, promised in sent.items()
        if promised
        for name, found in zip(names, rows.get(tenant, [0.0] * len(names)), strict=True)
        if found != _MEASURES[name][1](promised)
    ]


def checked(telemetry: Telemetry) -> tuple[str, ...]:
    """What ``zhulian telemetry check`` finds wrong."""
    return tuple(
        f"{one.key}: {one.value} {' '.join(one.details)}" for one in findings(telemetry.settings) if one.is_bad
    )


def _numbers(ask: Ask, tenant: int) -> tuple[float, float, float, float]:
    """An enterprise's rows, how many distinct numbers they hold, the smallest and the largest."""
    count, distinct, low, high = 0.0, 0.0, 1.0, 0.0
    for points in _portions(ask, tenant):
        found = ask(
            "SELECT count(), uniqExact(value), min(value), max(value)"  # noqa: S608
            f" FROM {READINGS.name} WHERE tenant = {tenant} AND point IN ({', '.join(points)})"
        )
        some, kinds, least, most = map(float, found[0])
        count, distinct, low, high = count + some, distinct + kinds, min(low, least), max(high, most)
    return count, distinct, low, high


def _portions(ask: Ask, tenant: int) -> Iterator[list[str]]:
    """Its points, as many at once as their rows allow."""
    points: list[str] = []
    waiting = 0
    for point, rows in ask(f"SELECT point, count() FROM {READINGS.name} WHERE tenant = {tenant} GROUP BY point"):  # noqa: S608
        if points and waiting + int(rows) > _ROWS_AT_ONCE:
            yield points
            points, waiting = [], 0
        points.append(point)
        waiting += int(rows)
    if points:
        yield points


def _measures(table: Table) -> list[str]:
    return [name for name, _ in table.columns if name in _MEASURES]


def _by_tenant(rows: list[list[str]]) -> dict[int, list[float]]:
    return {int(tenant): [float(cell) for cell in cells] for tenant, *cells in rows}
