"""The records in a backup: SQLite through its own online copy, PostgreSQL through ``pg_dump`` and ``pg_restore``.

Called by :mod:`zhulian.cli.archive`. What is dumped from one engine comes back on the same engine. Records that a
restore replaces in PostgreSQL are kept there, in a schema beside the present one.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from zhulian.portal.databases import address, is_postgresql
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.settings import Settings

SQLITE, DUMP = "records.sqlite3", "records.pgdump"
KEPT = "before_restore_"


class RecordsCopyError(ZhulianError):
    """Records that cannot be copied or brought back."""


def copy(settings: Settings, folder: Path) -> None:
    """The records as they are at one moment, into ``folder``; the platform may be in use meanwhile."""
    if is_postgresql(settings):
        _run(settings, "pg_dump", "--format=custom", f"--exclude-schema={KEPT}*", f"--file={folder / DUMP}")
    elif settings.data.records.exists():
        with closing(sqlite3.connect(settings.data.records)) as source, closing(sqlite3.connect(folder / SQLITE)) as to:
            source.backup(to)


def check(settings: Settings, folder: Path, *, force: bool) -> None:
    """Refuse records of the other engine, and to replace present ones unless ``force``."""
    if (folder / (SQLITE if is_postgresql(settings) else DUMP)).exists():
        raise _other_engine(*(("SQLite", "PostgreSQL") if is_postgresql(settings) else ("PostgreSQL", "SQLite")))
    if is_postgresql(settings) and not force and _tables(settings):
        raise RecordsCopyError(
            "records_present",
            Text(
                "ZHULIAN_DATABASE 里已经有表，没有动它。", "ZHULIAN_DATABASE holds tables already; nothing was changed."
            ),
            Text(
                "请换一个空的数据库；确要替换就加 --force，原有的表会保留在另一个 schema 里。",
                "Choose an empty database, or add --force: present tables are then kept in a schema beside.",
            ),
        )


@contextmanager
def brought_back(settings: Settings, folder: Path) -> Iterator[None]:
    """Inside, the records are those of ``folder``; should anything fail, the former ones come back."""
    if not is_postgresql(settings):
        yield
        return
    kept = _set_aside(settings)
    try:
        _run(settings, "pg_restore", "--no-owner", "--no-privileges", "--single-transaction", str(folder / DUMP))
        yield
    except BaseException:
        _execute(settings, "DROP SCHEMA public CASCADE", f"ALTER SCHEMA {kept} RENAME TO public")
        raise


def program(name: str) -> Path | None:
    """One of PostgreSQL's client programs: on the PATH, or Debian's newest."""
    found = shutil.which(name)
    if found:
        return Path(found)
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return debian[-1] if debian else None


def _set_aside(settings: Settings) -> str:
    taken = set(_column(settings, "SELECT nspname FROM pg_namespace"))
    kept = next(name for number in range(1, 10_000) if (name := f"{KEPT}{number}") not in taken)
    _execute(settings, f"ALTER SCHEMA public RENAME TO {kept}", "CREATE SCHEMA public")
    return kept


def _tables(settings: Settings) -> list[str]:
    return _column(settings, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")


def _column(settings: Settings, statement: str) -> list[str]:
    import psycopg

    try:
        with psycopg.connect(settings["ZHULIAN_DATABASE"]) as connection:
            return [str(row[0]) for row in connection.execute(statement.encode())]
    except psycopg.Error as fault:
        raise _failed(str(fault)) from fault


def _execute(settings: Settings, *statements: str) -> None:
    """All of them or none."""
    import psycopg

    try:
        with psycopg.connect(settings["ZHULIAN_DATABASE"], options="-c lock_timeout=10s") as connection:
            for statement in statements:
                connection.execute(statement.encode())
    except psycopg.Error as fault:
        raise _failed(str(fault)) from fault


def _run(settings: Settings, name: str, *arguments: str) -> None:
    """One of PostgreSQL's programs on our database; the password goes by the environment, which ``ps`` hides."""
    from psycopg.conninfo import make_conninfo

    found = program(name)
    if found is None:
        raise RecordsCopyError(
            "postgresql_client_missing",
            Text(
                f"备份 PostgreSQL 需要 {name}，本机没有。", f"A backup of PostgreSQL needs {name}, which is not here."
            ),
            Text("请执行 apt-get install postgresql-client。", "Run apt-get install postgresql-client."),
        )
    parts = address(settings)
    environ = {**os.environ, "PGPASSWORD": parts.pop("password", "")}
    command = [str(found), "--no-password", f"--dbname={make_conninfo(**parts)}", *arguments]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    if done.returncode:
        raise _failed(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else name)


def _failed(why: str) -> RecordsCopyError:
    return RecordsCopyError(
        "records_not_copied",
        Text(f"PostgreSQL 没有完成：{why}。", f"PostgreSQL did not do it: {why}."),
        Text(
            "原有数据没有变化；pg_dump 和 pg_restore 不能旧于服务器。",
            "Nothing was changed; pg_dump and pg_restore must not be older than the server.",
        ),
    )


def _other_engine(have: str, want: str) -> RecordsCopyError:
    return RecordsCopyError(
        "other_engine",
        Text(
            f"备份里的业务数据来自 {have}，当前设置是 {want}。",
            f"The backup's records are of {have}, the setting says {want}.",
        ),
        Text(
            "什么都没有改动；请按备份时的 ZHULIAN_DATABASE 恢复。",
            "Nothing was changed; restore with the ZHULIAN_DATABASE that the backup was made with.",
        ),
    )
