"""From an OPC UA DataValue to a value of ours."""

import math
from datetime import UTC, datetime

from asyncua import ua

from zhulian.edge.protocols.driver import Outcome, RawValue
from zhulian.edge.protocols.opcua import faults
from zhulian.vocabulary.clock import to_time_us
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.readings import Quality, TimeUs
from zhulian.wire.configuration import PointConfig


def outcome(data: ua.DataValue, point: PointConfig, *, with_source_time: bool) -> Outcome:
    """The value in ``data`` scaled for ``point``, or why there is none. Booleans become 1 or 0, words ``text``.

    A broken sensor or a value that has not arrived is a reading of quality BAD; only what the configuration can cure
    is a fault.
    """
    status = data.StatusCode or ua.StatusCode()
    time_us = _time_us(data.SourceTimestamp) if with_source_time else None
    value = None if data.Value is None else data.Value.Value
    if status.is_bad():
        return faults.node_failed(status.name, point.address) or RawValue(0.0, None, Quality.BAD, time_us)
    if value is None:
        return RawValue(0.0, None, Quality.BAD, time_us)
    return _value(value, point, Quality.GOOD if status.is_good() else Quality.UNCERTAIN, time_us)


def _value(value: object, point: PointConfig, quality: Quality, time_us: TimeUs | None) -> Outcome:
    if isinstance(value, int | float):
        number = float(value) * point.scale + point.offset
        is_number = math.isfinite(number)
        return RawValue(number if is_number else 0.0, None, quality if is_number else Quality.BAD, time_us)
    words = _words(value)
    if words is None:
        return faults.no_number(point.address, _kind(value))
    return RawValue(0.0, words, quality, time_us)


def _kind(value: object) -> Text:
    if isinstance(value, list):
        return Text(f"{len(value)} 个元素的数组", f"an array of {len(value)}")
    return Text(f"结构 {type(value).__name__}", f"a structure ({type(value).__name__})")


def _words(value: object) -> str | None:
    match value:
        case str():
            return value
        case ua.LocalizedText():
            return value.Text or ""
        case datetime():
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    return None


def _time_us(moment: datetime | None) -> TimeUs | None:
    if moment is None:
        return None
    return to_time_us(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
