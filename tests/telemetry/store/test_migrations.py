"""A store as version 0.2.0 left it opens and is right, also when the move was killed at any of its statements."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from chdb.state.sqlitelike import Connection

from zhulian.telemetry.store import schema
from zhulian.telemetry.store.embedded import EmbeddedEngine
from zhulian.telemetry.store.errors import StoreError
from zhulian.telemetry.store.preparation import prepare
from zhulian.telemetry.store.rollups import OF_POINTS

SETTINGS = (
    "fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,"
    " min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, max_suspicious_broken_parts = 1000000,"
    " max_suspicious_broken_parts_bytes = 1000000000000000, non_replicated_deduplication_window = 10000"
)
VERSION_1 = (
    f"""CREATE TABLE readings (tenant UInt32 CODEC(ZSTD(1)), point UInt32 CODEC(ZSTD(1)),
    ts DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)), value Float64 CODEC(ZSTD(1)),
    text LowCardinality(String) CODEC(ZSTD(1)), quality UInt8 CODEC(ZSTD(1)))
    ENGINE = MergeTree PARTITION BY toDate(ts) ORDER BY (tenant, point, ts) SETTINGS {SETTINGS}""",
    f"""CREATE TABLE hourly (tenant UInt32 CODEC(ZSTD(1)), point UInt32 CODEC(ZSTD(1)),
    hour DateTime('UTC') CODEC(Delta(4), ZSTD(1)), rows SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
    count SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
    total SimpleAggregateFunction(sum, Float64) CODEC(ZSTD(1)),
    low SimpleAggregateFunction(min, Float64) CODEC(ZSTD(1)),
    high SimpleAggregateFunction(max, Float64) CODEC(ZSTD(1)),
    first SimpleAggregateFunction(min, DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    last SimpleAggregateFunction(max, DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    newest AggregateFunction(argMax, Tuple(Float64, String, UInt8), DateTime64(6, 'UTC')) CODEC(ZSTD(1)))
    ENGINE = AggregatingMergeTree PARTITION BY toMonday(hour) ORDER BY (tenant, point, hour) SETTINGS {SETTINGS}""",
    f"""CREATE TABLE schema_version (version UInt32, since DateTime('UTC') DEFAULT now('UTC'))
    ENGINE = MergeTree ORDER BY (version) SETTINGS {SETTINGS}""",
    """CREATE MATERIALIZED VIEW hourly_view TO hourly AS SELECT tenant, point, toStartOfHour(ts) AS hour,
    count() AS rows, countIf(quality < 2) AS count, sumIf(value, quality < 2) AS total,
    min(if(quality < 2, value, inf)) AS low, max(if(quality < 2, value, -inf)) AS high,
    min(ts) AS first, max(ts) AS last, argMaxState((value, CAST(text AS String), quality), ts) AS newest
    FROM readings GROUP BY tenant, point, hour""",
    "INSERT INTO schema_version (version) VALUES (1)",
    # 15 days over two months of the city; every third reading is bad, the newest has words.
    """INSERT INTO readings SELECT 7, number % 3, toDateTime64('2026-09-25 00:00:00', 6, 'UTC')
    + INTERVAL number * 7 MINUTE, number / 3, if(number = 2999, '停机', ''), number % 3 FROM numbers(3000)
    SETTINGS max_partitions_per_insert_block = 0""",
)
"""The statements of version 0.2.0, word for word, and readings."""


class KilledError(Exception):
    """Instead of a kill."""


class Store:
    """The engine without anything of ours around it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._connection = Connection(str(folder / "chdb"))
        self.run("CREATE DATABASE IF NOT EXISTS zhulian ENGINE = Atomic")
        self.run("USE zhulian")

    def run(self, sql: str) -> str:
        return str(self._connection.query(sql, "TabSeparatedRaw").bytes().decode())

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store")
    for statement in VERSION_1:
        store.run(statement)
    yield store
    store.close()


def assert_right(run: Store) -> None:
    raw = run.run("SELECT count(), countIf(quality < 2), round(sumIf(value, quality < 2), 3) FROM readings")
    assert raw.startswith("3000\t2000\t")
    for name in (rollup.name for rollup in OF_POINTS):
        assert run.run(f"SELECT sum({name}.rows), sum({name}.count), round(sum(total), 3) FROM {name}") == raw, name
    points = "SELECT sum(tenant_hourly.rows), sum(tenant_hourly.count), groupBitmapMerge(points) FROM tenant_hourly"
    assert run.run(points) == "3000\t2000\t3\n"
    newest = run.run(schema.LATEST + " FORMAT TSV").splitlines()
    assert sorted(newest)[2] == "7\t2\t2026-10-09 13:53:00.000000\t999.6666666666666\t停机\t2"
    tables = set(run.run("SELECT name FROM system.tables WHERE database = 'zhulian'").split())
    assert tables == {table.name for table in schema.TABLES} | {f"{rollup.name}_view" for rollup in schema.ROLLUPS}
    assert int(run.run(schema.READ_VERSION)) == schema.VERSION


def test_the_released_version_opens_and_goes_on(old: Store, tmp_path: Path) -> None:
    old.close()
    engine = EmbeddedEngine.open(tmp_path / "store", 512)
    engine.close()
    store = Store(tmp_path / "store")
    assert_right(store)
    store.run("INSERT INTO readings VALUES (8, 1, '2026-10-10 00:00:00', 1, '', 0)")
    for rollup in schema.ROLLUPS:
        assert store.run(f"SELECT sum({rollup.name}.rows) FROM {rollup.name} WHERE tenant = 8") == "1\n"
    store.close()


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
def test_killed_at_every_statement_it_goes_on_where_it_was(old: Store, is_done: bool) -> None:
    """Before or after its first, second, third … statement, each time from what the kill before has left."""
    for allowed in range(200):
        left = allowed

        def run(sql: str) -> str:
            nonlocal left
            if not left and not is_done:
                raise KilledError
            answer = old.run(sql)
            if not left:
                raise KilledError
            left -= 1
            return answer

        try:
            prepare(run)
        except KilledError:
            continue
        break
    else:
        pytest.fail("it never comes to an end")
    assert allowed > len(schema.STATEMENTS)
    assert_right(old)
    prepare(old.run)
    assert_right(old)


def test_a_wrong_sum_of_the_old_store_is_put_right_on_the_way(old: Store) -> None:
    old.run("ALTER TABLE hourly DROP PARTITION '2026-09-28'")
    prepare(old.run)
    assert_right(old)


def test_version_2_gets_the_hours_of_enterprises_also_where_rows_are_gone(old: Store) -> None:
    prepare(old.run)
    for statement in ("DROP TABLE tenant_hourly_view SYNC", "DROP TABLE tenant_hourly SYNC"):
        old.run(statement)
    old.run("ALTER TABLE schema_version DELETE WHERE version > 2 SETTINGS mutations_sync = 2")
    old.run("ALTER TABLE readings DROP PARTITION '2026-09-25'")
    prepare(old.run)
    assert old.run("SELECT sum(tenant_hourly.rows), (SELECT sum(hourly.rows) FROM hourly) FROM tenant_hourly") == (
        "3000\t3000\n"
    )


def test_a_later_version_is_refused_before_anything_is_touched(old: Store) -> None:
    old.run(f"INSERT INTO schema_version (version) VALUES ({schema.VERSION + 1})")
    with pytest.raises(StoreError) as refusal:
        prepare(old.run)
    assert refusal.value.code == "store_newer"
    assert old.run("SELECT count() FROM system.tables WHERE database = 'zhulian'") == "4\n"
