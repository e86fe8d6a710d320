"""How rows get into chDB: as a table in memory, or from a file for whatever format a client sends.

Never by ``send_insert``: in chDB 26.9 its ``finish()`` reports success even when a part or a view could not be written
(measured: a violated constraint, a failing view), and a checkpoint would then move past rows that are not there.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from chdb.state.sqlitelike import Connection

from zhulian.telemetry.store import schema


def insert_table(connection: Connection, rows_of_block: pa.Table) -> int:
    """Insert ``rows_of_block``: chDB's ``Python(…)`` finds it by its name here. RuntimeError when it could not."""
    connection.query(f"{schema.INSERT} SELECT * FROM Python(rows_of_block)", "Null")  # noqa: S608 - our own words
    return int(rows_of_block.num_rows)


def insert_file(connection: Connection, sql: str) -> int:
    """Run ``INSERT … FROM INFILE …``; returns the rows written. RuntimeError when it could not."""
    return int(connection.query(sql, "Null").rows_read())


@contextmanager
def spooled(body: Iterator[bytes], folder: Path) -> Iterator[Path]:
    """``body`` as a file in ``folder`` while inside: a client's rows are whole before the first is inserted."""
    folder.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".rows") as file:
        for piece in body:
            file.write(piece)
        file.flush()
        yield Path(file.name)
