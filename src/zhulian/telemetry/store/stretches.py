"""How rollups are cut into partitions, each a stretch of time: weeks from Monday in UTC, months of the city's calendar.

Days are counted from 1970-01-01 in UTC, as the partitions of raw rows are.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

DAY_S = 86_400
CITY_S = 8 * 3600
"""The city's clocks are ahead of UTC by so much, all year."""
_EPOCH = date(1970, 1, 1)


class Stretch(NamedTuple):
    """A partition by the literal that names it in SQL; its rows begin in ``[start_s, end_s)``, UTC seconds."""

    partition: str
    start_s: int
    end_s: int

    @property
    def days(self) -> range:
        """The days in UTC that it touches."""
        return range(self.start_s // DAY_S, -(-self.end_s // DAY_S))

    def holds(self, time: str) -> str:
        """The condition that the column ``time`` lies in it.

        In microseconds, as readings have: compared with whole seconds, the engine passes over a part of readings that
        holds nothing but the last microseconds before the end (measured).
        """
        start, end = (f"fromUnixTimestamp64Micro({second * 1_000_000}, 'UTC')" for second in (self.start_s, self.end_s))
        return f"{time} >= {start} AND {time} < {end}"


Stretches = Callable[[Iterable[int]], list[Stretch]]
"""Days → the stretches that hold a moment of them, in order."""


def each_day(days: Iterable[int]) -> list[Stretch]:
    """As ``toDate`` cuts them."""
    return [Stretch(f"'{_EPOCH + timedelta(days=day)}'", day * DAY_S, (day + 1) * DAY_S) for day in sorted(set(days))]


def weeks(days: Iterable[int]) -> list[Stretch]:
    """As ``toMonday`` cuts them; 1970-01-01 was a Thursday."""
    mondays = sorted({day - (day + 3) % 7 for day in days})
    return [Stretch(f"'{_EPOCH + timedelta(days=monday)}'", monday * DAY_S, (monday + 7) * DAY_S) for monday in mondays]


def months(days: Iterable[int]) -> list[Stretch]:
    """As ``toYYYYMM`` cuts the city's time; a day in UTC ends in the city's next one."""
    local = {_EPOCH + timedelta(days=day + ahead) for day in days for ahead in (0, 1)}
    firsts = sorted({day.replace(day=1) for day in local})
    return [Stretch(f"{first:%Y%m}", _midnight_s(first), _midnight_s(_next_month(first))) for first in firsts]


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _midnight_s(day: date) -> int:
    """When ``day`` begins on the city's clocks."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) - CITY_S
