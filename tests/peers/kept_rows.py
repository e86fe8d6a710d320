"""What people of both enterprises keep of their looking at readings, each named after the house."""

from datetime import UTC, datetime

from peers.records import World
from zhulian.dashboards import workflows
from zhulian.dashboards.rules.definitions import Tile
from zhulian.dashboards.workflows import MarkDraft, ViewDraft
from zhulian.dashboards.workflows.boards import BoardDraft, save_board

AT = datetime(2023, 11, 14, 22, 15, tzinfo=UTC)
"""Within ``doors.explorer.MINUTES``."""


def make_kept(world: World) -> None:
    """One mark on the machine, one view and one dashboard of the enterprise, by each engineer."""
    for tenant in (world.a, world.b):
        mark = MarkDraft(tenant.enterprise, "event", f"{tenant.marker} mark", AT, machine=tenant.machine)
        workflows.make_mark(tenant.scope, mark)
        view = ViewDraft(f"{tenant.marker} view", f"p={tenant.points[0]}&r=24h", enterprise=tenant.enterprise)
        workflows.save_view(tenant.scope, view)
        tile = Tile("t0", "number", 0, 0, 3, 2, title=f"{tenant.marker} tile", points=(tenant.points[0],))
        save_board(tenant.scope, BoardDraft(f"{tenant.marker} board", (tile,), tenant.enterprise))
