"""Documents: handed in, listed, looked at; where each was used before, without naming whom rights hide."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from zhulian.audit.rules import Subject
from zhulian.evidence import queries, workflows
from zhulian.evidence.models import Document, Repeat
from zhulian.evidence.queries import DocumentFilter, DocumentRow, FactFilter
from zhulian.evidence.rules import EvidenceError
from zhulian.evidence.workflows import NewDocument
from zhulian.organisations import kept_files
from zhulian.organisations import queries as organisations
from zhulian.organisations.kept_files import LARGEST_BYTES, FileError, too_large
from zhulian.organisations.rules import NotAllowedError
from zhulian.portal import exports
from zhulian.portal.exports import Column, local
from zhulian.portal.looks import listed, shown, table
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.pages.fact_columns import shown_line
from zhulian.portal.pages.fact_figures import today_of
from zhulian.portal.pages.fact_form import fen_of, optional_day
from zhulian.portal.templatetags.zhulian import doer
from zhulian.vocabulary.errors import Text, ZhulianError

NAME = Text("证明材料", "Documents")
ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}


@require_safe
@page
def documents(request: Visit) -> HttpResponseBase:
    """Every document in sight, newest first."""
    wanted = DocumentFilter(
        text=request.GET.get("q", "")[:120],
        kind=request.GET.get("kind", "")[:16],
        enterprise=number(request.GET, "enterprise", 0) or None,
        is_repeated={"1": True, "0": False}.get(request.GET.get("repeated", "")),
    )
    if exports.is_asked(request):
        rows = exports.every(lambda n: queries.documents(request.rights, wanted, n, 500))
        return exports.export(
            request,
            NAME,
            COLUMNS,
            rows,
            is_sample=lambda row: row.is_sample,
            owners=lambda row: [row.enterprise],
        )
    found = queries.documents(request.rights, wanted, number(request.GET, "page", 1), size(request.GET))
    listed(request.rights, table("documents", NAME), (row.enterprise for row in found.rows))
    values = {
        "found": found,
        "lines": [(row, Document.Kind(row.kind).label) for row in found.rows],
        "wanted": wanted,
        "kinds": Document.Kind.choices,
        "sizes": PAGE_SIZES,
        "sees_several": request.rights.sees_several,
        "may_add": sorted(request.rights.own),
        "is_narrowed": wanted != DocumentFilter(),
        "query": request.GET.urlencode(),
    }
    return render(request, "pages/documents.html", values)


@require_safe
@page
def document(request: Visit, document_id: int) -> HttpResponseBase:
    """One document: what it is, what it proves, where else it was used."""
    row = queries.document(request.rights, document_id)
    shown(request.rights, "document", Subject("document", row.id, row.name), row.enterprise)
    proven = queries.facts(request.rights, FactFilter(document=document_id))
    today, keys = today_of(timezone.now()), queries.catalogue()
    values = {
        "row": row,
        "kind": Document.Kind(row.kind).label,
        "is_picture": row.media_type.startswith("image/"),
        "repeats": [
            (one, Repeat.Reason(one.reason).label)
            for one in queries.repeats_of(request.rights, [document_id]).get(document_id, [])
        ],
        "facts": [(line, shown_line(keys, line, today)) for line in proven.rows],
        "may_state": workflows.may_state(request.rights, row.enterprise),
    }
    return render(request, "pages/document.html", values)


@require_safe
@page
def file(request: Visit, document_id: int) -> HttpResponseBase:
    """The file itself, within tenancy; each look of somebody else is noted for its owner."""
    row = queries.document(request.rights, document_id)
    file = kept_files.opened(kept_files.folder(), row.sha256)
    if file is None:
        raise _lost()
    is_inline = request.GET.get("show") == "1" and row.media_type.startswith("image/")
    shown(request.rights, "document", Subject("document", row.id, row.name), row.enterprise, is_part=is_inline)
    answer = exports.Download(file, content_type=row.media_type)
    name = f"document-{row.id}.{ENDINGS[row.media_type]}"
    answer["Content-Disposition"] = f'{"inline" if is_inline else "attachment"}; filename="{name}"'
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@page
def add(request: Visit, enterprise_id: int) -> HttpResponseBase:
    """Hand in a document of an enterprise; ``key`` leads on to the fact that it shall prove."""
    enterprise = organisations.enterprise(request.rights, enterprise_id)
    if not workflows.may_state(request.rights, enterprise_id):
        raise NotAllowedError
    key = (request.POST if request.method == "POST" else request.GET).get("key", "")[:64]
    fault: ZhulianError | None = None
    if request.method == "POST":
        try:
            number_ = _add(request, enterprise_id)
        except (EvidenceError, FileError, NotAllowedError) as error:
            fault = error
        else:
            _tell(request, number_)
            if key:
                return redirect(f"{reverse('fact_state', args=[enterprise_id])}?key={key}&document={number_}")
            return redirect("document", number_)
    values = {
        "enterprise": enterprise,
        "kinds": Document.Kind.choices,
        "largest": LARGEST_BYTES // 1024**2,
        "typed": request.POST,
        "key": key,
        "fault": fault,
        "today": today_of(timezone.now()),
    }
    return render(request, "pages/document_add.html", values, status=422 if fault else 200)


def _add(request: Visit, enterprise: int) -> int:
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BYTES + 1024**2:
        raise too_large()
    given, sent = request.POST, request.FILES.get("file")
    if sent is None:
        raise EvidenceError(
            "file_missing",
            Text("没有选择文件。", "No file was chosen."),
            Text("请选择 PDF、PNG 或 JPEG 文件。", "Choose a PDF, PNG or JPEG file."),
        )
    amount = given.get("amount", "").strip()
    new = NewDocument(
        enterprise=enterprise,
        kind=given.get("kind", ""),
        name=sent.name or "",
        invoice_code=given.get("invoice_code", ""),
        invoice_number=given.get("invoice_number", ""),
        amount_fen=fen_of(amount, 100) if amount else None,
        issued_on=optional_day(given.get("issued_on", "")),
        party=given.get("party", ""),
        note=given.get("note", ""),
    )
    return workflows.add_document(request.rights, kept_files.folder(), new, sent.chunks())


def _tell(request: Visit, document_id: int) -> None:
    messages.success(request, _("文件已保存。"))
    found = queries.repeats_of(request.rights, [document_id]).get(document_id, [])
    if found:
        words = ngettext(
            "它与 %(n)s 份已有材料重复，工作人员会看到这一提示。",
            "它与 %(n)s 份已有材料重复，工作人员会看到这一提示。",
            len(found),
        )
        messages.warning(request, words % {"n": len(found)})


def _lost() -> ZhulianError:
    return EvidenceError(
        "file_lost",
        Text("文件的记录在，内容不在这台机器上。", "The record is here, the file itself is not on this machine."),
        Text("请管理员从备份恢复 files 文件夹。", "Have the administrator restore the folder “files” from a backup."),
    )


COLUMNS: tuple[Column[DocumentRow], ...] = (
    Column(Text("企业", "Enterprise"), lambda row: row.enterprise_name, 36),
    Column(Text("类型", "Kind"), lambda row: str(Document.Kind(row.kind).label), 10),
    Column(Text("文件名", "File"), lambda row: row.name, 32),
    Column(Text("发票代码", "Invoice code"), lambda row: row.invoice_code, 16),
    Column(Text("发票号码", "Invoice number"), lambda row: row.invoice_number, 24),
    Column(
        Text("金额（元）", "Amount in yuan"), lambda row: None if row.amount_fen is None else row.amount_fen / 100, 14
    ),
    Column(Text("开具日期", "Issued on"), lambda row: row.issued_on.isoformat() if row.issued_on else "", 12),
    Column(Text("对方单位", "Other party"), lambda row: row.party, 28),
    Column(Text("上传时间", "Handed in at"), lambda row: local(row.uploaded_at), 20),
    Column(Text("上传人", "By"), lambda row: doer(row.uploaded_by_name), 14),
    Column(Text("重复使用", "Used twice"), lambda row: Text("是", "yes") if row.is_repeated else "", 10),
    Column(Text("SHA-256", "SHA-256"), lambda row: row.sha256, 66),
)
