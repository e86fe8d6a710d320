"""The explorer, whose page and search leave out what is out of sight, and dashboards."""

from peers.doors.door import Door, listed_points, nothing, point
from peers.doors.roles import ACT_A, NOBODY, PEOPLE, SEE_A
from peers.records import Tenant
from zhulian.dashboards.models import Dashboard, Mark, SavedView

MINUTES = {"start": 1_700_000_000_000, "end": 1_700_000_600_000}
"""A range of the explorer."""


def mark_form(tenant: Tenant) -> dict[str, object]:
    """A mark on the tenant's machine, as the explorer's dialog posts it."""
    about = {"about": f"machine:{tenant.machine}", "kind": "event", "text": "posted", "start": "2026-11-25T03:10:00"}
    return {**listed_points(tenant), **about}


def board(tenant: Tenant) -> dict[str, object]:
    """The enterprise's dashboard."""
    return {"board_id": Dashboard.objects.get(enterprise=tenant.enterprise).pk}


DOORS = {
    # The explorer.
    "explore": Door(PEOPLE, query=listed_points),
    "explore_points": Door(PEOPLE, query=lambda tenant: {"find": tenant.marker}),
    "explore_export": Door(SEE_A, query=lambda tenant: {**listed_points(tenant), **MINUTES, "form": "csv"}),
    "explore_series": Door(SEE_A, point, lambda _: MINUTES),
    "explore_marks": Door(PEOPLE, query=lambda tenant: {**listed_points(tenant), **MINUTES}),
    "explore_mark_new": Door(PEOPLE, query=listed_points, form=mark_form, changed_by=ACT_A),
    "explore_mark": Door(
        SEE_A,
        lambda tenant: {"mark_id": Mark.objects.get(enterprise=tenant.enterprise).pk},
        form=lambda _: {"act": "withdraw", "revision": 1},
        changed_by=frozenset({"engineer_a"}),
    ),
    "explore_views": Door(PEOPLE, form=lambda _: {"name": "posted", "query": "p=1"}, changed_by=PEOPLE),
    "explore_view_remove": Door(
        NOBODY,
        lambda tenant: {"view_id": SavedView.objects.get(enterprise=tenant.enterprise).pk},
        form=nothing,
        changed_by=ACT_A,
    ),
    "explore_favourite": Door(NOBODY, point, form=nothing, changed_by=SEE_A),
    # Dashboards. One of the walk belongs to an enterprise.
    "dashboards": Door(
        PEOPLE, form=lambda tenant: {"name": "posted", "enterprise": tenant.enterprise}, changed_by=ACT_A
    ),
    "home_dashboard": Door(PEOPLE),
    "dashboard": Door(SEE_A, board),
    "dashboard_save": Door(NOBODY, board, form=nothing, changed_by=ACT_A),
    "dashboard_definition": Door(SEE_A, board),
    "dashboard_remove": Door(NOBODY, board, form=nothing, changed_by=ACT_A),
    "dashboard_home": Door(NOBODY, board, form=nothing, changed_by=SEE_A),
}
