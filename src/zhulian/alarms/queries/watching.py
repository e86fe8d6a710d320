"""Rules: the list, one with its points, and all of them as the telemetry process takes them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from zhulian.alarms.models import Edition, Progress, Rule
from zhulian.alarms.rules import computed, in_words
from zhulian.organisations.models import Point
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope
from zhulian.telemetry.alarms.events import RuleSet
from zhulian.vocabulary.clock import to_time_us
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import Page, cut

ALARM, RULE = Text("报警", "alarm"), Text("报警规则", "alarm rule")


@dataclass(frozen=True, slots=True)
class RuleFilter:
    """What a list of rules is narrowed to."""

    text: str = ""
    enterprise: int | None = None
    machine: int | None = None
    priority: int | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule, with what it says in words."""

    id: int
    enterprise: int
    enterprise_name: str
    machine: int
    machine_name: str
    name: str
    kind: str
    priority: int
    points: tuple[int, ...]
    point_names: tuple[str, ...]
    unit: str
    settings: Mapping[str, object]
    words: Text
    advice: str
    suppressed_by: int | None
    suppressed_by_name: str
    out_of_service: str
    shelved_until: datetime | None
    version: int
    since: datetime
    revision: int
    changed_at: datetime
    changed_name: str
    is_sample: bool


@dataclass(frozen=True, slots=True)
class Hearing:
    """How far the telemetry process was heard, and which rules it should have."""

    log: str
    number: int
    rules_version: int


def may_act(scope: Scope, enterprise: int) -> bool:
    """Whether this person may acknowledge and shelve: engineers and owners of the enterprise, administrators."""
    return scope.may_configure(enterprise) or enterprise in scope.owns


def rules(scope: Scope, wanted: RuleFilter, number: int = 1, size: int = 50) -> Page[RuleRow]:
    """The rules in sight that ``wanted`` leaves; four statements."""
    found = _narrowed(scope, wanted)
    where = cut(found.count(), number, size)
    return where.page(_rows(list(found.order_by("enterprise_id", "machine_id", "priority", "id")[where.rows])))


def rule(scope: Scope, rule_id: int) -> RuleRow:
    """One rule in sight."""
    row = _seen(scope).filter(pk=rule_id).first()
    if row is None:
        raise NotVisibleError(RULE)
    return _rows([row])[0]


def editions(scope: Scope, rule_id: int) -> list[Edition]:
    """How a rule in sight came to be as it is, newest first."""
    rule(scope, rule_id)
    return list(Edition.objects.filter(rule=rule_id)[:50])


def rule_set() -> RuleSet:
    """Every rule in service, for the telemetry process; a rule whose point has gone is not judged."""
    version = progress().rules_version
    rows = list(Rule.objects.filter(removed_at=None, out_of_service="", machine__removed_at=None))
    there = set(Point.objects.filter(removed_at=None).values_list("pk", flat=True)) if rows else set()
    return RuleSet(
        version,
        tuple(
            computed(
                number=row.pk, version=row.version, tenant=row.enterprise_id, kind=row.kind, points=row.points,
                since_us=to_time_us(row.since), settings=row.settings,
            )
            for row in rows
            if there.issuperset(row.points)
        ),
    )  # fmt: skip


def progress() -> Hearing:
    """The row of ``Progress``, also where there is none yet."""
    row = Progress.objects.filter(pk=1).first() or Progress()
    return Hearing(row.log, row.number, row.rules_version)


def _seen(scope: Scope) -> QuerySet[Rule]:
    seen = Rule.objects.filter(removed_at=None, enterprise__in=scope.enterprises().values("pk"))
    return seen.select_related("enterprise", "machine", "suppressed_by")


def _narrowed(scope: Scope, wanted: RuleFilter) -> QuerySet[Rule]:
    found = _seen(scope)
    for word in wanted.text.split():
        found = found.filter(
            Q(name__icontains=word) | Q(machine__name__icontains=word) | Q(enterprise__name__icontains=word)
        )
    exact = {
        "pk": wanted.id, "enterprise": wanted.enterprise, "machine": wanted.machine, "priority": wanted.priority,
    }  # fmt: skip
    return found.filter(**{name: value for name, value in exact.items() if value is not None})


def _rows(rows: Sequence[Rule]) -> list[RuleRow]:
    from zhulian.alarms.queries.occurrences import shelves_of  # noqa: PLC0415 - shelves belong to both

    points = {row.pk: row for row in Point.objects.filter(pk__in={point for row in rows for point in row.points})}
    shelved = shelves_of([row.pk for row in rows])
    return [_row(row, [points[point] for point in row.points if point in points], shelved.get(row.pk)) for row in rows]


def _row(row: Rule, points: Iterable[Point], shelved_until: datetime | None) -> RuleRow:
    found = list(points)
    names = tuple(point.name for point in found)
    unit = found[0].unit if found else ""
    return RuleRow(
        id=row.pk, enterprise=row.enterprise_id, enterprise_name=row.enterprise.name, machine=row.machine_id,
        machine_name=row.machine.name, name=row.name, kind=row.kind, priority=row.priority, points=tuple(row.points),
        point_names=names, unit=unit, settings=row.settings, words=in_words(row.kind, row.settings, names, unit),
        advice=row.advice, suppressed_by=row.suppressed_by_id,
        suppressed_by_name=row.suppressed_by.name if row.suppressed_by else "", out_of_service=row.out_of_service,
        shelved_until=shelved_until, version=row.version, since=row.since, revision=row.revision,
        changed_at=row.changed_at, changed_name=row.changed_name, is_sample=row.is_sample,
    )  # fmt: skip
