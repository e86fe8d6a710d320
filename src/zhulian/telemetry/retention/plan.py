"""What holds for whom, as plain values, and which rows that makes old enough to go; pure."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from zhulian.telemetry.store.retiring import READINGS
from zhulian.telemetry.store.rollups import HOURLY

NOTHING = ""
ALL = "1"


class Keep(msgspec.Struct, frozen=True):
    """For how many days after their own day raw readings, and hourly sums, are kept; None is without limit."""

    raw_days: int | None = None
    hour_days: int | None = None

    def of(self, source: str) -> int | None:
        """The days for one of the two tables."""
        return self.raw_days if source == READINGS else self.hour_days


class Group(msgspec.Struct, frozen=True):
    """Points of one enterprise for which something else holds than for its others."""

    tenant: int
    points: tuple[int, ...]
    keep: Keep


class Plan(msgspec.Struct, frozen=True):
    """What holds for everybody, for enterprises where that differs, and for points where that differs again."""

    everybody: Keep = Keep()
    tenants: dict[int, Keep] = {}
    groups: tuple[Group, ...] = ()


class Old(NamedTuple):
    """Days (counted from 1970 in UTC) before ``before`` and, unless None, from ``since`` on, and what is old there."""

    source: str
    since: int | None
    before: int
    condition: str


def old(plan: Plan, today: int) -> Iterator[Old]:
    """Raw readings first, then hours: an hour must not go while its readings are there."""
    for source in (READINGS, HOURLY.name):
        limits = sorted({days for keep in _keeps(plan) if (days := keep.of(source)) is not None})
        for number, limit in enumerate(limits):
            since = today - limits[number + 1] if number + 1 < len(limits) else None
            yield Old(source, since, today - limit, condition(plan, source, limit))


def condition(plan: Plan, source: str, age: int) -> str:
    """Which points' rows of ``age`` days go from ``source``, as SQL over tenant and point; empty when none does."""

    def goes(keep: Keep) -> bool:
        days = keep.of(source)
        return days is not None and days <= age

    parts, others = [], _without_groups(plan.groups)
    if goes(plan.everybody):
        apart = f"NOT ({_in('tenant', plan.tenants)})" if plan.tenants else ALL
        parts.append(f"{apart} AND {others}" if others else apart)
    if leaving := [tenant for tenant, keep in plan.tenants.items() if goes(keep)]:
        parts.append(f"{_in('tenant', leaving)} AND {others}" if others else _in("tenant", leaving))
    parts += [f"tenant = {each.tenant} AND {_in('point', each.points)}" for each in plan.groups if goes(each.keep)]
    return " OR ".join(f"({part})" for part in parts) if len(parts) > 1 else "".join(parts)


def _without_groups(groups: tuple[Group, ...]) -> str:
    points = sorted({point for each in groups for point in each.points})
    return f"NOT ({_in('point', points)})" if points else NOTHING


def _in(column: str, numbers: "dict[int, Keep] | list[int] | tuple[int, ...]") -> str:
    return f"{column} IN ({', '.join(map(str, sorted(numbers)))})"


def _keeps(plan: Plan) -> Iterator[Keep]:
    yield plan.everybody
    yield from plan.tenants.values()
    yield from (each.keep for each in plan.groups)
