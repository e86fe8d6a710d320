"""留存期限: how long readings and hourly sums are kept, for whom. Administrators choose; everybody sees what holds."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhulian.organisations import queries as records
from zhulian.organisations.rules import NotVisibleError
from zhulian.portal import exports
from zhulian.portal.exports import Column
from zhulian.portal.pages.access import Visit, page, reach
from zhulian.portal.pages.enterprises import number
from zhulian.portal.telemetry_access import telemetry
from zhulian.portal.templatetags.zhulian import said
from zhulian.retention import queries, workflows
from zhulian.retention.queries import TermRow
from zhulian.retention.rules import LEAST_HOUR_DAYS, LEAST_RAW_DAYS, Key, RetentionError, group_name, refused
from zhulian.retention.workflows import TERM
from zhulian.telemetry.queries import Keep, Preview, Usage
from zhulian.vocabulary.errors import Text, ZhulianError

COLUMNS: tuple[Column[TermRow], ...] = (
    Column(Text("适用于", "For"), lambda one: one.enterprise_name or Text("全市", "The city"), 36),
    Column(Text("点位类别", "Group of points"), lambda one: group_name(one.unit), 20),
    Column(Text("原始读数保留（天）", "Raw kept (days)"), lambda one: one.keep.raw_days or "", 14),
    Column(Text("小时汇总保留（天）", "Hours kept (days)"), lambda one: one.keep.hour_days or "", 14),
    Column(Text("设定人", "Chosen by"), lambda one: one.changed_name, 16),
    Column(Text("设定时间", "Chosen at"), lambda one: exports.local(one.changed_at), 20),
)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def storage_terms(request: Visit) -> HttpResponseBase:
    """What was chosen; a POST chooses, and where that takes readings away it asks once more, with the numbers."""
    scope = request.rights
    if not (scope.sees_several or scope.own):
        raise PermissionDenied
    if exports.is_asked(request):
        rows = queries.terms(scope)
        return exports.export(
            request, Text("留存期限", "Retention"), COLUMNS, rows, owners=lambda one: (one.enterprise,)
        )
    fault: ZhulianError | None = None
    if request.method == "POST":
        try:
            return _choose(request)
        except RetentionError as wrong:
            fault = wrong
    return _show(request, fault)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def storage_term_remove(request: Visit, term_id: int) -> HttpResponseBase:
    """Let the wider term hold again: asked once, with what would go."""
    found = next((row for row in queries.terms(request.rights) if row.id == term_id), None)
    if found is None:
        raise NotVisibleError(TERM)
    key = (found.enterprise, found.unit)
    chosen = workflows.with_term(request.rights, key, None)
    if request.method == "POST" and request.POST.get("agreed"):
        workflows.remove_term(request.rights, term_id)
        messages.success(request, _("已取消，今晚起按更宽的期限执行。"))
        return redirect("storage_terms")
    going = telemetry().preview_retention(queries.planned(chosen))  # TelemetryUnreachable: nobody shortens blindly
    values = _words(going) | {"label": _label(found.enterprise_name, found.unit), "keep": None, "typed": {}}
    return render(request, "pages/storage_term_confirm.html", values)


def _choose(request: Visit) -> HttpResponseBase:
    key, keep = _key(request), _keep(request.POST)
    chosen = workflows.with_term(request.rights, key, keep)
    if not request.POST.get("agreed"):
        going = telemetry().preview_retention(queries.planned(chosen))
        if going.rows or going.hours:
            enterprise, unit = key
            name = records.enterprise(request.rights, enterprise).name if enterprise else ""
            values = _words(going) | {"label": _label(name, unit), "keep": keep, "typed": request.POST}
            return render(request, "pages/storage_term_confirm.html", values)
    workflows.set_term(request.rights, key, keep)
    messages.success(request, _("留存期限已保存，今晚起执行。"))
    return redirect("storage_terms")


def _words(going: Preview) -> dict[str, object]:
    """What would go, as the question before it says."""
    used = reach(lambda: telemetry().usage(), Usage([], {}, 0, None)).value
    return {
        "going": going,
        "size_bytes": round(going.rows * (used.bytes_per_row or 0)),
        "first_us": going.first_s * 1_000_000 if going.first_s is not None else None,
        "last_us": going.last_s * 1_000_000 if going.last_s is not None else None,
    }


def _show(request: Visit, fault: ZhulianError | None) -> HttpResponseBase:
    scope = request.rights
    values = {
        "terms": queries.terms(scope),
        "units": queries.units(scope),
        "may_set": scope.administers,
        "fault": fault.in_language(get_language() or "zh-hans") if fault else "",
        "typed": request.POST,
        "least_raw": LEAST_RAW_DAYS,
        "least_hour": LEAST_HOUR_DAYS,
    }
    return render(request, "pages/storage_terms.html", values, status=422 if fault else 200)


def _key(request: Visit) -> Key:
    asked = request.POST
    enterprise = number(asked, "enterprise", 0) or None
    if enterprise:
        records.enterprise(request.rights, enterprise)
    return enterprise, asked.get("unit", "").strip()[:24]


def _keep(asked: QueryDict) -> Keep:
    return Keep(_days(asked.get("raw_days", "")), _days(asked.get("hour_days", "")))


def _days(text: str) -> int | None:
    """Nothing is None: without limit."""
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise refused("days_no_number", f"“{text}”不是天数", f"“{text}” is no number of days")
    return int(text)


def _label(enterprise: str, unit: str) -> str:
    whose = enterprise or _("全市")
    return f"{whose} · {said(group_name(unit))}" if unit else whose
