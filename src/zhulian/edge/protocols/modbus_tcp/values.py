"""From registers to numbers: types, byte orders, scale.

A register is two bytes, high byte first. How a meter spreads a longer number over registers differs by maker; the four
usual ways are named after where the bytes A (highest) to D (lowest) of a 32-bit number arrive.
"""

import math
import struct

from zhulian.edge.protocols.driver import RawValue
from zhulian.vocabulary.readings import Quality
from zhulian.wire.configuration import PointConfig

FORMATS = {
    "int16": "h",
    "uint16": "H",
    "int32": "i",
    "uint32": "I",
    "int64": "q",
    "uint64": "Q",
    "float32": "f",
    "float64": "d",
}
BIT = "bit"
TYPES = (*FORMATS, BIT)
BYTE_ORDERS = ("ABCD", "CDAB", "BADC", "DCBA")
DEFAULT_TYPE = "uint16"


def width(kind: str) -> int:
    """How many elements (registers, or bits for ``bit``) a value of ``kind`` takes."""
    return 1 if kind == BIT else struct.calcsize(FORMATS[kind]) // 2 or 1


def reorder(data: bytes, order: str) -> bytes:
    """``data`` as it came, brought to ABCD: the highest byte first."""
    if order in {"BADC", "DCBA"}:
        data = b"".join(data[index + 1 : index + 2] + data[index : index + 1] for index in range(0, len(data), 2))
    if order in {"CDAB", "DCBA"}:
        data = b"".join(data[index : index + 2] for index in range(len(data) - 2, -1, -2))
    return data


def from_registers(data: bytes, point: PointConfig, bit: int | None) -> RawValue:
    """The value in ``data`` (the point's own registers). What is not a finite number comes back as BAD."""
    ordered = reorder(data, point.byte_order or "ABCD")
    if bit is not None:
        return RawValue(float(int.from_bytes(ordered[:2]) >> bit & 1))
    (raw,) = struct.unpack(">" + FORMATS[point.type or DEFAULT_TYPE], ordered)
    value = raw * point.scale + point.offset
    return RawValue(value) if math.isfinite(value) else RawValue(0.0, quality=Quality.BAD)
