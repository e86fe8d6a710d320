"""What every engine promises, shown for each: chDB in this process, the endpoint of another one, one of a cluster.

And a real server, when ``ZHULIAN_TEST_CLICKHOUSE`` has the address of one (and ``ZHULIAN_TEST_CLICKHOUSE_CLUSTER`` the
name of its cluster, if it belongs to one): everything is done in a database of its own there, dropped in the end.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from peers.store_endpoint import StoreEndpoint, steady, table
from zhulian.telemetry.store.embedded import EmbeddedEngine
from zhulian.telemetry.store.engine import BLOCK_SCHEMA, Block, Engine, StoreError
from zhulian.telemetry.store.place import Place
from zhulian.telemetry.store.remote import RemoteEngine

NOON_US = 1_790_035_200_000_000
DAY_US = 86_400_000_000
SECOND_US = 1_000_000


@pytest.fixture(scope="module", params=["embedded", "remote", "cluster", "server"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if request.param == "server":
        with real_server() as there:
            yield there
        return
    opened: Engine
    if request.param == "embedded":
        opened = EmbeddedEngine.open(tmp_path_factory.mktemp("embedded"), 512)
    elif request.param == "remote":
        endpoint: StoreEndpoint = request.getfixturevalue("store_endpoint")
        opened = RemoteEngine.open(endpoint.url("contract"))
    else:
        only: StoreEndpoint = request.getfixturevalue("city_cluster")
        opened = RemoteEngine.open(only.url("contract"), "city")
    yield opened
    opened.close()


@contextmanager
def real_server() -> Iterator[Engine]:
    url, cluster = (os.environ.get(f"ZHULIAN_TEST_CLICKHOUSE{end}", "") for end in ("", "_CLUSTER"))
    if not url:
        pytest.skip("no ClickHouse server: set ZHULIAN_TEST_CLICKHOUSE to clickhouse://user:password@host:port")
    address = f"{url.rstrip('/')}/zhulian_test_{secrets.token_hex(4)}"
    engine, place = RemoteEngine.open(address, cluster), Place.parse(address, cluster)
    try:
        yield engine
    finally:
        everywhere = f"ON CLUSTER '{cluster}'" if cluster else ""
        client = place.connect(3, 120)
        client.command(f"DROP DATABASE IF EXISTS {place.database} {everywhere} SYNC", use_database=False)
        client.close()
        engine.close()


def ask(engine: Engine, sql: str, **parameters: str) -> str:
    return b"".join(engine.query(sql, "TabSeparated", parameters=parameters)).decode().rstrip("\n")


def totals(engine: Engine, tenant: int) -> tuple[int, int]:
    where = f"WHERE tenant = {tenant}"
    raw = ask(engine, f"SELECT count() FROM readings {where}")
    return int(raw), int(ask(engine, f"SELECT sum(rows) FROM hourly {where}") or 0)


def test_a_block_is_stored_once_however_often_it_comes(engine: Engine) -> None:
    rows = table(steady(1, 1, NOON_US, SECOND_US, [1.0] * 100))
    for _ in range(3):
        engine.insert(Block("once", rows))
    assert totals(engine, 1) == (100, 100)
    engine.insert(Block("twice", rows))
    assert totals(engine, 1) == (200, 200)


def test_the_token_decides_not_the_contents(engine: Engine) -> None:
    engine.insert(Block("same", table(steady(2, 1, NOON_US, SECOND_US, [1.0] * 10))))
    engine.insert(Block("same", table(steady(2, 1, NOON_US, SECOND_US, [2.0] * 99))))
    assert totals(engine, 2) == (10, 10)


def test_a_block_over_many_days_is_whole_and_once(engine: Engine) -> None:
    rows = table(steady(3, 1, NOON_US - 150 * DAY_US, DAY_US, [1.0] * 151))
    for _ in range(2):
        engine.insert(Block("months", rows))
    assert totals(engine, 3) == (151, 151)


def test_hourly_sums_leave_bad_readings_out_but_count_them(engine: Engine) -> None:
    rows = [
        (4, 1, NOON_US, 2.0, "", 0),
        (4, 1, NOON_US + 1, 4.0, "", 1),
        (4, 1, NOON_US + 2, 9999.0, "", 2),
        (4, 2, NOON_US, -7.0, "", 2),
    ]
    engine.insert(Block("bad", table(rows)))
    sql = (
        "SELECT point, sum(hourly.rows), sum(hourly.count), sum(total), min(low), max(high)"
        " FROM hourly WHERE tenant = 4 GROUP BY point ORDER BY point"
    )
    assert ask(engine, sql).splitlines() == ["1\t3\t2\t6\t2\t4", "2\t1\t0\t0\tinf\t-inf"]


def test_latest_is_the_newest_reading_of_every_point_late_ones_and_silent_ones_included(engine: Engine) -> None:
    engine.insert(Block("l1", table([(5, 1, NOON_US, 1.0, "", 0), (5, 2, NOON_US - 40 * DAY_US, 2.0, "停机", 2)])))
    engine.insert(Block("l2", table([(5, 1, NOON_US - 60 * SECOND_US, 8.0, "", 0), (5, 3, NOON_US, 3.0, "", 1)])))
    found = engine.latest()
    assert found.schema == BLOCK_SCHEMA
    ours = [row for row in found.to_pylist() if row["tenant"] == 5]
    values = {row["point"]: (row["value"], row["text"], row["quality"]) for row in ours}
    assert values == {1: (1.0, "", 0), 2: (2.0, "停机", 2), 3: (3.0, "", 1)}
    newest = next(row["ts"] for row in ours if row["point"] == 1)
    assert int(newest.timestamp()) * SECOND_US == NOON_US


def test_odd_numbers_and_words_come_back_as_they_went(engine: Engine) -> None:
    words = '运行 \' \\ \n\t"END" \U0001f600'
    rows = [
        (6, 1, NOON_US, float("inf"), words, 0),
        (6, 1, NOON_US + 1, float("-inf"), "", 0),
        (6, 1, NOON_US + 2, float("nan"), "", 2),
        (6, 2**32 - 1, NOON_US + 3, 5e-324, "", 0),
    ]
    engine.insert(Block("odd", table(rows)))
    assert ask(engine, "SELECT value FROM readings WHERE tenant = 6 ORDER BY ts").split() == [
        "inf",
        "-inf",
        "nan",
        "5e-324",
    ]
    assert ask(engine, "SELECT count() FROM readings WHERE text = {w:String}", w=escaped(words)) == "1"


def escaped(text: str) -> str:
    """As parameters travel: tab-escaped."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("'", "\\'")


