"""What alarms put on charts: limits as a line with the rule's name and a band beyond it; one alarm's own time."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from zhulian.alarms import queries
from zhulian.alarms.queries import Curve, Limit
from zhulian.organisations.tenancy import Scope

Drawn = dict[str, object]


def alarm_limits(scope: Scope, machine: int, point: int, curve: Curve | None = None) -> list[Drawn]:
    """For the script: ``value`` in the point's unit, ``is_low``, and ``words`` to stand at the line.

    Those that hold now; of the rule of ``curve``, the one that held then.
    """
    then = curve.limit if curve else None
    holding = queries.limits_of(scope, machine, point)
    return _drawn([*([then] if then else []), *(limit for limit in holding if not then or limit.rule != then.rule)])


def alarm_mark(curve: Curve, end_ms: int) -> Drawn:
    """The time of an alarm, drawn like a mark; one that is still active reaches to the end of the chart."""
    over = int(curve.ended_at.timestamp() * 1_000) if curve.ended_at else end_ms
    return {"id": 0, "text": _("报警持续"), "start": int(curve.started_at.timestamp() * 1_000), "end": over}


def _drawn(limits: Iterable[Limit]) -> list[Drawn]:
    return [
        {"value": limit.value, "is_low": limit.is_low, "words": f"{limit.name} {limit.value:g}"} for limit in limits
    ]
