"""The batch on the wire: what goes in comes out, and nothing broken ever gets further than a :class:`BatchError`."""

import math
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhulian.vocabulary.readings import LARGEST_POINT_ID, PointId, Quality, Reading, TimeUs
from zhulian.wire.batch import SCHEMA, BatchError, decode, encode, from_readings
from zhulian.wire.envelope import unpacked_bytes
from zhulian.wire.lane import LARGEST_BATCH_ROWS

READINGS = st.builds(
    Reading,
    point=st.integers(0, LARGEST_POINT_ID).map(PointId),
    time_us=st.integers(-(2**53), 2**53).map(TimeUs),
    value=st.floats(allow_nan=False, allow_infinity=False),
    quality=st.sampled_from(Quality),
    text=st.none() | st.text(max_size=20),
)


def as_readings(batch: pa.RecordBatch) -> list[Reading]:
    stamps = batch.column("ts").cast(pa.int64())
    columns = [batch.column("point"), stamps, batch.column("value"), batch.column("quality"), batch.column("text")]
    rows = zip(*(column.to_pylist() for column in columns), strict=True)
    return [Reading(point, ts, value, Quality(quality), text) for point, ts, value, quality, text in rows]


def body_of(schema: pa.Schema, **columns: list[Any]) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(
            pa.RecordBatch.from_arrays([pa.array(columns[f.name], f.type) for f in schema], schema=schema)
        )
    return bytes(sink.getvalue())


@given(st.lists(READINGS, min_size=1, max_size=40))
def test_what_goes_in_comes_out(readings: list[Reading]) -> None:
    assert as_readings(decode(encode(from_readings(readings)), len(readings))) == readings


@given(st.lists(READINGS, min_size=1, max_size=10))
def test_the_same_batch_always_gives_the_same_bytes(readings: list[Reading]) -> None:
    assert encode(from_readings(readings)) == encode(from_readings(readings))


SAMPLE = [
    Reading(PointId(n % 7 + 1), TimeUs(1_700_000_000_000_000 + n), n / 3, text="停机" if n % 5 else None)
    for n in range(50)
]
BODY = encode(from_readings(SAMPLE))


def refused_or_whole(body: bytes) -> None:
    """The promise: a BatchError, or a batch that every later step may trust."""
    try:
        batch = decode(body, len(SAMPLE))
    except BatchError:
        return
    assert batch.schema.equals(SCHEMA)
    assert batch.num_rows == len(SAMPLE)
    batch.validate(full=True)
    assert all(math.isfinite(reading.value) for reading in as_readings(batch))


@pytest.mark.parametrize("length", range(len(BODY)))
def test_every_truncation_is_refused(length: int) -> None:
    refused_or_whole(BODY[:length])


@settings(max_examples=1500)
@given(st.lists(st.tuples(st.integers(0, len(BODY) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_mutated_bytes_are_refused_or_decode_whole(changes: list[tuple[int, int]]) -> None:
    body = bytearray(BODY)
    for place, byte in changes:
        body[place] = byte
    refused_or_whole(bytes(body))


@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(BatchError):
        decode(noise, 1)


@given(st.binary(min_size=1, max_size=40))
def test_a_tail_of_noise_does_no_harm(tail: bytes) -> None:
    refused_or_whole(BODY + tail)


def test_another_schema_is_named() -> None:
    schema = pa.schema([pa.field("point", pa.uint32()), pa.field("value", pa.float64())])
    with pytest.raises(BatchError) as caught:
        decode(body_of(schema, point=[1], value=[1.0]), 1)
    assert caught.value.code == "batch_schema"


@pytest.mark.parametrize("announced", [0, 1, 49, 51, 10**9])
def test_the_header_must_count_right(announced: int) -> None:
    with pytest.raises(BatchError) as caught:
        decode(BODY, announced)
    assert caught.value.code == "batch_row_count"
    assert str(announced) in caught.value.what.zh


def test_an_empty_batch_is_refused() -> None:
    with pytest.raises(BatchError) as caught:
        decode(encode(from_readings([])), 0)
    assert caught.value.code == "batch_size"


def test_a_batch_beyond_the_limit_is_refused() -> None:
    rows = LARGEST_BATCH_ROWS + 1
    with pytest.raises(BatchError) as caught:
        decode(encode(from_readings([SAMPLE[0]] * rows)), rows)
    assert caught.value.code == "batch_size"


def zeros(rows: int) -> bytes:
    """A body of few bytes and many rows."""
    columns = [pa.repeat(pa.scalar(0, field.type), rows) for field in SCHEMA if field.name != "text"]
    columns.insert(3, pa.nulls(rows, pa.utf8()))
    return encode(pa.RecordBatch.from_arrays(columns, schema=SCHEMA))


def test_a_small_body_that_unpacks_to_a_large_one_is_refused_unopened() -> None:
    body = zeros(4_000_000)
    assert len(body) < 1_000_000
    before = pa.total_allocated_bytes()
    with pytest.raises(BatchError) as caught:
        decode(body, 1)
    assert caught.value.code == "batch_size"
    assert pa.default_memory_pool().bytes_allocated() - before < 1_000_000


@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
def test_the_unpacked_size_is_known_beforehand(compression: str | None) -> None:
    batch = from_readings(SAMPLE)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_batch(batch)
        writer.write_batch(batch)
    stated = unpacked_bytes(bytes(sink.getvalue()))
    assert 2 * batch.nbytes <= stated <= 2 * batch.nbytes + 2 * 7 * 64, "up to the padding of each buffer"


def test_an_unknown_quality_is_refused() -> None:
    body = body_of(SCHEMA, point=[1], ts=[0], value=[1.0], text=[None], quality=[3])
    with pytest.raises(BatchError) as caught:
        decode(body, 1)
    assert caught.value.code == "batch_quality"


@pytest.mark.parametrize("empty", ["point", "ts", "value", "quality"])
def test_only_text_may_be_empty(empty: str) -> None:
    columns: dict[str, list[Any]] = {"point": [1], "ts": [0], "value": [1.0], "text": [None], "quality": [0]}
    columns[empty] = [None]
    with pytest.raises(BatchError):
        decode(body_of(SCHEMA, **columns), 1)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_kept_as_a_failure(value: float) -> None:
    kept = as_readings(decode(encode(from_readings([Reading(PointId(1), TimeUs(0), value), SAMPLE[0]])), 2))
    assert (kept[0].value, kept[0].quality) == (0.0, Quality.BAD)
    assert kept[1] == SAMPLE[0]


def test_several_chunks_become_one_batch() -> None:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA) as writer:
        writer.write_batch(from_readings(SAMPLE[:20]))
        writer.write_batch(from_readings(SAMPLE[20:]))
    assert as_readings(decode(bytes(sink.getvalue()), len(SAMPLE))) == SAMPLE
