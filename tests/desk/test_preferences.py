"""Wishes and holiday notices: who may enter what, and how a typed notice is read."""

from datetime import date

import pytest

from peers.records import World
from zhulian.desk import queries, workflows
from zhulian.desk.calendar import add_working_days, working_days
from zhulian.desk.rules import DeskError, Quiet
from zhulian.organisations.rules import NotAllowedError
from zhulian.organisations.tenancy import visible_to

DRAFT = workflows.YearDraft(
    2027,
    "示例〔2026〕1号",
    "示例",
    "https://example.org",
    "2027-02-05 至 2027-02-11 春节\n2027-10-01 国庆节\n",
    "2027-02-20",
)


def test_an_administrator_enters_a_year_and_deadlines_follow(world: World) -> None:
    scope = visible_to(world.administrator)
    assert add_working_days(date(2027, 2, 4), 1) == date(2027, 2, 5)
    workflows.save_year(scope, DRAFT)
    assert add_working_days(date(2027, 2, 4), 1) == date(2027, 2, 12)
    assert working_days().is_working(date(2027, 2, 20))
    assert [row.year.year for row in queries.years()] == [2027, 2026, 2025, 2024]
    assert queries.years()[0].entered_by
    workflows.forget_year(scope, 2027)
    assert not working_days().is_known(date(2027, 2, 5))


@pytest.mark.parametrize(
    ("holidays", "working"),
    [
        ("", ""),
        ("春节 2027-02-05", ""),
        ("2027-13-05 春节", ""),
        ("2027-02-11 至 2027-02-05 春节", ""),
        ("2026-02-05 春节", ""),
        ("2027-10-01 国庆节", "2027-02-16"),
        ("2027-10-01 国庆节", "明天"),
    ],
)
def test_a_line_that_is_not_understood_is_named(world: World, holidays: str, working: str) -> None:
    draft = workflows.YearDraft(2027, "号", "题", "https://example.org", holidays, working)
    with pytest.raises(DeskError):
        workflows.save_year(visible_to(world.administrator), draft)
    assert queries.years()[0].year.year == 2026


def test_only_those_who_may(world: World) -> None:
    with pytest.raises(NotAllowedError):
        workflows.save_year(visible_to(world.bureau), DRAFT)
    with pytest.raises(NotAllowedError):
        workflows.prefer(visible_to(world.a.engineer), "off", Quiet(), enterprise=world.a.enterprise)
    with pytest.raises(NotAllowedError):
        workflows.prefer(visible_to(world.b.owner), "off", Quiet(), enterprise=world.a.enterprise)
    with pytest.raises(DeskError):
        workflows.prefer(visible_to(world.a.owner), "off", Quiet(21, 24))
    with pytest.raises(NotAllowedError):
        queries.channels(visible_to(world.bureau))
