"""The events of an enterprise's file: the list, the state on any day, entering one, withdrawing one."""

from datetime import date

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhulian.organisations.queries import files
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.rules.files import ENTERED, EVENT_NAMES, FIELDS, EventKind, Value, refused
from zhulian.organisations.tenancy import Scope
from zhulian.organisations.workflows.dated import Entered, enter_event
from zhulian.organisations.workflows.history import Cause, withdraw_event
from zhulian.portal import exports
from zhulian.portal.exports import Column
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.edit_form import EditForm, Field, attempt, day_of, opened, posted
from zhulian.portal.pages.enterprise_file import cause_of, frame
from zhulian.portal.pages.enterprises import number
from zhulian.portal.pages.file_words import CAUSE_FIELDS, as_typed, changes_in_words, place_fields, read, shown
from zhulian.portal.templatetags.zhulian import doer, said
from zhulian.vocabulary.errors import Text, ZhulianError

NEEDED_DAY = Field("on", Text("生效日期", "In effect from"), "date", required=True)
IS_NEWS = Field(
    "is_news",
    Text("建档资料还没有反映这件事", "The file did not know it when it was opened"),
    "check",
    help=Text(
        "只对早于建档日的事件有意义：勾选后现状也随之改变；只是补记历史就不勾。",
        "Matters for events before the opening only: ticked, the present state changes too; unticked, it is history.",
    ),
    wide=True,
)
_CODE = Field("credit_code", FIELDS["credit_code"], required=True, most=18)
_SURVIVOR = Text("并入企业", "Surviving enterprise")
_INDUSTRY = Field("industry", Text("行业代码（GB/T 4754）", "Industry code (GB/T 4754)"), required=True, most=8)
COLUMNS: tuple[Column[files.EventRow], ...] = (
    Column(Text("生效日期", "In effect from"), lambda row: row.on.isoformat(), 12),
    Column(Text("事件", "Event"), lambda row: EVENT_NAMES[row.kind], 14),
    Column(
        Text("变化", "Changes"),
        lambda row: "；".join(f"{name}：{old or '—'} → {new or '—'}" for name, old, new in _words(row)),
        60,
    ),
    Column(Text("文号", "Document number"), lambda row: row.document, 24),
    Column(Text("说明", "Note"), lambda row: row.note, 40),
    Column(Text("录入人", "Entered by"), lambda row: doer(row.recorded_name), 14),
    Column(Text("录入时间", "Entered at"), lambda row: exports.local(row.recorded_at), 20),
    Column(Text("撤销原因", "Withdrawn because"), lambda row: row.withdrawn_reason, 30),
)


def _words(row: files.EventRow) -> list[tuple[str, str, str]]:
    return changes_in_words(row.changes, row.before)


@require_safe
@page
def events(request: Visit, enterprise_id: int) -> HttpResponseBase:
    """The list, the latest first; with ``on`` also what the file said that day."""
    around = frame(request.rights, enterprise_id, "enterprise_events")
    rows = files.events(request.rights, enterprise_id)
    if exports.is_asked(request):
        name, source = Text("企业事件", "Enterprise events"), Text("企业档案", "Enterprise files")
        return exports.export(request, name, COLUMNS, rows, source=source)
    asked, fault = _asked_day(request.GET.get("on", ""))
    values = {
        "frame_of": around,
        "lines": [{"row": row, "name": EVENT_NAMES[row.kind], "changes": _words(row)} for row in rows],
        "asked": asked,
        "fault": fault,
        "state": _state_in_words(request.rights, enterprise_id, asked) if asked else None,
        "lasting": {"registered", "merged", "absorbed", "split"},
    }
    return render(request, "pages/enterprise_events.html", values)


def _asked_day(text: str) -> tuple[date | None, ZhulianError | None]:
    try:
        return day_of(text), None
    except ZhulianError as fault:
        return None, fault


