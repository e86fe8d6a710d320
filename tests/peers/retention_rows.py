"""A term and a demand for each enterprise of the world, with its marker in every text."""

from datetime import UTC, date, datetime

from peers.records import Tenant, World
from zhulian.retention.models import Demand, Term

ASKED = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


def make_demand(tenant: Tenant, **more: object) -> Demand:
    """For the tenant's first point, not confirmed yet."""
    fields: dict[str, object] = {
        "enterprise_id": tenant.enterprise,
        "points": [tenant.points[0]],
        "said": f"{tenant.marker} point",
        "first": date(2026, 9, 1),
        "last": date(2026, 9, 2),
        "reason": f"{tenant.marker} reason",
        "expected_rows": 3,
        "expected_hours": 0,
        "asked_at": ASKED,
    }
    return Demand.objects.create(**(fields | more))


def make_retention(world: World) -> None:
    """Rows that only those who see one enterprise may see."""
    for tenant in (world.a, world.b):
        make_demand(tenant)
        Term.objects.create(enterprise_id=tenant.enterprise, raw_days=90, hour_days=900, changed_at=ASKED)
