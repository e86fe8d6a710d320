"""Records in a backup: PostgreSQL comes back as it was, what it replaces is kept, and engines are not mixed."""

import sqlite3
from pathlib import Path

import psycopg
import pytest

from zhulian.cli import records
from zhulian.vocabulary.settings import Settings, read_settings


def rows(address: str, table: str = "public.firm") -> list[str]:
    with psycopg.connect(address) as connection:
        return [row[0] for row in connection.execute(f"SELECT name FROM {table} ORDER BY id")]


def execute(address: str, *statements: str) -> None:
    with psycopg.connect(address) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def kept(postgresql: str, tmp_path: Path) -> Settings:
    """A database with one table and a trigger, and its dump in ``tmp_path``."""
    execute(
        postgresql,
        "CREATE TABLE firm (id bigserial PRIMARY KEY, name text)",
        "CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN new.name := new.name || '.'; RETURN new; END $$",
        "CREATE TRIGGER loud BEFORE INSERT ON firm FOR EACH ROW EXECUTE FUNCTION loud()",
        "INSERT INTO firm (name) VALUES ('甲'), ('乙')",
    )
    settings = read_settings({"ZHULIAN_DATABASE": postgresql, "ZHULIAN_DATA": str(tmp_path / "data")})
    records.copy(settings, tmp_path)
    return settings


def test_what_was_dumped_comes_back(kept: Settings, postgresql: str, tmp_path: Path) -> None:
    execute(postgresql, "DELETE FROM firm", "INSERT INTO firm (name) VALUES ('丙')")
    records.check(kept, tmp_path, force=True)
    with records.brought_back(kept, tmp_path):
        pass
    assert rows(postgresql) == ["甲.", "乙."]
    assert rows(postgresql, "before_restore_1.firm") == ["丙."]
    execute(postgresql, "INSERT INTO firm (name) VALUES ('丁')")
    assert rows(postgresql) == ["甲.", "乙.", "丁."], "numbers go on, and triggers work"


def test_a_second_restore_and_a_second_backup_leave_the_first_ones_alone(
    kept: Settings, postgresql: str, tmp_path: Path
) -> None:
    for _ in range(2):
        with records.brought_back(kept, tmp_path):
            pass
    records.copy(kept, tmp_path)
    assert rows(postgresql, "before_restore_2.firm") == ["甲.", "乙."]


def test_present_tables_are_not_replaced_by_accident(kept: Settings, postgresql: str, tmp_path: Path) -> None:
    with pytest.raises(records.RecordsCopyError) as refused:
        records.check(kept, tmp_path, force=False)
    assert refused.value.code == "records_present"


def test_a_restore_that_fails_changes_nothing(kept: Settings, postgresql: str, tmp_path: Path) -> None:
    def fail() -> None:
        with records.brought_back(kept, tmp_path):
            raise OSError("the folder could not be moved")

    execute(postgresql, "INSERT INTO firm (name) VALUES ('丙')")
    with pytest.raises(OSError, match="moved"):
        fail()
    assert rows(postgresql) == ["甲.", "乙.", "丙."]
    (tmp_path / records.DUMP).write_bytes(b"PGDMP and nonsense")
    with pytest.raises(records.RecordsCopyError), records.brought_back(kept, tmp_path):
        pass
    assert rows(postgresql) == ["甲.", "乙.", "丙."]


def test_engines_are_not_mixed(tmp_path: Path) -> None:
    in_postgresql = read_settings({"ZHULIAN_DATABASE": "postgresql://u:p@h/n", "ZHULIAN_DATA": str(tmp_path / "data")})
    in_sqlite = read_settings({"ZHULIAN_DATA": str(tmp_path / "data")})
    for settings, name in ((in_postgresql, records.SQLITE), (in_sqlite, records.DUMP)):
        (tmp_path / name).touch()
        with pytest.raises(records.RecordsCopyError) as refused:
            records.check(settings, tmp_path, force=True)
        assert refused.value.code == "other_engine"
        (tmp_path / name).unlink()


def test_sqlite_is_copied_while_in_use(tmp_path: Path) -> None:
    settings = read_settings({"ZHULIAN_DATA": str(tmp_path)})
    (tmp_path / "copy").mkdir()
    connection = sqlite3.connect(settings.data.records)
    connection.executescript("PRAGMA journal_mode=WAL; CREATE TABLE firm (name); INSERT INTO firm VALUES ('甲')")
    records.copy(settings, tmp_path / "copy")
    assert sqlite3.connect(tmp_path / "copy" / records.SQLITE).execute("SELECT name FROM firm").fetchall() == [("甲",)]
