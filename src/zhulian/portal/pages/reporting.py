"""填报任务, the officer's side: send a form out, see who has and has not, remind, give back, export the result."""

from collections.abc import Callable, Sequence
from datetime import date

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhulian.desk import calendar
from zhulian.organisations.rules import NotAllowedError
from zhulian.portal import exports
from zhulian.portal.exports import Column, every
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.city_map import place_name
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.templatetags.zhulian import area_name, doer
from zhulian.returns import queries, workflows
from zhulian.returns.definitions import Form, forms
from zhulian.returns.queries import ReportingFilter, ReportingRow, ReturnFilter, ReturnRow
from zhulian.returns.rules import CONFIRMED, ReturnsError
from zhulian.returns.workflows import NewReporting
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.places import REPORTING_AREAS

_KNOWN = Text("已确认平台数据", "known value confirmed")


@require_safe
@page
def reporting(request: Visit) -> HttpResponseBase:
    """Every reporting task of which this officer sees a part."""
    _officer(request)
    wanted = ReportingFilter(request.GET.get("q", "")[:120], request.GET.get("state", ""))
    if exports.is_asked(request):
        rows = every(lambda n: queries.reporting(request.rights, wanted, n, 500))
        name, source = Text("填报任务", "Reporting tasks"), Text("填报", "Returns")
        return exports.export(request, name, COLUMNS, rows, source=source, is_sample=lambda row: row.is_sample)
    values = {
        "found": queries.reporting(request.rights, wanted, number(request.GET, "page", 1), size(request.GET)),
        "wanted": wanted,
        "is_narrowed": wanted != ReportingFilter(),
        "today": calendar.today(),
        "may_open": _keeps(request),
    }
    return render(request, "pages/reporting.html", values)


