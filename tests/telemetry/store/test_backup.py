"""A copy taken while the platform runs, brought back elsewhere: every row once, and tokens remembered."""

from pathlib import Path

import pytest

from peers.store_endpoint import KEY, steady, store_endpoint_in, table
from zhulian.telemetry.store.backup import backup_store, restore_store
from zhulian.telemetry.store.embedded import EmbeddedEngine
from zhulian.telemetry.store.engine import Block, StoreError
from zhulian.telemetry.store.place import Place
from zhulian.telemetry.store.remote import RemoteEngine
from zhulian.vocabulary.settings import Settings, read_settings

NOON_US = 1_790_035_200_000_000
BLOCK = Block("kept", table(steady(1, 1, NOON_US, 60_000_000, [1.0] * 2000)))


def settings_in(folder: Path, port: int = 9) -> Settings:
    (folder / "keys").mkdir(parents=True)
    (folder / "keys" / "store.key").write_text(KEY)
    return read_settings({"ZHULIAN_DATA": str(folder), "ZHULIAN_STORE_PORT": str(port)})


def totals(engine: EmbeddedEngine) -> str:
    sql = "SELECT count(), (SELECT sum(rows) FROM hourly) FROM readings"
    return b"".join(engine.query(sql, "TSV")).decode().strip()


def check_restored(settings: Settings) -> None:
    engine = EmbeddedEngine.open(settings.data.store, 512)
    try:
        assert totals(engine) == "2000\t2000"
        engine.insert(BLOCK)
        assert totals(engine) == "2000\t2000"
        engine.insert(Block("new", BLOCK.rows))
        assert totals(engine) == "4000\t4000"
        assert engine.latest().num_rows == 1
    finally:
        engine.close()
    assert (settings.data.journal / "segment").read_bytes() == b"frames"


def test_through_the_running_process_and_back(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "journal").mkdir(parents=True)
    (source / "journal" / "segment").write_bytes(b"frames")
    with store_endpoint_in(source / "store") as there:
        settings = settings_in(source, there.port)
        engine = RemoteEngine(Place("127.0.0.1", there.port, "zhulian", KEY, "zhulian", is_secure=False))
        engine.insert(BLOCK)
        backup_store(settings, tmp_path / "copy")
        engine.insert(Block("after", BLOCK.rows))  # not in the copy
        with pytest.raises(StoreError) as refusal:
            backup_store(settings, tmp_path / "copy")
        assert refusal.value.code == "backup_refused"
        engine.close()
        assert list((source / "store" / "backups").iterdir()) == []
    restored = settings_in(tmp_path / "restored")
    restore_store(restored, tmp_path / "copy")
    check_restored(restored)
    with pytest.raises(StoreError) as refusal:
        restore_store(restored, tmp_path / "copy")
    assert refusal.value.code == "backup_refused"


def test_while_the_platform_is_stopped(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "source")
    settings.data.journal.mkdir()
    (settings.data.journal / "segment").write_bytes(b"frames")
    engine = EmbeddedEngine.open(settings.data.store, 512)
    engine.insert(BLOCK)
    engine.close()
    backup_store(settings, tmp_path / "copy")
    restored = settings_in(tmp_path / "restored")
    restore_store(restored, tmp_path / "copy")
    check_restored(restored)


def test_a_folder_without_a_backup_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as refusal:
        restore_store(settings_in(tmp_path / "data"), tmp_path / "nothing")
    assert refusal.value.code == "backup_refused"
    assert "nothing" in str(refusal.value)
