"""A few chDB connections shared by all threads, each lent to one statement at a time with the settings it asks for.

chDB deadlocks when two statements run on one connection, and what is SET on it stays. So a connection remembers how it
is set, and only the difference to what the next statement wants is sent: for a page's queries that is nothing.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from chdb.state.sqlitelike import Connection

from zhulian.telemetry.store.errors import StoreError, statement_refused, store_busy, store_closed

WAIT_S = 10.0
DATABASE = "database"
"""The one key among a statement's settings that is no setting: it becomes USE."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_NUMBER = re.compile(r"Code: (\d+)\.")


@dataclass(slots=True)
class Session:
    """A connection and how it is set right now."""

    connection: Connection
    settings: dict[str, str]


class Sessions:
    """At most ``most`` connections to the store at ``address``, opened as they are needed."""

    def __init__(self, address: str, most: int, base: Mapping[str, str]) -> None:
        """``base`` holds for every statement that does not bring its own; it names the database too."""
        self._address = address
        self._base = dict(base)
        self._places = threading.BoundedSemaphore(most)
        self._idle: list[Session] = []
        self._lock = threading.Lock()
        self._is_closed = False

    def borrow(self, settings: Mapping[str, str]) -> Session:
        """A connection with ``settings`` on top of the base; StoreError store_busy when none becomes free in time."""
        if not self._places.acquire(timeout=WAIT_S):
            raise store_busy()
        wanted = {**self._base, **settings}
        session = None
        try:
            session = self._take(wanted)
            _turn(session, wanted)
        except BaseException:
            if session is not None:
                session.connection.close()
            self._places.release()
            raise
        return session

    def give_back(self, session: Session, *, reuse: bool) -> None:
        """Let others have it; without ``reuse`` the connection is thrown away."""
        with self._lock:
            if reuse and "readonly" not in session.settings and not self._is_closed:  # readonly cannot be taken back
                self._idle.append(session)
            else:
                session.connection.close()
        self._places.release()

    def close(self) -> None:
        """Close idle connections now and lent ones when they come back."""
        with self._lock:
            self._is_closed = True
            while self._idle:
                self._idle.pop().connection.close()

    def _take(self, wanted: dict[str, str]) -> Session:
        with self._lock:
            if self._is_closed:
                raise store_closed()
            for session in reversed(self._idle):
                if session.settings == wanted:
                    self._idle.remove(session)
                    return session
            if self._idle:
                return self._idle.pop()
        return Session(Connection(self._address), {})


def _turn(session: Session, wanted: dict[str, str]) -> None:
    """Send the difference. Raises StoreError for what the engine does not know."""
    now, session.settings = session.settings, wanted
    changes: dict[str, str | None] = {name: None for name in now if name not in wanted}
    changes |= {name: value for name, value in wanted.items() if now.get(name) != value}
    database = changes.pop(DATABASE, None)
    parts = [f"{_checked(name)} = {_value(value)}" for name, value in changes.items()]
    try:
        if database:
            session.connection.query(f"USE {_checked(database)}", "Null")
        if parts:
            session.connection.query("SET " + ", ".join(parts), "Null")
    except RuntimeError as fault:
        raise refused(fault) from fault


def refused(fault: Exception) -> StoreError:
    """The engine's own error as ours, with its number."""
    message = str(fault)
    number = _NUMBER.search(message)
    return statement_refused(message[max(message.find("Code: "), 0) :].strip(), int(number[1]) if number else 0)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise statement_refused(f"Code: 115. DB::Exception: {name!r} is no name. (UNKNOWN_SETTING)", 115)
    return name


def _value(text: str | None) -> str:
    return "DEFAULT" if text is None else quoted(text)


def quoted(text: str) -> str:
    """``text`` as an SQL string."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
