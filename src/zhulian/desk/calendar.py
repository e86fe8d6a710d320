"""Chinese working days: weekends, public holidays, and the weekend days that are worked in exchange.

The years come from ``working_days.toml`` and from what an administrator entered (``WorkingYear``), which wins. A year
without data is counted Monday to Friday; :func:`is_known` lets pages say so instead of pretending.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from zhulian.desk.models import WorkingYear
from zhulian.vocabulary.clock import SHANGHAI

_FILE = Path(__file__).parent / "working_days.toml"
_DAY = timedelta(days=1)
FARTHEST = 2_000
"""Working days that a deadline may lie ahead; about eight years."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday, first and last day included."""

    name: str
    first: date
    last: date

    def days(self) -> frozenset[date]:
        """Every day of it."""
        return frozenset(self.first + _DAY * n for n in range((self.last - self.first).days + 1))


@dataclass(frozen=True, slots=True)
class Year:
    """One year's notice."""

    year: int
    notice: str
    title: str
    source: str
    holidays: tuple[Holiday, ...]
    working: frozenset[date]
    """Weekend days that are worked."""

    def off(self) -> frozenset[date]:
        """Every day of every holiday."""
        return frozenset[date]().union(*(holiday.days() for holiday in self.holidays))


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The calendar as it is known at one moment; pure."""

    years: Mapping[int, Year]
    off: frozenset[date]
    worked: frozenset[date]

    def is_known(self, day: date) -> bool:
        """Whether the notice for this day's year is known."""
        return day.year in self.years

    def is_working(self, day: date) -> bool:
        """Whether offices work on ``day``; without data, Monday to Friday."""
        if day in self.worked:
            return True
        return day not in self.off and day.weekday() < 5

    def add(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day`` (before it when negative); 0 is ``day`` or the next one."""
        if abs(count) > FARTHEST:
            raise ValueError("a deadline further away than eight years")
        step, left = (_DAY if count >= 0 else -_DAY), abs(count)
        if count == 0:
            while not self.is_working(day):
                day += step
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``; negative when ``end`` lies before."""
        if end < start:
            return -self.between(end, start)
        return sum(self.is_working(start + _DAY * n) for n in range(1, (end - start).days + 1))


def working_days() -> WorkingDays:
    """The calendar now: the shipped years and the administrator's; one statement."""
    entered = {row.year: _entered(row) for row in WorkingYear.objects.all()}
    return calendar_of(shipped() | entered)


def calendar_of(years: Mapping[int, Year]) -> WorkingDays:
    """A calendar out of single years."""
    found = tuple(years.values())
    return WorkingDays(
        years,
        frozenset[date]().union(*(year.off() for year in found)),
        frozenset[date]().union(*(year.working for year in found)),
    )


@cache
def shipped() -> dict[int, Year]:
    """The years that come with Zhulian."""
    rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {int(year): _year(int(year), row) for year, row in rows.items()}


def add_working_days(day: date, count: int) -> date:
    """The date ``count`` working days after ``day``."""
    return working_days().add(day, count)


def today() -> date:
    """The date in Shanghai, for the door; everything below is given it."""
    return datetime.now(SHANGHAI).date()


def _year(year: int, row: Mapping[str, object]) -> Year:
    holidays, working = row["holidays"], row["working"]
    assert isinstance(holidays, list)  # noqa: S101 - the shipped file's own shape
    assert isinstance(working, list)  # noqa: S101
    return Year(
        year=year,
        notice=str(row["notice"]),
        title=str(row["title"]),
        source=str(row["source"]),
        holidays=tuple(Holiday(name, _date(first), _date(last)) for name, first, last in holidays),
        working=frozenset(_date(day) for day in working),
    )


def _entered(row: WorkingYear) -> Year:
    return _year(
        row.year,
        {"notice": row.notice, "title": row.title, "source": row.source,
         "holidays": row.holidays, "working": row.working},
    )  # fmt: skip


def _date(text: str) -> date:
    return date.fromisoformat(text)
