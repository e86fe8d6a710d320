"""From a raw value to a sample worth keeping: limits, unusable numbers, dead band and longest silence.

Pure; the device loop (:mod:`zhulian.edge.device`) calls it for every value that a driver read.
"""

import math
from typing import NamedTuple, NewType

from zhulian.edge.protocols.driver import RawValue
from zhulian.vocabulary.readings import Quality, TimeUs
from zhulian.wire.configuration import DeviceConfig, PointConfig

PointKey = NewType("PointKey", str)
"""A point as this gateway knows it, before and after the platform gave it an id; see :func:`point_key`."""

SOURCE_TIME_TRUSTED_S = 60.0
"""A machine's own time stamp is used when it lies this close to the gateway's clock, else the gateway's time is."""
LONGEST_TEXT = 1000


class Sample(NamedTuple):
    """A reading on its way into the outbox; it becomes a ``Reading`` when its platform id is known."""

    point: PointKey
    time_us: TimeUs
    value: float
    quality: Quality
    text: str | None


def point_key(device: DeviceConfig, point: PointConfig) -> PointKey:
    """``#17`` for a point that the platform configured; machine and point name for one of the gateway's own file.

    Own points keep their name for good, so that readings taken before the platform knew them still find their id.
    """
    return PointKey(f"#{point.id}" if point.id else f"{device.name}\n{point.name}")


class PointWatch:
    """One point's memory of what was last sent, and the decision about what to send next."""

    def __init__(self, key: PointKey, point: PointConfig) -> None:
        self.key = key
        self.point = point
        self.latest: Sample | None = None
        """The last value read, kept or not: shown on the local status page."""
        self._sent: Sample | None = None
        self._sent_at_us = TimeUs(0)

    def take(self, raw: RawValue, now_us: TimeUs) -> Sample | None:
        """The sample to keep for ``raw`` read at ``now_us``, or ``None`` when it says nothing new."""
        self.latest = self._judge(raw, now_us)
        if not self._is_news(self.latest, now_us):
            return None
        self._sent, self._sent_at_us = self.latest, now_us
        return self.latest

    def _judge(self, raw: RawValue, now_us: TimeUs) -> Sample:
        text = raw.text[:LONGEST_TEXT] if raw.text is not None else None
        value, quality = usable(self.point, raw.value, raw.quality, speaks=text is not None)
        return Sample(self.key, self._time(raw.time_us, now_us), value, quality, text)

    def _time(self, source_us: TimeUs | None, now_us: TimeUs) -> TimeUs:
        """The source's time when it is plausible and new; a value sent again after a silence carries the time now."""
        if source_us is None or abs(source_us - now_us) > SOURCE_TIME_TRUSTED_S * 1e6:
            return now_us
        if self._sent is not None and source_us <= self._sent.time_us:
            return now_us
        return source_us

    def _is_news(self, sample: Sample, now_us: TimeUs) -> bool:
        last = self._sent
        if last is None or (sample.quality, sample.text) != (last.quality, last.text):
            return True
        silence_us = now_us - self._sent_at_us
        if silence_us < 0 or silence_us >= self.point.max_silence_s * 1e6:  # below zero: the clock was set back
            return True
        change = abs(sample.value - last.value)
        return change > 0 and change >= self.point.deadband


def usable(point: PointConfig, value: float, quality: Quality, *, speaks: bool) -> tuple[float, Quality]:
    """A finite value and how far to trust it.

    Not a number and infinities become 0.0 with quality BAD (a point that ``speaks`` in words needs no number); a
    good value outside ``low``..``high`` is kept but UNCERTAIN.
    """
    if not math.isfinite(value):
        return 0.0, quality if speaks else Quality.BAD
    if quality is not Quality.GOOD or speaks:
        return value, quality
    too_low = point.low is not None and value < point.low
    too_high = point.high is not None and value > point.high
    return value, Quality.UNCERTAIN if too_low or too_high else Quality.GOOD
