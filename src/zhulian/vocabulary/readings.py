"""The reading: one type all the way from a machine's register to a chart."""

from dataclasses import dataclass
from enum import IntEnum
from typing import NewType

TenantId = NewType("TenantId", int)
"""The enterprise that owns a reading; always taken from a credential, never from a message."""
PointId = NewType("PointId", int)
"""A measured point of a machine, unique on the platform; fits an unsigned 32-bit integer."""
TimeUs = NewType("TimeUs", int)
"""Microseconds since 1970-01-01T00:00:00Z."""

LARGEST_POINT_ID = 2**32 - 1


class Quality(IntEnum):
    """How far a value can be trusted (after OPC UA Part 8: good, uncertain, bad).

    A value of quality BAD is kept because the failure itself is information; it is never drawn nor summed.
    """

    GOOD = 0
    UNCERTAIN = 1
    """The value came, but something about it is doubtful: a clock that is off, a value outside its limits."""
    BAD = 2
    """The machine answered, but not with a usable number."""


@dataclass(frozen=True, slots=True)
class Reading:
    """``value`` in the point's unit at ``time_us``; ``text`` is set for points that speak in words, else ``None``."""

    point: PointId
    time_us: TimeUs
    value: float
    quality: Quality = Quality.GOOD
    text: str | None = None
