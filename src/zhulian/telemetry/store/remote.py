"""The store somewhere else: any ClickHouse HTTP endpoint, through clickhouse-connect, with the same tables and tokens.

Chosen by ``ZHULIAN_TELEMETRY_URL``. It connects at the first call and again after every failure, so that the telemetry
process starts, and keeps acknowledging into its journal, while the store is away. With ``ZHULIAN_TELEMETRY_CLUSTER``
that endpoint is one server of several, and :mod:`~zhulian.telemetry.store.cluster` says what is told to all of them.
"""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import IOBase
from itertools import chain
from typing import Any, cast

import pyarrow as pa
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, OperationalError
from urllib3.exceptions import HTTPError

from zhulian.telemetry.store import schema
from zhulian.telemetry.store.cluster import Order
from zhulian.telemetry.store.cuttable import Cuttable
from zhulian.telemetry.store.engine import BLOCK_SCHEMA, Answer, Block
from zhulian.telemetry.store.errors import (
    StoreError,
    cluster_incomplete,
    cluster_keeps,
    statement_refused,
    store_closed,
    store_unreachable,
)
from zhulian.telemetry.store.place import Place, why_unreachable
from zhulian.telemetry.store.preparation import prepare
from zhulian.telemetry.store.statements import gives_rows

CONNECT_S = 3
ANSWER_S = 120
PIECE_BYTES = 1024 * 1024
NOT_EVERYWHERE = "distributed_ddl_task_timeout"
"""In ClickHouse's words when not every server of a cluster has confirmed a change in time."""
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f"}


class RemoteEngine:
    """A ClickHouse endpoint as an :class:`~zhulian.telemetry.store.engine.Engine`."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._client: Client | None = None
        self._lines = Cuttable()
        self._lock = threading.Lock()
        self._is_closed = False

    @classmethod
    def open(cls, url: str, cluster: str = "") -> "RemoteEngine":
        """The store at ``url``; it need not be reachable yet. Raises StoreError when ``url`` is no such address.

        ``cluster``: what the server there calls the servers that it belongs to, itself included.
        """
        return cls(Place.parse(url, cluster))

    def insert(self, block: Block) -> None:
        """See :class:`Engine`."""
        settings = schema.INSERT_SETTINGS | {"insert_deduplication_token": block.token}
        with self._talking() as client:
            client.insert_arrow("readings", block.rows, settings=settings)

    def insert_raw(self, sql: str, form: str, body: Iterator[bytes], settings: Mapping[str, str] | None = None) -> int:
        """See :class:`Engine`."""
        statement = f"{sql} FORMAT {form}\n".encode()
        with self._talking() as client:
            done = client.raw_insert(
                "",  # no table: the statement stands in front of the rows, as it came
                insert_block=(piece for piece in chain([statement], body)),
                settings=schema.INSERT_SETTINGS | dict(settings or {}),
            )
        return int(done.written_rows)

    def query(
        self,
        sql: str,
        form: str = "Native",
        settings: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Answer:
        """See :class:`Engine`."""
        chosen: dict[str, Any] = {"database": self._place.database, **(settings or {})}
        values = {name: _unescaped(value) for name, value in (parameters or {}).items()}
        with self._talking() as client:
            *before, last = self._orders(sql)
            for order in before:
                self._tell(client, order)
            stream = client.raw_stream(
                last.sql, values or None, chosen, form if gives_rows(last.sql) else None, use_database=False
            )
        return _RemoteAnswer(cast(IOBase, stream), self._place)

    def settle(self) -> None:
        """Wait until every copy of every table has what the others have. On one server there is nothing to wait for.

        Before rows and sums are compared for good: a copy that is behind would look wrong. Raises StoreError.
        """
        with self._talking() as client:
            for order in self._place.cluster.settling if self._place.cluster else ():
                self._tell(client, order)

    @contextmanager
    def insertions_paused(self) -> Iterator[None]:
        """See :class:`Engine`. Nothing to hold back: only the feeder inserts, and it takes turns with who asks.

        On a cluster nobody may count on that.
        """
        if self._place.cluster:
            raise cluster_keeps()
        yield

    def why_all_is_kept(self) -> StoreError | None:
        """See :class:`Engine`. A step replaces partitions while nothing is inserted, which holds on one server only."""
        return cluster_keeps() if self._place.cluster else None

    def latest(self) -> pa.Table:
        """See :class:`Engine`."""
        with self._talking() as client:
            return client.query_arrow(schema.LATEST).cast(BLOCK_SCHEMA)

    def alarms(self) -> list[str]:
        """See :class:`Engine`. Always empty: a server watches over its own files."""
        return []

    def interrupt(self) -> None:
        """See :class:`Engine`. Without the lock: who holds it may be waiting for the first answer."""
        self._is_closed = True
        self._lines.cut()

    def close(self) -> None:
        """See :class:`Engine`."""
        self.interrupt()
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    @contextmanager
    def _talking(self) -> Iterator[Client]:
        with _as_ours(self._place):
            yield self._connected()

    def _connected(self) -> Client:
        with self._lock:
            if self._is_closed:
                raise store_closed()
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _connect(self) -> Client:
        client = self._place.connect(CONNECT_S, ANSWER_S, self._lines)
        self._make_database(client)
        prepare(lambda sql: [self._tell(client, order) for order in self._orders(sql)][-1])
        return client

    def _make_database(self, client: Client) -> None:
        cluster, name = self._place.cluster, self._place.database
        if not self._is_there(client, f"DATABASE {name}"):
            sql = cluster.database_creation if cluster else f"CREATE DATABASE IF NOT EXISTS {name} ENGINE = Atomic"
            client.command(sql, use_database=False)

    def _orders(self, sql: str) -> tuple[Order, ...]:
        return self._place.cluster.orders(sql) if self._place.cluster else (Order(sql),)

    def _tell(self, client: Client, order: Order) -> str:
        """What is there is not created again: that would wait for every server of the cluster, and one may be away."""
        if order.makes and self._is_there(client, f"TABLE {self._place.database}.{order.makes}"):
            return ""
        return str(client.command(order.sql))

    def _is_there(self, client: Client, what: str) -> bool:
        return bool(int(str(client.command(f"EXISTS {what}", use_database=False))))


class _RemoteAnswer:
    """Bytes as they arrive."""

    def __init__(self, stream: IOBase, place: Place) -> None:
        self._stream = stream
        self._place = place

    def __iter__(self) -> Iterator[bytes]:
        with _as_ours(self._place):
            while piece := self._stream.read(PIECE_BYTES):
                yield piece

    def close(self) -> None:
        """Hang up; the server stops the query."""
        self._stream.close()


@contextmanager
def _as_ours(place: Place) -> Iterator[None]:
    """The client's errors as the store's: nobody there, or the server's own words with its number."""
    try:
        yield
    except OperationalError as fault:
        raise store_unreachable(str(place), why_unreachable(fault)) from fault
    except (HTTPError, OSError) as fault:
        raise store_unreachable(str(place), why_unreachable(fault)) from fault
    except ClickHouseError as fault:
        if NOT_EVERYWHERE in str(fault):
            raise cluster_incomplete(_brief(fault)) from fault
        raise statement_refused(_brief(fault), getattr(fault, "code", None) or 0) from fault


def _brief(fault: Exception) -> str:
    """What the server said, without the client's wrapping."""
    text = str(fault)
    return text[max(text.find("Code: "), 0) :].split(" (for url ", maxsplit=1)[0][:1000]


def _unescaped(value: str) -> str:
    """The text behind a ``param_`` value, which travels tab-escaped."""
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), value, flags=re.DOTALL)
