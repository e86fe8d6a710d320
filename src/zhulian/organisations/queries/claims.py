"""Claims: what a claimant sees of a file and of their own claims, and what the officers have to decide."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from zhulian.organisations.models import Claim, Enterprise, Membership
from zhulian.organisations.queries.lists import one_of, whole_page
from zhulian.organisations.rules import NotVisibleError, checked_credit_code
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import Page
from zhulian.vocabulary.roles import Role

CLAIM = Text("认领申请", "claim")


@dataclass(frozen=True, slots=True)
class KnownFirm:
    """What anybody who knows the code may see before claiming: what stands on the licence anyway."""

    id: int
    name: str
    credit_code: str
    industry: str
    district: str
    reporting_area: str
    address: str
    status: str
    is_sample: bool
    has_owner: bool
    fields_known: int
    """How many particulars the file holds already; their values are shown to the owner only."""


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim."""

    id: int
    enterprise: int
    enterprise_name: str
    credit_code: str
    reporting_area: str
    legal_representative: str
    is_sample: bool
    claimant: int
    claimant_name: str
    state: str
    duty: str
    phone: str
    proof: str
    proof_name: str
    proof_type: str
    proof_bytes: int
    made_at: datetime
    decided_at: datetime | None
    decided_name: str
    reason: str


_PARTICULARS = (
    "town", "address", "size", "kind", "legal_representative", "registered_capital_fen", "established_on", "employees",
    "revenue_fen", "business_scope", "website",
)  # fmt: skip


def known_firm(code: str) -> KnownFirm:
    """The pre-registered file with that code. Asked by people without any rights in it, so it shows no more."""
    row = Enterprise.objects.filter(credit_code=checked_credit_code(code)).first()
    if row is None:
        raise NotVisibleError(Text("企业档案", "enterprise file"))
    return KnownFirm(
        id=row.pk,
        name=row.name,
        credit_code=row.credit_code,
        industry=row.industry,
        district=row.district,
        reporting_area=row.reporting_area,
        address=row.address,
        status=row.status,
        is_sample=row.is_sample,
        has_owner=Membership.objects.filter(enterprise=row, role=Role.OWNER.value, user__is_active=True).exists(),
        fields_known=sum(getattr(row, name) not in {"", None} for name in _PARTICULARS),
    )


def own_claims(scope: Scope) -> list[ClaimRow]:
    """What this person has claimed, the latest first."""
    rows = _with_names(Claim.objects.filter(claimant_id=scope.person or 0))
    return [_row(row) for row in rows.order_by("-made_at", "-pk")]


def own_claim(scope: Scope, claim: int) -> ClaimRow:
    """One of this person's own claims."""
    return _row(one_of(_with_names(Claim.objects.filter(claimant_id=scope.person or 0)), claim, CLAIM))


def claims_to_decide(
    scope: Scope, state: str = "waiting", text: str = "", number: int = 1, size: int = 50
) -> Page[ClaimRow]:
    """The claims on files that this person's office keeps, the oldest first while they wait."""
    found = _kept(scope)
    found = found.filter(state=state) if state else found
    if text:
        named = Q(enterprise__name__icontains=text) | Q(claimant__last_name__icontains=text)
        found = found.filter(named | Q(enterprise__credit_code__iexact=text))
    order = ("made_at", "pk") if state == "waiting" else ("-made_at", "-pk")
    return whole_page(found, order, number, size, lambda some: [_row(row) for row in _with_names(some)])


def claim_to_decide(scope: Scope, claim: int) -> ClaimRow:
    """One claim on a file that this person's office keeps."""
    return _row(one_of(_kept(scope), claim, CLAIM))


def decides_claims(scope: Scope) -> bool:
    """Whether this person decides about claims at all."""
    return scope.keeps_city or bool(scope.keeps_areas)


def _kept(scope: Scope) -> QuerySet[Claim]:
    found = _with_names(Claim.objects.all())
    return found if scope.keeps_city else found.filter(enterprise__reporting_area__in=sorted(scope.keeps_areas))


def _with_names(found: QuerySet[Claim]) -> QuerySet[Claim]:
    return found.select_related("enterprise", "claimant")


def _row(row: Claim) -> ClaimRow:
    return ClaimRow(
        id=row.pk,
        enterprise=row.enterprise_id,
        enterprise_name=row.enterprise.name,
        credit_code=row.enterprise.credit_code,
        reporting_area=row.enterprise.reporting_area,
        legal_representative=row.enterprise.legal_representative,
        is_sample=row.enterprise.is_sample,
        claimant=row.claimant_id,
        claimant_name=row.claimant.get_full_name() or row.claimant.username,
        state=row.state,
        duty=row.duty,
        phone=row.phone,
        proof=row.proof,
        proof_name=row.proof_name,
        proof_type=row.proof_type,
        proof_bytes=row.proof_bytes,
        made_at=row.made_at,
        decided_at=row.decided_at,
        decided_name=row.decided_name,
        reason=row.reason,
    )
