"""报警: what is active and what was, one alarm with its curve, and what may be done with it."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhulian.alarms import queries, workflows
from zhulian.alarms.queries import AlarmFilter, AlarmRow
from zhulian.alarms.rules import PRIORITY_WORDS, STANDINGS, AlarmError, Standing, shown_span
from zhulian.audit.rules import Subject
from zhulian.organisations import queries as machines
from zhulian.organisations.queries.placed_points import placed_points
from zhulian.organisations.tenancy import Scope
from zhulian.portal import exports
from zhulian.portal.exports import Column, local
from zhulian.portal.looks import listed, shown, table
from zhulian.portal.pages.access import Visit, is_fragment, page
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.pages.explore import explorer_address
from zhulian.portal.pages.figures import MachineState, State
from zhulian.portal.session_rules import UNATTENDED
from zhulian.portal.templatetags.zhulian import said
from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.errors import Text

NAME = Text("报警", "Alarms")
STATES = (
    ("open", Text("待处理", "Open")),
    ("unacknowledged", Text("未确认", "Unacknowledged")),
    ("active", Text("正在报警", "Active")),
    ("shelved", Text("已搁置", "Shelved")),
    ("suppressed", Text("设计抑制", "Suppressed by design")),
    ("retracted", Text("已更正：未发生", "Corrected: never was")),
    ("all", Text("全部", "All")),
)
MOST_IN_TILE = 20
PRIORITIES = tuple(PRIORITY_WORDS.items())
LOOKS = {
    Standing.UNACKNOWLEDGED: State.FAULT,
    Standing.ACKNOWLEDGED: State.IDLE,
    Standing.RETURNED: State.IDLE,
    Standing.NORMAL: State.RUNNING,
}
SHELF_HOURS = (("1", Text("1 小时", "1 hour")), ("8", Text("8 小时（一班）", "8 hours (a shift)")),
               ("24", Text("1 天", "1 day")), ("168", Text("7 天", "7 days")))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One alarm with everything about it in words."""

    row: AlarmRow
    look: MachineState
    lasted: str
    may_act: bool


@require_safe
@page
def alarms(request: Visit) -> HttpResponseBase:
    """Active ones first; the list renews itself when something changes, and its filters stand in the address."""
    wanted = alarm_filter(request.GET)
    if exports.is_asked(request):
        rows = exports.every(lambda n: queries.alarms(request.rights, wanted, n, 500))
        source = Text("报警记录", "The record of alarms")
        return exports.export(
            request,
            NAME,
            COLUMNS,
            rows,
            source=source,
            is_sample=lambda row: row.is_sample,
            owners=lambda row: [row.enterprise],
        )
    pulse = queries.pulse(request.rights)  # before the rows: what changes meanwhile makes the list renew itself
    found = queries.alarms(request.rights, wanted, number(request.GET, "page", 1), size(request.GET))
    if not is_fragment(request):
        listed(request.rights, table("alarms", NAME), (row.enterprise for row in found.rows))
    values = {
        "found": found,
        "lines": [line(request.rights, row) for row in found.rows],
        "wanted": wanted,
        "states": STATES,
        "priorities": PRIORITIES,
        "sizes": PAGE_SIZES,
        "sees_several": request.rights.sees_several,
        "is_narrowed": wanted != AlarmFilter(),
        "sentence": sentence(request.rights),
        "shown_ids": ",".join(str(row.id) for row in found.rows if row.acknowledged_at is None),
        "may_act": any(queries.may_act(request.rights, row.enterprise) for row in found.rows),
        "again": _same_list(request.GET),
        "pulse": pulse,
        "is_part": is_fragment(request),
    }
    return render(request, "pages/alarm_lines.html" if is_fragment(request) else "pages/alarms.html", values)


@require_safe
@page
def machine_alarms(request: Visit, machine_id: int) -> HttpResponseBase:
    """What is active at one machine, as a part of its page."""
    row = machines.machine(request.rights, machine_id)
    shown(request.rights, "machine", Subject("machine", row.id, row.name), row.enterprise, is_part=True)
    return render(request, "pages/alarms_now.html", {"machine": row, **active_at(request.rights, row.id)})


