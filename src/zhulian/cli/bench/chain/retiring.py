"""Readings retired while the process is killed: days of four ages, of which two stay whole, one loses its readings
and one its hours too. Afterwards each reading has to be in exactly one place: in its table or in a sum that was kept.
"""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from zhulian.cli.bench.chain.counting import Account, Ask, wrong_sums
from zhulian.cli.bench.chain.gateways import Gateways, Traffic
from zhulian.cli.bench.chain.process import RefusedError, Telemetry
from zhulian.telemetry.retention.plan import Keep, Plan
from zhulian.telemetry.store.rollups import HOURLY, ROLLUPS
from zhulian.telemetry.store.schema import OUTLIVING
from zhulian.vocabulary.clock import system_clock

RAW_DAYS, HOUR_DAYS = 1, 2
PLAN = Plan(Keep(RAW_DAYS, HOUR_DAYS))
TRAFFIC = Traffic(apart_us=10_000, days=HOUR_DAYS + 2)
DAY_S = 86_400
LOOK_EVERY_S = 0.005
_DAY = "toInt32(toDate({} + INTERVAL 8 HOUR, 'UTC')) AS d"
"""The city's day, in which days are kept; it is that of UTC for readings that begin at midnight there."""
_READINGS = (
    f"SELECT tenant, {_DAY.format('ts')}, count(), sum(value), uniqExact(value) FROM readings GROUP BY tenant, d"  # noqa: S608
)
_KEPT_EACH = " UNION ALL ".join(
    f"SELECT tenant, {_DAY.format(rollup.start)}, {rollup.kept.name}.rows AS r, {rollup.kept.name}.total AS t"  # noqa: S608
    f" FROM {rollup.kept.name}"
    for rollup in OUTLIVING
    if rollup.of_points
)
_KEPT = f"SELECT tenant, d, sum(r), sum(t) FROM ({_KEPT_EACH}) GROUP BY tenant, d"  # noqa: S608
_HOURS = f"SELECT tenant, {_DAY.format('hour')}, sum(hourly.rows) FROM hourly GROUP BY tenant, d"  # noqa: S608
_OPEN = "SELECT count() FROM (SELECT step FROM retirements GROUP BY step HAVING max(is_done) = 0)"
_STEPS = (
    "SELECT toUnixTimestamp(minIf(at, is_done = 0)), toUnixTimestamp(maxIf(at, is_done = 1)), any(rows),"
    " any(source) = 'readings' FROM retirements GROUP BY step"
)

Places = dict[tuple[int, int], list[float]]
"""Enterprise and day → readings, the sum of their values, and how many values these are."""
_NOTHING = [0.0, 0.0, 0.0]


class Step(NamedTuple):
    """Written down as begun and as done, to the second, and how many readings it took."""

    begun_s: int
    done_s: int
    rows: int
    is_of_readings: bool


def retire(telemetry: Telemetry) -> None:
    """Whatever is old enough by now. Raises RefusedError when retention was interrupted."""
    before = telemetry.told("/retention")["begun_us"]
    telemetry.told("/retention/plan", put=PLAN)
    while (now := telemetry.told("/retention"))["is_running"] or now["begun_us"] == before:
        time.sleep(LOOK_EVERY_S)
    if now["fault"]:
        raise RefusedError(str(now["fault"]))


def wait_for_a_step(telemetry: Telemetry, within_s: float) -> None:
    """Until one is written down as begun and not as done, or long enough."""
    deadline_s = time.monotonic() + within_s
    while telemetry.ask(_OPEN) == [["0"]] and time.monotonic() < deadline_s:
        time.sleep(LOOK_EVERY_S)


def steps(ask: Ask) -> list[Step]:
    """All there were."""
    return [Step(int(begun), int(done), int(rows), is_raw == "1") for begun, done, rows, is_raw in ask(_STEPS)]


def account(ask: Ask, gateways: Gateways) -> Account:
    """By enterprise and day, with nothing left to be retired: what is there, what was kept, and what was sent."""
    there, kept = _places(ask(_READINGS)), _places(ask(_KEPT))
    lost = doubled = 0
    wrong: list[str] = []
    for whose, promised in gateways.promised.items():
        (rows, total, distinct), (gone, *_) = there.get(whose, _NOTHING), kept.get(whose, _NOTHING)
        lost += int(max(promised.rows - distinct - gone, 0))
        doubled += int(max(rows - distinct, rows + gone - promised.rows, 0))
        if (found := total + kept.get(whose, _NOTHING)[1]) != promised.total:
            wrong.append(f"values of {whose}, there and kept: {found:.0f} and not {promised.total:.0f}")
    whole = [rollup for rollup in ROLLUPS if rollup is not HOURLY]  # nothing goes from these
    wrong += (line for rollup in whole for line in wrong_sums(ask, rollup.table, gateways.acknowledged))
    today = system_clock() // 10**6 // DAY_S
    wrong += _misplaced("readings", there, lambda day: day < today - RAW_DAYS)
    wrong += _misplaced("hours", _places(ask(_HOURS)), lambda day: day < today - HOUR_DAYS)
    wrong += _misplaced("kept sums", kept, lambda day: day >= today - RAW_DAYS)
    return Account(lost, doubled, tuple(wrong))


def _misplaced(what: str, found: Places, is_wrong: Callable[[int], bool]) -> Iterator[str]:
    return (f"{what} of {whose}: {rows:.0f}" for whose, (rows, *_) in found.items() if rows and is_wrong(whose[1]))


def _places(cells: list[list[str]]) -> Places:
    return {(int(tenant), int(day)): list(map(float, numbers)) for tenant, day, *numbers in cells}
