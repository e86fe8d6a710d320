"""What people of the sample city kept of their looking at readings: a shared view, a dashboard and some marks."""

from datetime import timedelta

from django.utils import timezone

from zhulian.cli.demo.factories import FACTORIES
from zhulian.dashboards import workflows
from zhulian.dashboards.models import Dashboard, Mark, SavedView
from zhulian.dashboards.rules.definitions import Tile
from zhulian.dashboards.workflows import MarkDraft, ViewDraft
from zhulian.dashboards.workflows.boards import BoardDraft, save_board
from zhulian.organisations import queries
from zhulian.organisations.models import Enterprise, User
from zhulian.organisations.queries import MachineRow
from zhulian.organisations.tenancy import Scope, visible_to
from zhulian.vocabulary.clock import SHANGHAI


def make() -> None:
    """Once, by the engineer of the first factory; what exists already is left as it is."""
    scope = visible_to(User.objects.get(username="engineer"))
    firm = Enterprise.objects.get(name=FACTORIES[0].enterprise)
    meters = (one for one in queries.factory(scope, firm.pk).machines if one.points[0].name == "有功功率")
    machines = sorted(meters, key=lambda one: one.id)  # as the factory lists them: the main one first
    if not SavedView.objects.filter(enterprise=firm).exists():
        points = ",".join(str(machine.points[0].id) for machine in machines)
        draft = ViewDraft("三台电表功率", f"p={points}&r=24h&m=overlay&c=7d", firm.pk, is_sample=True)
        workflows.save_view(scope, draft)
    if not Dashboard.objects.filter(enterprise=firm).exists():
        save_board(scope, BoardDraft("炼轧厂一览", tuple(_tiles(machines)), firm.pk, is_sample=True))
    if not Mark.objects.filter(enterprise=firm).exists():
        _marks(scope, firm.pk, machines)


def _tiles(machines: list[MachineRow]) -> list[Tile]:
    """Power of the three meters as numbers, lines and a ranking, the load as states, and what the shift should know."""
    powers = tuple(machine.points[0].id for machine in machines)
    loads = tuple(machine.points[-1].id for machine in machines)
    numbers = [
        Tile(f"n{at}", "number", at * 3, 0, 3, 2, machine.name, (machine.points[0].id,))
        for at, machine in enumerate(machines)
    ]
    note = "班前看一眼：总进线超过 350 kW 时先停空压站备机。\n\n演示数据，回放公开记录。"
    return [
        *numbers,
        Tile("text", "text", 9, 0, 3, 2, "交接提示", text=note),
        Tile("line", "line", 0, 2, 8, 4, "有功功率", powers, "24h", high=350.0),
        Tile("top", "top", 8, 2, 4, 4, "此刻谁用电最多", powers),
        Tile("state", "state", 0, 6, 8, 2, "负荷等级", loads, "24h"),
        Tile("gauge", "gauge", 8, 6, 4, 2, "总进线功率因数", (machines[0].points[2].id,), low=0.5, high=1.0),
    ]


def _marks(scope: Scope, firm: int, machines: list[MachineRow]) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    odd = now.astimezone(SHANGHAI).replace(hour=3, minute=10)
    ago = (now - odd) % timedelta(days=1)
    first, second = machines[0].id, machines[1].id
    for kind, text, machine, since, hours in (
        ("event", "03:10 总进线功率跳变，已查为轧机空载", first, ago, 0),
        ("maintenance", "2# 轧机换辊", second, timedelta(hours=30), 2),
        ("changeover", "换产：螺纹钢改圆钢", second, timedelta(hours=8), 0),
        ("note", "夜班盘点，全厂停机检查", None, timedelta(hours=54), 3),
    ):
        start = now - since
        end = start + timedelta(hours=hours) if hours else None
        workflows.make_mark(scope, MarkDraft(firm, kind, text, start, end, machine, is_sample=True))
