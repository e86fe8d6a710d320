"""The working-day calendar: which notices are known, and (administrators) a new year's notice as text."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhulian.desk import calendar, queries, workflows
from zhulian.desk.rules import DeskError
from zhulian.desk.workflows import YearDraft
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import number


@require_http_methods(["GET", "HEAD", "POST"])
@page
def working_days(request: Visit) -> HttpResponseBase:
    """Every known year; a POST enters one or takes an entered one back."""
    fault: DeskError | None = None
    draft = _draft(request)
    if request.method == "POST":
        try:
            return _save(request, draft)
        except DeskError as refused:
            fault = refused
    years, today = queries.years(), calendar.today()
    known = {row.year.year for row in years}
    values = {
        "years": years,
        "missing": [year for year in (today.year, today.year + 1) if year not in known],
        "draft": draft,
        "fault": fault,
        "administers": request.rights.administers,
    }
    return render(request, "pages/working_days.html", values, status=422 if fault else 200)


def _draft(request: Visit) -> YearDraft:
    posted = request.POST.get
    year = number(request.POST, "year", calendar.today().year + 1)
    words = [posted(name, "") for name in ("notice", "title", "source", "holidays", "working")]
    return YearDraft(year, *words)


def _save(request: Visit, draft: YearDraft) -> HttpResponseBase:
    if request.POST.get("act") == "forget":
        workflows.forget_year(request.rights, draft.year)
        messages.success(request, _("已撤回录入的 %(year)s 年安排。") % {"year": draft.year})
    else:
        workflows.save_year(request.rights, draft)
        messages.success(request, _("%(year)s 年放假安排已保存，今后的期限按它计算。") % {"year": draft.year})
    return redirect("working_days")