@require_safe
@page
def alarm_tile(request: Visit) -> HttpResponseBase:
    """What is active, as a tile of a dashboard shows it; of one enterprise where the address names it."""
    enterprise = number(request.GET, "enterprise", 0) or None
    pulse = queries.pulse(request.rights)
    found = queries.alarms(request.rights, AlarmFilter(state="active", enterprise=enterprise), 1, MOST_IN_TILE)
    if UNATTENDED not in request.headers:
        listed(request.rights, table("alarms", NAME), (row.enterprise for row in found.rows))
    values = {
        "enterprise": enterprise,
        "pulse": pulse,
        "lines": [line(request.rights, row) for row in found.rows],
        "more": found.total - len(found.rows),
    }
    return render(request, "pages/alarm_tile.html", values)


def active_at(scope: Scope, machine: int) -> dict[str, object]:
    """Active alarms of a machine, and the pulse they were looked up at."""
    pulse = queries.pulse(scope)
    found = queries.alarms(scope, AlarmFilter(state="active", machine=machine))
    return {"pulse": pulse, "alarms_now": [line(scope, row) for row in found.rows]}


def alarm_filter(asked: QueryDict) -> AlarmFilter:
    """The filters of the list as its address carries them."""
    state = asked.get("state", "open")
    return AlarmFilter(
        text=asked.get("q", "")[:120],
        state=state if state in dict(STATES) else "open",
        priority=number(asked, "priority", 0) or None,
        enterprise=number(asked, "enterprise", 0) or None,
        machine=number(asked, "machine", 0) or None,
        rule=number(asked, "rule", 0) or None,
        flood=number(asked, "flood", 0) or None,
        days=number(asked, "days", 0) or None,
    )


def _same_list(asked: QueryDict) -> str:
    kept = asked.copy()
    kept.pop("form", None)
    return kept.urlencode()


def sentence(scope: Scope) -> str:
    """How it stands, in one sentence."""
    waiting = queries.badge(scope)
    return (
        ngettext("%(n)s 个正在持续的报警没有人确认", "%(n)s 个正在持续的报警没有人确认", waiting) % {"n": waiting}
        if waiting
        else _("没有正在持续的未确认报警")
    )


def line(scope: Scope, row: AlarmRow) -> Line:
    """An alarm as the list draws it."""
    return Line(row, look(row.standing), lasted(row, timezone.now()), queries.may_act(scope, row.enterprise))


def look(standing: Standing) -> MachineState:
    """A state as shape, word and colour."""
    return MachineState(LOOKS.get(standing, State.STOPPED), said(STANDINGS[standing]))


def lasted(row: AlarmRow, now: datetime) -> str:
    """How long it has been, or was, active."""
    seconds = row.lasted_s if row.lasted_s is not None else (now - row.started_at).total_seconds()
    return span_words(max(seconds, 0.0))


def span_words(seconds: float) -> str:
    """A length of time in its largest fitting unit."""
    if seconds < 120:
        return _("%(n)s 秒") % {"n": round(seconds)}
    if seconds < 7_200:
        return _("%(n)s 分钟") % {"n": round(seconds / 60)}
    if seconds < 172_800:
        return _("%(n)s 小时") % {"n": round(seconds / 3_600, 1)}
    return _("%(n)s 天") % {"n": round(seconds / 86_400, 1)}


@require_http_methods(["GET", "HEAD", "POST"])
@page
def alarm(request: Visit, alarm_id: int) -> HttpResponseBase:
    """One alarm: its curve with limits, its rule, what else that rule said; a POST acknowledges or shelves."""
    fault: AlarmError | None = None
    if request.method == "POST":
        try:
            return _act(request, alarm_id)
        except AlarmError as refused:
            fault = refused
    row, values = _one(request.rights, alarm_id)
    shown(request.rights, "alarm", Subject("alarm", alarm_id, row.name), row.enterprise)
    values |= {"fault": fault, "typed": request.POST, **_curves(request.rights, row)}
    return render(request, "pages/alarm.html", values, status=422 if fault else 200)


@require_safe
@page
def alarm_now(request: Visit, alarm_id: int) -> HttpResponseBase:
    """How an alarm stands, as parts of its page; of its forms only what no longer fits, as somebody may be typing."""
    row, values = _one(request.rights, alarm_id)
    shown(request.rights, "alarm", Subject("alarm", alarm_id, row.name), row.enterprise, is_part=True)
    there, now = (forms.partition("-") for forms in (request.GET.get("forms", ""), str(values["forms"])))
    values |= {"is_part": True, "is_acknowledging_new": there[0] != now[0], "is_shelving_new": there[2] != now[2]}
    return render(request, "pages/alarm_now.html", values)


