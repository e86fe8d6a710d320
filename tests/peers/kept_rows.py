"""What people of both enterprises keep of their looking at readings: a mark and a view each, named after the house."""

from datetime import UTC, datetime

from peers.records import World
from zhulian.dashboards import workflows
from zhulian.dashboards.workflows import MarkDraft, ViewDraft

AT = datetime(2023, 11, 14, 22, 15, tzinfo=UTC)
"""Within ``doors.MINUTES``."""


def make_kept(world: World) -> None:
    """One mark on the machine and one view of the enterprise, by each engineer."""
    for tenant in (world.a, world.b):
        mark = MarkDraft(tenant.enterprise, "event", f"{tenant.marker} mark", AT, machine=tenant.machine)
        workflows.make_mark(tenant.scope, mark)
        view = ViewDraft(f"{tenant.marker} view", f"p={tenant.points[0]}&r=24h", enterprise=tenant.enterprise)
        workflows.save_view(tenant.scope, view)
