"""A fact and the document that proves it, for both enterprises of the world: what the walk of all doors looks for."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from peers import papers
from peers.records import Tenant, World
from zhulian.evidence import workflows
from zhulian.evidence.rules import EvidenceClass, of_enterprise
from zhulian.evidence.workflows import NewDocument, NewFact
from zhulian.organisations.tenancy import visible_to

KEY = "business.employees"


def give_evidence(world: World, folder: Path) -> World:
    """Both tenants with a fact of a value of its own, proven by a document."""
    return replace(world, a=_give(world.a, folder, 750_101), b=_give(world.b, folder, 750_202))


def _give(tenant: Tenant, folder: Path, value: int) -> Tenant:
    scope = visible_to(tenant.owner)
    given = NewDocument(enterprise=tenant.enterprise, kind="report", name=f"{tenant.marker} report.pdf")
    first = workflows.add_document(scope, folder, given, [papers.pdf(tenant.marker)])
    new = NewFact(
        subject=of_enterprise(tenant.enterprise),
        key=KEY,
        value=value,
        period_end=date(2026, 1, 1),
        evidence_class=EvidenceClass.B,
        document=first,
        note=f"{tenant.marker} note",
    )
    fact = workflows.state(scope, new)
    return replace(tenant, fact=fact, document=first, figure=value)
