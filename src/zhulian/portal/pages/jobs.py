"""定时任务: what the platform does by itself, what came of it last, and when it is next; for administrators."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from zhulian.jobs import queries
from zhulian.jobs.models import RunState
from zhulian.jobs.queries import JobState, RunRow
from zhulian.portal import exports
from zhulian.portal.exports import Column, local
from zhulian.portal.jobs import run_now
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.pages.figures import MachineState, State, Words
from zhulian.portal.templatetags.zhulian import said
from zhulian.vocabulary.errors import Text

_LOOKS: dict[str, tuple[State, Words]] = {
    RunState.DONE: (State.RUNNING, gettext_lazy("成功")),
    RunState.RUNNING: (State.IDLE, gettext_lazy("运行中")),
    RunState.WAITING: (State.IDLE, gettext_lazy("排队中")),
    RunState.FAILED: (State.FAULT, gettext_lazy("失败")),
}
STATES = (
    ("", Text("全部", "All")),
    ("trouble", Text("需要处理", "Need somebody")),
    ("good", Text("正常", "Well")),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A job with its look."""

    state: JobState
    look: MachineState

    @property
    def is_trouble(self) -> bool:
        """Whether somebody has to look at it."""
        return self.state.is_stuck or self.state.is_failing


@require_safe
@page
def jobs(request: Visit) -> HttpResponseBase:
    """Every job of the schedule with its last run."""
    _administrators_only(request)
    now = timezone.now()
    lines = [line(state) for state in queries.job_states(now)]
    found = _narrowed(lines, request.GET)
    if exports.is_asked(request):
        return exports.export(request, Text("定时任务", "Jobs"), COLUMNS, found)
    values = {
        "lines": found,
        "states": STATES,
        "wanted": {"text": request.GET.get("q", ""), "state": request.GET.get("state", "")},
        "is_narrowed": len(found) < len(lines),
        "workers": queries.living_workers(now),
        "sentence": _sentence(lines),
    }
    return render(request, "pages/jobs.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def job(request: Visit, name: str) -> HttpResponseBase:
    """One job and its runs; a POST asks for one more."""
    _administrators_only(request)
    if request.method == "POST":
        run_now(request.rights, name, timezone.now())
        messages.success(request, _("已排队，几秒内开始。"))
        return redirect("job", name=name)
    state = next(each for each in queries.job_states(timezone.now()) if each.job is queries.job_named(name))
    if exports.is_asked(request):
        rows = exports.every(lambda n: queries.runs(name, n, 500))
        return exports.export(request, state.job.title, RUN_COLUMNS, rows)
    found = queries.runs(name, number(request.GET, "page", 1), size(request.GET))
    values = {
        "line": line(state),
        "found": found,
        "runs": [(run, look_of(run)) for run in found.rows],
        "sizes": PAGE_SIZES,
        "is_busy": state.last is not None and state.last.state in {RunState.WAITING, RunState.RUNNING},
    }
    return render(request, "pages/job.html", values)


def _administrators_only(request: Visit) -> None:
    if not request.rights.administers:
        raise PermissionDenied


def _narrowed(lines: list[Line], asked: QueryDict) -> list[Line]:
    text, state = asked.get("q", "").strip().lower(), asked.get("state", "")
    kept = [one for one in lines if text in f"{one.state.job.title} {one.state.job.name}".lower()]
    return [one for one in kept if not state or one.is_trouble == (state == "trouble")]


def line(state: JobState) -> Line:
    """A job's state as shape, word and colour."""
    if state.last is None:
        return Line(state, MachineState(State.UNKNOWN, _("还没有运行过")))
    if state.is_stuck:
        return Line(state, MachineState(State.FAULT, _("超时未结束")))
    if state.is_failing and state.last.state == RunState.WAITING:
        return Line(state, MachineState(State.FAULT, _("失败，等待重试")))
    return Line(state, look_of(state.last))


def look_of(run: RunRow) -> MachineState:
    """A run's outcome as shape, word and colour."""
    kind, word = _LOOKS[run.state]
    return MachineState(kind, word)


def _sentence(lines: list[Line]) -> str:
    trouble = sum(one.is_trouble for one in lines)
    if not trouble:
        return _("都正常")
    return ngettext("%(n)s 个任务需要处理", "%(n)s 个任务需要处理", trouble) % {"n": trouble}


def _when(moment: datetime | None) -> datetime | str:
    return local(moment) or ""


COLUMNS: tuple[Column[Line], ...] = (
    Column(Text("任务", "Job"), lambda one: one.state.job.title, 26),
    Column(Text("时间", "When"), lambda one: one.state.job.when.words, 16),
    Column(Text("状态", "State"), lambda one: said(one.look.word), 16),
    Column(
        Text("上次开始", "Last start"), lambda one: _when(one.state.last.started_at if one.state.last else None), 20
    ),
    Column(Text("结果", "Outcome"), lambda one: one.state.last.outcome if one.state.last else "", 50),
    Column(Text("错误", "Error"), lambda one: one.state.last.error if one.state.last else "", 50),
    Column(Text("下次", "Next"), lambda one: _when(one.state.next_at), 20),
)
RUN_COLUMNS: tuple[Column[RunRow], ...] = (
    Column(Text("应运行时间", "Due"), lambda run: _when(run.due_at), 20),
    Column(Text("开始", "Start"), lambda run: _when(run.started_at), 20),
    Column(Text("结束", "End"), lambda run: _when(run.ended_at), 20),
    Column(Text("状态", "State"), lambda run: said(_LOOKS[run.state][1]), 10),
    Column(Text("次数", "Attempts"), lambda run: run.attempts, 8),
    Column(Text("由谁发起", "Asked for by"), lambda run: run.requested_by, 14),
    Column(Text("结果", "Outcome"), lambda run: run.outcome, 50),
    Column(Text("错误", "Error"), lambda run: run.error, 50),
)
