"""Inserting a block that may be in the store already, in whole, in part or not at all: after a crash, or a lost answer.

The store's own memory of tokens is not enough for this. It is a file that no setting syncs, so a power cut empties it
(measured: the block would be stored twice); and a token is noted before the rows are in place, so a kill in between
would make the store drop rows that it does not have. So the feeder asks the store what it holds. An insertion puts the
rows of one day in place at once or not at all: looking for a sample of them answers for the whole day.

On a cluster it is the other way round. There the servers' keeper notes a token in one step with the rows and with each
view's sums, and forgets it after thirty days; but the copy that is asked may be behind. So the same block is sent once
more under the same token, whole, and nobody looks.
"""

import secrets
from collections.abc import Iterator
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhulian.telemetry.store.engine import Block, Engine
from zhulian.telemetry.store.errors import StoreError
from zhulian.telemetry.store.mending import mend
from zhulian.vocabulary.errors import Text

SAMPLE_ROWS = 500
"""Rows of a day that are looked for; also how many go into one question."""
DAY_US = 86_400_000_000
HELD = (
    "SELECT DISTINCT tenant, point, toUnixTimestamp64Micro(ts), reinterpretAsUInt64(value), hex(text), quality"
    " FROM readings WHERE (tenant, point, ts) IN"
)
PATIENT = {"max_execution_time": "0", "max_query_size": "10000000"}
Ints = npt.NDArray[np.int64]
Key = tuple[int, int, int, int, str, int]


def insert_again(engine: Engine, block: Block) -> None:
    """Make ``block`` present exactly once, in every rollup too. Raises StoreError; then try the whole call again."""
    missing = lacking(engine, block.rows)
    if missing.num_rows:
        engine.insert(Block(block.token, missing))  # the token still helps where an earlier attempt is under way
        missing = lacking(engine, missing)
    if missing.num_rows:  # dropped for its token although it is not there
        engine.insert(Block(f"{block.token}-{secrets.token_hex(4)}", missing))
        if lacking(engine, missing).num_rows:
            raise _not_kept(missing.num_rows)
    mend(partial(_ask, engine), np.unique(_days(block.rows)).tolist())


def send_again(engine: Engine, block: Block) -> None:
    """The same on a cluster: what it holds of ``block``, in every partition of every table, it drops by the token."""
    engine.insert(block)


def lacking(engine: Engine, rows: pa.Table) -> pa.Table:
    """Those of ``rows`` that the store does not hold."""
    days = _days(rows)
    wanted = [_lacking_of_day(engine, rows, np.flatnonzero(days == day)) for day in np.unique(days).tolist()]
    return _chosen(rows, np.concatenate(wanted)) if wanted else rows


def _lacking_of_day(engine: Engine, rows: pa.Table, numbers: Ints) -> Ints:
    sample = numbers[np.linspace(0, len(numbers) - 1, min(len(numbers), SAMPLE_ROWS)).astype(np.int64)]
    absent = _absent(engine, rows, sample)
    if not len(absent):
        return absent
    if len(absent) == len(sample):
        return numbers
    # Some are there, some are not: rows equal to ones that came another way. Look for every single one.
    pieces = np.array_split(numbers, -(-len(numbers) // SAMPLE_ROWS))
    return np.concatenate([_absent(engine, rows, piece) for piece in pieces])


def _absent(engine: Engine, rows: pa.Table, numbers: Ints) -> Ints:
    """Which of the rows called ``numbers`` are not in the store."""
    keys = list(_keys(_chosen(rows, numbers)))
    places = ", ".join(f"({tenant},{point},fromUnixTimestamp64Micro({us}))" for tenant, point, us, *_ in keys)
    sql = f"{HELD} ({places})"
    held = set(map(_key_of, _ask(engine, sql).splitlines()))
    return numbers[[key not in held for key in keys]]


def _keys(rows: pa.Table) -> Iterator[Key]:
    """Tenant, point, microseconds, the bits of the value, which survive text as no decimal does, words, quality."""
    times = rows.column("ts").cast(pa.int64()).to_pylist()
    bits = rows.column("value").combine_chunks().view(pa.uint64()).to_pylist()
    words = [text.encode().hex().upper() for text in rows.column("text").to_pylist()]
    tenants, points, qualities = (rows.column(name).to_pylist() for name in ("tenant", "point", "quality"))
    return zip(tenants, points, times, bits, words, qualities, strict=True)


def _key_of(line: str) -> Key:
    tenant, point, us, bits, words, quality = line.split("\t")
    return int(tenant), int(point), int(us), int(bits), words, int(quality)


def _days(rows: pa.Table) -> Ints:
    days: Ints = np.array(rows.column("ts").cast(pa.int64()).to_pylist(), np.int64) // DAY_US
    return days


def _chosen(rows: pa.Table, numbers: Ints) -> pa.Table:
    return rows.take(pa.array(numbers.tolist(), pa.int64()))


def _ask(engine: Engine, sql: str) -> str:
    return b"".join(engine.query(sql, "TabSeparated", PATIENT)).decode().strip()


def _not_kept(rows: int) -> StoreError:
    return StoreError(
        "store_not_kept",
        Text(
            f"存储确认了写入，却查不到其中 {rows} 条读数。",
            f"The store confirmed {rows} readings and does not hold them.",
        ),
        Text(
            "数据仍在日志中，平台会重试；若持续出现，请运行 zhulian doctor。",
            "They are still in the journal and tried again; if this lasts, run zhulian doctor.",
        ),
    )
