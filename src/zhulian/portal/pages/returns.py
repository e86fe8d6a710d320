"""填报, the enterprise's side: my returns, one question a page or all on one, check, send, receipt, Excel."""

from django.contrib import messages
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhulian.audit.rules import Subject
from zhulian.desk import calendar
from zhulian.portal import exports, looks
from zhulian.portal.exports import Column, as_file, every
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.pages.return_sheets import read_sheet, template
from zhulian.portal.templatetags.zhulian import said
from zhulian.returns import queries, workflows
from zhulian.returns.queries import ReturnFilter, ReturnPage, ReturnRow
from zhulian.returns.rules import CONFIRMED, Put, ReturnsError
from zhulian.returns.workflows import Typed
from zhulian.returns.workflows.filling import Clash
from zhulian.spreadsheets.errors import SpreadsheetError
from zhulian.spreadsheets.writing import XLSX
from zhulian.vocabulary.errors import Text

LARGEST_UPLOAD = 5 * 1024 * 1024


@require_safe
@page
def own_returns(request: Visit) -> HttpResponseBase:
    """What my enterprises are asked for; open ones first."""
    wanted = ReturnFilter(text=request.GET.get("q", "")[:120], state=request.GET.get("state", ""))
    if exports.is_asked(request):
        rows = every(lambda n: queries.own_returns(request.rights, wanted, n, 500))
        name = Text("填报", "Returns")
        return exports.export(request, name, COLUMNS, rows, source=name, is_sample=lambda row: row.is_sample)
    open_now = queries.waiting_returns(request.rights)
    sentence = (
        ngettext("%(n)s 份待填报", "%(n)s 份待填报", open_now) % {"n": open_now} if open_now else _("没有待填报的")
    )
    values = {
        "found": queries.own_returns(request.rights, wanted, number(request.GET, "page", 1), size(request.GET)),
        "wanted": wanted,
        "is_narrowed": wanted != ReturnFilter(),
        "sizes": PAGE_SIZES,
        "sentence": sentence,
        "today": calendar.today(),
    }
    return render(request, "pages/returns.html", values)


COLUMNS: tuple[Column[ReturnRow], ...] = (
    Column(Text("填报", "Return"), lambda row: row.title, 36),
    Column(Text("企业", "Enterprise"), lambda row: row.enterprise_name, 36),
    Column(Text("期限", "Due"), lambda row: row.due.isoformat(), 12),
    Column(Text("已填题数", "Answered"), lambda row: row.answered, 12),
    Column(Text("填报时间", "Sent at"), lambda row: exports.local(row.sent_at), 20),
    Column(Text("回执编号", "Receipt"), lambda row: row.number if row.sent_at else "", 22),
)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def one_return(request: Visit, return_id: int) -> HttpResponseBase:
    """The whole form on one page; on the phone its beginning. A POST keeps what was typed and goes on to the check."""
    shown = _opened(request, return_id)
    clashes: list[Clash] = []
    if request.method == "POST":
        clashes = workflows.save(request.rights, return_id, typed_in(request.POST, shown.questions))
        if not clashes and request.POST.get("act") == "check":
            return redirect("return_check", return_id=return_id)
        shown = _opened(request, return_id)
    return render(request, "pages/return.html", _values(shown, clashes), status=422 if clashes else 200)


@require_POST
@page
def return_save(request: Visit, return_id: int) -> HttpResponseBase:
    """What was typed, while typing; answers with one line."""
    shown = _opened(request, return_id)
    clashes = workflows.save(request.rights, return_id, typed_in(request.POST, shown.questions))
    return render(request, "pages/return_saved.html", _values(queries.page(request.rights, return_id), clashes))


