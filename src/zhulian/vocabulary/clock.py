"""Time is handed in, never taken: every room asks a :class:`Clock`, tests turn its hands."""

import time
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from zhulian.vocabulary.readings import TimeUs

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""Where pages show time; stores keep UTC."""


class Clock(Protocol):
    """Wall-clock time in microseconds since 1970 (UTC)."""

    def __call__(self) -> TimeUs: ...


def system_clock() -> TimeUs:
    """The machine's own clock."""
    return TimeUs(time.time_ns() // 1000)


def to_datetime(time_us: TimeUs) -> datetime:
    """``time_us`` as an aware UTC datetime."""
    seconds, micros = divmod(time_us, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros)


def to_time_us(moment: datetime) -> TimeUs:
    """An aware datetime as microseconds; a naive one is refused, because nobody can know what it means."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    whole = int(moment.replace(microsecond=0).timestamp())
    return TimeUs(whole * 1_000_000 + moment.microsecond)
