"""Alarms. Whoever sees the enterprise sees them; its own people deal with them."""

from peers.doors.door import Door, machine_query, nothing, point
from peers.doors.roles import ACT_A, CONFIGURE_A, NOBODY, PEOPLE, SEE_A
from peers.records import Tenant
from zhulian.alarms.models import Duty, Occurrence, Rule


def alarm_of(tenant: Tenant) -> dict[str, object]:
    return {"alarm_id": Occurrence.objects.filter(enterprise=tenant.enterprise).latest("pk").pk}


def alarm_rule(tenant: Tenant) -> dict[str, object]:
    return {"rule_id": Rule.objects.filter(enterprise=tenant.enterprise).latest("pk").pk}


def duty(tenant: Tenant) -> dict[str, object]:
    return {"duty_id": Duty.objects.filter(enterprise=tenant.enterprise).latest("pk").pk}


def alarm_rule_form(tenant: Tenant) -> dict[str, object]:
    """What the editor posts."""
    return {"machine": tenant.machine, "name": "posted", "kind": "threshold", "points": tenant.points[0], "limit": "5"}


DOORS = {
    "alarms": Door(PEOPLE, exports=True),
    "alarm_tile": Door(PEOPLE),
    "alarms_acknowledge": Door(NOBODY, form=lambda tenant: {"alarms": alarm_of(tenant)["alarm_id"]}, changed_by=ACT_A),
    "alarm": Door(SEE_A, alarm_of, form=lambda _: {"note": "posted"}, changed_by=ACT_A),
    "alarm_now": Door(SEE_A, alarm_of),
    "point_series": Door(SEE_A, point, lambda tenant: {"alarm": alarm_of(tenant)["alarm_id"]}),
    "alarm_rules": Door(PEOPLE, exports=True),
    "alarm_rule_new": Door(CONFIGURE_A, query=machine_query, form=alarm_rule_form, changed_by=CONFIGURE_A),
    "alarm_rule_try": Door(NOBODY, form=alarm_rule_form, changed_by=CONFIGURE_A),
    "alarm_rule": Door(SEE_A, alarm_rule, form=lambda _: {"act": "remove", "revision": 1}),
    "alarm_duty": Door(
        SEE_A,
        query=lambda tenant: {"enterprise": tenant.enterprise},
        form=lambda tenant: {"enterprise": tenant.enterprise, "act": "patience", "second": 3, "third": 9},
        changed_by=ACT_A,
    ),
    "alarm_duty_remove": Door(NOBODY, duty, form=nothing, changed_by=ACT_A),
    "alarm_load": Door(PEOPLE),
}
