"""From an OPC UA DataValue to a value of ours."""

import math
from datetime import UTC, datetime

from asyncua import ua

from zhulian.edge.protocols.driver import Outcome, RawValue
from zhulian.edge.protocols.opcua import faults
from zhulian.vocabulary.clock import to_time_us
from zhulian.vocabulary.readings import Quality, TimeUs
from zhulian.wire.configuration import PointConfig


def outcome(data: ua.DataValue, point: PointConfig, *, with_source_time: bool) -> Outcome:
    """The value in ``data`` scaled for ``point``, or why there is none. Booleans become 1 or 0, words ``text``."""
    status = data.StatusCode or ua.StatusCode()
    if status.is_bad():
        return faults.node_failed(status, point.address)
    quality = Quality.GOOD if status.is_good() else Quality.UNCERTAIN
    time_us = _time_us(data.SourceTimestamp) if with_source_time else None
    return _value(None if data.Value is None else data.Value.Value, point, quality, time_us)


def _value(value: object, point: PointConfig, quality: Quality, time_us: TimeUs | None) -> Outcome:
    if isinstance(value, bool):
        return RawValue(float(value), None, quality, time_us)
    if isinstance(value, int | float):
        number = float(value) * point.scale + point.offset
        is_number = math.isfinite(number)
        return RawValue(number if is_number else 0.0, None, quality if is_number else Quality.BAD, time_us)
    words = _words(value)
    return (
        faults.no_number(point.address, type(value).__name__)
        if words is None
        else RawValue(0.0, words, quality, time_us)
    )


def _words(value: object) -> str | None:
    match value:
        case str():
            return value
        case ua.LocalizedText():
            return value.Text or ""
        case datetime():
            return value.isoformat()
    return None


def _time_us(moment: datetime | None) -> TimeUs | None:
    if moment is None:
        return None
    return to_time_us(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
