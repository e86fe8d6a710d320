"""The working-day calendar, against the independent package ``chinesecalendar``."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.desk.calendar import calendar_of, shipped

CALENDAR = calendar_of(shipped())
DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(3 * 365 + 1)]


def test_every_day_of_the_shipped_years_agrees_with_an_independent_calendar() -> None:
    assert DAYS[-1] == date(2026, 12, 31)
    assert [day for day in DAYS if CALENDAR.is_working(day) != chinese_calendar.is_workday(day)] == []


def test_each_shipped_year_names_its_notice() -> None:
    for year in shipped().values():
        assert year.notice.startswith("国办发明电〔")
        assert str(year.year) in year.title
        assert year.source.startswith("https://www.gov.cn/")


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # over National Day
        (date(2026, 9, 30), 3, date(2026, 10, 10)),  # a Saturday that is worked
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 14), 5, date(2026, 2, 28)),
        (date(2026, 10, 8), -1, date(2026, 9, 30)),
        (date(2026, 10, 3), 0, date(2026, 10, 8)),
    ],
)
def test_deadlines(start: date, count: int, end: date) -> None:
    assert CALENDAR.add(start, count) == end


@given(st.sampled_from(DAYS[:900]), st.integers(1, 60))
def test_counting_there_and_between_agree(start: date, count: int) -> None:
    end = CALENDAR.add(start, count)
    assert CALENDAR.is_working(end)
    assert CALENDAR.between(start, end) == count
    assert CALENDAR.between(end, start) == -count


def test_a_year_without_data_is_counted_monday_to_friday_and_says_so() -> None:
    assert not CALENDAR.is_known(date(2031, 10, 1))
    assert CALENDAR.is_known(date(2026, 10, 1))
    assert CALENDAR.is_working(date(2031, 10, 1))  # a Wednesday
    assert not CALENDAR.is_working(date(2031, 10, 4))
