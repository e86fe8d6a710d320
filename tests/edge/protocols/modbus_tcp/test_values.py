"""From registers to numbers, against an encoding written down independently of the decoder."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.edge.protocols.driver import Outcome, RawValue
from zhulian.edge.protocols.modbus_tcp.planner import Limits, plan, wanted
from zhulian.edge.protocols.modbus_tcp.types import BYTE_ORDERS, FORMATS
from zhulian.edge.protocols.modbus_tcp.values import Decoder
from zhulian.vocabulary.readings import Quality
from zhulian.wire.configuration import PointConfig

RANGES = {
    "int16": st.integers(-(2**15), 2**15 - 1),
    "uint16": st.integers(0, 2**16 - 1),
    "int32": st.integers(-(2**31), 2**31 - 1),
    "uint32": st.integers(0, 2**32 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "uint64": st.integers(0, 2**64 - 1),
    "float32": st.floats(width=32),
    "float64": st.floats(),
}


def on_the_wire(kind: str, order: str, number: float) -> bytes:
    """A meter's side: where each byte goes, letter by letter (A is the highest)."""
    high_first = struct.pack(">" + FORMATS[kind], number)
    words = [high_first[index : index + 2] for index in range(0, len(high_first), 2)]
    if order in ("CDAB", "DCBA"):
        words.reverse()
    return b"".join(word[::-1] if order in ("BADC", "DCBA") else word for word in words)


def decoded(data: bytes, *points: PointConfig) -> dict[str, Outcome]:
    (request,) = plan([wanted(point, Limits()) for point in points], Limits())
    return Decoder(request).decode(data)


def holding(name: str, start: int, kind: str, order: str = "", **more: float) -> PointConfig:
    return PointConfig(name=name, address=f"holding:{start}", type=kind, byte_order=order, **more)


NUMBERS = st.sampled_from(list(FORMATS)).flatmap(
    lambda kind: st.tuples(st.just(kind), st.sampled_from(BYTE_ORDERS), RANGES[kind])
)


@given(st.lists(NUMBERS, min_size=1, max_size=20))
def test_any_numbers_in_any_order_come_back(numbers: list[tuple[str, str, float]]) -> None:
    data, points = b"", []
    for index, (kind, order, number) in enumerate(numbers):
        points.append(holding(str(index), len(data) // 2, kind, order))
        data += on_the_wire(kind, order, number)
    found = decoded(data, *points)
    for index, (_, _, number) in enumerate(numbers):
        expected = RawValue(float(number)) if math.isfinite(number) else RawValue(0.0, None, Quality.BAD)
        assert found[str(index)] == expected


def test_the_four_orders_as_meters_document_them() -> None:
    for order, registers in {
        "ABCD": "42ac0000",
        "CDAB": "000042ac",
        "BADC": "ac420000",
        "DCBA": "0000ac42",
    }.items():
        assert decoded(bytes.fromhex(registers), holding("x", 0, "float32", order))["x"] == RawValue(86.0)


@pytest.mark.parametrize("order", ["CDAB", "BADC", "DCBA"])
def test_a_wrong_byte_order_gives_a_number_far_from_plausible(order: str) -> None:
    data = struct.pack(">f", 230.4)
    outcome = decoded(data, holding("电压", 0, "float32", order))["电压"]
    assert isinstance(outcome, RawValue)
    assert not 1.0 < abs(outcome.value) < 1000.0


def test_points_may_overlap_and_differ() -> None:
    data = struct.pack(">HH", 0x4248, 0x0000)
    found = decoded(data, holding("float", 0, "float32"), holding("high", 0, "uint16"), holding("low", 1, "int16"))
    assert found == {"float": RawValue(50.0), "high": RawValue(16968.0), "low": RawValue(0.0)}


def test_scale_and_offset() -> None:
    found = decoded(struct.pack(">h", -50), holding("t", 0, "int16", scale=0.1, offset=40.0))
    assert found["t"] == RawValue(35.0)


def test_a_scale_that_leaves_the_numbers_is_bad() -> None:
    found = decoded(struct.pack(">Q", 2**64 - 1), holding("t", 0, "uint64", scale=1e300))
    assert found["t"] == RawValue(0.0, None, Quality.BAD)


@given(st.integers(0, 0xFFFF), st.integers(0, 15), st.sampled_from(["", *BYTE_ORDERS]))
def test_each_bit_of_a_register(register: int, bit: int, order: str) -> None:
    data = register.to_bytes(2, "little" if order in ("BADC", "DCBA") else "big")
    point = PointConfig(name="b", address=f"holding:9.{bit}", type="bit", byte_order=order)
    assert decoded(data, point)["b"] == RawValue(float(register >> bit & 1))


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_coils_come_packed_lowest_first(bits: list[bool]) -> None:
    packed = sum(bit << place for place, bit in enumerate(bits)).to_bytes((len(bits) + 7) // 8, "little")
    points = [PointConfig(name=str(i), address=f"coil:{100 + i}") for i in range(len(bits))]
    assert decoded(packed, *points) == {str(i): RawValue(float(bit)) for i, bit in enumerate(bits)}


def test_a_bit_may_be_turned_round() -> None:
    inverted = PointConfig(name="门", address="coil:0", scale=-1.0, offset=1.0)
    assert decoded(b"\x01", inverted)["门"] == RawValue(0.0)
