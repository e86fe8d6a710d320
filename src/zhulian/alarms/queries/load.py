"""The load that alarms put on people, as ISA-18.2 measures it: a day, the worst ten, chattering and standing ones."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from zhulian.alarms.models import Occurrence
from zhulian.alarms.rules import ACCEPTABLE_A_DAY, MOST_A_DAY, STANDS, chattering
from zhulian.organisations.models import Membership
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.roles import Role

MOST = 100_000
"""Occurrences looked at; beyond it the page says so."""


@dataclass(frozen=True, slots=True)
class Day:
    """Alarms of one day in Shanghai, of all operators and for each."""

    day: date
    count: int
    each: float

    @property
    def verdict(self) -> str:
        """good, much or too_much."""
        return "good" if self.each <= ACCEPTABLE_A_DAY else "much" if self.each <= MOST_A_DAY else "too_much"


@dataclass(frozen=True, slots=True)
class Actor:
    """A rule that alarms often."""

    rule: int
    name: str
    machine: int
    machine_name: str
    count: int
    share: float
    is_chattering: bool


@dataclass(frozen=True, slots=True)
class Load:
    """The load of some days on the operators in sight."""

    days: Sequence[Day]
    operators: int
    total: int
    by_priority: dict[int, int]
    worst: Sequence[Actor]
    standing: int
    floods: int
    acknowledged_s: float | None
    """Median time until somebody acknowledged."""
    is_cut: bool


def load(scope: Scope, enterprise: int | None, days: int, today: date) -> Load:
    """What people had to look at in the last ``days`` days: suppressed and taken back ones are no load."""
    start = datetime.combine(today - timedelta(days=days - 1), datetime.min.time(), SHANGHAI)
    seen = Occurrence.objects.filter(enterprise__in=scope.enterprises().values("pk"))
    seen = seen.filter(enterprise=enterprise) if enterprise else seen
    found = seen.filter(started_at__gte=start, retracted_at=None, is_suppressed=False).order_by("-started_at")
    columns = (
        "rule_id",
        "rule__name",
        "machine_id",
        "machine__name",
        "priority",
        "started_at",
        "acknowledged_at",
        "flood_id",
    )
    rows = list(found.values_list(*columns)[:MOST])
    operators = _operators(scope, enterprise)
    counted = Counter(row[5].astimezone(SHANGHAI).date() for row in rows)
    long = seen.filter(Q(ended_at=None), retracted_at=None, started_at__lt=timezone.now() - STANDS)
    waits = sorted((row[6] - row[5]).total_seconds() for row in rows if row[6])
    return Load(
        days=[_day(today - timedelta(days=back), counted, operators) for back in range(days - 1, -1, -1)],
        operators=operators,
        total=len(rows),
        by_priority=dict(sorted(Counter(row[4] for row in rows).items())),
        worst=_worst(rows),
        standing=long.count(),
        floods=len({row[7] for row in rows if row[7]}),
        acknowledged_s=waits[len(waits) // 2] if waits else None,
        is_cut=len(rows) == MOST,
    )


def _day(day: date, counted: Counter[date], operators: int) -> Day:
    return Day(day, counted[day], counted[day] / max(operators, 1))


def _operators(scope: Scope, enterprise: int | None) -> int:
    seats = Membership.objects.filter(role=Role.ENGINEER, user__is_active=True)
    seats = seats.filter(enterprise__in=scope.enterprises().values("pk"))
    return (seats.filter(enterprise=enterprise) if enterprise else seats).values("user").distinct().count()


def _worst(rows: Sequence[tuple[int, str, int, str, int, datetime, datetime | None, int | None]]) -> list[Actor]:
    times: dict[int, list[datetime]] = defaultdict(list)
    names = {}
    for rule, name, machine, machine_name, _priority, started_at, *_ in rows:
        times[rule].append(started_at)
        names[rule] = (name, machine, machine_name)
    worst = sorted(times.items(), key=lambda pair: (-len(pair[1]), pair[0]))[:10]
    return [Actor(rule, *names[rule], len(began), len(began) / len(rows), chattering(began)) for rule, began in worst]
