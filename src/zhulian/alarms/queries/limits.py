"""The limits that rules set on one point, to be drawn on its chart."""

from dataclasses import dataclass

from zhulian.alarms.models import Rule
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


def limits_of(scope: Scope, machine: int, point: int) -> list[Limit]:
    """Those of thresholds on a machine's point in sight, the most urgent first; one statement."""
    found = Rule.objects.filter(
        machine=machine, kind=Kind.THRESHOLD, removed_at=None, out_of_service="",
        enterprise__in=scope.enterprises().values("pk"),
    ).order_by("priority", "id")  # fmt: skip
    return [
        Limit(row.pk, row.name, row.priority, float(row.settings["limit"]), bool(row.settings.get("is_low")))
        for row in found
        if row.points == [point]
    ]
