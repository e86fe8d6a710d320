"""The store inside this process: chDB on the folder ``store``. One process at a time, never forked after import.

The telemetry process opens it through :func:`zhulian.telemetry.store.engine.open_engine`; everybody else goes through
that process' HTTP endpoint.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pyarrow as pa
from chdb.state.sqlitelike import Connection

from zhulian.telemetry.store import schema
from zhulian.telemetry.store.answers import ARROW, CHAINED, StreamedAnswer, WholeAnswer
from zhulian.telemetry.store.engine import BLOCK_SCHEMA, Answer, Block
from zhulian.telemetry.store.errors import StoreError, statement_refused, store_unopenable
from zhulian.telemetry.store.holding import Holding
from zhulian.telemetry.store.insertion import in_memory, insert_file, spooled
from zhulian.telemetry.store.preparation import prepare
from zhulian.telemetry.store.sessions import DATABASE, Sessions, refused
from zhulian.telemetry.store.statements import can_stream, changes_session

MOST_QUERIES = 8
QUERY_LIMIT_S = 60
SPOOL = "spool"
_GIVING_WAY = {"os_threads_nice_value_query": "5", "os_threads_nice_value_materialized_view": "5"}
"""Who waits for an answer goes first: readings are safe in the journal, and nobody waits for their insertion."""
log = logging.getLogger(__name__)


class EmbeddedEngine:
    """chDB as an :class:`~zhulian.telemetry.store.engine.Engine`."""

    def __init__(self, folder: Path, memory_mb: int) -> None:
        self.folder = folder
        self._holding = Holding.take(folder)
        address = f"{folder / 'chdb'}?{urlencode(_server_settings(folder, memory_mb))}"
        base = _statement_settings(memory_mb)
        self._sessions = Sessions(address, MOST_QUERIES, base)
        self._writers = Sessions(address, 1, base | schema.INSERT_SETTINGS | _GIVING_WAY)
        try:
            self._keeper = Connection(address)  # the engine stops with its last connection: this one stays
        except RuntimeError as fault:
            self._holding.release()
            raise store_unopenable(str(folder), str(fault)) from fault
        self._alarms: list[str] = []

    @classmethod
    def open(cls, folder: Path, memory_mb: int) -> "EmbeddedEngine":
        """Open or create the store in ``folder``; ``memory_mb`` bounds queries and merges together."""
        engine = cls(folder, memory_mb)
        try:
            engine._prepare()
        except RuntimeError as fault:
            engine.close()
            raise store_unopenable(str(folder), str(fault)) from fault
        except StoreError:
            engine.close()
            raise
        return engine

    def insert(self, block: Block) -> None:
        """See :class:`Engine`."""
        with in_memory(block.rows.combine_chunks()) as path:
            self._write(schema.INSERT, path, "ArrowStream", {"insert_deduplication_token": block.token})

    def insert_raw(self, sql: str, form: str, body: Iterator[bytes], settings: Mapping[str, str] | None = None) -> int:
        """See :class:`Engine`."""
        with spooled(body, self.folder / SPOOL) as path:
            return self._write(sql, path, form, settings or {})

    def _write(self, sql: str, path: Path, form: str, settings: Mapping[str, str]) -> int:
        session = self._writers.borrow(settings)
        is_stored = False
        try:
            written = insert_file(session.connection, sql, path, form)
            is_stored = True
        except RuntimeError as fault:
            raise refused(fault) from fault
        finally:
            self._writers.give_back(session, reuse=is_stored)
        return written

    @contextmanager
    def insertions_paused(self) -> Iterator[None]:
        """While inside, nothing is inserted: insertions wait. For a copy that must hold still."""
        session = self._writers.borrow({})
        try:
            yield
        finally:
            self._writers.give_back(session, reuse=True)

    def why_all_is_kept(self) -> StoreError | None:
        """See :class:`Engine`."""
        return None

    def query(
        self,
        sql: str,
        form: str = "Native",
        settings: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Answer:
        """See :class:`Engine`."""
        if not _is_text(sql):
            raise statement_refused("Code: 62. DB::Exception: the statement is no Unicode text. (SYNTAX_ERROR)", 62)
        session = self._sessions.borrow(settings or {})
        values = dict(parameters or {})
        stays = not changes_session(sql)

        def done(clean: bool) -> None:
            self._sessions.give_back(session, reuse=clean and stays)

        if can_stream(sql) and (form in CHAINED or form in ARROW):
            return StreamedAnswer(session.connection, sql, form, values, done)
        is_answered = False
        try:
            body: bytes = session.connection.query(sql, form, params=values).bytes()
            is_answered = True
        except RuntimeError as fault:
            raise refused(fault) from fault
        finally:
            done(is_answered)
        return WholeAnswer(body)

    def run(self, sql: str) -> str:
        """One statement's answer as text, however long it takes. Raises StoreError."""
        return b"".join(self.query(sql, "TabSeparatedRaw", {"max_execution_time": "0"})).decode()

    def latest(self) -> pa.Table:
        """See :class:`Engine`."""
        body = b"".join(self.query(schema.LATEST, "ArrowStream", {"max_execution_time": "0"}))
        with pa.ipc.open_stream(body) as reader:
            return reader.read_all().cast(BLOCK_SCHEMA)

    def alarms(self) -> list[str]:
        """See :class:`Engine`."""
        return list(self._alarms)

    def interrupt(self) -> None:
        """See :class:`Engine`. This store is in the process, and answers."""

    def close(self) -> None:
        """See :class:`Engine`."""
        self._sessions.close()
        self._writers.close()
        self._keeper.close()
        self._holding.release()

    def _prepare(self) -> None:
        self._keeper.query(f"CREATE DATABASE IF NOT EXISTS {schema.DATABASE} ENGINE = Atomic", "Null")
        prepare(self.run)
        self._alarms = self.run(schema.ALARMS).splitlines()
        for line in self._alarms:
            log.error("存储中有损坏的数据分片 / the store holds a damaged part: %s", line)


