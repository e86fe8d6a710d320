"""Dashboards in sight: the list, and one whole."""

from dataclasses import dataclass
from datetime import datetime

from zhulian.dashboards.models import Dashboard, Home
from zhulian.dashboards.queries import in_sight
from zhulian.dashboards.rules.definitions import Tile, checked
from zhulian.dashboards.workflows import may_share
from zhulian.dashboards.workflows.boards import BOARD
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope

MOST = 200


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One dashboard."""

    id: int
    name: str
    tiles: tuple[Tile, ...]
    enterprise: int | None
    enterprise_name: str
    changed_name: str
    changed_at: datetime
    revision: int
    is_sample: bool
    may_change: bool
    is_home: bool


def boards(scope: Scope) -> list[BoardRow]:
    """One's own dashboards, then those of the enterprises in sight; two statements."""
    home = home_of(scope)
    found = Dashboard.objects.filter(in_sight(scope)).select_related("enterprise").order_by("enterprise", "name", "id")
    return [_row(scope, row, home) for row in found[:MOST]]


def board(scope: Scope, id: int) -> BoardRow:  # noqa: A002 - it is the id of a dashboard
    """One dashboard in sight."""
    row = Dashboard.objects.filter(in_sight(scope), pk=id).select_related("enterprise").first()
    if row is None:
        raise NotVisibleError(BOARD)
    return _row(scope, row, home_of(scope))


def home_of(scope: Scope) -> int | None:
    """The dashboard that this person sees first, as long as it is in sight."""
    if scope.person is None:
        return None
    seen = Dashboard.objects.filter(in_sight(scope)).values("id")
    return Home.objects.filter(person=scope.person, dashboard__in=seen).values_list("dashboard_id", flat=True).first()


def _row(scope: Scope, row: Dashboard, home: int | None) -> BoardRow:
    return BoardRow(
        id=row.pk,
        name=row.name,
        tiles=tuple(checked(row.definition)),
        enterprise=row.enterprise_id,
        enterprise_name=row.enterprise.name if row.enterprise else "",
        changed_name=row.changed_name,
        changed_at=row.changed_at,
        revision=row.revision,
        is_sample=row.is_sample,
        may_change=row.enterprise_id is None or may_share(scope, row.enterprise_id),
        is_home=row.pk == home,
    )
