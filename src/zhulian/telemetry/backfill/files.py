"""A file as a stream of blocks of columns, in bounded memory however large it is: CSV (also gzipped) and Parquet.

Text may be UTF-8, UTF-16 with its mark, or GB18030; a byte that is neither becomes the replacement character, so that
its cell is refused by name instead of the whole file. Cells of CSV stay text here: what they mean is decided later.
"""

import codecs
import csv
import gzip
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from zhulian.telemetry.backfill import errors

BLOCK_BYTES = 8 * 2**20
BLOCK_ROWS = 262_144
"""Of Parquet, whose rows are read into cells at once."""
HEAD_BYTES = 1 * 2**20
"""So much is looked at to tell encoding and separator."""
PARQUET, GZIP = b"PAR1", b"\x1f\x8b"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SEPARATORS = "\t;|,"
Ints = npt.NDArray[np.int64]


class Head(NamedTuple):
    """What the beginning of a file says. ``titles`` are unique; ``encoding`` and ``separator`` are of text."""

    called: str
    """The file's name to people."""
    titles: tuple[str, ...]
    encoding: str = ""
    separator: str = ""
    rows: int | None = None
    """How many rows there are, where the file says so."""

    @property
    def is_parquet(self) -> bool:
        """Otherwise it is text."""
        return not self.encoding


class Misshapen(NamedTuple):
    """A row of text that has not as many cells as the header."""

    number: int
    text: str


class Block(NamedTuple):
    """Some rows: ``numbers`` as a person counts them (the header's is 1; blank lines are not counted)."""

    numbers: Ints
    columns: dict[str, pa.Array]
    misshapen: list[Misshapen]


def look(path: Path, header: int = 1, called: str = "") -> Head:
    """Read the head of ``path``, which people know as ``called``. Raises BackfillError when it is no table, OSError."""
    called = called or path.name
    try:
        with path.open("rb") as file:
            is_parquet = file.read(4) == PARQUET
        return _head_of_parquet(path, called) if is_parquet else _head_of_text(path, header, called)
    except (pa.ArrowException, EOFError, gzip.BadGzipFile) as fault:
        raise errors.unreadable(called, str(fault)) from fault


def _head_of_parquet(path: Path, called: str) -> Head:
    with pq.ParquetFile(path) as file:
        return Head(called, _unique(file.schema_arrow.names), rows=file.metadata.num_rows)


def _head_of_text(path: Path, header: int, called: str) -> Head:
    with opened(path) as file:
        start = file.read(HEAD_BYTES)
    encoding = _encoding(start)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(start)
    if "\x00" in text or not text.strip():
        raise errors.no_table(called)
    lines = text.splitlines()
    line = lines[max(header - 1, 0)] if len(lines) >= max(header, 1) else ""
    separator = max(_SEPARATORS, key=line.count)
    separator = separator if separator in line else ","
    cells = next(csv.reader([line], delimiter=separator), [])
    if not any(cell.strip() for cell in cells):
        raise errors.no_header(called, header)
    return Head(called, _unique(cells if header else [""] * len(cells)), encoding, separator)


def _encoding(start: bytes) -> str:
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _unique(cells: Sequence[str]) -> tuple[str, ...]:
    """Titles as they are; one without is called by its place, one that was there before with its place behind it."""
    found: list[str] = []
    for place, cell in enumerate(cells, start=1):
        title = cell.strip() or f"#{place}"
        found.append(title if title not in found else f"{title} #{place}")
    return tuple(found)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The bytes of ``path``, unpacked when they are gzipped."""
    with path.open("rb") as file:
        is_packed = file.read(2) == GZIP
        file.seek(0)
        if not is_packed:
            yield file
            return
        with gzip.open(file, "rb") as unpacked:
            yield unpacked  # type: ignore[misc]  # reads as any binary file does


def blocks(path: Path, head: Head, header: int, wanted: Sequence[str]) -> Iterator[Block]:
    """The columns called ``wanted``, some rows at a time. Raises BackfillError when the file breaks off, OSError."""
    missing = [title for title in wanted if title not in head.titles]
    if missing:
        raise errors.no_column(missing[0], head.titles)
    try:
        yield from _of_parquet(path, head, wanted) if head.is_parquet else _of_text(path, head, header, wanted)
    except (pa.ArrowException, EOFError, gzip.BadGzipFile) as fault:
        raise errors.unreadable(head.called, str(fault)) from fault


def _of_parquet(path: Path, head: Head, wanted: Sequence[str]) -> Iterator[Block]:
    row = 1
    with pq.ParquetFile(path, memory_map=False, pre_buffer=False) as file:
        names = file.schema_arrow.names
        called = {title: names[head.titles.index(title)] for title in wanted}
        for batch in file.iter_batches(BLOCK_ROWS, columns=list(called.values()), use_threads=False):
            columns = {title: _plain(batch.column(name)) for title, name in called.items()}
            yield Block(np.arange(row, row + batch.num_rows, dtype=np.int64) + 1, columns, [])
            row += batch.num_rows


def _plain(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return column.cast(pa.utf8()) if pa.types.is_large_string(column.type) else column


def _of_text(path: Path, head: Head, header: int, wanted: Sequence[str]) -> Iterator[Block]:
    waiting: list[Misshapen] = []

    def misshapen(row: pa_csv.InvalidRow) -> str:
        waiting.append(Misshapen(row.number or 0, row.text[:200]))
        return "skip"

    with opened(path) as file:
        reader = pa_csv.open_csv(
            pa.PythonFile(_Utf8(file, head.encoding), "r"),
            pa_csv.ReadOptions(
                use_threads=False, block_size=BLOCK_BYTES, skip_rows=header, column_names=list(head.titles)
            ),
            pa_csv.ParseOptions(delimiter=head.separator, invalid_row_handler=misshapen, newlines_in_values=True),
            pa_csv.ConvertOptions(
                include_columns=list(wanted),
                column_types=dict.fromkeys(wanted, pa.utf8()),
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
        counted, skipped = 0, np.empty(0, np.int64)
        for batch in reader:
            fresh, waiting[:] = list(waiting), []
            skipped = np.append(skipped, np.array([one.number for one in fresh], np.int64))
            numbers = _numbered(counted, batch.num_rows, header, skipped)
            counted += batch.num_rows
            yield Block(numbers, {title: batch.column(title) for title in wanted}, fresh)
        if waiting:
            nothing = {title: pa.array([], pa.utf8()) for title in wanted}
            yield Block(np.empty(0, np.int64), nothing, list(waiting))


def _numbered(counted: int, rows: int, header: int, skipped: Ints) -> Ints:
    """Numbers of rows ``counted`` … among those that were kept, given the numbers of those that were not."""
    kept = np.arange(counted, counted + rows, dtype=np.int64)
    before = skipped - header - 1 - np.arange(len(skipped))  # kept rows in front of each that was left out
    return kept + header + 1 + np.searchsorted(before, kept, side="right")


class _Utf8(io.RawIOBase):
    """A text of any encoding, read as UTF-8 without a mark."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._decode = codecs.getincrementaldecoder(encoding)("replace")
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Exactly ``size`` bytes unless the end is near; everything when it is negative."""
        pieces, have = [self._rest], len(self._rest)
        while size < 0 or have < size:
            raw = self._file.read(BLOCK_BYTES if size < 0 else max(size - have, 4096))
            piece = self._decode.decode(raw, final=not raw).encode()
            pieces.append(piece)
            have += len(piece)
            if not raw:
                break
        whole = b"".join(pieces)
        cut = len(whole) if size < 0 else size
        self._rest = whole[cut:]
        return whole[:cut]
