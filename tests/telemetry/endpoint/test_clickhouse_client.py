"""The endpoint as ClickHouse's own Python client meets it; the same file would hold against a ClickHouse server."""

import threading
from collections.abc import Iterator

import clickhouse_connect
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError

from peers.store_endpoint import StoreEndpoint


@pytest.fixture(scope="module")
def client(store_endpoint: StoreEndpoint) -> Iterator[Client]:
    with connect(store_endpoint) as connected:
        connected.command("CREATE TABLE box (a UInt32, b String) ENGINE = MergeTree ORDER BY a")
        yield connected
        connected.command("DROP TABLE box")


def connect(there: StoreEndpoint, **options: object) -> Client:
    return clickhouse_connect.get_client(
        host="127.0.0.1", port=there.port, username="zhulian", password=there.key, **options
    )


def test_values_of_every_common_type_arrive(client: Client) -> None:
    sql = (
        "SELECT toUInt8(1), -2::Int64, 1.5, 'a\\tb', ['x', 'y'], NULL::Nullable(UInt8), toDate('2026-01-02'),"
        " toLowCardinality('lc'), (1, 'z'), map('k', 1), true, toDecimal64(1.25, 2)"
    )
    found = client.query(sql).result_rows[0]
    assert found[:6] == (1, -2, 1.5, "a\tb", ["x", "y"], None)
    assert (found[7], found[8], found[9], found[10]) == ("lc", (1, "z"), {"k": 1}, True)
    assert str(found[6]) == "2026-01-02"
    assert str(found[11]) == "1.25"


def test_commands_answer_with_their_value(client: Client) -> None:
    assert client.command("SELECT 40 + 2") == 42
    assert "box" in str(client.command("SHOW TABLES"))
    assert client.command("EXISTS TABLE box") == 1


def test_parameters_are_bound_on_the_server(client: Client) -> None:
    nasty = "o'clock \\ \n\t {x:String} 运行"
    sql = "SELECT {s:String}, {n:UInt64}, {l:Array(UInt32)}"
    assert client.query(sql, parameters={"s": nasty, "n": 2**63, "l": [1, 2]}).result_rows == [(nasty, 2**63, [1, 2])]
    many = list(range(50_000))  # too long for an address: the client sends a form instead
    assert client.query("SELECT arraySum({l:Array(UInt32)})", parameters={"l": many}).result_rows == [(sum(many),)]


def test_rows_go_in_by_every_way_the_client_has(client: Client) -> None:
    client.command("TRUNCATE TABLE box")
    assert client.insert("box", [[1, "rows"]], column_names=["a", "b"]).written_rows == 1
    client.insert_arrow("box", pa.table({"a": pa.array([2], pa.uint32()), "b": ["arrow"]}))
    client.insert_df("box", pd.DataFrame({"a": [3], "b": ["frame"]}))
    client.raw_insert("box", insert_block="4,raw\n", fmt="CSV")
    client.command("INSERT INTO box VALUES (5, 'values')")
    client.command("INSERT INTO box SELECT 6, 'select'")
    assert [b for _, b in client.query("SELECT * FROM box ORDER BY a").result_rows] == [
        "rows",
        "arrow",
        "frame",
        "raw",
        "values",
        "select",
    ]


def test_insertion_tokens_are_honoured(client: Client) -> None:
    client.command(
        "CREATE TABLE once (a UInt32) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100"
    )
    for value in (1, 2):
        client.insert("once", [[value]], column_names=["a"], settings={"insert_deduplication_token": "t"})
    assert client.query("SELECT a FROM once").result_rows == [(1,)]
    client.command("DROP TABLE once")


@pytest.mark.parametrize("compress", ["lz4", "zstd", "gzip", False])
def test_both_directions_compressed_as_asked(store_endpoint: StoreEndpoint, client: Client, compress: object) -> None:
    client.command("TRUNCATE TABLE box")
    with connect(store_endpoint, compress=compress) as squeezed:
        rows = [[i, f"row {i}"] for i in range(30_000)]
        squeezed.insert("box", rows, column_names=["a", "b"])
        assert squeezed.query("SELECT a, b FROM box ORDER BY a").result_columns[0][-1] == 29_999
        assert squeezed.query("SELECT sum(number) FROM numbers(10)").result_rows == [(45,)]


