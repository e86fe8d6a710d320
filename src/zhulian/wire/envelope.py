"""How large a batch will be once unpacked, read from its envelope before anything is unpacked.

A body of a few megabytes can unpack to several gigabytes and take the telemetry process of a whole city with it, so
:mod:`zhulian.wire.batch` asks here first. An Arrow message is described by a flatbuffer (Arrow format, Message.fbs): a
table begins with the distance back to its vtable, which holds the distance of each field. In a compressed buffer the
first eight bytes give the unpacked length, or -1 where packing was not worth it.
"""

import struct
from collections.abc import Iterator

import pyarrow as pa

_HEADER, _BUFFERS, _COMPRESSION = 2, 2, 3
"""Numbers of fields: header of Message; buffers and compression of RecordBatch."""


def unpacked_bytes(body: bytes) -> int:
    """Bytes of all buffers of all record batches in the stream ``body``; ``ValueError`` when it is broken."""
    return sum(
        _unpacked_length(message)
        for message in pa.ipc.MessageReader.open_stream(body)
        if message.type == "record batch"
    )


def _unpacked_length(message: pa.Message) -> int:
    envelope, content = memoryview(message.metadata), memoryview(message.body)
    try:
        record_batch = _follow(envelope, _field(envelope, _follow(envelope, 0), _HEADER))
        packed = _field(envelope, record_batch, _COMPRESSION) != 0
        return sum(_length_of(content, *place, packed) for place in _buffers(envelope, record_batch))
    except struct.error as fault:
        raise ValueError(f"envelope: {fault}") from fault


def _length_of(content: memoryview, offset: int, length: int, packed: bool) -> int:
    if not packed or length == 0:
        return length
    (unpacked,) = struct.unpack_from("<q", content, offset)
    if unpacked < -1:
        raise ValueError("envelope: a negative length")
    return length if unpacked == -1 else int(unpacked)


def _buffers(envelope: memoryview, record_batch: int) -> Iterator[tuple[int, int]]:
    """(offset, length) of each buffer in the message's body."""
    field = _field(envelope, record_batch, _BUFFERS)
    if not field:
        return
    vector = _follow(envelope, field)
    (count,) = struct.unpack_from("<I", envelope, vector)
    if count * 16 > len(envelope):
        raise ValueError("envelope: more buffers than bytes")
    for number in range(count):
        offset, length = struct.unpack_from("<qq", envelope, vector + 4 + 16 * number)
        if offset < 0 or length < 0:
            raise ValueError("envelope: a negative place")
        yield offset, length


def _field(envelope: memoryview, table: int, number: int) -> int:
    """Where field ``number`` of ``table`` stands; 0 when it is absent."""
    (back,) = struct.unpack_from("<i", envelope, table)
    vtable = table - back
    if vtable < 0:
        raise ValueError("envelope: a table outside of it")
    (size,) = struct.unpack_from("<H", envelope, vtable)
    if 4 + 2 * number >= size:
        return 0
    (distance,) = struct.unpack_from("<H", envelope, vtable + 4 + 2 * number)
    return table + distance if distance else 0


def _follow(envelope: memoryview, place: int) -> int:
    """The place that the offset at ``place`` points to."""
    (distance,) = struct.unpack_from("<I", envelope, place)
    return place + int(distance)
