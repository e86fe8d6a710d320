"""The register types and byte orders that a point may name."""

import struct

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


def registers(kind: str) -> int:
    """How many registers a number of ``kind`` takes."""
    return struct.calcsize(FORMATS[kind]) // 2
