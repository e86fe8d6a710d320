"""What only the embedded store must show: settings on every table, sums made whole, damage told."""

import subprocess
import sys
from pathlib import Path

import pytest

from peers.store_endpoint import steady, table
from zhulian.telemetry.store import schema
from zhulian.telemetry.store.embedded import MOST_QUERIES, EmbeddedEngine
from zhulian.telemetry.store.engine import Block, StoreError, open_engine
from zhulian.telemetry.store.holding import Holding
from zhulian.telemetry.store.table import DURABLE
from zhulian.vocabulary.settings import read_settings

NOON_US = 1_790_035_200_000_000
HOUR_US = 3_600_000_000


def ask(engine: EmbeddedEngine, sql: str) -> str:
    return b"".join(engine.query(sql, "TabSeparatedRaw")).decode().rstrip("\n")


def totals(engine: EmbeddedEngine) -> list[str]:
    return ask(engine, "SELECT count(), (SELECT sum(rows) FROM hourly) FROM readings").split()


def test_every_table_carries_the_durable_settings(tmp_path: Path) -> None:
    engine = EmbeddedEngine.open(tmp_path, 512)
    try:
        wanted = "name, engine, create_table_query"
        found = ask(engine, f"SELECT {wanted} FROM system.tables WHERE database = 'zhulian' FORMAT TabSeparatedRaw")
        tables = [line.split("\t") for line in found.splitlines()]
        keeping = [table for table in tables if "MergeTree" in table[1]]
        assert {name for name, _, _ in keeping} == {table.name for table in schema.TABLES}
        for name, _, ddl in keeping:
            for setting, value in DURABLE.items():
                assert f"{setting} = {value}" in ddl, (name, setting)
        views = [ddl for _, kind, ddl in tables if kind == "MaterializedView"]
        assert len(views) == len(schema.ROLLUPS)
        for rollup in schema.ROLLUPS:  # a view without a target of ours would keep rows without the settings
            assert any(f"TO zhulian.{rollup.name} " in ddl for ddl in views), views
        known = ask(engine, "SELECT name FROM system.merge_tree_settings").split()
        assert set(DURABLE) <= set(known)
    finally:
        engine.close()


def test_a_block_whose_sums_failed_is_made_whole_by_sending_it_again(tmp_path: Path) -> None:
    """The state a crash between raw rows and sums leaves behind, made by a constraint on the sums' table."""
    block = Block("b", table(steady(1, 1, NOON_US, 60_000_000, [1.0] * 3000)))
    engine = EmbeddedEngine.open(tmp_path, 512)
    try:
        ask(engine, "ALTER TABLE hourly ADD CONSTRAINT none CHECK rows > 1000000")
        with pytest.raises(StoreError):
            engine.insert(block)
        assert totals(engine) == ["3000", "0"]
        ask(engine, "ALTER TABLE hourly DROP CONSTRAINT none")
    finally:
        engine.close()
    engine = EmbeddedEngine.open(tmp_path, 512)
    try:
        for _ in range(2):
            engine.insert(block)
            assert totals(engine) == ["3000", "3000"]
    finally:
        engine.close()


def test_tokens_outlive_the_process(tmp_path: Path) -> None:
    block = Block("kept", table(steady(1, 1, NOON_US - 30 * HOUR_US, HOUR_US, [1.0] * 60)))
    for _ in range(3):
        engine = EmbeddedEngine.open(tmp_path, 512)
        engine.insert(block)
        assert totals(engine) == ["60", "60"]
        engine.close()


def test_a_damaged_part_raises_the_alarm_and_the_rest_stays_readable(tmp_path: Path) -> None:
    engine = EmbeddedEngine.open(tmp_path, 512)
    for day in range(2):
        engine.insert(Block(f"d{day}", table(steady(1, 1, NOON_US + 24 * HOUR_US * day, 1, [1.0] * 10))))
    assert engine.alarms() == []
    path = Path(ask(engine, "SELECT path FROM system.parts WHERE table = 'readings' AND active ORDER BY name LIMIT 1"))
    engine.close()
    (path / "columns.txt").write_bytes(b"")
    engine = EmbeddedEngine.open(tmp_path, 512)
    try:
        assert any("readings" in line and "broken" in line for line in engine.alarms())
        assert totals(engine)[0] == "10"
    finally:
        engine.close()


