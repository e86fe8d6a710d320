"""Storage, terms of keeping, deletion on demand. Whoever sees the enterprise sees what it uses and what was deleted."""

from peers.doors.door import Door, nothing
from peers.doors.roles import ADMINISTRATOR, KEEP_CITY, NOBODY, PEOPLE, SEE_A
from peers.records import OTHERS, Tenant
from zhulian.organisations.models import Enterprise
from zhulian.retention.models import Demand, Term

SEE_SOME = PEOPLE - (frozenset(OTHERS) - {"auditor", "security", "platform_a", "platform_b"})
ERASE_A = KEEP_CITY | {"owner_a"}


def demand_of(tenant: Tenant) -> dict[str, object]:
    return {"demand_id": Demand.objects.filter(enterprise=tenant.enterprise).latest("pk").pk}


def term_of(tenant: Tenant) -> dict[str, object]:
    return {"term_id": Term.objects.filter(enterprise=tenant.enterprise).latest("pk").pk}


def demand_form(tenant: Tenant) -> dict[str, object]:
    return {
        "enterprise": tenant.enterprise, "which": "all", "reason": "posted", "first": "2020-09-01",
        "last": "2026-09-02",
    }  # fmt: skip


DOORS = {
    "storage": Door(SEE_SOME, exports=True),
    "storage_growth": Door(SEE_SOME),
    "storage_partitions": Door(KEEP_CITY, exports=True),
    "storage_terms": Door(
        SEE_SOME,
        exports=True,
        form=lambda tenant: {"enterprise": tenant.enterprise, "raw_days": 50, "hour_days": 500, "agreed": 1},
        changed_by=ADMINISTRATOR,
    ),
    "storage_term_remove": Door(ADMINISTRATOR, term_of, form=lambda _: {"agreed": 1}, changed_by=ADMINISTRATOR),
    "storage_deletions": Door(SEE_SOME, exports=True),
    "storage_deletion_new": Door(
        ERASE_A, query=lambda tenant: {"enterprise": tenant.enterprise}, form=demand_form, changed_by=ERASE_A
    ),
    "storage_deletion": Door(
        SEE_A,
        demand_of,
        form=lambda tenant: {"name": Enterprise.objects.get(pk=tenant.enterprise).name},
        changed_by=ERASE_A,
    ),
    "storage_deletion_withdraw": Door(NOBODY, demand_of, form=nothing, changed_by=ERASE_A),
}
