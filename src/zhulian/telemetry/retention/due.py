"""What a plan or a demand would take away, counted from the sums: nobody reads raw rows to find that out."""

from collections.abc import Iterator, Sequence

import msgspec

from zhulian.telemetry.retention.plan import Old, Plan, old
from zhulian.telemetry.store.mending import PATIENT, Run
from zhulian.telemetry.store.retiring import READINGS, Going
from zhulian.telemetry.store.stretches import CITY_S, DAY_S, Stretch

_RAW_ROWS = (
    "SELECT number, sum(n) AS here FROM ("
    "SELECT toInt32(toDate(hour)) AS number, toInt64(sum(hourly.rows)) AS n FROM hourly WHERE {0} GROUP BY number"
    " UNION ALL SELECT toInt32(toDate(hour)) AS number, -toInt64(sum(hourly_kept.rows)) AS n FROM hourly_kept"
    " WHERE {0} GROUP BY number"
    ") GROUP BY number HAVING here > 0 ORDER BY number"
)
"""Readings that are still there themselves, by day in UTC."""
_HOUR_ROWS = (
    "SELECT toInt32(toDate(hour)) AS number, count() AS here FROM hourly WHERE {0} GROUP BY number ORDER BY number"
)
_SUM_DAYS = (
    "SELECT intDiv(toUnixTimestamp(day) + 28800, 86400) AS number, sum(daily.rows) AS here FROM daily"
    " WHERE {0} GROUP BY number ORDER BY number"
)
_LONGEST_S = 2**32 - 1


class Erasure(msgspec.Struct, frozen=True):
    """A demand: readings of these points (None: of all) of an enterprise on the city's days ``first`` to ``last``.

    ``number`` is the demand's own, above 0; handed in again it goes on where it was. Days are counted from 1970.
    """

    number: int
    tenant: int
    first: int
    last: int
    points: tuple[int, ...] | None = None
    with_sums: bool = False

    @property
    def condition(self) -> str:
        """Over tenant and point."""
        of_tenant = f"tenant = {self.tenant}"
        return of_tenant if self.points is None else f"{of_tenant} AND point IN ({', '.join(map(str, self.points))})"


class Preview(msgspec.Struct, frozen=True):
    """What would go: readings, on how many days, from when to when (seconds, UTC), and rows of hourly sums."""

    rows: int = 0
    days: int = 0
    first_s: int | None = None
    last_s: int | None = None
    hours: int = 0


def due(run: Run, plan: Plan, today: int) -> Iterator[Going]:
    """The steps that the plan asks for today, oldest first, raw readings before hours."""
    for each in old(plan, today):
        for day, _ in _days(run, each):
            yield Going(each.source, day * DAY_S, (day + 1) * DAY_S, each.condition)


def demanded(run: Run, erasure: Erasure) -> Iterator[Going]:
    """The steps of a demand, a day of the city each."""
    statement, time = (_SUM_DAYS, "day") if erasure.with_sums else (_RAW_ROWS, "hour")
    found = _numbers(run, statement.format(_where(erasure, time)))
    if not erasure.with_sums:  # counted by days in UTC: each touches two of the city
        found = [(day + more, rows) for day, rows in found for more in (0, 1)]
    for day in sorted({day for day, _ in found if erasure.first <= day <= erasure.last}):
        start_s = day * DAY_S - CITY_S
        yield Going(READINGS, start_s, start_s + DAY_S, erasure.condition, erasure.with_sums, erasure.number)


def preview(run: Run, plan: Plan, today: int) -> Preview:
    """What the plan would take away today."""
    rows: dict[int, int] = {}
    hours = 0
    for each in old(plan, today):
        for day, number in _days(run, each):
            if each.source == READINGS:
                rows[day] = rows.get(day, 0) + number
            else:
                hours += number
    return _told(rows, hours)


def preview_of(run: Run, erasure: Erasure) -> Preview:
    """What a demand would."""
    where = _where(erasure, "hour")
    hours = sum(rows for _, rows in _numbers(run, _HOUR_ROWS.format(where))) if erasure.with_sums else 0
    return _told(dict(_numbers(run, _RAW_ROWS.format(where))), hours)


def _told(rows: dict[int, int], hours: int) -> Preview:
    if not rows:
        return Preview(hours=hours)
    return Preview(sum(rows.values()), len(rows), min(rows) * DAY_S, (max(rows) + 1) * DAY_S, hours)


def _days(run: Run, old: Old) -> Sequence[tuple[int, int]]:
    if not old.condition:
        return ()
    inside = Stretch("", (old.since or 0) * DAY_S, old.before * DAY_S).holds("hour")
    statement = _RAW_ROWS if old.source == READINGS else _HOUR_ROWS
    return _numbers(run, statement.format(f"{inside} AND ({old.condition})"))


def _where(erasure: Erasure, time: str) -> str:
    bounds = (erasure.first * DAY_S - CITY_S, (erasure.last + 1) * DAY_S - CITY_S)
    start_s, end_s = (min(max(bound, 0), _LONGEST_S) for bound in bounds)
    return f"{Stretch('', start_s, end_s).holds(time)} AND ({erasure.condition})"


def _numbers(run: Run, sql: str) -> list[tuple[int, int]]:
    """``sql`` gives number (of a day) and here; one line, because every store's client gives that back alike."""
    pairs = "arrayStringConcat(groupArray(concat(toString(number), ' ', toString(here))), ';')"
    found = run(f"SELECT {pairs} FROM ({sql}) {PATIENT}").strip()  # noqa: S608
    return [(int(day), int(here)) for day, here in (each.split(" ") for each in found.split(";") if each)]
