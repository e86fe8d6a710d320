"""A statement's answer as bytes, chunk by chunk, whatever format was asked for; memory stays bounded for big ones.

chDB gives each block as a message complete in itself. For row formats the chunks simply follow each other; Arrow has a
schema in front and an end behind, so its blocks are written anew into one stream. Other formats come in one piece.
"""

from collections.abc import Callable, Iterator, Mapping

import pyarrow as pa
from chdb.state.sqlitelike import Connection

from zhulian.telemetry.store.drain import Drain
from zhulian.telemetry.store.sessions import refused

CHAINED = frozenset({"Native", "TabSeparated", "TSV", "CSV", "RowBinary", "JSONEachRow", "TabSeparatedRaw", "TSVRaw"})
ARROW = frozenset({"Arrow", "ArrowStream"})
Done = Callable[[bool], None]


class WholeAnswer:
    """An answer that is all there."""

    def __init__(self, body: bytes) -> None:
        self._pieces = iter((body,) if body else ())

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        """Nothing is held."""


class StreamedAnswer:
    """A SELECT that runs while it is read. ``done(clean)`` is called once, when its connection is free again."""

    def __init__(self, connection: Connection, sql: str, form: str, values: Mapping[str, str], done: Done) -> None:
        self._connection, self._sql, self._form, self._values = connection, sql, form, dict(values)
        self._done: Done | None = done
        is_running = False
        try:
            self._chunks = connection.send_query(sql, "ArrowStream" if form in ARROW else form, params=self._values)
            is_running = True
        except RuntimeError as fault:
            raise refused(fault) from fault
        finally:
            if not is_running:
                self._finish(clean=False)
        self._bytes = self._as_arrow() if form in ARROW else self._blocks()

    def __iter__(self) -> Iterator[bytes]:
        return self._bytes

    def close(self) -> None:
        """Stop the query if it still runs."""
        if self._done is None:
            return
        try:
            self._chunks.close()
        except RuntimeError:
            self._finish(clean=False)
        else:
            self._finish(clean=True)

    def _blocks(self) -> Iterator[bytes]:
        empty = True
        try:
            for chunk in self._chunks:
                empty = False
                yield chunk.bytes()
            if empty and self._form in ARROW:  # no block, so nobody told the columns yet
                yield self._connection.query(self._sql, "ArrowStream", params=self._values).bytes()
        except RuntimeError as fault:
            self._finish(clean=False)
            raise refused(fault) from fault
        self._finish(clean=True)

    def _as_arrow(self) -> Iterator[bytes]:
        sink, writer = Drain(), None
        for block in self._blocks():
            with pa.ipc.open_stream(block) as reader:
                if writer is None:
                    writer = (pa.ipc.new_file if self._form == "Arrow" else pa.ipc.new_stream)(sink, reader.schema)
                for batch in reader:
                    writer.write_batch(batch)
            yield sink.take()
        if writer is not None:
            writer.close()
        yield sink.take()

    def _finish(self, *, clean: bool) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(clean)
