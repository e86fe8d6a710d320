"""Claiming a file: find one's firm by its code, see what is known, show the licence, wait; and the officer's review."""

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhulian.audit.rules import Subject
from zhulian.organisations import kept_files, queries
from zhulian.organisations.queries import claims as claim_queries
from zhulian.organisations.queries.claims import ClaimRow, KnownFirm
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, industry_name
from zhulian.organisations.workflows import claims as flows
from zhulian.organisations.workflows.claims import ClaimDraft
from zhulian.portal import exports
from zhulian.portal.exports import Column
from zhulian.portal.looks import shown as looked_at
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import number, size
from zhulian.portal.pages.sub_site import content
from zhulian.portal.templatetags.zhulian import area_name
from zhulian.vocabulary.errors import Text, ZhulianError

STATES = {
    "waiting": Text("待审核", "Waiting"),
    "confirmed": Text("已确认", "Confirmed"),
    "refused": Text("未通过", "Refused"),
    "withdrawn": Text("已撤回", "Withdrawn"),
}
COLUMNS: tuple[Column[ClaimRow], ...] = (
    Column(Text("企业名称", "Enterprise"), lambda row: row.enterprise_name, 36),
    Column(Text("统一社会信用代码", "Credit code"), lambda row: row.credit_code, 22),
    Column(Text("统计归属", "Reporting area"), lambda row: area_name(row.reporting_area), 14),
    Column(Text("申请人", "Claimant"), lambda row: row.claimant_name, 14),
    Column(Text("职务", "Duty"), lambda row: row.duty, 14),
    Column(Text("状态", "State"), lambda row: STATES[row.state], 10),
    Column(Text("提交时间", "Made at"), lambda row: exports.local(row.made_at), 20),
    Column(Text("决定时间", "Decided at"), lambda row: exports.local(row.decided_at), 20),
    Column(Text("决定人", "Decided by"), lambda row: row.decided_name, 14),
    Column(Text("理由", "Reason"), lambda row: row.reason, 40),
)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def claim(request: Visit) -> HttpResponseBase:
    """``?code=`` finds the firm; a POST hands the licence in. Below: one's own claims and how they stand."""
    code = str((request.POST if request.method == "POST" else request.GET).get("code", "")).strip()
    firm, fault = _firm(code)
    typed = {name: str(request.POST.get(name, "")) for name in ("duty", "phone")}
    if request.method == "POST" and firm is not None:
        try:
            flows.make_claim(request.rights, _draft(request, firm.credit_code, typed))
            messages.success(request, _("已提交。所在县区的工作人员会核对材料，结果显示在本页。"))
            return redirect("claim")
        except NotAllowedError:
            raise
        except ZhulianError as refused:
            fault = refused
    values = {
        "code": code,
        "firm": firm,
        "industry": industry_name(firm.industry) if firm else None,
        "fault": fault,
        "typed": typed,
        "claims": [{"row": row, "state": STATES[row.state]} for row in claim_queries.own_claims(request.rights)],
        "decides": claim_queries.decides_claims(request.rights),
    }
    return render(request, "pages/claim.html", values, status=422 if request.method == "POST" else 200)


def _firm(code: str) -> tuple[KnownFirm | None, ZhulianError | None]:
    if not code:
        return None, None
    try:
        return claim_queries.known_firm(code), None
    except ZhulianError as fault:
        return None, fault


def _draft(request: Visit, code: str, typed: dict[str, str]) -> ClaimDraft:
    given = request.FILES.get("proof")
    is_file = isinstance(given, UploadedFile)
    proof = content(given) if isinstance(given, UploadedFile) else b""
    return ClaimDraft(code, typed["duty"], typed["phone"], proof, str(given.name or "") if is_file and given else "")


@require_POST
@page
def withdraw(request: Visit, claim_id: int) -> HttpResponseBase:
    """The claimant takes a claim back."""
    flows.withdraw_claim(request.rights, claim_id)
    messages.success(request, _("认领申请已撤回。"))
    return redirect("claim")


@require_safe
@page
def claims(request: Visit) -> HttpResponseBase:
    """What the office has to decide, the oldest first."""
    if not claim_queries.decides_claims(request.rights):
        raise NotVisibleError(claim_queries.CLAIM)
    asked = request.GET.get("state", "waiting")
    state, text = asked if asked in STATES else "", request.GET.get("q", "").strip()[:120]
    if exports.is_asked(request):
        name, source = Text("企业认领", "Claims"), Text("认领申请", "Claims")
        most = queries.LARGEST_PAGE
        rows = exports.every(lambda n: claim_queries.claims_to_decide(request.rights, state, text, n, most))
        return exports.export(
            request,
            name,
            COLUMNS,
            rows,
            source=source,
            is_sample=lambda row: row.is_sample,
            hidden=request.rights.hidden_enterprises(),
        )
    found = claim_queries.claims_to_decide(
        request.rights, state, text, number(request.GET, "page", 1), size(request.GET)
    )
    values = {
        "found": found,
        "lines": [{"row": row, "state": STATES[row.state]} for row in found.rows],
        "states": list(STATES.items()),
        "state": state,
        "text": text,
    }
    return render(request, "pages/claims.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def review(request: Visit, claim_id: int) -> HttpResponseBase:
    """The proof beside what the file says; confirm, or refuse with a reason."""
    row = _decided_by(request, claim_id)
    fault: ZhulianError | None = None
    if request.method == "POST":
        confirm = request.POST.get("act") == "confirm"
        try:
            flows.decide_claim(request.rights, claim_id, confirm=confirm, reason=str(request.POST.get("reason", "")))
            done = _("已确认，申请人现在是该企业的企业主。") if confirm else _("已退回，申请人会看到理由。")
            messages.success(request, done)
            return redirect("claims")
        except NotAllowedError:
            raise
        except ZhulianError as refused:
            fault = refused
    members = queries.members(request.rights, row.enterprise)
    values = {
        "row": row,
        "state": STATES[row.state],
        "firm": queries.enterprise(request.rights, row.enterprise),
        "industry": industry_name(queries.enterprise(request.rights, row.enterprise).industry),
        "owners": [one for one in members if one.role == "owner"],
        "is_picture": row.proof_type.startswith("image/"),
        "fault": fault,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "pages/claim_review.html", values, status=422 if fault else 200)


@require_safe
@page
def proof(request: Visit, claim_id: int) -> HttpResponseBase:
    """The licence, for the claimant and the officers; pictures in the page, anything else as a download."""
    try:
        row = claim_queries.own_claim(request.rights, claim_id)
    except NotVisibleError:
        row = _decided_by(request, claim_id)
        about = Subject("claim", row.id, row.enterprise_name)
        looked_at(request.rights, "claim", about, row.enterprise)
    found = kept_files.content_of(kept_files.folder(), row.proof)
    if found is None:
        raise NotVisibleError(Text("证明材料", "proof"))
    answer = HttpResponse(found, content_type=row.proof_type)
    kind = "inline" if row.proof_type.startswith("image/") else "attachment"
    answer.headers["Content-Disposition"] = f'{kind}; filename="licence-{row.id}"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _decided_by(request: Visit, claim_id: int) -> ClaimRow:
    if not claim_queries.decides_claims(request.rights):
        raise NotVisibleError(claim_queries.CLAIM)
    return claim_queries.claim_to_decide(request.rights, claim_id)
