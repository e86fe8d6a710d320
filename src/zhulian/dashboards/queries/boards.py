"""Dashboards in sight: the list, and one whole."""

from dataclasses import dataclass

from zhulian.dashboards.models import Dashboard, Home
from zhulian.dashboards.queries.kept import KeptRow, every, in_sight, one, said
from zhulian.dashboards.rules.definitions import Tile, checked
from zhulian.dashboards.workflows.boards import BOARD
from zhulian.organisations.tenancy import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow(KeptRow):
    """One dashboard; ``is_home`` where it is the person's first."""

    tiles: tuple[Tile, ...]
    is_home: bool


def boards(scope: Scope) -> list[BoardRow]:
    """One's own dashboards, then those of the enterprises in sight; two statements."""
    home = home_of(scope)
    return [_row(scope, row, home) for row in every(scope, Dashboard.objects.all())]


def board(scope: Scope, id: int) -> BoardRow:  # noqa: A002 - it is the id of a dashboard
    """One dashboard in sight."""
    return _row(scope, one(scope, Dashboard.objects.all(), id, BOARD), home_of(scope))


def home_of(scope: Scope) -> int | None:
    """The dashboard that this person sees first, as long as it is in sight."""
    if scope.person is None:
        return None
    seen = Dashboard.objects.filter(in_sight(scope)).values("id")
    return Home.objects.filter(person=scope.person, dashboard__in=seen).values_list("dashboard_id", flat=True).first()


def _row(scope: Scope, row: Dashboard, home: int | None) -> BoardRow:
    return BoardRow(**said(scope, row), tiles=tuple(checked(row.definition)), is_home=row.pk == home)