def _one(scope: Scope, alarm_id: int) -> tuple[AlarmRow, dict[str, object]]:
    """An alarm and what its page says of it. ``forms`` names those that fit it: to acknowledge, and to shelve."""
    pulse = queries.pulse(scope)  # before the rest: what changes meanwhile makes the page renew itself
    row = queries.alarm(scope, alarm_id)
    rule = _rule_or_none(scope, row.rule)
    earlier = queries.alarms(scope, AlarmFilter(state="all", rule=row.rule), 1, 10)
    shelf = "unshelve" if row.shelved_until else "shelve" if rule else ""
    return row, {
        "pulse": pulse,
        "line": line(scope, row),
        "row": row,
        "rule": rule,
        "earlier": [line(scope, one) for one in earlier.rows],
        "total": earlier.total,
        "forms": f"{'' if row.acknowledged_at else 'acknowledge'}-{shelf}",
        "hours": SHELF_HOURS,
    }


def _rule_or_none(scope: Scope, rule_id: int) -> queries.RuleRow | None:
    """The rule, unless it was removed since."""
    return next(iter(queries.rules(scope, queries.RuleFilter(id=rule_id)).rows), None)


def _curves(scope: Scope, row: AlarmRow) -> dict[str, object]:
    """The points that the alarm was about, also those of a rule that has gone, and the same time in the explorer."""
    points = placed_points(scope, row.points)
    if not points:
        return {}
    curve = queries.curve(scope, row.id, row.points[0])
    span = shown_span(curve.started_at, curve.ended_at, timezone.now(), curve.delay_s)
    start, end = (at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M:%S") for at in span)
    return {
        "points": [placed.point for placed in points],
        "explore": explorer_address([placed.point.id for placed in points], **{"from": start, "to": end}),
    }


def _act(request: Visit, alarm_id: int) -> HttpResponseBase:
    act, asked = request.POST.get("act", ""), request.POST
    if act == "shelve":
        row = queries.alarm(request.rights, alarm_id)
        workflows.shelve(request.rights, row.rule, _hours(asked.get("hours", "")), asked.get("reason", ""))
        messages.success(request, _("已搁置；到时间自动恢复，这期间只记录、不提醒。"))
    elif act == "unshelve":
        workflows.unshelve(request.rights, queries.alarm(request.rights, alarm_id).rule)
        messages.success(request, _("已取消搁置。"))
    else:
        workflows.acknowledge(request.rights, alarm_id, asked.get("note", ""))
        messages.success(request, _("已确认，记在您的名下。"))
    return redirect("alarm", alarm_id=alarm_id)


def _hours(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


@require_POST
@page
def acknowledge_shown(request: Visit) -> HttpResponseBase:
    """Acknowledge every alarm that stands on the list; those out of reach are left out."""
    chosen = [int(text) for text in request.POST.get("alarms", "").split(",") if text.isascii() and text.isdigit()]
    count = workflows.acknowledge_all(request.rights, chosen[:500], request.POST.get("note", ""))
    if count:
        messages.success(request, ngettext("已确认 %(n)s 个报警。", "已确认 %(n)s 个报警。", count) % {"n": count})
    return redirect("alarms")


COLUMNS: tuple[Column[AlarmRow], ...] = (
    Column(Text("优先级", "Priority"), lambda row: PRIORITY_WORDS[row.priority], 10),
    Column(Text("状态", "State"), lambda row: STANDINGS[row.standing], 18),
    Column(Text("报警", "Alarm"), lambda row: row.name, 28),
    Column(Text("设备", "Machine"), lambda row: row.machine_name, 24),
    Column(Text("企业", "Enterprise"), lambda row: row.enterprise_name, 32),
    Column(Text("车间", "Workshop"), lambda row: row.workshop, 14),
    Column(Text("开始时间", "Began"), lambda row: local(row.started_at), 20),
    Column(Text("恢复时间", "Returned"), lambda row: local(row.ended_at), 20),
    Column(Text("持续（秒）", "Lasted (s)"), lambda row: row.lasted_s, 12),
    Column(Text("当时的值", "Value"), lambda row: row.value, 12),
    Column(Text("确认人", "Acknowledged by"), lambda row: row.acknowledged_name, 14),
    Column(Text("确认时间", "Acknowledged"), lambda row: local(row.acknowledged_at), 20),
    Column(Text("说明", "Note"), lambda row: row.note, 40),
    Column(Text("更正时间", "Corrected"), lambda row: local(row.corrected_at), 20),
)
