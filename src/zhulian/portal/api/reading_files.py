"""Readings as a file that is written while it is sent: memory holds one portion, however long the range.

pyarrow is loaded with the first file only: a web worker that never sends one stays small.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from io import RawIOBase
from typing import TYPE_CHECKING

from django.http import StreamingHttpResponse

from zhulian.vocabulary.readings import PointId

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import parquet

ROWS_A_GROUP = 200_000
"""Of a Parquet file: what is held until it is written."""


@dataclass(frozen=True, slots=True)
class PointFile:
    """Readings in batches (point, time, value, text, quality), and what is known of the points."""

    points: Mapping[PointId, Mapping[str, object]]
    batches: "Iterator[pa.RecordBatch]"

    @property
    def schema(self) -> "pa.Schema":
        """The columns; the metadata ``zhulian`` is JSON: by point id its name, unit, machine and enterprise."""
        import pyarrow as pa  # noqa: PLC0415 - see above

        told = {"points": {str(point): dict(known) for point, known in self.points.items()}, "time_zone": "UTC"}
        fields = [
            pa.field("point", pa.uint32(), nullable=False),
            pa.field("time", pa.timestamp("us", "UTC"), nullable=False),
            pa.field("value", pa.float64(), nullable=False),
            pa.field("text", pa.utf8(), nullable=False),
            pa.field("quality", pa.uint8(), nullable=False, metadata={"values": "0 good, 1 uncertain, 2 bad"}),
        ]
        return pa.schema(fields, {"zhulian": json.dumps(told, ensure_ascii=False)})


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of file: its media type, the end of its name, and how it is written."""

    media_type: str
    suffix: str
    write: Callable[[PointFile], Iterator[bytes]]


class StreamedFile(StreamingHttpResponse):
    """A file from an iterator that blocks; under ASGI each portion is made in a thread, not all of them beforehand."""

    def __init__(self, form: Form, file: PointFile, name: str) -> None:
        super().__init__(form.write(file), content_type=form.media_type)
        self["Content-Disposition"] = f'attachment; filename="{name}.{form.suffix}"'

    async def __aiter__(self) -> AsyncIterator[bytes]:
        portions = iter(self)
        while (portion := await asyncio.to_thread(next, portions, None)) is not None:
            yield portion


def _parquet(file: PointFile) -> Iterator[bytes]:
    from pyarrow import parquet  # noqa: PLC0415 - see above

    sink, schema, held, rows = _Drain(), file.schema, list["pa.RecordBatch"](), 0
    with parquet.ParquetWriter(sink, schema, compression="zstd", write_statistics=True) as writer:
        for batch in file.batches:
            held.append(batch)
            rows += batch.num_rows
            if rows >= ROWS_A_GROUP:
                _write_group(writer, held, schema)
                held, rows = [], 0
                yield sink.take()
        if held:
            _write_group(writer, held, schema)
    yield sink.take()


def _write_group(writer: "parquet.ParquetWriter", held: "list[pa.RecordBatch]", schema: "pa.Schema") -> None:
    import pyarrow as pa  # noqa: PLC0415 - see above

    writer.write_table(pa.Table.from_batches(held).cast(schema))


def _arrow(file: PointFile) -> Iterator[bytes]:
    import pyarrow as pa  # noqa: PLC0415 - see above

    sink, schema = _Drain(), file.schema
    with pa.ipc.new_stream(sink, schema) as writer:
        yield sink.take()
        for batch in file.batches:
            writer.write_table(pa.Table.from_batches([batch]).cast(schema))
            yield sink.take()
    yield sink.take()


def _csv(file: PointFile) -> Iterator[bytes]:
    """With a byte order mark, so that spreadsheets read the Chinese names; times in UTC, ISO 8601."""
    import pyarrow as pa  # noqa: PLC0415 - see above
    from pyarrow import compute, csv  # noqa: PLC0415 - see above

    yield "\ufeffpoint,name,unit,time,value,text,quality\r\n".encode()
    ids = pa.array(list(file.points), pa.uint32())
    told = [pa.array([_plain(known[what]) for known in file.points.values()]) for what in ("name", "unit")]
    for batch in file.batches:
        words = compute.replace_substring_regex(batch["text"], r"^([=+\-@\t\r])", r"'\1")
        place = compute.index_in(batch["point"], ids)
        times = compute.strftime(batch["time"], "%Y-%m-%dT%H:%M:%SZ")
        columns = [batch["point"], told[0].take(place), told[1].take(place), times, batch["value"], words]
        names = ["point", "name", "unit", "time", "value", "text", "quality"]
        sink = pa.BufferOutputStream()
        table = pa.Table.from_arrays([*columns, batch["quality"]], names)
        csv.write_csv(table, sink, csv.WriteOptions(include_header=False))
        yield sink.getvalue().to_pybytes()


def _plain(value: object) -> str:
    """A name that a spreadsheet would take for a formula is marked as text."""
    text = str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


FORMS = {
    "parquet": Form("application/vnd.apache.parquet", "parquet", _parquet),
    "arrow": Form("application/vnd.apache.arrow.stream", "arrows", _arrow),
    "csv": Form("text/csv", "csv", _csv),
}


class _Drain(RawIOBase):
    """A file that is only written, and emptied in between; it counts on, so that offsets are those of the whole."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._written

    def write(self, data: "memoryview") -> int:  # type: ignore[override]  # only ever bytes-like here
        self._pieces.append(bytes(data))
        self._written += len(data)
        return len(data)

    def take(self) -> bytes:
        """What was written since the last call."""
        taken, self._pieces = b"".join(self._pieces), []
        return taken
