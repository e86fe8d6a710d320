"""A copy of store and journal that belong together, taken while the platform runs, and the way back.

The copy is exact: nothing is inserted while it is made, and the tokens of stored blocks come along. So what the copied
journal still holds and the copied store already has is dropped by its token after a restore, as after any crash.
``zhulian backup`` and ``zhulian restore`` call :func:`backup_store` and :func:`restore_store`.
"""

import secrets
import shutil
from pathlib import Path

import msgspec
import urllib3
from urllib3.exceptions import HTTPError
from urllib3.util import make_headers

from zhulian.telemetry.endpoint.key import USER, load_or_create_key
from zhulian.telemetry.store.embedded import EmbeddedEngine
from zhulian.telemetry.store.errors import StoreError, backup_refused
from zhulian.telemetry.store.journal_copy import copy_journal
from zhulian.telemetry.store.rollups import ROLLUPS
from zhulian.vocabulary.settings import DataFolder, Settings

DATABASE, TOKENS, JOURNAL = "database", "tokens", "journal"
_TABLES = "SELECT name, data_paths[1] FROM system.tables WHERE database = 'zhulian' AND engine LIKE '%MergeTree'"
_LOGS = "deduplication_logs"
LONGEST_S = 3600.0


def backup_store(settings: Settings, folder: Path) -> None:
    """Copy store and journal into ``folder`` (new or empty): through the running process, else by opening the store.

    Raises StoreError; then ``folder`` holds no usable copy.
    """
    if settings["ZHULIAN_TELEMETRY_URL"]:
        raise backup_refused("读数存放在另一台服务器上", "the readings are kept on a server elsewhere")
    if _is_running(settings):
        _ask_process(settings, folder)
        return
    engine = EmbeddedEngine.open(settings.data.store, int(settings["ZHULIAN_MEMORY_MB"]))
    try:
        back_up(engine, folder)
    finally:
        engine.close()


def back_up(engine: EmbeddedEngine, folder: Path) -> None:
    """The same inside the process that holds the store."""
    _must_be_empty(folder)
    name = secrets.token_hex(8)
    draft = engine.folder / "backups" / name
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with engine.insertions_paused():
            engine.run(f"BACKUP DATABASE zhulian TO File('{name}')")
            for table, path in _table_paths(engine).items():
                shutil.copytree(path / _LOGS, folder / TOKENS / table)
            copy_journal(DataFolder(engine.folder.parent).journal, folder / JOURNAL)
        shutil.move(draft, folder / DATABASE)
    except OSError as fault:
        raise backup_refused(str(fault), str(fault)) from fault
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def restore_store(settings: Settings, folder: Path) -> None:
    """Bring ``folder`` back into an empty data folder while the platform is stopped. Raises StoreError."""
    if not (folder / DATABASE).is_dir():
        raise backup_refused(f"{folder} 里没有备份", f"there is no backup in {folder}")
    for place in (settings.data.store, settings.data.journal):
        _must_be_empty(place)
    memory_mb = int(settings["ZHULIAN_MEMORY_MB"])
    engine = EmbeddedEngine.open(settings.data.store, memory_mb)
    try:
        tables = _restore_tables(engine, folder / DATABASE)
    finally:
        engine.close()
    for table, path in tables.items():  # with the engine stopped: it reads its tokens when it opens
        shutil.rmtree(path / _LOGS, ignore_errors=True)
        shutil.copytree(folder / TOKENS / table, path / _LOGS)
    if (folder / JOURNAL).is_dir():
        shutil.copytree(folder / JOURNAL, settings.data.journal)
    EmbeddedEngine.open(settings.data.store, memory_mb).close()  # it must open, before anybody says "restored"


def _restore_tables(engine: EmbeddedEngine, database: Path) -> dict[str, Path]:
    inside = engine.folder / "backups" / "restoring"
    shutil.copytree(database, inside)
    try:
        for table in (*(f"{rollup.name}_view" for rollup in ROLLUPS), *_table_paths(engine)):
            engine.run(f"DROP TABLE {table} SYNC")
        engine.run("RESTORE DATABASE zhulian FROM File('restoring') SETTINGS allow_different_database_def = 1")
    finally:
        shutil.rmtree(inside, ignore_errors=True)
    return _table_paths(engine)


def _table_paths(engine: EmbeddedEngine) -> dict[str, Path]:
    lines = engine.run(_TABLES).splitlines()
    return {name: Path(path) for name, path in (line.split("\t") for line in lines)}


def _must_be_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise backup_refused(f"{folder} 不是空目录", f"{folder} is not an empty folder")


def _is_running(settings: Settings) -> bool:
    try:
        urllib3.request("GET", f"http://127.0.0.1:{settings.store_port}/ping", timeout=1.0, retries=False)
    except HTTPError:
        return False
    return True


def _ask_process(settings: Settings, folder: Path) -> None:
    key = load_or_create_key(settings.data.keys / "store.key")
    url = f"http://127.0.0.1:{settings.store_port}/backup"
    body = msgspec.json.encode({"folder": str(folder.resolve())})
    headers = make_headers(basic_auth=f"{USER}:{key}")
    try:
        answer = urllib3.request("POST", url, body=body, headers=headers, timeout=LONGEST_S, retries=False)
    except HTTPError as fault:
        raise backup_refused(str(fault), str(fault)) from fault
    if answer.status != 200:
        told = StoreError.from_json(msgspec.json.decode(answer.data, type=dict[str, str]))
        raise StoreError(told.code, told.what, told.next_step)
