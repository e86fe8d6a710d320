"""The two kinds of frame in the journal, and their bytes.

A batch frame holds a gateway's batch exactly as it came, with what the platform knows about it. A cut frame says which
stretch of the journal goes into the store as one block; it is on disk before that block is inserted, so that after a
crash the very same block is formed again, under the same token.
"""

import struct
import zlib
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from zhulian.telemetry.plausible import Parts, parts
from zhulian.vocabulary.readings import Quality, TenantId, TimeUs
from zhulian.wire import batch as wire

MAGIC = b"ZLJ\x01"
CLOCK_TRUSTED_US = 60_000_000
"""A gateway clock further off than this makes its readings uncertain."""
_HEAD = struct.Struct("<4sBxxxII")
"""Magic, kind, length of the body, CRC-32 of kind and body."""
HEAD_BYTES = _HEAD.size
LARGEST_BODY_BYTES = 64 * 1024 * 1024
_BATCH, _CUT = 1, 2
_META = struct.Struct("<qIQQqqB")
_SPAN = struct.Struct("<QQ")


@dataclass(frozen=True, slots=True)
class BatchFrame:
    """Readings ``first..last`` of one life (``epoch``) of one gateway; ``body`` is the Arrow stream as it came."""

    gateway: int
    tenant: TenantId
    epoch: str
    first: int
    last: int
    received_us: TimeUs
    offset_us: int
    """Gateway clock minus platform clock."""
    body: bytes

    @property
    def is_past(self) -> bool:
        """Whether it comes from a file (``ingest/past``) and not from a gateway."""
        return self.gateway < 0

    @property
    def rows(self) -> int:
        """How many readings it holds."""
        return self.last - self.first + 1

    def readings(self) -> pa.RecordBatch:
        """What of the batch goes into the store; may be empty. Raises :class:`wire.BatchError`."""
        return self.parts().readings

    def parts(self) -> Parts:
        """The batch, checked and taken apart; the same frame always gives the same rows. Raises as above."""
        batch = wire.decode(self.body, self.rows)
        if abs(self.offset_us) > CLOCK_TRUSTED_US:
            batch = _doubted(batch)
        return parts(batch, self.received_us, self.offset_us)


@dataclass(frozen=True, slots=True)
class CutFrame:
    """Everything between two positions of the journal becomes one block."""

    start: int
    end: int


Frame = BatchFrame | CutFrame


def past_of(tenant: TenantId) -> int:
    """The sender of an enterprise's files, where a gateway's number stands otherwise."""
    return -tenant


def encode(frame: Frame) -> bytes:
    """``frame`` as it stands in a segment."""
    if isinstance(frame, CutFrame):
        return _sealed(_CUT, _SPAN.pack(frame.start, frame.end))
    epoch = frame.epoch.encode()
    meta = _META.pack(
        frame.gateway, frame.tenant, frame.first, frame.last, frame.received_us, frame.offset_us, len(epoch)
    )
    return _sealed(_BATCH, b"".join((meta, epoch, frame.body)))


def _sealed(kind: int, body: bytes) -> bytes:
    return _HEAD.pack(MAGIC, kind, len(body), zlib.crc32(body, kind)) + body


def length_at(data: bytes | memoryview, offset: int) -> int | None:
    """Length of the whole and undamaged frame at ``offset``, or ``None`` when there is none."""
    if offset + HEAD_BYTES > len(data):
        return None
    magic, kind, length, check = _HEAD.unpack_from(data, offset)
    end = offset + HEAD_BYTES + length
    if magic != MAGIC or length > LARGEST_BODY_BYTES or end > len(data):
        return None
    if zlib.crc32(data[offset + HEAD_BYTES : end], kind) != check:
        return None
    return HEAD_BYTES + int(length)


def decode(data: bytes) -> Frame:
    """The frame that fills ``data``; its length and checksum were verified by :func:`length_at`."""
    body = data[HEAD_BYTES:]
    if data[4] == _CUT:
        return CutFrame(*_SPAN.unpack(body))
    gateway, tenant, first, last, received_us, offset_us, epoch_bytes = _META.unpack_from(body)
    split = _META.size + epoch_bytes
    epoch = body[_META.size : split].decode()
    return BatchFrame(gateway, TenantId(tenant), epoch, first, last, TimeUs(received_us), offset_us, body[split:])


def _doubted(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Every reading at least uncertain: the values are fine, but nobody knows when they were taken."""
    at = batch.schema.get_field_index("quality")
    uncertain = pa.py_buffer(bytes([Quality.UNCERTAIN]) * batch.num_rows)
    doubt = pc.max_element_wise(batch.column(at), pa.Array.from_buffers(pa.uint8(), batch.num_rows, [None, uncertain]))
    return batch.set_column(at, batch.schema.field(at), doubt)