def test_a_wrong_statement_is_refused_with_clickhouses_number(engine: Engine) -> None:
    with pytest.raises(StoreError) as refusal:
        list(engine.query("SELECT nope"))
    assert refusal.value.number == 47
    assert refusal.value.code == "store_refused"
    assert "nope" in str(refusal.value)


def test_rows_in_other_formats_and_a_malformed_one(engine: Engine) -> None:
    into = "INSERT INTO readings (tenant, point, ts, value, text, quality)"
    lines = b"7,1,2026-01-01 00:00:00,1.5,,0\n7,1,2026-01-01 00:00:01,2.5,,0\n"
    engine.insert_raw(into, "CSV", iter([lines[:20], lines[20:]]))
    assert totals(engine, 7) == (2, 2)
    with pytest.raises(StoreError):
        engine.insert_raw(into, "CSV", iter([b"7,1,2026-01-01 00:00:00,many,,0\n"]))
    assert totals(engine, 7) == (2, 2)


def test_settings_hold_for_one_statement_only(engine: Engine) -> None:
    read = "SELECT value FROM system.settings WHERE name = 'max_block_size'"
    assert b"".join(engine.query(read, "TSV", {"max_block_size": "123"})) == b"123\n"
    assert ask(engine, read) != "123"
    with pytest.raises(StoreError) as refusal:
        list(engine.query("SELECT 1", "TSV", {"no_such_setting": "1"}))
    assert refusal.value.number == 115


def test_an_abandoned_answer_gives_its_place_back(engine: Engine) -> None:
    for _ in range(20):
        answer = engine.query("SELECT number FROM numbers(100000000)")
        assert next(iter(answer))
        answer.close()
        answer.close()
    assert ask(engine, "SELECT 1") == "1"


def test_after_close_calls_are_refused_kindly(engine: Engine, request: pytest.FixtureRequest) -> None:
    engine.close()
    engine.close()
    with pytest.raises(StoreError) as refusal:
        engine.insert(Block("late", table([(8, 1, NOON_US, 1.0, "", 0)])))
    assert refusal.value.code == "store_closed"
