"""How many machines and points an enterprise has, kept beside its file; the only writer of the two counts."""

from collections.abc import Collection

from django.db.models import Count, IntegerField, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from zhulian.organisations.models import Enterprise, Machine, Point

AT_ONCE = 500


def recount(enterprises: Collection[int] | None) -> None:
    """Count again; the caller holds the transaction that added or removed something. ``None`` counts everywhere."""
    if enterprises is None:
        _write(Enterprise.objects.all())
        return
    ids = sorted(enterprises)
    for start in range(0, len(ids), AT_ONCE):
        found = Enterprise.objects.filter(pk__in=ids[start : start + AT_ONCE])
        # One after the other: whoever waits here counts what the one before has committed.
        list(found.select_for_update().order_by("pk").values_list("pk"))
        _write(found)


def _write(found: QuerySet[Enterprise]) -> None:
    machines = Machine.objects.filter(enterprise=OuterRef("pk"), removed_at=None)
    points = Point.objects.filter(machine__enterprise=OuterRef("pk"), removed_at=None, machine__removed_at=None)
    found.update(machines_now=_number(machines, "enterprise"), points_now=_number(points, "machine__enterprise"))


def _number(rows: QuerySet[Model], group: str) -> Coalesce:
    counted = rows.order_by().values(group).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
