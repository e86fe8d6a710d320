"""Alarm rules of the three connected factories, judged from thirty days ago on, and who is on duty; made once."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from zhulian.alarms.models import Rule
from zhulian.alarms.workflows import DutyDraft, RuleDraft, add_duty, save_rule
from zhulian.cli.demo.factories import FACTORIES
from zhulian.organisations.models import Enterprise, Machine, Membership
from zhulian.organisations.tenancy import SYSTEM
from zhulian.vocabulary.roles import Role

STALE_S = 180.0
HEATED = (
    ("机体温度高", "threshold", 2, ("机体温度",), {"limit": 100.0, "hysteresis": 2.0, "on_delay_s": 120.0},
     "先看冷却水是否打开、流量够不够；五分钟不降，停机并找设备科。"),
    ("机体温度过高", "threshold", 1, ("机体温度",), {"limit": 106.0, "hysteresis": 3.0, "on_delay_s": 60.0},
     "立即停机。确认模具和液压油温之前不要再开。"),
    ("升温过快", "threshold", 3, ("升温速率",), {"limit": 40.0, "hysteresis": 5.0, "on_delay_s": 300.0},
     "核对工艺曲线；热电偶松动也会这样。"),
    ("高温下长时间运行", "expression", 3, ("机体温度", "运行"),
     {"expression": "avg(a, 30m) > 98 and b == 1", "off_delay_s": 600.0}, "安排在本班内检查冷却。"),
    ("数据中断", "absence", 2, ("机体温度",), {"silence_s": 300.0}, "看网关是否在线，再看设备是否通电。"),
)  # fmt: skip
METERS = (
    ("功率因数低", "threshold", 3, ("功率因数",),
     {"limit": 0.55, "is_low": True, "hysteresis": 0.05, "on_delay_s": 1_800.0, "off_delay_s": 600.0},
     "检查无功补偿柜是否投入。"),
    ("数据中断", "absence", 2, ("有功功率",), {"silence_s": 300.0}, "看网关是否在线，再看电表通信线。"),
)  # fmt: skip


@transaction.atomic
def make() -> None:
    """Rules with the mark of sample data; left alone when there are any."""
    if Rule.objects.filter(is_sample=True).exists():
        return
    for factory in FACTORIES:
        firm = Enterprise.objects.get(name=factory.enterprise)
        for machine in Machine.objects.filter(enterprise=firm, removed_at=None).prefetch_related("points"):
            _watch(machine)
        _roster(firm.pk)
    since = timezone.now() - timedelta(days=30)
    Rule.objects.filter(is_sample=True).update(since=since)


def _watch(machine: Machine) -> None:
    points = {point.name: point.pk for point in machine.points.all()}
    for name, kind, priority, wanted, settings, advice in HEATED if "机体温度" in points else METERS:
        if points.keys() >= set(wanted):
            chosen = [points[one] for one in wanted]
            draft = RuleDraft(name, kind, priority, chosen, {"stale_s": STALE_S} | settings, advice, is_sample=True)
            save_rule(SYSTEM, draft)


def _roster(enterprise: int) -> None:
    for level, role in ((1, Role.ENGINEER), (2, Role.OWNER)):
        seat = Membership.objects.filter(enterprise=enterprise, role=role).order_by("pk").first()
        if seat is not None:
            add_duty(SYSTEM, DutyDraft(enterprise, seat.user_id, level))
