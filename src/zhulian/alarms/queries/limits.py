"""What rules put on the chart of a point: the limits that hold, or one alarm with what it was judged by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhulian.alarms.models import Edition, Occurrence, Rule
from zhulian.alarms.queries.watching import ALARM
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope
from zhulian.telemetry.alarms.rules import Kind


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit: a rule in service alarms beyond ``value``, below it where ``is_low``."""

    rule: int
    name: str
    priority: int
    value: float
    is_low: bool


@dataclass(frozen=True, slots=True)
class Curve:
    """One alarm on a chart: when it was active, how long its rule waited, the limit that held then, if it had one."""

    name: str
    started_at: datetime
    ended_at: datetime | None
    delay_s: float
    limit: Limit | None


def limits_of(scope: Scope, machine: int, point: int) -> list[Limit]:
    """Those of thresholds on a machine's point in sight, the most urgent first; one statement."""
    found = Rule.objects.filter(
        machine=machine, kind=Kind.THRESHOLD, removed_at=None, out_of_service="",
        enterprise__in=scope.enterprises().values("pk"),
    ).order_by("priority", "id")  # fmt: skip
    return [_limit(row, row.settings) for row in found if row.points == [point]]


def curve(scope: Scope, alarm: int, point: int) -> Curve:
    """An alarm in sight on one of its points, as its rule stood when it began; also after the rule has gone."""
    seen = Occurrence.objects.filter(pk=alarm, enterprise__in=scope.enterprises().values("pk"))
    row = seen.select_related("rule").first()
    if row is None or point not in row.rule.points:
        raise NotVisibleError(ALARM)
    then = Edition.objects.filter(rule=row.rule_id, revision=row.revision).first()
    settings = then.said["settings"] if then else row.rule.settings
    limit = _limit(row.rule, settings) if row.rule.kind == Kind.THRESHOLD else None
    over = row.ended_at or row.retracted_at
    return Curve(row.rule.name, row.started_at, over, float(settings.get("on_delay_s", 0.0)), limit)


def _limit(row: Rule, settings: Mapping[str, Any]) -> Limit:
    return Limit(row.pk, row.name, row.priority, float(settings["limit"]), bool(settings.get("is_low")))
