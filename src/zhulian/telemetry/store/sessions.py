"""A few chDB connections shared by all threads: one statement at a time each, always back to the same settings.

chDB deadlocks when two statements run on one connection, and a statement's settings would stay for the next one; so
a connection is lent to one statement, and what was set for it is taken back before anybody else gets it.
"""

import re
import threading
from collections.abc import Mapping

from chdb.state.sqlitelike import Connection

from zhulian.telemetry.store.errors import StoreError, statement_refused, store_busy, store_closed

WAIT_S = 10.0
DATABASE = "database"
"""The one key among a statement's settings that is no setting: it becomes USE."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_NUMBER = re.compile(r"Code: (\d+)\.")


class Sessions:
    """At most ``most`` connections to the store at ``address``, opened as they are needed."""

    def __init__(self, address: str, most: int, base: Mapping[str, str], database: str) -> None:
        self._address = address
        self._base = dict(base)
        self._database = database
        self._places = threading.BoundedSemaphore(most)
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._closed = False

    def borrow(self, settings: Mapping[str, str]) -> Connection:
        """A connection with ``settings`` on top of the base; StoreError store_busy when none becomes free in time."""
        if not self._places.acquire(timeout=WAIT_S):
            raise store_busy()
        connection = None
        try:
            connection = self._take()
            _apply(connection, settings)
        except BaseException:
            if connection is not None:
                connection.close()
            self._places.release()
            raise
        return connection

    def give_back(self, connection: Connection, settings: Mapping[str, str], *, reuse: bool) -> None:
        """Take ``settings`` back; without ``reuse`` the connection is thrown away instead."""
        reuse = reuse and self._restore(connection, settings)
        with self._lock:
            if reuse and not self._closed:
                self._idle.append(connection)
            else:
                connection.close()
        self._places.release()

    def close(self) -> None:
        """Close idle connections now and lent ones when they come back."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()

    def _take(self) -> Connection:
        with self._lock:
            if self._closed:
                raise store_closed()
            if self._idle:
                return self._idle.pop()
        connection = Connection(self._address)
        _apply(connection, {**self._base, DATABASE: self._database})
        return connection

    def _restore(self, connection: Connection, settings: Mapping[str, str]) -> bool:
        before = {name: self._base.get(name) for name in settings if name != DATABASE}
        if DATABASE in settings:
            before[DATABASE] = self._database
        try:
            _apply(connection, before)
        except StoreError:
            return False
        return True


def _apply(connection: Connection, settings: Mapping[str, str | None]) -> None:
    """SET every setting (``None``: its default), USE the database. Raises StoreError for what the engine does not know."""
    parts = [f"{_checked(name)} = {_value(value)}" for name, value in settings.items() if name != DATABASE]
    database = settings.get(DATABASE)
    try:
        if parts:
            connection.query("SET " + ", ".join(parts), "Null")
        if database:
            connection.query(f"USE {_checked(database)}", "Null")
    except RuntimeError as fault:
        raise refused(fault) from fault


def refused(fault: Exception) -> StoreError:
    """The engine's own error as ours, with its number."""
    message = str(fault)
    number = _NUMBER.search(message)
    return statement_refused(message[max(message.find("Code: "), 0) :].strip(), int(number[1]) if number else 0)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise statement_refused(f"Code: 115. DB::Exception: {name!r} is no name", 115)
    return name


def _value(text: str | None) -> str:
    if text is None:
        return "DEFAULT"
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
