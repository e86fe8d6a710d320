"""工作台: one's tasks as a list, one task, and what may be done with it. Also the numbers in the top bar."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from zhulian.desk import calendar, queries, workflows
from zhulian.desk.calendar import WorkingDays
from zhulian.desk.queries import TaskFilter, TaskRow
from zhulian.desk.rules import OUTCOMES, DeskError, Outcome
from zhulian.organisations.tenancy import Scope
from zhulian.portal import exports
from zhulian.portal.exports import Column
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.templatetags.zhulian import area_name, said
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.roles import ROLE_NAMES

STATES = (
    ("open", Text("未办结", "Open")),
    ("late", Text("已逾期", "Overdue")),
    ("today", Text("今天到期", "Due today")),
    ("mine", Text("我在办的", "Taken by me")),
    ("closed", Text("已结束", "Ended")),
    ("all", Text("全部", "All")),
)


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline in words. ``kind``: late, today, soon, later or none."""

    words: str
    kind: str
    is_counted_plainly: bool
    """Without a holiday notice for the year, so Monday to Friday."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the list."""

    row: TaskRow
    due: Due
    whom: str
    outcome: str


@require_safe
@page
def desk(request: Visit) -> HttpResponseBase:
    """What I have to do, soonest first; the filters stand in the address."""
    wanted, today = task_filter(request), calendar.today()
    if exports.is_asked(request):
        rows = queries.every_task(request.rights, wanted, today)
        name, source = Text("待办", "Tasks"), Text("工作台", "The desk")
        return exports.export(request, name, COLUMNS, rows, source=source, is_sample=lambda row: row.is_sample)
    found = queries.tasks(request.rights, wanted, today, number(request.GET, "page", 1), size(request.GET))
    days = calendar.working_days()
    values = {
        "found": found,
        "lines": [line(row, days, today) for row in found.rows],
        "wanted": wanted,
        "states": STATES,
        "sources": queries.sources(request.rights),
        "sizes": PAGE_SIZES,
        "is_narrowed": wanted != TaskFilter(order=wanted.order),
        "sentence": sentence(request.rights, today),
    }
    return render(request, "pages/desk.html", values)


def task_filter(request: Visit) -> TaskFilter:
    """The filters of the list as its address carries them."""
    asked = request.GET.get
    state = asked("state", "open")
    return TaskFilter(
        text=asked("q", "")[:120],
        source=asked("source", ""),
        state=state if state in dict(STATES) else "open",
        order=asked("order", "due"),
    )


def sentence(scope: Scope, today: date) -> str:
    """The desk in one sentence."""
    badge = queries.badge(scope, today)
    if not badge.tasks:
        return _("没有未办结的事项")
    words = ngettext("%(n)s 项未办结", "%(n)s 项未办结", badge.tasks) % {"n": badge.tasks}
    return _("%(open)s，其中 %(late)s 项逾期") % {"open": words, "late": badge.late} if badge.late else words


@require_http_methods(["GET", "HEAD", "POST"])
@page
def task(request: Visit, task_id: int) -> HttpResponseBase:
    """One task; a POST takes it, puts it back, finishes it or sends it back."""
    fault: DeskError | None = None
    if request.method == "POST":
        try:
            return _act(request, task_id)
        except DeskError as refused:
            fault = refused
    row = queries.task(request.rights, task_id)
    values = {
        "line": line(row, calendar.working_days(), calendar.today()),
        "fault": fault,
        "typed": request.POST.get("note", ""),
    }
    return render(request, "pages/task.html", values, status=422 if fault else 200)


def _act(request: Visit, task_id: int) -> HttpResponseBase:
    """Which button was pressed; the revision says what the person had in front of them."""
    act, revision = request.POST.get("act", ""), number(request.POST, "revision", 0)
    note = request.POST.get("note", "")
    if act == "take":
        workflows.take(request.rights, task_id, revision)
        messages.success(request, _("已记下由您办理，同事会看到您的姓名。"))
    elif act == "put_back":
        workflows.put_back(request.rights, task_id, revision)
        messages.success(request, _("已放回，同事可以接着办。"))
    elif act == "return":
        workflows.give_back(request.rights, task_id, revision, note)
        messages.success(request, _("已退回，原因已记录。"))
        return redirect("desk")
    else:
        workflows.finish(request.rights, task_id, revision, note)
        messages.success(request, _("已办结。"))
        return redirect("desk")
    return redirect("task", task_id=task_id)


def line(row: TaskRow, days: WorkingDays, today: date) -> Line:
    """A task with everything about it in words."""
    return Line(row, due_words(row, days, today), whom(row), outcome(row))


def due_words(row: TaskRow, days: WorkingDays, today: date) -> Due:
    """How much time is left, in working days."""
    if row.due is None:
        return Due(_("没有期限"), "none", is_counted_plainly=False)
    plainly = not (days.is_known(row.due) and days.is_known(today))
    if row.closed_at:
        return Due(row.due.isoformat(), "none", plainly)
    if row.due == today:
        return Due(_("今天到期"), "today", plainly)
    count = abs(days.between(today, row.due))
    if row.due < today:
        words = ngettext("已逾期 %(n)s 个工作日", "已逾期 %(n)s 个工作日", count) if count else _("已过期限")
        return Due(words % {"n": count} if count else words, "late", plainly)
    words = ngettext("还有 %(n)s 个工作日", "还有 %(n)s 个工作日", count)
    return Due(words % {"n": count}, "soon" if count <= 1 else "later", plainly)


def whom(row: TaskRow) -> str:
    """Whom the task is for."""
    if row.is_mine_alone:
        return _("本人")
    parts = [
        area_name(row.place) if row.place else "",
        row.enterprise_name,
        said(ROLE_NAMES[row.role]) if row.role else "",
    ]
    return " · ".join(filter(None, parts)) or _("本单位")


def outcome(row: TaskRow) -> str:
    """How it ended; empty while it is open."""
    return said(OUTCOMES[Outcome(row.outcome)]) if row.outcome else ""


COLUMNS: tuple[Column[TaskRow], ...] = (
    Column(Text("事项", "Task"), lambda row: row.title, 48),
    Column(Text("来源", "Source"), lambda row: row.source, 14),
    Column(Text("截止日期", "Due"), lambda row: row.due.isoformat() if row.due else "", 12),
    Column(Text("企业", "Enterprise"), lambda row: row.enterprise_name, 32),
    Column(Text("发给", "For"), whom, 20),
    Column(Text("经办人", "Taken by"), lambda row: row.taken_by, 12),
    Column(Text("结果", "Outcome"), outcome, 12),
    Column(Text("说明", "Note"), lambda row: row.note, 40),
    Column(Text("开始时间", "Opened at"), lambda row: exports.local(row.opened_at), 20),
    Column(Text("结束时间", "Ended at"), lambda row: exports.local(row.closed_at), 20),
)
