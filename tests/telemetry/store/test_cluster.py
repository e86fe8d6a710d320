"""What a cluster is told, and what it does: by chDB as the only server of one, and as one with a keeper in memory.

Nothing here shows that rows reach a second server; that needs one (docs/howto/run-a-clickhouse-cluster.md).
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from peers.only_server import TOLD
from peers.store_endpoint import Row, StoreEndpoint, steady, table
from zhulian.cli.telemetry import command
from zhulian.telemetry import check
from zhulian.telemetry.again import send_again
from zhulian.telemetry.store import schema
from zhulian.telemetry.store.cluster import Cluster
from zhulian.telemetry.store.engine import Block, StoreError, open_engine
from zhulian.telemetry.store.mending import mend
from zhulian.telemetry.store.remote import RemoteEngine
from zhulian.telemetry.store.table import DURABLE, REPLICATED, Table
from zhulian.vocabulary.settings import read_settings

NOON_US = 1_790_035_200_000_000
DAY = NOON_US // 86_400_000_000
CITY = Cluster.named("city", "zhulian")
VALUES = [1.0, 2.0, 3.0]


@pytest.fixture(scope="module")
def engine(city_cluster: StoreEndpoint) -> Iterator[RemoteEngine]:
    opened = RemoteEngine.open(city_cluster.url("spread"), "city")
    yield opened
    opened.close()


def ask(engine: RemoteEngine, sql: str) -> str:
    return b"".join(engine.query(sql, "TSV")).decode().strip()


def rows_of(*tenants: int) -> list[Row]:
    return [row for tenant in tenants for row in steady(tenant, 1, NOON_US, 1_000_000, VALUES)]


def test_every_table_is_replicated_and_what_has_an_enterprise_is_spread_by_it() -> None:
    for table_ in schema.TABLES:
        kept, *over = CITY.table(table_)
        assert "ENGINE = Replicated" in kept.sql
        for name, value in REPLICATED.items():
            assert f"{name} = {value}" in kept.sql, kept.makes
        has_tenant = "tenant" in dict(table_.columns)
        assert bool(over) == has_tenant
        assert ("/clickhouse/tables/{shard}/" in kept.sql) == has_tenant
        assert not has_tenant or f"ENGINE = Distributed('city', 'zhulian', '{kept.makes}', tenant)" in over[0].sql


def test_what_keeps_rows_through_a_power_cut_is_the_same_in_both() -> None:
    shared = DURABLE.keys() & REPLICATED.keys()
    assert {name: DURABLE[name] for name in shared} == {name: REPLICATED[name] for name in shared}
    assert DURABLE.keys() - shared == {"non_replicated_deduplication_window"}


def test_an_engine_keeps_its_own_arguments() -> None:
    odd = Table("odd", (("tenant", "UInt32"),), "ReplacingMergeTree(tenant)", "tenant")
    assert (
        "ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/zhulian/odd_local', '{replica}', tenant)\n"
        in CITY.table(odd)[0].sql
    )


def test_everything_is_made_for_every_server_once(city_cluster: StoreEndpoint, engine: RemoteEngine) -> None:
    again = RemoteEngine.open(city_cluster.url("spread"), "city")
    ask(again, "SELECT 1")
    again.close()
    told = [line for line in (city_cluster.folder / TOLD).read_text().split(";\n") if " spread." in line]
    there = Cluster.named("city", "spread")
    assert sorted(told) == sorted(order.sql for order in there.creation)


def test_rows_and_sums_lie_in_the_local_tables_and_answer_by_their_own_names(engine: RemoteEngine) -> None:
    engine.insert(Block("spread", table(rows_of(1, 2, 3))))
    for name in ("readings", "readings_local"):
        assert ask(engine, f"SELECT count() FROM {name}") == "9"
    for rollup in schema.ROLLUPS:
        for name in (rollup.name, f"{rollup.name}_local"):
            assert ask(engine, f"SELECT sum({name}.rows) FROM {name}") == "9", name
    assert engine.latest().num_rows == 3


def test_a_block_that_is_sent_again_is_dropped_by_its_token_alone(engine: RemoteEngine) -> None:
    block = Block("again", table(rows_of(11, 12)))
    for _ in range(3):
        send_again(engine, block)
    assert ask(engine, "SELECT count() FROM readings WHERE tenant > 10") == "6"
    assert ask(engine, "SELECT sum(hourly.rows) FROM hourly WHERE tenant > 10") == "6"


def test_sums_are_made_anew_where_their_rows_are(engine: RemoteEngine) -> None:
    engine.insert(Block("lost", table(rows_of(21))))
    before = [ask(engine, f"SELECT sum({rollup.name}.rows) FROM {rollup.name}") for rollup in schema.ROLLUPS]
    for rollup in schema.ROLLUPS:
        partition = next(iter(rollup.stretches([DAY]))).partition
        ask(engine, f"ALTER TABLE {rollup.name} DROP PARTITION {partition}")
        assert ask(engine, f"SELECT sum({rollup.name}.rows) FROM {rollup.name}") == "0"
    engine.settle()
    assert mend(lambda sql: ask(engine, sql), [DAY])  # what is made of the hours follows through their view
    assert [ask(engine, f"SELECT sum({rollup.name}.rows) FROM {rollup.name}") for rollup in schema.ROLLUPS] == before


def test_a_check_asks_every_server_for_damaged_parts(engine: RemoteEngine) -> None:
    (order,) = CITY.orders(schema.ALARMS)
    assert "FROM clusterAllReplicas('city', system.detached_parts)" in order.sql
    found = {one.key: one for one in check._of_store(lambda sql: ask(engine, sql))}
    assert not found["parts_broken"].value
    assert not found["sums_wrong"].value


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT 1", ["SELECT 1"]),
        ("INSERT INTO hourly SELECT 1", ["INSERT INTO hourly SELECT 1"]),
        (
            "ALTER TABLE hourly DROP PARTITION '2026-01-05'",
            ["ALTER TABLE zhulian.hourly_local ON CLUSTER 'city' DROP PARTITION '2026-01-05'"],
        ),
        (
            "ALTER TABLE readings DELETE IN PARTITION '2026-01-05' WHERE tenant = 1",
            ["ALTER TABLE zhulian.readings_local ON CLUSTER 'city' DELETE IN PARTITION '2026-01-05' WHERE tenant = 1"],
        ),
        ("TRUNCATE TABLE hourly", ["TRUNCATE TABLE zhulian.hourly_local ON CLUSTER 'city'"]),
        (
            "DROP TABLE IF EXISTS hourly SYNC",
            [
                "DROP TABLE IF EXISTS zhulian.hourly ON CLUSTER 'city' SYNC",
                "DROP TABLE IF EXISTS zhulian.hourly_local ON CLUSTER 'city' SYNC",
            ],
        ),
        ("DROP TABLE hourly_view SYNC", ["DROP TABLE zhulian.hourly_view ON CLUSTER 'city' SYNC"]),
    ],
)
def test_a_change_is_told_to_every_server(sql: str, told: list[str]) -> None:
    assert [order.sql for order in CITY.orders(sql)] == told


@pytest.mark.parametrize(
    "sql",
    [
        "RENAME TABLE hourly TO hourly_old",
        "CREATE TABLE other (a UInt8) ENGINE = MergeTree ORDER BY a",
        "ALTER TABLE readings ATTACH PART 'x'",
        "ALTER TABLE readings ADD COLUMN a UInt8",
        "ALTER TABLE folded DELETE WHERE hour IN (SELECT hour FROM hourly)",
        "OPTIMIZE TABLE readings FINAL",
    ],
)
def test_what_nobody_thought_through_for_a_cluster_is_refused_with_what_to_do(sql: str) -> None:
    with pytest.raises(StoreError) as refusal:
        CITY.orders(sql)
    assert refusal.value.code == "cluster_cannot"
    assert "ON CLUSTER" in refusal.value.next_step.en


@pytest.mark.parametrize("name", ["", "two words", "a'b", "x;y"])
def test_a_name_that_could_be_no_cluster_is_refused(name: str) -> None:
    with pytest.raises(StoreError) as refusal:
        Cluster.named(name, "zhulian")
    assert refusal.value.code == "cluster_name"


def test_a_cluster_without_an_address_is_refused() -> None:
    with pytest.raises(StoreError) as refusal:
        open_engine(read_settings({"ZHULIAN_TELEMETRY_CLUSTER": "city"}))
    assert refusal.value.code == "cluster_address"


def test_the_statements_can_be_printed() -> None:
    for arguments in ([], ["--cluster", "city"]):
        printed = CliRunner().invoke(command, ["ddl", *arguments])
        assert printed.exit_code == 0
        assert printed.output.count("CREATE ") >= len(schema.STATEMENTS)
    assert "ON CLUSTER 'city'" in printed.output
    wrong = CliRunner().invoke(command, ["ddl", "--cluster", "two words"])
    assert wrong.exit_code == 1
    assert "remote_servers" in wrong.output


def test_the_engine_makes_the_replicated_tables_themselves(tmp_path: Path) -> None:
    """Replicated engines, paths, macros and settings are tried by ClickHouse, with its keeper that lives in memory."""
    script = Path(__file__).parents[2] / "peers" / "replicated_process.py"
    paths = os.pathsep.join(sys.path)
    told = subprocess.run(
        [sys.executable, "-P", str(script), str(tmp_path)],
        env=os.environ | {"PYTHONPATH": paths},
        check=True,
        capture_output=True,
        text=True,
        timeout=250,
    )
    engines = dict(line.split("\t") for line in told.stdout.splitlines())
    made = [order.makes for order in CITY.creation]
    assert sorted(engines) == sorted(made)
    for table_ in schema.TABLES:
        for order in CITY.table(table_):
            is_over = order.makes == table_.name and "tenant" in dict(table_.columns)
            assert engines[order.makes] == (
                "Distributed" if is_over else f"Replicated{table_.engine.partition('(')[0]}"
            )
