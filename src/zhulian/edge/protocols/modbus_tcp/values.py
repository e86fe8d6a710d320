"""From registers to numbers: types, byte orders, scale.

A register is two bytes, high byte first. How a meter spreads a longer number over registers differs by maker; the four
usual ways are named after where the bytes A (highest) to D (lowest) of a 32-bit number arrive.
"""

import math
import struct
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import repeat
from typing import cast

import numpy as np
from numpy.typing import NDArray

from zhulian.edge.protocols.driver import Outcome, RawValue
from zhulian.edge.protocols.modbus_tcp.planner import Request, Wanted
from zhulian.vocabulary.readings import Quality

_WORDS_SWAPPED, _BYTES_SWAPPED = {"CDAB", "DCBA"}, {"BADC", "DCBA"}
_NOT_A_NUMBER = RawValue(0.0, quality=Quality.BAD)
_raw_value = cast(Callable[[tuple[object, ...]], RawValue], partial(tuple.__new__, RawValue))
"""``RawValue(*fields)`` without a Python frame for each point."""


class Decoder:
    """Takes one answer apart, all points at once: byte order by one permutation, numbers by one unpack.

    What runs at every poll runs in C where it can; this is half of what a poll costs.
    """

    def __init__(self, request: Request) -> None:
        numbers = [each for each in request.serves if not each.address.is_bit]
        bits = [each for each in request.serves if each.address.is_bit]
        self._places = [_place(each, request) for each in bits]
        self._order = _permutation(numbers, request.start)
        self._unpack = struct.Struct(">" + "".join(each.format for each in numbers)).unpack
        self._names = [each.point.name for each in (*bits, *numbers)]
        self._scaling = [(each.point.scale, each.point.offset) for each in (*bits, *numbers)]

    def decode(self, data: bytes) -> dict[str, Outcome]:
        """Each point's value in its unit, by name. What is not a finite number comes back as BAD."""
        bits = [data[byte] >> bit & 1 for byte, bit in self._places]
        numbers = self._unpack(np.frombuffer(data, np.uint8)[self._order].tobytes())
        scaled = zip((*bits, *numbers), self._scaling, strict=True)
        values = [raw * scale + offset for raw, (scale, offset) in scaled]
        fields: Iterable[tuple[object, ...]] = zip(values, repeat(None), repeat(Quality.GOOD), repeat(None))
        if not all(map(math.isfinite, values)):
            fields = [RawValue(value) if math.isfinite(value) else _NOT_A_NUMBER for value in values]
        return dict(zip(self._names, map(_raw_value, fields), strict=True))


def _place(wanted: Wanted, request: Request) -> tuple[int, int]:
    """Byte and bit of a single bit in the answer: coils come packed lowest first, registers high byte first."""
    offset, bit = wanted.address.start - request.start, wanted.address.bit
    if bit is None:
        return offset // 8, offset % 8
    is_in_second_byte = (bit < 8) != (wanted.point.byte_order in _BYTES_SWAPPED)
    return 2 * offset + is_in_second_byte, bit % 8


def _permutation(numbers: Sequence[Wanted], start: int) -> NDArray[np.intp]:
    """Which bytes of the answer to take, so that every number stands with its highest byte first."""
    pieces = [_bytes_of(each, 2 * (each.address.start - start)) for each in numbers]
    return np.concatenate(pieces) if pieces else np.empty(0, np.intp)


def _bytes_of(wanted: Wanted, first: int) -> NDArray[np.intp]:
    words = np.arange(first, first + 2 * wanted.count).reshape(-1, 2)
    order = wanted.point.byte_order
    if order in _WORDS_SWAPPED:
        words = words[::-1]
    if order in _BYTES_SWAPPED:
        words = words[:, ::-1]
    return words.reshape(-1)
