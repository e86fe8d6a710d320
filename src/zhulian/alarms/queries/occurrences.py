"""Alarms that are and were: the list, one, the number in the top bar."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from zhulian.alarms.models import Occurrence, Shelf
from zhulian.alarms.queries.watching import ALARM
from zhulian.alarms.rules import Standing, standing
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.pages import Page, cut


@dataclass(frozen=True, slots=True)
class AlarmFilter:
    """What a list of alarms is narrowed to; the empty one shows what somebody has to look at."""

    text: str = ""
    state: str = "open"
    """open (active, or returned unacknowledged), active, unacknowledged, shelved, suppressed, retracted or all."""
    priority: int | None = None
    enterprise: int | None = None
    machine: int | None = None
    rule: int | None = None
    flood: int | None = None
    days: int | None = None
    """Began within so many days."""


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One alarm as a list shows it."""

    id: int
    rule: int
    name: str
    enterprise: int
    enterprise_name: str
    machine: int
    machine_name: str
    workshop: str
    priority: int
    standing: Standing
    started_at: datetime
    ended_at: datetime | None
    value: float | None
    points: tuple[int, ...]
    advice: str
    acknowledged_at: datetime | None
    acknowledged_name: str
    note: str
    shelved_until: datetime | None
    corrected_at: datetime | None
    flood: int | None
    is_sample: bool

    @property
    def is_active(self) -> bool:
        """Whether it is active now."""
        return self.ended_at is None and self.standing is not Standing.RETRACTED

    @property
    def lasted_s(self) -> float | None:
        """How long it lasted."""
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at else None


def alarms(scope: Scope, wanted: AlarmFilter, number: int = 1, size: int = 50) -> Page[AlarmRow]:
    """The alarms in sight that ``wanted`` leaves: active ones first, by priority, then by time; three statements."""
    now = timezone.now()
    found = _narrowed(scope, wanted, now)
    where = cut(found.count(), number, size)
    order = ("is_over", "standing_order", "-started_at", "-id")
    return where.page(_rows(list(found.annotate(**_order()).order_by(*order)[where.rows])))


def alarm(scope: Scope, occurrence_id: int) -> AlarmRow:
    """One alarm in sight."""
    row = _seen(scope).filter(pk=occurrence_id).first()
    if row is None:
        raise NotVisibleError(ALARM)
    return _rows([row])[0]


def newest_of_machine(scope: Scope, machine: int, most: int = 5) -> list[AlarmRow]:
    """What a machine's page shows: its open alarms, then the newest."""
    return list(alarms(scope, AlarmFilter(state="all", machine=machine), 1, most).rows)


def badge(scope: Scope) -> int:
    """How many alarms in sight are active and unacknowledged; one statement."""
    return _narrowed(scope, AlarmFilter(state="unacknowledged"), timezone.now()).count()


def shelves_of(rules: Iterable[int]) -> dict[int, datetime]:
    """Until when those of ``rules`` that are shelved now are."""
    running = Shelf.objects.filter(rule__in=list(rules), ended_at=None, until__gt=timezone.now())
    return dict(running.values_list("rule_id", "until"))


def _order() -> dict[str, Case]:
    """Active ones first and by priority; what is over by time alone."""
    over = Case(When(Q(ended_at=None, retracted_at=None), then=Value(0)), default=Value(1), output_field=IntegerField())
    rank = Case(When(Q(ended_at=None), then="priority"), default=Value(9), output_field=IntegerField())
    return {"is_over": over, "standing_order": rank}


def _seen(scope: Scope) -> QuerySet[Occurrence]:
    seen = Occurrence.objects.filter(enterprise__in=scope.enterprises().values("pk"))
    return seen.select_related("rule", "machine", "enterprise")


def _narrowed(scope: Scope, wanted: AlarmFilter, now: datetime) -> QuerySet[Occurrence]:
    found = _seen(scope).filter(_state(wanted.state, now))
    for word in wanted.text.split():
        found = found.filter(
            Q(rule__name__icontains=word) | Q(machine__name__icontains=word) | Q(enterprise__name__icontains=word)
        )
    exact = {
        "priority": wanted.priority, "enterprise": wanted.enterprise, "machine": wanted.machine,
        "rule": wanted.rule, "flood": wanted.flood,
    }  # fmt: skip
    found = found.filter(**{name: value for name, value in exact.items() if value is not None})
    return found.filter(started_at__gte=now - timedelta(days=wanted.days)) if wanted.days else found


def _state(state: str, now: datetime) -> Q:
    there, active = Q(retracted_at=None), Q(retracted_at=None, ended_at=None)
    shelved = Q(Exists(Shelf.objects.filter(rule=OuterRef("rule"), ended_at=None, until__gt=now)))
    waiting = ~shelved & Q(is_suppressed=False)
    return {
        "active": active,
        "unacknowledged": active & waiting & Q(acknowledged_at=None),
        "shelved": active & shelved,
        "suppressed": there & Q(is_suppressed=True),
        "retracted": Q(retracted_at__isnull=False),
        "all": Q(),
    }.get(state, there & waiting & (Q(ended_at=None) | Q(acknowledged_at=None)))


def _rows(rows: Sequence[Occurrence]) -> list[AlarmRow]:
    shelved = shelves_of({row.rule_id for row in rows})
    return [_row(row, shelved.get(row.rule_id)) for row in rows]


def _row(row: Occurrence, shelved_until: datetime | None) -> AlarmRow:
    state = standing(
        is_active=row.ended_at is None, is_acknowledged=row.acknowledged_at is not None,
        is_shelved=shelved_until is not None, is_suppressed=row.is_suppressed,
        is_retracted=row.retracted_at is not None,
    )  # fmt: skip
    return AlarmRow(
        id=row.pk, rule=row.rule_id, name=row.rule.name, enterprise=row.enterprise_id,
        enterprise_name=row.enterprise.name, machine=row.machine_id, machine_name=row.machine.name,
        workshop=row.machine.workshop, priority=row.priority, standing=state, started_at=row.started_at,
        ended_at=row.ended_at, value=row.value, points=tuple(row.rule.points), advice=row.rule.advice,
        acknowledged_at=row.acknowledged_at, acknowledged_name=row.acknowledged_name, note=row.note,
        shelved_until=shelved_until, corrected_at=row.corrected_at, flood=row.flood_id, is_sample=row.is_sample,
    )  # fmt: skip
