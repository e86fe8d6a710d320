"""Which rows are old under a plan: against a look at each point by itself."""

import re

from hypothesis import given
from hypothesis import strategies as st

from zhulian.telemetry.retention.plan import Group, Keep, Plan, condition, old
from zhulian.telemetry.store.retiring import READINGS
from zhulian.telemetry.store.rollups import HOURLY

TODAY = 20_000
DAYS = st.none() | st.integers(1, 6)
KEEP = st.builds(Keep, raw_days=DAYS, hour_days=DAYS)
POINTS = {1: (11, 12), 2: (21, 22), 3: (31,)}
GROUPS = st.lists(st.sampled_from([(t, p) for t, points in POINTS.items() for p in points]), unique=True).flatmap(
    lambda chosen: st.tuples(*(st.builds(Group, st.just(t), st.just((p,)), KEEP) for t, p in chosen))
)
PLANS = st.builds(Plan, KEEP, st.dictionaries(st.sampled_from([1, 2]), KEEP), GROUPS)


def holds(sql: str, tenant: int, point: int) -> bool:
    """The condition, read by Python instead of the store."""
    python = re.sub(r"IN \((\d+)\)", r"IN (\1,)", sql).replace(" = ", " == ")
    for word in ("AND", "OR", "NOT", "IN"):
        python = re.sub(rf"\b{word}\b", word.lower(), python)
    return bool(eval(python, {"tenant": tenant, "point": point})) if sql else False


def limit(plan: Plan, source: str, tenant: int, point: int) -> int | None:
    found = next((group.keep for group in plan.groups if point in group.points), None)
    return (found or plan.tenants.get(tenant, plan.everybody)).of(source)


@given(PLANS, st.integers(0, 8))
def test_every_point_goes_when_what_holds_for_it_says_so(plan: Plan, age: int) -> None:
    day = TODAY - 1 - age
    for source in (READINGS, HOURLY.name):
        for tenant, points in POINTS.items():
            for point in points:
                days = limit(plan, source, tenant, point)
                goes = [
                    each
                    for each in old(plan, TODAY)
                    if each.source == source
                    and (each.since is None or each.since <= day)
                    and day < each.before
                    and holds(each.condition, tenant, point)
                ]
                assert len(goes) == (days is not None and days <= age)


def test_without_limits_nothing_is_old() -> None:
    assert list(old(Plan(), TODAY)) == []
    assert condition(Plan(), READINGS, 10_000) == ""


def test_a_whole_city_is_one_word() -> None:
    assert condition(Plan(Keep(35)), READINGS, 35) == "1"