@require_http_methods(["GET", "HEAD", "POST"])
@page
def return_question(request: Visit, return_id: int, question: int) -> HttpResponseBase:
    """One question. A POST keeps the answer; a right one leads to the next question, after the last to the check."""
    shown = _opened(request, return_id)
    if request.method == "POST":
        asked = _asked(shown, question)
        clashes = workflows.save(request.rights, return_id, typed_in(request.POST, [asked]))
        shown = _opened(request, return_id)
        again = next((one for one in shown.questions if one.question.key == asked.question.key), None)
        if not clashes and (again is None or again.fault is None):
            following = again.number + 1 if again else question
            if following > len(shown.questions) or request.POST.get("then") == "check":
                return redirect("return_check", return_id=return_id)
            return redirect("return_question", return_id=return_id, question=following)
        values = {**_values(shown, clashes), "one": again, "is_refused": True}
        return render(request, "pages/return_question.html", values, status=422)
    values = {**_values(shown, []), "one": _asked(shown, question), "then": request.GET.get("then", "")}
    return render(request, "pages/return_question.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def return_check(request: Visit, return_id: int) -> HttpResponseBase:
    """Check your answers before sending; a POST sends them."""
    fault: ReturnsError | None = None
    if request.method == "POST":
        try:
            workflows.send(request.rights, return_id)
            return redirect("return_receipt", return_id=return_id)
        except ReturnsError as refused:
            fault = refused
    shown = _opened(request, return_id)
    if shown.row.sent_at:
        return redirect("return_receipt", return_id=return_id)
    values = {**_values(shown, []), "fault": fault}
    return render(request, "pages/return_check.html", values, status=422 if fault else 200)


@require_safe
@page
def return_receipt(request: Visit, return_id: int) -> HttpResponseBase:
    """The receipt: its number, what was sent, what happens next, whom to call."""
    shown = _opened(request, return_id)
    if not shown.row.sent_at:
        return redirect("return", return_id=return_id)
    asked = {question.key: question for question in shown.form.question}
    sent = [
        (asked[key].ask, shown.row.sent_words.get(key, Text("", "")), text, text == CONFIRMED)
        for key, text in shown.row.sent
        if key in asked
    ]
    is_own = shown.row.enterprise in request.rights.own
    return render(request, "pages/return_receipt.html", {**_values(shown, []), "sent": sent, "is_own": is_own})


@require_safe
@page
def return_template(request: Visit, return_id: int) -> HttpResponseBase:
    """The form as a workbook with drop-down lists."""
    shown = _opened(request, return_id)
    return as_file(template(shown), shown.row.title, "xlsx", XLSX, is_sample=shown.row.is_sample)


@require_POST
@page
def return_upload(request: Visit, return_id: int) -> HttpResponseBase:
    """A filled workbook back: right cells become answers, wrong ones are named by row and column."""
    shown = _opened(request, return_id)
    given = request.FILES.get("file")
    faults: list[object] = []
    if given is None or not given.size or given.size > LARGEST_UPLOAD:
        faults.append(_("请选择填好的 Excel 文件，最大 5 MB。"))
    else:
        try:
            found = read_sheet(shown, given.read(), given.name or "")
            workflows.fill_from_sheet(request.rights, return_id, found.answers)
            faults.extend(found.faults)
            if not faults:
                messages.success(request, _("已读入文件，请核对后提交。"))
                return redirect("return_check", return_id=return_id)
        except SpreadsheetError as refused:
            faults.append(said(refused))
    values = {**_values(_opened(request, return_id), []), "sheet_faults": faults}
    return render(request, "pages/return.html", values, status=422)


def typed_in(posted: QueryDict, questions: list[Put]) -> dict[str, Typed]:
    """What a form sends for each question: ``c-`` confirms, ``a-`` is typed or ticked, ``w-`` is what stood there."""
    found: dict[str, Typed] = {}
    for one in questions:
        key = one.question.key
        if f"w-{key}" not in posted:
            continue
        now = "、".join(posted.getlist(f"a-{key}"))
        if one.known and posted.get(f"c-{key}") == "yes":
            now = CONFIRMED
        found[key] = Typed(posted.get(f"w-{key}", ""), now)
    return found


def _opened(request: Visit, return_id: int) -> ReturnPage:
    """The return; its enterprise reads that somebody of another house looked at it."""
    found = queries.page(request.rights, return_id)
    about = Subject("return", return_id, found.row.enterprise_name)
    looks.shown(request.rights, "return", about, found.row.enterprise, is_part=request.method == "POST")
    return found


def _asked(shown: ReturnPage, question: int) -> Put:
    return shown.questions[max(1, min(question, len(shown.questions))) - 1]


def _values(shown: ReturnPage, clashes: list[Clash]) -> dict[str, object]:
    days, today = calendar.working_days(), calendar.today()
    return {
        "shown": shown,
        "clashes": clashes,
        "total": len(shown.questions),
        "to_do": sum(one.fault is not None for one in shown.questions),
        "is_late": shown.row.due < today,
        "days_left": days.between(today, shown.row.due),
    }