def test_a_second_process_is_refused_with_the_reason(tmp_path: Path) -> None:
    engine = EmbeddedEngine.open(tmp_path, 512)
    try:
        code = (
            "import sys; from pathlib import Path; from zhulian.telemetry.store.embedded import EmbeddedEngine\n"
            "from zhulian.telemetry.store.errors import StoreError\n"
            "try: EmbeddedEngine.open(Path(sys.argv[1]), 512)\n"
            "except StoreError as fault: print(fault.code, fault)"
        )
        told = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True, timeout=200
        ).stdout
        assert told.startswith("store_in_use ")
        assert str(tmp_path) in told
    finally:
        engine.close()


def test_the_folder_is_free_again_after_close(tmp_path: Path) -> None:
    held = Holding.take(tmp_path)
    with pytest.raises(StoreError):
        Holding.take(tmp_path)
    held.release()
    held.release()
    Holding.take(tmp_path).release()


def test_a_store_of_a_later_program_is_left_alone(tmp_path: Path) -> None:
    engine = EmbeddedEngine.open(tmp_path, 512)
    ask(engine, f"INSERT INTO schema_version (version) VALUES ({schema.VERSION + 1})")
    engine.close()
    with pytest.raises(StoreError) as refusal:
        EmbeddedEngine.open(tmp_path, 512)
    assert refusal.value.code == "store_newer"
    Holding.take(tmp_path).release()


def test_the_address_decides_which_engine_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as refusal:
        open_engine(read_settings({"ZHULIAN_TELEMETRY_URL": "http://u:secret@h/x", "ZHULIAN_DATA": str(tmp_path)}))
    assert refusal.value.code == "store_address"
    assert "secret" not in str(refusal.value)
    away = open_engine(read_settings({"ZHULIAN_TELEMETRY_URL": "clickhouse://127.0.0.1:9/x"}))
    with pytest.raises(StoreError) as refusal:
        away.latest()
    assert refusal.value.code == "store_unreachable"
    here = open_engine(read_settings({"ZHULIAN_DATA": str(tmp_path)}))
    assert isinstance(here, EmbeddedEngine)
    here.close()


def test_a_refused_block_is_never_reported_as_stored(tmp_path: Path) -> None:
    engine = EmbeddedEngine.open(tmp_path, 512)
    rows = table(steady(1, 1, NOON_US, 1, [1.0] * 10))
    try:
        ask(engine, "ALTER TABLE readings ADD CONSTRAINT none CHECK quality > 100")
        with pytest.raises(StoreError) as refusal:
            engine.insert(Block("b", rows))
        assert refusal.value.number == 469
        with pytest.raises(StoreError):
            engine.insert_raw(schema.INSERT, "CSV", iter([b"1,1,2026-01-01 00:00:00,1.5,,0\n"]))
        ask(engine, "ALTER TABLE readings DROP CONSTRAINT none")
        engine.insert(Block("b", rows))
        assert totals(engine) == ["10", "10"]
    finally:
        engine.close()


@pytest.mark.parametrize("sql", ["SELECT '\ud800'", "SHOW TABLES -- \ud800"])
def test_a_statement_that_is_no_text_is_refused_and_its_place_given_back(tmp_path: Path, sql: str) -> None:
    engine = EmbeddedEngine.open(tmp_path, 512)
    try:
        for _ in range(MOST_QUERIES):
            with pytest.raises(StoreError) as refusal:
                engine.query(sql)
        assert refusal.value.number == 62
        assert ask(engine, "SELECT 1") == "1"
    finally:
        engine.close()


def test_whatever_the_engine_raises_the_place_is_given_back(tmp_path: Path) -> None:
    engine = EmbeddedEngine.open(tmp_path, 512)
    try:
        for _ in range(MOST_QUERIES):
            with pytest.raises(TypeError):
                engine.query("SHOW TABLES", "JSON\ud800")
        assert ask(engine, "SELECT 1") == "1"
    finally:
        engine.close()


def test_the_process_that_stores_never_loads_pandas(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[2])\n"
        "from peers.store_endpoint import steady, table\n"
        "from zhulian.telemetry.store.embedded import EmbeddedEngine\n"
        "from zhulian.telemetry.store.engine import Block\n"
        "engine = EmbeddedEngine.open(Path(sys.argv[1]), 512)\n"
        "rows = table(steady(1, 1, 1790000000000000, 1, [1.0] * 10))\n"
        "sys.modules.pop('pandas', None)\n"  # making a table from lists may have loaded it already
        "engine.insert(Block('a', rows)); engine.latest(); engine.close()\n"
        "print('pandas' in sys.modules)"
    )
    tests = str(Path(__file__).parents[2])
    told = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), tests], capture_output=True, text=True, check=True, timeout=200
    ).stdout
    assert told == "False\n"
