"""Sparkplug payloads: values of every data type, what is no reading, and bytes that are none."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.edge.faults import EdgeError
from zhulian.edge.sparkplug import payload as spb
from zhulian.edge.sparkplug.payload import Metric, decode, encode, reading
from zhulian.vocabulary.readings import Quality, TimeUs

NOW = TimeUs(1_764_000_000_000_000)
BITS = {spb.INT8: 8, spb.INT16: 16, spb.INT32: 32, spb.INT64: 64}


def metric(raw: float | str | None, datatype: int = 0) -> Metric:
    return Metric("温度", None, NOW, datatype, raw)


@given(st.sampled_from(sorted(BITS)), st.data())
def test_signed_whole_numbers_come_out_of_unsigned_fields(datatype: int, data: st.DataObject) -> None:
    bits = BITS[datatype]
    number = data.draw(st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1))
    assert reading(metric(number % 2**64), datatype) == (float(number), None)


def test_words_and_truth_are_readings_and_sets_are_none() -> None:
    assert reading(metric("运行"), spb.STRING) == (0.0, "运行")
    assert reading(metric(True), spb.BOOLEAN) == (1.0, None)
    assert reading(metric(None), spb.DOUBLE) is None
    assert reading(metric(1), 16) is None, "a DataSet"


@given(st.integers(1_000, 4_000_000_000_000_000), st.booleans())
def test_a_command_is_read_back(time_us: int, value: bool) -> None:
    found = decode(encode([("Node Control/Rebirth", spb.BOOLEAN, value)], TimeUs(time_us)))
    told = found.metrics[0]
    assert (told.name, told.datatype, told.raw, told.quality) == (
        "Node Control/Rebirth", spb.BOOLEAN, value, Quality.GOOD,
    )  # fmt: skip
    assert found.sequence is None
    assert found.time_us == time_us // 1000 * 1000


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_a_named_fault(body: bytes) -> None:
    with contextlib.suppress(EdgeError):
        for told in decode(body).metrics:
            reading(told, told.datatype)


def test_bytes_that_are_no_message_are_named() -> None:
    with pytest.raises(EdgeError, match="读不懂") as caught:
        decode(b"\x12\xff")
    assert caught.value.code == "sparkplug_unreadable"
    assert caught.value.next_step.en
