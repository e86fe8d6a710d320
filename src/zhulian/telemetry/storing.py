"""Who uses how much of the store, for the command line: through the running process, or by opening its files."""

from typing import Any

from zhulian.telemetry.check import opened
from zhulian.telemetry.store import usage
from zhulian.telemetry.store.mending import Run
from zhulian.telemetry.store.usage import PartitionUse, TableUse, TenantUse
from zhulian.vocabulary.settings import Settings


def storage(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    """``tables``, ``partitions`` and ``tenants``, each a list of their fields. Raises ZhulianError."""
    with opened(settings) as run:
        return {
            "tables": [_row(TableUse, line) for line in _lines(run, usage.TABLES)],
            "partitions": [_row(PartitionUse, line) for line in _lines(run, usage.PARTITIONS)],
            "tenants": [_row(TenantUse, line) for line in _lines(run, usage.TENANTS)],
        }


def _lines(run: Run, sql: str) -> list[list[str]]:
    return [line.split("\t") for line in run(sql).splitlines()]


def _row(kind: type[TableUse] | type[PartitionUse] | type[TenantUse], line: list[str]) -> dict[str, Any]:
    kinds = kind.__annotations__
    return {name: text if kinds[name] is str else int(text) for name, text in zip(kind._fields, line, strict=True)}
