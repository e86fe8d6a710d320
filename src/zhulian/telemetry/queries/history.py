"""History: what the store knows, through clickhouse-connect with parameters bound on the server."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, OperationalError
from urllib3.exceptions import HTTPError

from zhulian.telemetry.queries.errors import busy, refused
from zhulian.telemetry.queries.line import Line
from zhulian.telemetry.store.place import Place

if TYPE_CHECKING:
    import pyarrow as pa

CONNECT_S = 1
ANSWER_S = 60
_BUSY = frozenset({159, 202, 236, 241, 307})
"""ClickHouse's numbers for: out of time, too many queries, stopped, out of memory, too many bytes."""
_ONE_THREAD = {"max_threads": 1}
"""For what pages ask: of small questions, starting threads is a third of the work, and the others wait for a core."""
Values = Mapping[str, Any]
Columns = Sequence[Sequence[Any]]


class History:
    """Runs statements; any number of threads may share it. Connects at the first one."""

    def __init__(self, place: Place, line: Line) -> None:
        self._place = place
        self._line = line
        self._client: Client | None = None
        self._lock = threading.Lock()

    def columns(self, sql: str, values: Values) -> Columns:
        """The whole answer by column; an answer without rows may come without columns too."""
        with self._talking() as client:
            found: Columns = client.query(
                sql, parameters=dict(values), settings=_ONE_THREAD, column_oriented=True
            ).result_columns
        return found

    def blocks(self, sql: str, values: Values) -> Iterator[Columns]:
        """The answer by blocks of columns, as they arrive."""
        with self._talking() as client, client.query_column_block_stream(sql, parameters=dict(values)) as blocks:
            yield from blocks

    def batches(self, sql: str, values: Values) -> "Iterator[pa.RecordBatch]":
        """The answer as Arrow, block by block as they arrive."""
        with self._talking() as client, client.query_arrow_stream(sql, dict(values)) as tables:
            yield from tables

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    @contextmanager
    def _talking(self) -> Iterator[Client]:
        self._line.check()
        try:
            yield self._connected()
        except OperationalError as fault:
            if fault.code:
                raise busy(_brief(fault)) from fault
            raise self._line.broken(fault) from fault
        except (HTTPError, OSError) as fault:
            raise self._line.broken(fault) from fault
        except DatabaseError as fault:
            raise (busy if fault.code in _BUSY else refused)(_brief(fault)) from fault
        except ClickHouseError as fault:
            raise refused(_brief(fault)) from fault
        self._line.works()

    def _connected(self) -> Client:
        with self._lock:
            if self._client is None:
                self._client = self._place.connect(CONNECT_S, ANSWER_S)
            return self._client


def _brief(fault: Exception) -> str:
    text = str(fault)
    return (
        text[max(text.find("Code: "), 0) :].split(" (for url ", maxsplit=1)[0].split(" (version ", maxsplit=1)[0][:500]
    )