COLUMNS: tuple[Column[ReportingRow], ...] = (
    Column(Text("填报任务", "Reporting task"), lambda row: row.title, 36),
    Column(Text("统计截止日", "Figures as of"), lambda row: row.period_end.isoformat(), 12),
    Column(Text("期限", "Due"), lambda row: row.due.isoformat(), 12),
    Column(Text("应填报", "Asked"), lambda row: row.total, 10),
    Column(Text("已填报", "Sent"), lambda row: row.sent, 10),
    Column(Text("未填报", "Missing"), lambda row: row.missing, 10),
    Column(Text("发起人", "Sent out by"), lambda row: doer(row.opened_by), 14),
    Column(Text("联系人", "Contact"), lambda row: row.contact, 24),
    Column(Text("发起时间", "Sent out at"), lambda row: exports.local(row.opened_at), 20),
    Column(Text("结束时间", "Ended at"), lambda row: exports.local(row.closed_at), 20),
)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def reporting_new(request: Visit) -> HttpResponseBase:
    """A new one: which form, to whom, until when, whom to call."""
    if not _keeps(request):
        raise NotAllowedError
    fault: ReturnsError | None = None
    chosen = _chosen(request)
    if request.method == "POST" and request.POST.get("act") == "open":
        try:
            made = workflows.open_reporting(request.rights, _new(request, chosen), calendar.today())
            messages.success(request, _("已发给 %(n)s 家企业，企业主会在待办里看到。") % {"n": len(chosen)})
            return redirect("reporting_one", task_id=made)
        except ReturnsError as refused:
            fault = refused
    values = {
        "forms": forms().values(),
        "typed": request.POST,
        "fault": fault,
        "count": len(chosen),
        "areas": [(place.code, place_name(place)) for place in REPORTING_AREAS if _in_reach(request, place.code)],
        "period_end": request.POST.get("period_end") or calendar.today().isoformat(),
    }
    return render(request, "pages/reporting_new.html", values, status=422 if fault else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def reporting_one(request: Visit, task_id: int) -> HttpResponseBase:
    """Who has and who has not. POST: remind those who have not, or end it."""
    task = queries.one_reporting(request.rights, task_id)
    if request.method == "POST":
        return _act(request, task_id)
    wanted = ReturnFilter(request.GET.get("q", "")[:120], request.GET.get("area", ""), request.GET.get("state", ""))
    if exports.is_asked(request):
        rows = queries.every_return(request.rights, task_id, wanted)
        name, source = Text(task.title, task.title), Text("填报", "Returns")
        return exports.export(
            request,
            name,
            columns(task.form),
            rows,
            source=source,
            is_sample=lambda row: row.is_sample,
            owners=lambda row: [row.enterprise],
        )
    values = {
        "task": task,
        "found": queries.returns(request.rights, task_id, wanted, number(request.GET, "page", 1), size(request.GET)),
        "wanted": wanted,
        "areas": [(place.code, place_name(place)) for place in REPORTING_AREAS if _in_reach(request, place.code)],
        "sizes": PAGE_SIZES,
        "is_narrowed": wanted != ReturnFilter(),
        "today": calendar.today(),
        "keeps": _keeps(request),
    }
    return render(request, "pages/reporting_one.html", values)


def _act(request: Visit, task_id: int) -> HttpResponseBase:
    if request.POST.get("act") == "close":
        workflows.close_reporting(request.rights, task_id)
        messages.success(request, _("填报任务已结束，没有填报的企业不再收到提醒。"))
        return redirect("reporting_one", task_id=task_id)
    told = workflows.remind(request.rights, task_id, calendar.today())
    words = ngettext("已提醒 %(n)s 家企业。", "已提醒 %(n)s 家企业。", told) % {"n": told}
    messages.success(request, words if told else _("没有需要提醒的：都填了，或今天已经提醒过。"))
    return redirect("reporting_one", task_id=task_id)


@require_POST
@page
def return_back(request: Visit, return_id: int) -> HttpResponseBase:
    """A sent return goes back with a reason."""
    shown = queries.page(request.rights, return_id)
    try:
        workflows.give_back(request.rights, return_id, request.POST.get("note", ""), calendar.today())
        messages.success(request, _("已退回，企业主会看到原因。"))
    except ReturnsError as refused:
        messages.error(request, refused.in_language(request.user.language))
    return redirect("reporting_one", task_id=shown.row.task)


def columns(form: Form) -> Sequence[Column[ReturnRow]]:
    """Who, when, and each answer as it was sent."""
    answers: list[Column[ReturnRow]] = [Column(one.ask, _answer_to(one.key), 24) for one in form.question]
    return [
        Column(Text("企业", "Enterprise"), lambda row: row.enterprise_name, 36),
        Column(Text("统计归属", "Reporting area"), lambda row: area_name(row.area), 14),
        Column(Text("填报时间", "Sent at"), lambda row: exports.local(row.sent_at), 20),
        Column(Text("回执编号", "Receipt"), lambda row: row.number if row.sent_at else "", 22),
        *answers,
    ]


def _answer_to(key: str) -> Callable[[ReturnRow], str | Text]:
    def answer(row: ReturnRow) -> str | Text:
        text = dict(row.sent).get(key, "") if row.sent_at else ""
        return _KNOWN if text == CONFIRMED else text

    return answer


def _chosen(request: Visit) -> list[int]:
    """The enterprises that the choice of areas and size leaves, of those this officer keeps up."""
    if request.method != "POST":
        return []
    found = request.rights.kept_enterprises()
    areas = [code for code in request.POST.getlist("areas") if _in_reach(request, code)]
    if areas:
        found = found.filter(reporting_area__in=areas)
    if request.POST.get("above_scale") == "1":
        found = found.filter(above_scale=True)
    if word := request.POST.get("text", "").strip():
        found = found.filter(name__icontains=word)
    return list(found.order_by("pk").values_list("pk", flat=True)[: workflows.MOST + 1])


def _new(request: Visit, chosen: list[int]) -> NewReporting:
    posted = request.POST.get
    try:
        day = date.fromisoformat(posted("period_end", ""))
    except ValueError as fault:
        raise ReturnsError(
            "period_end_wrong",
            Text("统计截止日不是日期。", "The day that figures speak of is no date."),
            Text("请写成 2026-09-30 的样子。", "Write it like 2026-09-30."),
        ) from fault
    return NewReporting(
        form=posted("form", ""),
        title=posted("title", ""),
        enterprises=chosen,
        period_end=day,
        working_days=number(request.POST, "working_days", 0),
        contact=posted("contact", ""),
        note=posted("note", ""),
    )


def _in_reach(request: Visit, code: str) -> bool:
    return request.rights.keeps_city or request.rights.whole_city or code in request.rights.areas


def _keeps(request: Visit) -> bool:
    return request.rights.keeps_city or bool(request.rights.keeps_areas)


def _officer(request: Visit) -> None:
    if not (request.rights.whole_city or request.rights.areas):
        raise NotAllowedError
