"""Tells open lists that something about an enterprise's alarms has changed; part of the change's transaction."""

from collections.abc import Iterable

from django.db.models import F

from zhulian.alarms.models import Pulse


def stir(enterprises: Iterable[int]) -> None:
    """The pulse of these enterprises moves."""
    wanted = sorted(set(enterprises))
    if wanted:
        Pulse.objects.bulk_create([Pulse(enterprise_id=one) for one in wanted], ignore_conflicts=True)
        Pulse.objects.filter(enterprise__in=wanted).update(number=F("number") + 1)