def _state_in_words(scope: Scope, enterprise_id: int, day: date) -> dict[str, object]:
    found = files.state(scope, enterprise_id, day)
    known = [(said(FIELDS[name]), shown(name, found.values[name])) for name in FIELDS if name in found.values]
    return {"is_open": found.is_open, "known": [(label, words) for label, words in known if words]}


@require_http_methods(["GET", "HEAD", "POST"])
@page
def enter(request: Visit, enterprise_id: int) -> HttpResponseBase:
    """First which event, then its own few fields."""
    around = frame(request.rights, enterprise_id, "enterprise_events")
    if not around.is_officer:
        raise NotAllowedError
    asked = request.GET.get("kind", "")
    kind = next((one for one in ENTERED if one.value == asked), None)
    kinds = [(one.value, EVENT_NAMES[one]) for one in ENTERED]
    if kind is None:
        return render(request, "pages/enterprise_event.html", {"frame_of": around, "kinds": kinds})
    fields = _fields(request.rights, kind, number(request.POST, "survivor", 0))
    form = opened(fields, {**as_typed(around.file.values), "name": "", "is_news": "1"})
    if request.method == "POST":
        form = posted(fields, request.POST)
        if attempt(form, lambda: enter_event(request.rights, enterprise_id, _entered(request.rights, kind, form))):
            messages.success(request, _("事件已录入，档案已更新。"))
            if kind is EventKind.MOVED:  # it may have moved out of the officer's sight
                return redirect("enterprises")
            return redirect("enterprise_events", enterprise_id=enterprise_id)
    values = {"frame_of": around, "kinds": kinds, "kind": kind.value, "kind_name": EVENT_NAMES[kind], "form": form}
    return render(request, "pages/enterprise_event.html", values, status=form.status)


def _fields(scope: Scope, kind: EventKind, picked: int) -> list[Field]:
    """``picked`` is the surviving enterprise of a merger, once somebody has chosen it."""
    name = Field("name", Text("新名称", "New name"), required=True, most=120)
    own: dict[EventKind, list[Field]] = {
        EventKind.RENAMED: [name],
        EventKind.MOVED: [*place_fields(), Field("address", FIELDS["address"], most=200, wide=True)],
        EventKind.MERGED: [Field("survivor", _SURVIVOR, "picker", _names(scope, picked), required=True)],
        EventKind.SPLIT: [
            Field("name", Text("新企业名称", "Name of the new enterprise"), required=True, most=120),
            _CODE,
            _INDUSTRY,
            *place_fields(),
        ],
    }
    return [*own.get(kind, []), NEEDED_DAY, *CAUSE_FIELDS[1:], *([] if kind is EventKind.SPLIT else [IS_NEWS])]


def _entered(scope: Scope, kind: EventKind, form: EditForm) -> Entered:
    cause = cause_of(form)
    cause = Cause(cause.on, cause.document, cause.note, is_news=form.is_checked("is_news"))
    values: dict[str, Value] = read(form)
    return Entered(kind, cause, values, _survivor(scope, form) if kind is EventKind.MERGED else None)


def _survivor(scope: Scope, form: EditForm) -> int:
    found = _names(scope, form.whole("survivor") or 0)
    if not found:
        raise refused("survivor_missing", "请从建议中选择并入哪家企业", "choose the surviving enterprise from the list")
    return int(found[0][0])


def _names(scope: Scope, enterprise: int) -> list[tuple[str, str]]:
    """The enterprise as the one option of a picker; none when it is out of sight."""
    return [(str(pk), name) for pk, name in scope.enterprises().filter(pk=enterprise).values_list("pk", "name")]


@require_POST
@page
def withdraw(request: Visit, enterprise_id: int, event_id: int) -> HttpResponseBase:
    """Take an event back that was entered in error."""
    rows = {row.id for row in files.events(request.rights, enterprise_id)}
    if event_id not in rows:
        raise NotVisibleError(Text("事件", "event"))
    withdraw_event(request.rights, event_id, request.POST.get("reason", ""))
    messages.success(request, _("事件已撤销，档案已按其余事件更新。"))
    return redirect("enterprise_events", enterprise_id=enterprise_id)
