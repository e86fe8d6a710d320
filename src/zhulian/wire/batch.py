"""The batch: readings of one gateway as an Arrow IPC stream.

Columns ``point uint32, ts timestamp[us, UTC], value float64, text utf8?, quality uint8``. The enterprise is not in it:
it comes from the credential, so that a gateway cannot write into another's data.
"""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.readings import Quality, Reading
from zhulian.wire.envelope import unpacked_bytes
from zhulian.wire.lane import LARGEST_BATCH_BYTES, LARGEST_BATCH_ROWS

N = TypeVar("N", bound=np.generic)
LARGEST_UNPACKED_BYTES = 4 * LARGEST_BATCH_BYTES

SCHEMA = pa.schema(
    [
        pa.field("point", pa.uint32(), nullable=False),
        pa.field("ts", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("text", pa.utf8(), nullable=True),
        pa.field("quality", pa.uint8(), nullable=False),
    ]
)
_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")
_ALONE = pa.ipc.IpcReadOptions(use_threads=False)
"""Handing five columns to other threads costs more than unpacking them (measured: five times, at 1,000 rows)."""


class BatchError(ZhulianError):
    """A batch that will never be accepted as it is; the gateway sets it aside and goes on."""


def encode(batch: pa.RecordBatch) -> bytes:
    """One record batch of :data:`SCHEMA` as an Arrow IPC stream. The same batch always gives the same bytes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA, options=_OPTIONS) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def from_readings(readings: Sequence[Reading]) -> pa.RecordBatch:
    """Readings as one record batch, in the order given."""
    columns = [
        pa.array([reading.point for reading in readings], pa.uint32()),
        pa.array([reading.time_us for reading in readings], pa.timestamp("us", tz="UTC")),
        pa.array([reading.value for reading in readings], pa.float64()),
        pa.array([reading.text for reading in readings], pa.utf8()),
        pa.array([int(reading.quality) for reading in readings], pa.uint8()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def decode(body: bytes, rows_expected: int) -> pa.RecordBatch:
    """The batch in ``body``, checked: schema, row count against the header, no nulls, known qualities.

    A value that is not a finite number is kept as the failure it is: 0.0 with quality BAD.
    """
    batch = _read(body)
    if batch.num_rows != rows_expected:
        raise _refused(
            "batch_row_count",
            f"头部声明 {rows_expected} 条读数，正文里有 {batch.num_rows} 条",
            f"the header announces {rows_expected} readings, the body holds {batch.num_rows}",
        )
    return _finite(batch)


def _read(body: bytes) -> pa.RecordBatch:
    try:
        with pa.ipc.open_stream(body, options=_ALONE) as reader:
            if not reader.schema.equals(SCHEMA):
                raise _refused(
                    "batch_schema", "列名或类型不对", f"its columns are not {SCHEMA.names} with the agreed types"
                )
            if unpacked_bytes(body) > LARGEST_UNPACKED_BYTES:
                raise _too_large()
            table = reader.read_all()
            table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as fault:
        raise _refused(
            "batch_unreadable", f"正文不是完整的 Arrow 流（{fault}）", f"the body is no whole Arrow stream ({fault})"
        ) from fault
    if not 0 < table.num_rows <= LARGEST_BATCH_ROWS:
        raise _too_large()
    if any(table.column(field.name).null_count for field in SCHEMA if not field.nullable):
        raise _refused("batch_null", "只有 text 列可以为空", "only the text column may be empty")
    batch = table.combine_chunks().to_batches()[0]
    if values_of(batch, "quality", np.uint8).max() > Quality.BAD:
        raise _refused("batch_quality", "质量码只能是 0、1、2", "a quality is 0, 1 or 2")
    return batch


def values_of(batch: pa.RecordBatch, name: str, kind: type[N]) -> npt.NDArray[N]:
    """A column without nulls as an array over the same memory; Arrow's own converter would import pandas."""
    column = batch.column(name)
    values = np.frombuffer(column.buffers()[1], kind)
    return values[column.offset : column.offset + len(column)]


def _too_large() -> BatchError:
    rows, size_mb = LARGEST_BATCH_ROWS, LARGEST_UNPACKED_BYTES // 2**20
    return _refused(
        "batch_size",
        f"一批应有 1 到 {rows} 条读数，展开后不超过 {size_mb} MB",
        f"a batch holds 1 to {rows} readings and unpacks to {size_mb} MB at most",
    )


def _finite(batch: pa.RecordBatch) -> pa.RecordBatch:
    if np.isfinite(values_of(batch, "value", np.float64)).all():
        return batch
    finite = pc.is_finite(batch.column("value"))
    value = pc.if_else(finite, batch.column("value"), 0.0)
    quality = pc.if_else(finite, batch.column("quality"), pa.scalar(int(Quality.BAD), pa.uint8()))
    columns = [batch.column("point"), batch.column("ts"), value, batch.column("text"), quality]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _refused(code: str, why_zh: str, why_en: str) -> BatchError:
    return BatchError(
        code,
        Text(f"这批读数不能接收：{why_zh}。", f"This batch cannot be taken: {why_en}."),
        Text(
            "它已被搁置在网关上，不影响后面的数据；请升级网关或联系平台管理员。",
            "The gateway keeps it aside and goes on; update the gateway or ask the platform's administrator.",
        ),
    )
