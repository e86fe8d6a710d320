"""The only reader of this room: what somebody may see of what was kept, as frozen values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from zhulian.dashboards.models import Favourite, Mark, SavedView
from zhulian.dashboards.workflows import MARK, VIEW, may_share
from zhulian.organisations.queries.placed_points import PlacedPoint
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope

MOST_VIEWS = 200
MOST_MARKS = 500


@dataclass(frozen=True, slots=True)
class ViewRow:
    """One saved view."""

    id: int
    name: str
    query: str
    enterprise: int | None
    enterprise_name: str
    changed_name: str
    changed_at: datetime
    revision: int
    is_sample: bool
    may_change: bool


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


def favourites(scope: Scope) -> list[int]:
    """The ids of one's favourite points in sight, newest first."""
    found = Favourite.objects.filter(person=scope.person, point__in=scope.points()).order_by("-id")
    return list(found.values_list("point_id", flat=True)) if scope.person is not None else []


def views(scope: Scope) -> list[ViewRow]:
    """One's own views, then those of the enterprises in sight; one statement."""
    found = SavedView.objects.filter(in_sight(scope)).select_related("enterprise").order_by("enterprise", "name", "id")
    return [_view_row(scope, row) for row in found[:MOST_VIEWS]]


def view(scope: Scope, id: int) -> ViewRow:  # noqa: A002 - it is the id of a view
    """One view in sight."""
    row = SavedView.objects.filter(in_sight(scope), pk=id).select_related("enterprise").first()
    if row is None:
        raise NotVisibleError(VIEW)
    return _view_row(scope, row)


def in_sight(scope: Scope) -> Q:
    """What is one's own, or belongs to an enterprise in sight."""
    shared = Q(enterprise__in=scope.enterprises().order_by().values("id"))
    return shared | Q(enterprise=None, person=scope.person) if scope.person is not None else shared


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


def _view_row(scope: Scope, row: SavedView) -> ViewRow:
    return ViewRow(
        id=row.pk,
        name=row.name,
        query=row.query,
        enterprise=row.enterprise_id,
        enterprise_name=row.enterprise.name if row.enterprise else "",
        changed_name=row.changed_name,
        changed_at=row.changed_at,
        revision=row.revision,
        is_sample=row.is_sample,
        may_change=row.enterprise_id is None or may_share(scope, row.enterprise_id),
    )


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
