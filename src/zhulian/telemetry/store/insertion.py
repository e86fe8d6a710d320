"""How rows get into chDB: always by ``INSERT … FROM INFILE``, from a file in memory or, for clients' rows, on disk.

Never by ``send_insert``: in chDB 26.9 its ``finish()`` reports success even when a part or a view could not be written
(measured: a violated constraint, a failing view), and a checkpoint would then move past rows that are not there. Nor by
``Python(table)``, which raises as it should, but imports pandas: a second's pause and 60 MB for the same speed.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from chdb.state.sqlitelike import Connection

from zhulian.telemetry.store.sessions import quoted


def insert_file(connection: Connection, sql: str, path: Path, form: str) -> int:
    """Run ``INSERT INTO …`` with the rows in ``path``; returns how many. Raises RuntimeError when it could not."""
    return int(connection.query(f"{sql} FROM INFILE {quoted(str(path))} FORMAT {form}", "Null").rows_read())


@contextmanager
def in_memory(rows: pa.Table) -> Iterator[Path]:
    """``rows`` as an Arrow stream in a file that has no disk under it, while inside."""
    handle = os.memfd_create("block")
    try:
        with (
            os.fdopen(handle, "wb", closefd=False) as file,
            pa.ipc.new_stream(pa.PythonFile(file, "w"), rows.schema) as writer,
        ):
            writer.write_table(rows)
        yield Path(f"/proc/{os.getpid()}/fd/{handle}")
    finally:
        os.close(handle)


@contextmanager
def spooled(body: Iterator[bytes], folder: Path) -> Iterator[Path]:
    """``body`` as a file in ``folder`` while inside: a client's rows are whole before the first is inserted."""
    folder.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".rows") as file:
        for piece in body:
            file.write(piece)
        file.flush()
        yield Path(file.name)
