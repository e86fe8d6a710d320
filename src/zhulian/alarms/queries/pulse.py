"""Whether anything about alarms has changed since somebody looked: one number, cheap enough for once a second."""

from django.db.models import QuerySet, Sum

from zhulian.alarms.models import Pulse
from zhulian.organisations.tenancy import Scope


def pulse(scope: Scope) -> int:
    """Differs as soon as an alarm or a rule in sight has changed; one statement."""
    return _sum(Pulse.objects.filter(enterprise__in=scope.enterprises().values("pk")))


def pulse_of_all() -> int:
    """The same for the whole platform: as long as it stands still, nobody's has moved."""
    return _sum(Pulse.objects.all())


def _sum(seen: QuerySet[Pulse]) -> int:
    return int(seen.aggregate(total=Sum("number"))["total"] or 0)
