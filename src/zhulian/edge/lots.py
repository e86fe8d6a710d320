"""The form in which the outbox keeps readings on disk: one lot a commit, columns of numbers, 21 bytes a reading.

An Arrow stream would cost a kilobyte of schema for each lot of a few readings; batches for the wire are Arrow.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from zhulian.vocabulary.readings import TimeUs
from zhulian.wire import batch


class Lot(msgspec.Struct, frozen=True, array_like=True):
    """Columns of equal length; ``points`` are ids local to one outbox file. ``texts``: row → words."""

    points: bytes
    times_us: bytes
    values: bytes
    qualities: bytes
    texts: dict[int, str]

    @property
    def rows(self) -> int:
        """How many readings."""
        return len(self.qualities)


class Columns(msgspec.Struct, frozen=True):
    """A lot as arrays."""

    points: NDArray[np.uint32]
    times_us: NDArray[np.int64]
    values: NDArray[np.float64]
    qualities: NDArray[np.uint8]
    texts: list[str | None]


_decoder = msgspec.msgpack.Decoder(Lot)


def columns(
    points: Sequence[int],
    times_us: Sequence[TimeUs],
    values: Sequence[float],
    qualities: Sequence[int],
    texts: Sequence[str | None],
) -> Columns:
    """Plain sequences of equal length as columns."""
    return Columns(
        np.array(points, np.uint32), np.array(times_us, np.int64), np.array(values, np.float64),
        np.array(qualities, np.uint8), list(texts),
    )  # fmt: skip


def pack(rows: Columns) -> bytes:
    """The lot's bytes for the disk."""
    texts = {row: text for row, text in enumerate(rows.texts) if text is not None}
    return msgspec.msgpack.encode(
        Lot(rows.points.tobytes(), rows.times_us.tobytes(), rows.values.tobytes(), rows.qualities.tobytes(), texts)
    )


def unpack(body: bytes) -> Columns:
    """The inverse of :func:`pack`."""
    lot = _decoder.decode(body)
    texts = [lot.texts.get(row) for row in range(lot.rows)]
    return Columns(
        np.frombuffer(lot.points, np.uint32),
        np.frombuffer(lot.times_us, np.int64),
        np.frombuffer(lot.values, np.float64),
        np.frombuffer(lot.qualities, np.uint8),
        texts,
    )


def pick(rows: Columns, chosen: NDArray[np.bool_]) -> Columns:
    """Only the chosen rows."""
    texts = [text for text, keep in zip(rows.texts, chosen.tolist(), strict=True) if keep]
    return Columns(rows.points[chosen], rows.times_us[chosen], rows.values[chosen], rows.qualities[chosen], texts)


def to_batch(lots: Sequence[Columns], platform_ids: NDArray[np.uint32]) -> bytes:
    """The lots as one batch for the wire; ``platform_ids[local]`` is the platform's id."""
    times_us = pa.array(np.concatenate([lot.times_us for lot in lots]), pa.int64())
    parts = [
        pa.array(platform_ids[np.concatenate([lot.points for lot in lots])], pa.uint32()),
        times_us.cast(pa.timestamp("us", tz="UTC")),
        pa.array(np.concatenate([lot.values for lot in lots]), pa.float64()),
        pa.array([text for lot in lots for text in lot.texts], pa.utf8()),
        pa.array(np.concatenate([lot.qualities for lot in lots]), pa.uint8()),
    ]
    return batch.encode(pa.RecordBatch.from_arrays(parts, schema=batch.SCHEMA))
