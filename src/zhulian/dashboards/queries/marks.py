"""Marks in sight: those of some points and a range, and one. Those that were withdrawn are not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from zhulian.dashboards.models import Mark
from zhulian.dashboards.workflows import MARK, may_share
from zhulian.organisations.queries.placed_points import PlacedPoint
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope

MOST_MARKS = 500


@dataclass(frozen=True, slots=True)
class MarkRow:
    """One mark with what it is about."""

    id: int
    enterprise: int
    machine: int | None
    point: int | None
    kind: str
    text: str
    start: datetime
    end: datetime | None
    author_name: str
    revision: int
    is_sample: bool
    is_own: bool


def marks(scope: Scope, points: Sequence[PlacedPoint], start: datetime, end: datetime) -> list[MarkRow]:
    """The marks that concern these points and touch the range: theirs, their machines', their enterprises'."""
    if not points:
        return []
    whole = Q(machine=None, enterprise__in={placed.enterprise for placed in points})
    of_machine = Q(point=None, machine__in={placed.point.machine for placed in points})
    concerned = whole | of_machine | Q(point__in=[placed.point.id for placed in points])
    touching = Q(start__lt=end) & (Q(end__gt=start) | Q(end=None, start__gte=start))
    seen = Mark.objects.filter(enterprise__in=scope.enterprises().order_by().values("id"), withdrawn_at=None)
    return [_mark_row(scope, row) for row in seen.filter(concerned & touching)[:MOST_MARKS]]


def mark(scope: Scope, id: int) -> MarkRow:  # noqa: A002 - it is the id of a mark
    """One mark in sight that was not withdrawn."""
    seen = Mark.objects.filter(enterprise__in=scope.enterprises().order_by().values("id"), withdrawn_at=None)
    row = seen.filter(pk=id).first()
    if row is None:
        raise NotVisibleError(MARK)
    return _mark_row(scope, row)


def _mark_row(scope: Scope, row: Mark) -> MarkRow:
    return MarkRow(
        id=row.pk,
        enterprise=row.enterprise_id,
        machine=row.machine_id,
        point=row.point_id,
        kind=row.kind,
        text=row.text,
        start=row.start,
        end=row.end,
        author_name=row.author_name,
        revision=row.revision,
        is_sample=row.is_sample,
        is_own=scope.person is not None and row.author_id == scope.person and may_share(scope, row.enterprise_id),
    )
