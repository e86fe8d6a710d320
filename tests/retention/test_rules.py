"""What holds for a point: the narrowest term, and the plan that says the same of every point at once."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhulian.retention.rules import (
    LEAST_HOUR_DAYS,
    LEAST_RAW_DAYS,
    LONGEST_SAID,
    NO_UNIT,
    Known,
    RetentionError,
    checked,
    checked_days,
    checked_name,
    checked_reason,
    holding,
    plan,
    said,
)
from zhulian.telemetry.queries import Keep

DAYS = st.none() | st.integers(LEAST_RAW_DAYS, 9_000)
KEEPS = st.builds(Keep, DAYS, DAYS)
UNITS = ["", "A", "kWh", NO_UNIT]
TERMS = st.dictionaries(st.tuples(st.sampled_from([None, 1, 2]), st.sampled_from(UNITS)), KEEPS)
POINTS = [
    Known(10 * tenant + at, tenant, unit) for tenant in (1, 2, 3) for at, unit in enumerate(["A", "kWh", "", "V"])
]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(TERMS)
def test_the_plan_says_of_every_point_what_holds_for_it(terms: dict[tuple[int | None, str], Keep]) -> None:
    named = {unit for _, unit in terms if unit}
    found = plan(terms, [point for point in POINTS if (point.unit or NO_UNIT) in named])
    for point in POINTS:
        _, keep = holding(terms, point.tenant, point.unit or NO_UNIT)
        group = [each.keep for each in found.groups if point.id in each.points]
        assert [keep] == (group or [found.tenants.get(point.tenant, found.everybody)])


def test_the_narrowest_term_holds() -> None:
    terms = {(None, ""): Keep(40), (None, "A"): Keep(50), (1, ""): Keep(60), (1, "A"): Keep(70)}
    chosen = [holding(terms, tenant, unit)[1].raw_days for tenant, unit in ((1, "A"), (1, "V"), (2, "A"), (2, "V"))]
    assert chosen == [70, 60, 50, 40]
    assert holding({}, 1, "A")[1] == Keep()


@given(DAYS, DAYS)
def test_terms_that_may_hold(raw_days: int | None, hour_days: int | None) -> None:
    is_right = hour_days is None or (hour_days >= LEAST_HOUR_DAYS and raw_days is not None and raw_days <= hour_days)
    if is_right:
        assert checked(Keep(raw_days, hour_days)) == Keep(raw_days, hour_days)
    else:
        with pytest.raises(RetentionError):
            checked(Keep(raw_days, hour_days))


@pytest.mark.parametrize("days", [0, 1, LEAST_RAW_DAYS - 1, 40_000])
def test_too_short_and_too_long(days: int) -> None:
    with pytest.raises(RetentionError):
        checked(Keep(days))


def test_a_demand_says_why_and_when_and_whose() -> None:
    today = date(2026, 11, 26)
    assert checked_reason(" 企业  退出 ") == "企业 退出"
    assert checked_days(date(1960, 1, 1), date(2026, 11, 25), today) == (date(1970, 1, 2), date(2026, 11, 25))
    checked_name(" 示范  机械 ", "示范 机械")
    for wrong in (
        lambda: checked_reason(" "),
        lambda: checked_days(None, today, today),
        lambda: checked_days(today, today, today),
        lambda: checked_days(date(2026, 2, 2), date(2026, 2, 1), today),
        lambda: checked_name("示范", "示范机械"),
    ):
        with pytest.raises(RetentionError):
            wrong()


def test_many_points_are_said_as_far_as_there_is_room() -> None:
    assert said(["一号 电流", "二号 电流"]) == "一号 电流、二号 电流"
    assert len(said(["点"] * 1000)) == LONGEST_SAID
