"""Who uses how much of the store, and how it grows: the sizes are its parts', the rows come from sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zhulian.telemetry.queries.history import History
from zhulian.telemetry.store import usage
from zhulian.telemetry.store.stretches import CITY_S, DAY_S, Stretch
from zhulian.telemetry.store.usage import PartitionUse, TableUse, TenantUse
from zhulian.vocabulary.readings import TenantId


@dataclass(frozen=True, slots=True)
class Usage:
    """The whole store. ``retired_rows``: readings that retention or a demand took away; when last, seconds UTC."""

    tables: list[TableUse]
    tenants: dict[TenantId, TenantUse]
    retired_rows: int
    retired_at_s: int | None

    @property
    def bytes_per_row(self) -> float | None:
        """Of a raw reading, on average over the store; None while there are none."""
        readings = next((table for table in self.tables if table.name == "readings"), None)
        return readings.size_bytes / readings.rows if readings else None


def read_usage(history: History) -> Usage:
    """See :meth:`Telemetry.usage`."""
    tables = [TableUse(*found) for found in _rows(history, usage.TABLES)]
    tenants = [TenantUse(*map(int, found)) for found in _rows(history, usage.TENANTS)]
    retired_rows, at_s = next(iter(_rows(history, usage.RETIRED)), (0, 0))
    return Usage(tables, {TenantId(one.tenant): one for one in tenants}, int(retired_rows), int(at_s) or None)


def read_partitions(history: History) -> list[PartitionUse]:
    """See :meth:`Telemetry.partitions`."""
    return [PartitionUse(*found) for found in _rows(history, usage.PARTITIONS)]


def read_days(history: History, tenants: Sequence[TenantId] | None, first: int, last: int) -> dict[int, int]:
    """See :meth:`Telemetry.stored_days`."""
    inside = Stretch("", first * DAY_S - CITY_S, (last + 1) * DAY_S - CITY_S).holds("day")
    whose = "1" if tenants is None else f"tenant IN ({', '.join(map(str, tenants)) or '0'})"
    return {int(day): int(rows) for day, rows in _rows(history, usage.DAYS.format(f"{inside} AND {whose}"))}


def read_thinned(history: History, tenants: Sequence[TenantId], first: int, last: int) -> set[tuple[TenantId, int]]:
    """See :meth:`Telemetry.thinned`."""
    span = Stretch("", first * DAY_S - CITY_S, (last + 1) * DAY_S - CITY_S)
    whose = f"tenant IN ({', '.join(map(str, tenants)) or '0'})"
    sql = usage.THINNED.format(whose=whose, hours=span.holds("hour"), days=span.holds("day"))
    return {(TenantId(int(tenant)), int(day)) for tenant, day in _rows(history, sql)}


def _rows(history: History, sql: str) -> list[tuple[Any, ...]]:
    return list(zip(*history.columns(sql, {}), strict=True))
