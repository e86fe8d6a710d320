"""Sparkplug B payloads, from bytes to metrics and back.

Source: Eclipse Sparkplug 3.0.0, chapter 6.4: field numbers of Payload, Metric, PropertySet and PropertyValue, and the
numbers of the data types. Only the fields that are used are stated; protobuf passes over the others.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from zhulian.edge.faults import EdgeError, fault
from zhulian.vocabulary.readings import Quality, TimeUs

_OPTIONAL, _REPEATED = 1, 3
_DOUBLE, _FLOAT, _UINT64, _BOOL, _STRING, _MESSAGE, _UINT32 = 1, 2, 4, 8, 9, 11, 13
_SCHEMA: Mapping[str, tuple[tuple[str, int, int, str], ...]] = {
    "PropertyValue": (
        ("int_value", 3, _UINT32, ""), ("long_value", 4, _UINT64, ""), ("float_value", 5, _FLOAT, ""),
        ("double_value", 6, _DOUBLE, ""), ("boolean_value", 7, _BOOL, ""), ("string_value", 8, _STRING, ""),
    ),
    "PropertySet": (("keys", 1, _STRING, "*"), ("values", 2, _MESSAGE, "*PropertyValue")),
    "Metric": (
        ("name", 1, _STRING, ""), ("alias", 2, _UINT64, ""), ("timestamp", 3, _UINT64, ""),
        ("datatype", 4, _UINT32, ""), ("is_historical", 5, _BOOL, ""), ("is_null", 7, _BOOL, ""),
        ("properties", 9, _MESSAGE, "PropertySet"), ("int_value", 10, _UINT32, ""), ("long_value", 11, _UINT64, ""),
        ("float_value", 12, _FLOAT, ""), ("double_value", 13, _DOUBLE, ""), ("boolean_value", 14, _BOOL, ""),
        ("string_value", 15, _STRING, ""),
    ),
    "Payload": (("timestamp", 1, _UINT64, ""), ("metrics", 2, _MESSAGE, "*Metric"), ("seq", 3, _UINT64, "")),
}  # fmt: skip
"""Message → (field, number, type, "*" when repeated and the message's name)."""

INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, FLOAT, DOUBLE, BOOLEAN, STRING, DATETIME, TEXT, UUID = range(
    1, 16
)
NAMES = {
    INT8: "int8", INT16: "int16", INT32: "int32", INT64: "int64", UINT8: "uint8", UINT16: "uint16", UINT32: "uint32",
    UINT64: "uint64", FLOAT: "float32", DOUBLE: "float64", BOOLEAN: "bit", STRING: "text", DATETIME: "datetime",
    TEXT: "text", UUID: "text",
}  # fmt: skip
"""Data types that become readings, in the words of a point's type. DataSets, templates and files do not."""
_SIGNED_BITS = {INT8: 8, INT16: 16, INT32: 32, INT64: 64}
_VALUES = ("int_value", "long_value", "float_value", "double_value", "boolean_value", "string_value")
_QUALITIES = {0: Quality.BAD, 192: Quality.GOOD, 500: Quality.UNCERTAIN}
"""The property ``Quality`` (6.4.10): bad, good, stale."""
LATEST_MS = 4_102_444_800_000
"""2100-01-01; beyond it a time stamp is no time."""


class Metric(NamedTuple):
    """One metric of a message. ``raw`` is as sent: its meaning needs the data type, which a birth may have told."""

    name: str
    alias: int | None
    time_us: TimeUs | None
    datatype: int
    """0 when the message does not tell."""
    raw: float | str | None
    """``None``: null, or a kind of value that is no reading."""
    is_historical: bool = False
    quality: Quality = Quality.GOOD
    unit: str = ""


class Payload(NamedTuple):
    """One message. ``sequence`` is 0…255, ``None`` where a message carries none (NDEATH, NCMD)."""

    time_us: TimeUs | None
    sequence: int | None
    metrics: tuple[Metric, ...]


def decode(body: bytes) -> Payload:
    """The message in ``body``. Raises EdgeError ``sparkplug_unreadable``."""
    try:
        found = _PAYLOAD.FromString(body)
    except (DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(error) from error
    sent_us = _time_us(found.timestamp) if found.HasField("timestamp") else None
    sequence = found.seq if found.HasField("seq") and found.seq < 256 else None
    return Payload(sent_us, sequence, tuple(_metric(metric, sent_us) for metric in found.metrics))


def encode(metrics: Iterable[tuple[str, int, bool | int]], time_us: TimeUs) -> bytes:
    """A command of ``(name, data type, value)`` for NCMD: without sequence, as 6.4.23 wants it."""
    message = _PAYLOAD(timestamp=time_us // 1000)
    for name, datatype, value in metrics:
        field = "boolean_value" if datatype == BOOLEAN else "long_value"
        message.metrics.add(name=name, timestamp=time_us // 1000, datatype=datatype, **{field: value})
    encoded: bytes = message.SerializeToString()
    return encoded


def reading(metric: Metric, datatype: int) -> tuple[float, str | None] | None:
    """Value and words of ``metric`` under ``datatype``; ``None`` when it is null or its kind is no reading."""
    raw = metric.raw
    if raw is None or datatype not in NAMES:
        return None
    if isinstance(raw, str):
        return 0.0, raw
    bits = _SIGNED_BITS.get(datatype)
    if bits is not None and isinstance(raw, int):
        raw = _signed(raw, bits)
    return float(raw), None


def _signed(raw: int, bits: int) -> int:
    """Two's complement, which Sparkplug packs into unsigned fields."""
    raw &= (1 << bits) - 1
    return raw - (1 << bits) if raw >> (bits - 1) else raw


def _metric(found: Any, sent_us: TimeUs | None) -> Metric:  # noqa: ANN401 - a class made at run time
    told = _told(found.properties) if found.HasField("properties") else {}
    quality = told.get("Quality")
    return Metric(
        name=found.name,
        alias=found.alias if found.HasField("alias") else None,
        time_us=_time_us(found.timestamp) if found.HasField("timestamp") else sent_us,
        datatype=found.datatype,
        raw=None if found.is_null else _raw(found),
        is_historical=found.is_historical,
        quality=_QUALITIES.get(quality, Quality.UNCERTAIN) if isinstance(quality, int) else Quality.GOOD,
        unit=str(told.get("engUnit", ""))[:24],
    )


def _raw(found: Any) -> float | str | None:  # noqa: ANN401 - a metric or a property
    value: float | str | None = next((getattr(found, field) for field in _VALUES if found.HasField(field)), None)
    return value


def _told(properties: Any) -> dict[str, float | str | None]:  # noqa: ANN401 - a PropertySet
    return {key: _raw(value) for key, value in zip(properties.keys, properties.values, strict=False)}


def _time_us(time_ms: int) -> TimeUs | None:
    return TimeUs(time_ms * 1000) if 0 < time_ms < LATEST_MS else None


def _classes() -> Any:  # noqa: ANN401 - classes made at run time
    file = descriptor_pb2.FileDescriptorProto(name="zhulian/sparkplug.proto", package="zhulian.sparkplug")
    for name, fields in _SCHEMA.items():
        message = file.message_type.add(name=name)
        for field, number, kind, of in fields:
            label = _REPEATED if of.startswith("*") else _OPTIONAL
            made = message.field.add(name=field, number=number, type=kind, label=label)
            if kind == _MESSAGE:
                made.type_name = f".zhulian.sparkplug.{of.removeprefix('*')}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("zhulian.sparkplug.Payload"))


_PAYLOAD = _classes()


def _unreadable(error: Exception) -> EdgeError:
    return fault(
        "sparkplug_unreadable",
        f"收到一条读不懂的 Sparkplug 消息（{error}）。",
        f"A Sparkplug message cannot be read ({error}).",
        "请检查发送方是否按 Sparkplug B 编码；其他消息照常处理。",
        "Check that its sender encodes Sparkplug B; other messages go on.",
    )
