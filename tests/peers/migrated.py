"""A database as all migrations leave it, kept beside pytest's cache per set of migrations.

Applying them takes a dozen seconds, and every process of every developer would pay for it, and so would every journey.
Whoever first meets a new set applies them in a process of its own and keeps the outcome; all others take a
copy, also those that come meanwhile. Django still looks for missing migrations in it, so a copy can never hide one.
"""

import fcntl
import hashlib
import importlib
import inspect
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import django
import psycopg
from django.apps import apps

from zhulian.cli.records import DUMP, SQLITE, program

KEPT = Path(__file__).resolve().parents[2] / ".pytest_cache" / "migrated"
IN_MEMORY = "file:memorydb_default?mode=memory&cache=shared"
"""What Django calls its database of tests on SQLite."""
_OURS = re.compile(r"^from (zhulian[\w.]*) import (\w+)", re.MULTILINE)


def sqlite_file() -> Path:
    """Migrated records, to be copied; their folder is nobody's data."""
    return _kept(SQLITE, lambda folder: migrate({"ZHULIAN_DATA": str(folder)}))


@contextmanager
def in_memory() -> Iterator[None]:
    """Inside, Django may connect to migrated records in memory, which live as long as somebody is connected."""
    with closing(sqlite3.connect(IN_MEMORY, uri=True)) as memory:
        with closing(sqlite3.connect(sqlite_file())) as kept:
            kept.backup(memory)
        yield


def in_database(address: str, name: str) -> str:
    """Migrated records in a new database ``name`` of the throw-away PostgreSQL at ``address``; its own address."""

    def make(folder: Path) -> None:
        migrate({"ZHULIAN_DATA": str(folder), "ZHULIAN_DATABASE": _created(address, "migrating")})
        _client("pg_dump", _other(address, "migrating"), "--format=custom", "--compress=0", f"--file={folder / DUMP}")

    kept, made = _kept(DUMP, make), _created(address, name)
    _client("pg_restore", made, "--exit-on-error", str(kept))
    return made


def migrate(environment: dict[str, str]) -> None:
    """Every migration, in a process of its own."""
    command = (sys.executable, "-m", "django", "migrate", "--settings=zhulian.portal.settings", "--verbosity=0")
    subprocess.run(command, env=os.environ | environment, check=True, capture_output=True, timeout=250)


def _kept(name: str, make: Callable[[Path], None]) -> Path:
    """The file ``name`` of the present migrations; ``make`` writes it into a folder when it is not there yet."""
    found = KEPT / _fingerprint() / name
    found.parent.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists():
            with tempfile.TemporaryDirectory(dir=KEPT) as folder:
                make(Path(folder))
                (Path(folder) / name).replace(found)
    return found


def _fingerprint() -> str:
    """Another one as soon as a migration of a room or a library differs, or what a migration of ours imports of us."""
    digest = hashlib.sha256(django.__version__.encode())
    for app in apps.get_app_configs():
        for path in sorted((Path(app.path) / "migrations").glob("*.py")):
            source = path.read_text()
            digest.update(f"{app.label} {path.name} {source}".encode())
            for package, name in _OURS.findall(source):
                digest.update(_source(package, name))
    return digest.hexdigest()[:16]


def _source(package: str, name: str) -> bytes:
    module = importlib.import_module(package)
    named = getattr(module, name)
    return inspect.getsource(named if inspect.ismodule(named) else module).encode()


def _created(address: str, name: str) -> str:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
    return _other(address, name)


def _other(address: str, name: str) -> str:
    return address.replace("/zhulian?", f"/{name}?")


def _client(name: str, database: str, *arguments: str) -> None:
    found = program(name)
    assert found, f"a server without {name}"
    subprocess.run([found, f"--dbname={database}", *arguments], check=True, capture_output=True)