def _is_text(sql: str) -> bool:
    """Half a surrogate pair is a character to Python and none to the engine."""
    try:
        sql.encode()
    except UnicodeEncodeError:
        return False
    return True


def _server_settings(folder: Path, memory_mb: int) -> dict[str, str]:
    """For the engine as a whole: small pools and caches, so that an idle store costs next to nothing."""
    mebibyte = 1024 * 1024
    return {
        "max_server_memory_usage": str(memory_mb * mebibyte),
        "mark_cache_size": str(memory_mb * mebibyte // 16),
        "index_mark_cache_size": str(8 * mebibyte),
        "primary_index_cache_size": str(memory_mb * mebibyte // 16),
        "mmap_cache_size": "0",
        "compiled_expression_cache_size": str(8 * mebibyte),
        "background_pool_size": "2",
        "background_merges_mutations_concurrency_ratio": "1",
        "background_move_pool_size": "1",
        "background_fetches_pool_size": "1",
        "background_common_pool_size": "1",
        "background_schedule_pool_size": "2",
        "max_thread_pool_free_size": "4",
        "os_threads_nice_value_merge_mutate": "5",
        "backups.allowed_path": str(folder / "backups"),
    }


def _statement_settings(memory_mb: int) -> dict[str, str]:
    """For every statement, unless it brings its own."""
    return {
        DATABASE: schema.DATABASE,
        "async_insert": "0",
        "log_queries": "0",
        "max_execution_time": str(QUERY_LIMIT_S),
        "max_memory_usage": str(memory_mb * 1024 * 1024 * 3 // 4),
        "max_bytes_before_external_sort": str(memory_mb * 1024 * 1024 // 4),
        "max_bytes_before_external_group_by": str(memory_mb * 1024 * 1024 // 4),
        "max_block_size": "65409",
        # Remembering granules and estimating selectivity cost a small question a quarter of its time (measured).
        "use_query_condition_cache": "0",
        "use_statistics": "0",
    }