def test_arrow_numpy_and_pandas(client: Client) -> None:
    sql = "SELECT number AS n, toString(number) AS s FROM numbers(200000)"
    table = client.query_arrow(sql)
    assert (table.num_rows, table.column_names) == (200_000, ["n", "s"])
    with client.query_arrow_stream(sql) as stream:
        assert sum(batch.num_rows for batch in stream) == 200_000
    assert np.sum(client.query_np("SELECT number FROM numbers(1000)")) == 499_500
    assert client.query_df(sql).shape == (200_000, 2)
    assert client.query_arrow("SELECT 1 AS n WHERE 0").column_names == ["n"]
    assert client.query("SELECT 1 AS n WHERE 0").result_rows == []


@pytest.mark.parametrize(
    ("sql", "number", "name"),
    [
        ("SELECT nope", 47, "UNKNOWN_IDENTIFIER"),
        ("SELECT * FROM nowhere", 60, "UNKNOWN_TABLE"),
        ("SELECT FROM FROM", 62, "SYNTAX_ERROR"),
        (
            "SELECT sleepEachRow(1) FROM numbers(3) SETTINGS max_execution_time = 1, max_block_size = 1",
            159,
            "TIMEOUT_EXCEEDED",
        ),
    ],
)
def test_errors_carry_clickhouses_number_and_name(client: Client, sql: str, number: int, name: str) -> None:
    with pytest.raises(DatabaseError) as refusal:
        client.query(sql)
    assert (refusal.value.code, refusal.value.name) == (number, name)


def test_a_malformed_block_is_refused_and_nothing_is_kept(client: Client) -> None:
    client.command("TRUNCATE TABLE box")
    with pytest.raises(DatabaseError):
        client.raw_insert("box", insert_block="1,fine\nmany,not\n", fmt="CSV")
    with pytest.raises(DatabaseError):
        client.raw_insert("box", column_names=["a"], insert_block=b"\x00garbage", fmt="Native", compression="lz4")
    assert client.command("SELECT count() FROM box") == 0


def test_an_error_in_the_middle_of_an_answer_is_raised_by_the_client(client: Client) -> None:
    sql = "SELECT number, throwIf(number = 3000000, 'broke off') FROM numbers(5000000)"
    with pytest.raises(StreamFailureError, match="broke off"), client.query_row_block_stream(sql) as blocks:
        for _ in blocks:
            pass


def test_settings_and_database_hold_for_their_statement_only(client: Client) -> None:
    read = "SELECT value FROM system.settings WHERE name = 'max_block_size'"
    assert client.query(read, settings={"max_block_size": 77}).result_rows == [("77",)]
    assert client.query(read).result_rows != [("77",)]
    assert client.query("SELECT currentDatabase()", settings={"database": "system"}).result_rows == [("system",)]
    assert client.query("SELECT currentDatabase()").result_rows == [("zhulian",)]
    client.command("SET max_block_size = 78")
    assert client.query(read).result_rows != [("78",)]


def test_many_threads_share_one_client(store_endpoint: StoreEndpoint) -> None:
    found: list[int] = []
    with connect(store_endpoint, autogenerate_session_id=False) as shared:

        def ask(n: int) -> None:
            found.extend(shared.query("SELECT {n:UInt32}", parameters={"n": n}).first_row[0] for _ in range(10))

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(200)
    assert sorted(found) == sorted(list(range(12)) * 10)


def test_a_wrong_password_is_refused(store_endpoint: StoreEndpoint) -> None:
    with pytest.raises(DatabaseError) as refusal:
        clickhouse_connect.get_client(
            host="127.0.0.1", port=store_endpoint.port, username="zhulian", password="guessed"
        )
    assert refusal.value.code == 516
