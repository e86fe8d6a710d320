"""删除读数: demanded by the owner or the bureau, seen before anything goes, confirmed by name, with a certificate."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhulian.desk.calendar import today
from zhulian.organisations import queries as records
from zhulian.organisations.rules import NotAllowedError
from zhulian.portal import exports
from zhulian.portal.exports import Column
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.pages.figures import MachineState, State
from zhulian.portal.telemetry_access import telemetry
from zhulian.portal.templatetags.zhulian import said
from zhulian.retention import queries, workflows
from zhulian.retention.models import STATES
from zhulian.retention.queries import DemandRow, PointChoice
from zhulian.retention.rules import RetentionError
from zhulian.retention.workflows import DemandDraft
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import Page

_LOOKS = {"asked": State.IDLE, "confirmed": State.RUNNING, "done": State.STOPPED, "withdrawn": State.UNKNOWN}
WORDS = dict(STATES)
COLUMNS: tuple[Column[DemandRow], ...] = (
    Column(Text("编号", "Number"), lambda one: one.id, 8),
    Column(Text("企业", "Enterprise"), lambda one: one.enterprise_name, 36),
    Column(Text("点位", "Points"), lambda one: one.said or Text("全部点位", "All points"), 40),
    Column(Text("从", "From"), lambda one: one.first.isoformat(), 12),
    Column(Text("到", "To"), lambda one: one.last.isoformat(), 12),
    Column(Text("连同汇总", "With sums"), lambda one: Text("是", "yes") if one.with_sums else Text("否", "no"), 10),
    Column(Text("状态", "State"), lambda one: str(WORDS[one.state]), 12),
    Column(Text("预计删除", "Expected"), lambda one: one.expected_rows, 14),
    Column(Text("已删除", "Deleted"), lambda one: one.rows_gone, 14),
    Column(Text("申请人", "Asked by"), lambda one: one.asked_name, 16),
    Column(Text("申请时间", "Asked at"), lambda one: exports.local(one.asked_at), 20),
    Column(Text("完成时间", "Ended at"), lambda one: exports.local(one.ended_at), 20),
    Column(Text("原因", "Reason"), lambda one: one.reason, 40),
)


@require_safe
@page
def storage_deletions(request: Visit) -> HttpResponseBase:
    """Demands of the enterprises in sight, newest first."""
    scope = request.rights
    if not (scope.sees_several or scope.own):
        raise PermissionDenied
    text, state = request.GET.get("q", "")[:120], request.GET.get("state", "")

    def found(at: int, rows: int) -> Page[DemandRow]:
        return queries.demands(scope, at, rows, text, state)

    if exports.is_asked(request):
        every = exports.every(lambda at: found(at, 500))
        return exports.export(
            request, Text("删除申请", "Deletions"), COLUMNS, every, owners=lambda one: (one.enterprise,)
        )
    shown = found(number(request.GET, "page", 1), size(request.GET))
    values = {
        "lines": [(row, look(row)) for row in shown.rows],
        "page": shown,
        "sizes": PAGE_SIZES,
        "wanted": {"text": text, "state": state},
        "states": STATES,
        "may_ask": scope.administers or scope.keeps_city or bool(scope.owns),
        "sentence": ngettext("%(n)s 份申请", "%(n)s 份申请", shown.total) % {"n": shown.total},
    }
    return render(request, "pages/storage_deletions.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def storage_deletion_new(request: Visit) -> HttpResponseBase:
    """What is to go, and what that would be; a POST puts the demand on record and deletes nothing yet."""
    scope = request.rights
    enterprise = number(request.POST or request.GET, "enterprise", 0) or min(scope.owns, default=0)
    if not enterprise:
        return render(request, "pages/storage_deletion_whose.html", {"may_ask": scope.administers or scope.keeps_city})
    row = records.enterprise(scope, enterprise)
    if not queries.may_demand(scope, enterprise):
        raise NotAllowedError
    fault: RetentionError | None = None
    if request.method == "POST":
        try:
            draft = _draft(request.POST, enterprise)
            expected = telemetry().preview_erasure(workflows.erasure(scope, draft, today()))
            return redirect("storage_deletion", demand_id=workflows.ask(scope, draft, expected, today()))
        except RetentionError as wrong:
            fault = wrong
    values = {
        "enterprise": row,
        "machines": _by_machine(queries.point_choices(scope, enterprise)),
        "typed": request.POST,
        "chosen": set(request.POST.getlist("point")),
        "fault": fault.in_language(get_language() or "zh-hans") if fault else "",
    }
    return render(request, "pages/storage_deletion_new.html", values, status=422 if fault else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def storage_deletion(request: Visit, demand_id: int) -> HttpResponseBase:
    """A demand: what would go, how far it is, or what went. A POST confirms it by the enterprise's name."""
    row = queries.demand(request.rights, demand_id)
    fault: RetentionError | None = None
    if request.method == "POST":
        try:
            workflows.confirm(request.rights, demand_id, request.POST.get("name", ""))
            messages.success(request, _("已确认，一分钟内开始删除。"))
            return redirect("storage_deletion", demand_id=demand_id)
        except RetentionError as wrong:
            fault = wrong
    values = {
        "row": row,
        "look": look(row),
        "may_act": queries.may_demand(request.rights, row.enterprise),
        "fault": fault.in_language(get_language() or "zh-hans") if fault else "",
        "typed": request.POST.get("name", ""),
    }
    return render(request, "pages/storage_deletion.html", values, status=422 if fault else 200)


@require_POST
@page
def storage_deletion_withdraw(request: Visit, demand_id: int) -> HttpResponseBase:
    """Drop it before it is confirmed."""
    workflows.withdraw(request.rights, demand_id)
    messages.success(request, _("已撤回，没有删除任何读数。"))
    return redirect("storage_deletions")


def look(row: DemandRow) -> MachineState:
    """Its state as shape, word and colour."""
    return MachineState(_LOOKS[row.state], said(WORDS[row.state]))


def _draft(asked: QueryDict, enterprise: int) -> DemandDraft:
    points = None if asked.get("which") == "all" else tuple(_numbers(asked.getlist("point")))
    first, last = (_day(asked.get(name, "")) for name in ("first", "last"))
    return DemandDraft(enterprise, points, first, last, asked.get("with_sums") == "1", asked.get("reason", ""))


def _numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) <= 11]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _by_machine(points: list[PointChoice]) -> list[tuple[str, list[PointChoice]]]:
    machines: dict[int, tuple[str, list[PointChoice]]] = {}
    for point in points:
        machines.setdefault(point.machine, (point.machine_name, []))[1].append(point)
    return list(machines.values())
