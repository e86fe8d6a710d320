"""Electricity of the day and of the month: differences of counters where there are any, else the integral of power.

What a main meter measures contains what the others measure, so only one kind is added up.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from zhulian.evidence.collectors.measured import HOUR_US, Finding, MachineDay, Measured, Part, PointDay, coverage
from zhulian.evidence.collectors.picking import Role, in_kw, in_kwh, is_main_meter
from zhulian.vocabulary.errors import Text

VERSION = 1
DAY_KEY, MONTH_KEY = "energy.electricity_day_kwh", "energy.electricity_kwh"
LEAST_COVERAGE = 0.5
"""Power that was known for less of the day says nothing about the day's energy; a counter needs no coverage."""


def collect(measured: Measured) -> Iterator[Finding]:
    """energy.electricity_day_kwh, and the month's when this is its last day or completes it."""
    known = [(machine, found) for machine in measured.machines if (found := _energy(machine)) is not None]
    main = [each for each in known if is_main_meter(each[0].name)]
    used = main or known
    if not used:
        return
    parts = tuple(Part(machine, points, kwh) for machine, (points, kwh) in used)
    value = round(sum(part.value for part in parts), 2)
    points = [point for _, (found, _) in used for point in found]
    resets = sum(point.growth.resets for point in points if point.growth)
    method = _method(used, is_main=bool(main), resets=resets)
    yield Finding(
        DAY_KEY, value, measured.day, measured.day, method, parts, coverage(points), {"counter_restarts": resets}
    )
    yield from _month(measured, value)


def _energy(machine: MachineDay) -> tuple[list[PointDay], float] | None:
    """The points that tell it and the kWh; None where it cannot be told."""
    counters = [point for point in machine.having(Role.ELECTRICITY) if point.growth is not None and point.growth.rows]
    if counters:
        kwh = sum(point.growth.amount * in_kwh(point.unit) for point in counters if point.growth is not None)
        return counters, kwh
    powers = [point for point in machine.having(Role.POWER) if point.span is not None]
    if not powers or (coverage(powers) or 0.0) < LEAST_COVERAGE:
        return None
    return powers, sum(point.span.value_us / HOUR_US * in_kw(point.unit) for point in powers if point.span is not None)


def _method(used: Sequence[tuple[MachineDay, tuple[list[PointDay], float]]], *, is_main: bool, resets: int) -> Text:
    counters = sum(points[0].role is Role.ELECTRICITY for _, (points, _) in used)
    powers = len(used) - counters
    zh = "总表" if is_main else "没有总表，取各分表之和"
    en = "the main meter" if is_main else "no main meter is known, so the meters are added up"
    if counters:
        zh, en = zh + f"；{counters} 处按电能读数之差", en + f"; {counters} by difference of the counter"
    if powers:
        zh, en = zh + f"；{powers} 处按功率对时间积分", en + f"; {powers} by power integrated over time"
    if resets:
        zh, en = zh + f"；读数归零 {resets} 次，已接续", en + f"; {resets} restarts of a counter, carried on"
    return Text(f"{zh}。", f"{en}.".capitalize())


def _month(measured: Measured, today: float) -> Iterator[Finding]:
    """A month counts when every day of it is in the ledger; otherwise it would be too small."""
    days = _days_of_month(measured.day)
    known = {**measured.energy_of_month, measured.day: today}
    if any(day not in known for day in days):
        return
    method = Text(f"{len(days)} 天日用电量之和。", f"The electricity of {len(days)} days, added up.")
    total = round(sum(known[day] for day in days), 2)
    yield Finding(MONTH_KEY, total, days[0], days[-1], method, more={"days": len(days)})


def _days_of_month(day: date) -> list[date]:
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return [first + timedelta(days=offset) for offset in range((following - first).days)]
