"""Claiming a pre-registered file: somebody shows the licence, an officer of the enterprise's area decides."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from zhulian.audit.rules import Subject
from zhulian.audit.workflows import record
from zhulian.organisations import kept_files, pictures
from zhulian.organisations.kept_files import Incoming
from zhulian.organisations.models import Claim, Enterprise, Membership, User
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, checked_credit_code
from zhulian.organisations.rules.files import refused
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.workflows.announcements import ClaimDecided, ClaimMade
from zhulian.organisations.workflows.events import Seat
from zhulian.organisations.workflows.seats import seat_invited
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.events import announce
from zhulian.vocabulary.roles import Role

CLAIM = Text("认领申请", "claim")
MOST_PROOF_BYTES = 10 * 1024 * 1024
MOST_WAITING = 5
"""Open claims that one person may have, so that nobody floods the officers."""


@dataclass(frozen=True, slots=True)
class ClaimDraft:
    """What the claimant gives: the code, who they are there, how to reach them, and the licence."""

    credit_code: str
    duty: str
    phone: str
    proof: bytes
    proof_name: str


def make_claim(scope: Scope, draft: ClaimDraft) -> int:
    """Say that a file is one's own. For anybody with an account of their own; returns the claim's id."""
    if scope.person is None or scope.on_behalf_of is not None:
        raise NotAllowedError
    if not draft.proof:
        raise refused("proof_missing", "请上传营业执照的照片或扫描件", "upload a photo or scan of the licence")
    if not draft.duty.strip() or not draft.phone.strip() or len(draft.duty) > 60 or len(draft.phone) > 30:
        raise refused("claim_incomplete", "职务和联系电话都要填", "give your duty and a telephone number")
    incoming = kept_files.receive(kept_files.folder(), [draft.proof], MOST_PROOF_BYTES)
    try:
        return _claimed(scope, scope.person, draft, incoming)
    finally:
        incoming.drop()


def _claimed(scope: Scope, person: int, draft: ClaimDraft, proof: Incoming) -> int:
    kind = pictures.checked_type(proof)
    with transaction.atomic():
        firm = _claimable(person, checked_credit_code(draft.credit_code))
        row = Claim.objects.create(
            enterprise=firm,
            claimant_id=person,
            duty=draft.duty.strip(),
            phone=draft.phone.strip(),
            proof=proof.sha256,
            proof_name=draft.proof_name[-120:],
            proof_type=kind,
            proof_bytes=proof.size_bytes,
            made_at=timezone.now(),
        )
        proof.keep(kept_files.folder())
        announce(ClaimMade(row.pk, firm.pk, firm.name, firm.reporting_area, person, firm.is_sample))
        record(actor(scope), "claim.made", _subject(row), organisation=firm.pk, note=f"SHA-256 {proof.sha256}")
    return row.pk


def decide_claim(scope: Scope, claim: int, *, confirm: bool, reason: str = "") -> None:
    """Confirm, and the claimant becomes owner; or refuse, with a reason that the claimant reads."""
    with transaction.atomic():
        row = _waiting(Claim.objects.filter(enterprise__in=scope.enterprises()), claim)
        if not scope.may_keep_area(row.enterprise.reporting_area) or row.claimant_id == scope.person:
            raise NotAllowedError
        if not confirm and not reason.strip():
            raise refused("reason_missing", "不通过要写明原因，申请人会看到", "a refusal needs its reason")
        if confirm:
            officer = User.objects.filter(pk=scope.person or 0).first()
            seat_invited(row.claimant, Seat(Role.OWNER, enterprise=row.enterprise_id), leads=False, inviter=officer)
        _end(scope, row, "confirmed" if confirm else "refused", reason)
        told = ClaimDecided(row.pk, row.enterprise_id, row.enterprise.name, row.claimant_id, confirm, row.reason)
        announce(told)
        action = "claim.confirmed" if confirm else "claim.refused"
        record(actor(scope), action, _subject(row), organisation=row.enterprise_id, note=row.reason)


def withdraw_claim(scope: Scope, claim: int) -> None:
    """The claimant takes an undecided claim back."""
    with transaction.atomic():
        row = _waiting(Claim.objects.filter(claimant_id=scope.person or 0), claim)
        _end(scope, row, "withdrawn", "")
        ended = ClaimDecided(row.pk, row.enterprise_id, row.enterprise.name, row.claimant_id, False, "", True)
        announce(ended)
        record(actor(scope), "claim.withdrawn", _subject(row), organisation=row.enterprise_id)


def _claimable(person: int, code: str) -> Enterprise:
    firm = Enterprise.objects.select_for_update().filter(credit_code=code).first()
    if firm is None:
        raise NotVisibleError(Text("企业档案", "enterprise file"))
    if firm.status != "active":
        raise refused("claim_ended", "该企业已注销或已并入其他企业", "this enterprise no longer exists")
    if Membership.objects.filter(user=person, enterprise=firm, role=Role.OWNER.value).exists():
        raise refused("claim_owned", "您已经是该企业的企业主", "you are the owner of this enterprise already")
    waiting = Claim.objects.filter(claimant_id=person, state="waiting")
    if waiting.filter(enterprise=firm).exists():
        raise refused("claim_twice", "您已提交过认领，正在等待审核", "your claim is waiting to be decided")
    if waiting.count() >= MOST_WAITING:
        raise refused(
            "claims_too_many", f"同时最多 {MOST_WAITING} 项待审核的认领", f"at most {MOST_WAITING} open claims"
        )
    return firm


def _waiting(rows: QuerySet[Claim], claim: int) -> Claim:
    row = rows.select_related("enterprise", "claimant").select_for_update(of=("self",)).filter(pk=claim).first()
    if row is None:
        raise NotVisibleError(CLAIM)
    if row.state != "waiting":
        raise refused("claim_decided", "这项认领已经有结果", "this claim has been decided already")
    return row


def _end(scope: Scope, row: Claim, state: str, reason: str) -> None:
    row.state, row.reason, row.decided_at = state, reason.strip()[:400], timezone.now()
    row.decided_by_id, row.decided_name = scope.person, scope.name
    row.save(update_fields=["state", "reason", "decided_at", "decided_by", "decided_name"])


def _subject(row: Claim) -> Subject:
    return Subject("claim", row.pk, row.enterprise.name)
