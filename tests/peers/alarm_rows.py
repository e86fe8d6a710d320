"""A rule, an active alarm and a line of the roster for each enterprise of the world, with its marker in every text."""

from datetime import UTC, datetime

from peers.records import Tenant, World
from zhulian.alarms.models import Occurrence, Rule
from zhulian.alarms.workflows import DutyDraft, RuleDraft, add_duty, save_rule
from zhulian.organisations.tenancy import SYSTEM

BEGAN = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


def make_rule(tenant: Tenant, name: str = "hot", priority: int = 2, **settings: object) -> Rule:
    """A threshold on the tenant's first point, or whatever ``settings`` say."""
    chosen = {"limit": 5.0, "stale_s": 60.0} | settings
    draft = RuleDraft(f"{tenant.marker} {name}", "threshold", priority, tenant.points[:1], chosen, "look")
    return Rule.objects.get(pk=save_rule(SYSTEM, draft))


def make_alarm(rule: Rule, began: datetime = BEGAN, **more: object) -> Occurrence:
    """An alarm of ``rule``, active and unacknowledged unless ``more`` says otherwise."""
    fields: dict[str, object] = {
        "rule": rule,
        "enterprise_id": rule.enterprise_id,
        "machine_id": rule.machine_id,
        "revision": rule.revision,
        "priority": rule.priority,
        "started_at": began,
        "learned_at": began,
        "value": 9.0,
    }
    return Occurrence.objects.create(**(fields | more))


def make_alarms(world: World) -> None:
    """Rows that only those who see one enterprise may see."""
    for tenant in (world.a, world.b):
        make_alarm(make_rule(tenant), note=f"{tenant.marker} note")
        add_duty(SYSTEM, DutyDraft(tenant.enterprise, tenant.engineer.pk))
