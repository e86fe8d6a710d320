"""Limits of alarm rules as charts draw them: a line with the rule's name, a band over what lies beyond."""

from zhulian.alarms import queries
from zhulian.organisations.tenancy import Scope


def alarm_limits(scope: Scope, machine: int, point: int) -> list[dict[str, object]]:
    """For the script: ``value`` in the point's unit, ``is_low``, and ``words`` to stand at the line."""
    return [
        {"value": limit.value, "is_low": limit.is_low, "words": f"{limit.name} {limit.value:g}"}
        for limit in queries.limits_of(scope, machine, point)
    ]
