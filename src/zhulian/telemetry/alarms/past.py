"""Readings of the past for alarms: what a replay needs, and how often a rule would have raised, before it is saved."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec
import numpy as np
import pyarrow as pa

from zhulian.telemetry.alarms.engine import Engine
from zhulian.telemetry.alarms.events import SpanRow, rows_of
from zhulian.telemetry.alarms.judging import Keys, Rows, joined
from zhulian.telemetry.alarms.listening import Listening
from zhulian.telemetry.alarms.rules import Rule
from zhulian.telemetry.store.engine import Engine as Store

Read = Callable[[Sequence[tuple[int, int]], int, int], Rows]
"""(tenant, point) pairs, first and last microsecond → their stored readings in the order of time."""
Number = TypeVar("Number", bound=np.generic)
LONGEST_TRY_US = 31 * 86_400_000_000
DAY_US = 86_400_000_000


class Tried(msgspec.Struct, frozen=True):
    """What a rule would have done: its alarms, and on how many readings that rests."""

    spans: tuple[SpanRow, ...]
    readings: int
    first_us: int | None
    last_us: int | None


def reader(store: Store) -> Read:
    """Readings out of ``store``; blocks, and raises StoreError."""

    def read(points: Sequence[tuple[int, int]], start_us: int, end_us: int) -> Rows:
        pairs = ", ".join(f"({tenant},{point})" for tenant, point in points)
        sql = (
            "SELECT tenant, point, ts, value, text, quality FROM readings"  # noqa: S608 - numbers only
            f" WHERE (tenant, point) IN ({pairs})"
            f" AND ts >= fromUnixTimestamp64Micro({start_us}) AND ts <= fromUnixTimestamp64Micro({end_us}) ORDER BY ts"
        )
        body = b"".join(store.query(sql, "ArrowStream", {"max_execution_time": "60"}))
        if not body:
            return Rows.none()
        with pa.ipc.open_stream(body) as stream:
            return joined([rows_of_batch(None, batch) for batch in stream])

    return read


def keys_of(tenant: int | None, batch: pa.RecordBatch) -> Keys:
    """The key of every row; ``tenant`` is a column where none is given."""
    tenants = np.uint64(tenant) if tenant is not None else column(batch, "tenant", np.uint32).astype(np.uint64)
    return np.asarray(tenants << np.uint64(32) | column(batch, "point", np.uint32).astype(np.uint64))


def rows_of_batch(tenant: int | None, batch: pa.RecordBatch, which: np.typing.NDArray[np.int64] | None = None) -> Rows:
    """Rows ``which`` (or all) of a batch of readings."""
    chosen = np.arange(batch.num_rows) if which is None else which
    words = batch.column("text")
    text = np.full(len(chosen), None, object)
    if words.null_count < len(words):
        text[:] = [words[at].as_py() or None for at in chosen.tolist()]
    return Rows(
        keys_of(tenant, batch)[chosen],
        column(batch, "ts", np.int64)[chosen],
        column(batch, "value", np.float64)[chosen],
        column(batch, "quality", np.uint8)[chosen],
        text,
    )


def column(batch: pa.RecordBatch, name: str, kind: type[Number]) -> np.typing.NDArray[Number]:
    """A column without nulls over the same memory; Arrow's own converter would import pandas."""
    found = batch.column(name)
    values: np.typing.NDArray[Number] = np.frombuffer(found.buffers()[1], kind)
    return values[found.offset : found.offset + len(found)]


def tried(read: Read, rule: Rule, start_us: int, end_us: int, listening: Listening | None = None) -> Tried:
    """Judge the stored readings of ``[start_us, end_us]`` by ``rule``, day by day, so that memory stays small."""
    start_us = max(start_us, end_us - LONGEST_TRY_US)
    rule = msgspec.structs.replace(rule, since_us=start_us - 1)
    engine, points = Engine([rule], listening), [(rule.tenant, point) for point in rule.points]
    count, first_us, last_us = 0, None, None
    for day_us in range(start_us, end_us, DAY_US):
        day_end_us = min(day_us + DAY_US - 1, end_us)
        rows = read(points, day_us, day_end_us)
        engine.take(rows, end_us)
        if len(rows.key):
            count += len(rows.key)
            first_us = int(rows.time_us[0]) if first_us is None else first_us
            last_us = int(rows.time_us[-1])
    engine.tick(end_us)
    return Tried(rows_of(engine.spans(rule.id)), count, first_us, last_us)
