"""Saved views in sight: the list, and one."""

from dataclasses import dataclass

from zhulian.dashboards.models import SavedView
from zhulian.dashboards.queries.kept import KeptRow, every, one, said
from zhulian.dashboards.workflows import VIEW
from zhulian.organisations.tenancy import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewRow(KeptRow):
    """One saved view: the explorer's address under its name."""

    query: str


def views(scope: Scope) -> list[ViewRow]:
    """One's own views, then those of the enterprises in sight; one statement."""
    return [_row(scope, row) for row in every(scope, SavedView.objects.all())]


def view(scope: Scope, id: int) -> ViewRow:  # noqa: A002 - it is the id of a view
    """One view in sight."""
    return _row(scope, one(scope, SavedView.objects.all(), id, VIEW))


def _row(scope: Scope, row: SavedView) -> ViewRow:
    return ViewRow(**said(scope, row), query=row.query)
