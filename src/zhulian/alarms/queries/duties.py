"""The duty roster of one enterprise."""

from dataclasses import dataclass

from zhulian.alarms.models import Duty, Patience
from zhulian.organisations.tenancy import Scope


@dataclass(frozen=True, slots=True)
class DutyRow:
    """One line of the roster."""

    id: int
    person: int
    person_name: str
    level: int
    days: str
    days_words: str
    start_hour: int
    end_hour: int


def duties(scope: Scope, enterprise: int) -> list[DutyRow]:
    """Who is on duty in an enterprise in sight, by level; one statement."""
    found = Duty.objects.filter(enterprise=enterprise, enterprise__in=scope.enterprises().values("pk"))
    return [
        DutyRow(
            row.pk, row.person_id, row.person.get_full_name() or row.person.username, row.level, row.days,
            str(row.get_days_display()), row.start_hour, row.end_hour,
        )
        for row in found.select_related("person")
    ]  # fmt: skip


def patience(scope: Scope, enterprise: int) -> tuple[int, int]:
    """After how many minutes levels 2 and 3 are told."""
    found = Patience.objects.filter(enterprise=enterprise, enterprise__in=scope.enterprises().values("pk")).first()
    row = found or Patience()
    return row.second_min, row.third_min
