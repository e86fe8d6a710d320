"""报警规则: the list, and the editor that says in words what a rule means and how often it would have alarmed."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhulian.alarms import queries, workflows
from zhulian.alarms.models import KINDS
from zhulian.alarms.queries import RuleFilter, RuleRow
from zhulian.alarms.rules import PRIORITY_WORDS, AlarmError, computed, in_words, wrong
from zhulian.alarms.workflows import RuleDraft
from zhulian.organisations import queries as records
from zhulian.organisations.queries import MachineRow, PointRow
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.portal import exports
from zhulian.portal.exports import Column, local
from zhulian.portal.looks import listed, table
from zhulian.portal.pages.access import Reached, Visit, page, reach
from zhulian.portal.pages.alarm_templates import check_confirmed, chosen, offered, typed_from_offer
from zhulian.portal.pages.alarms import PRIORITIES, span_words
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.pages.live_factory import now_us
from zhulian.portal.telemetry_access import telemetry
from zhulian.telemetry.alarms.expressions import NAMES, ExpressionError
from zhulian.telemetry.alarms.rules import Kind, RuleError
from zhulian.telemetry.queries import Tried
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.readings import TenantId, TimeUs

NAME = Text("报警规则", "Alarm rules")
TRIED_DAYS = 7
FAULTS = (AlarmError, ExpressionError, RuleError)
STALE_POLLS = 3
SHORTEST_STALE_S = 60.0


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would have done in the last week, for a person."""

    words: Text
    tried: Tried | None
    outage: str

    @property
    def lasted(self) -> str:
        """How long its alarms lasted together."""
        assert self.tried is not None  # noqa: S101 - asked only with a result
        return span_words(sum((end - start) / 1e6 for start, end, _value in self.tried.spans if end is not None))


@require_safe
@page
def alarm_rules(request: Visit) -> HttpResponseBase:
    """Every rule in sight, by machine; filters stand in the address."""
    asked = request.GET
    wanted = RuleFilter(
        text=asked.get("q", "")[:120],
        enterprise=number(asked, "enterprise", 0) or None,
        machine=number(asked, "machine", 0) or None,
        priority=number(asked, "priority", 0) or None,
    )
    if exports.is_asked(request):
        rows = exports.every(lambda n: queries.rules(request.rights, wanted, n, 500))
        return exports.export(
            request,
            NAME,
            COLUMNS,
            rows,
            source=NAME,
            is_sample=lambda row: row.is_sample,
            owners=lambda row: [row.enterprise],
        )
    found = queries.rules(request.rights, wanted, number(asked, "page", 1), size(asked))
    listed(request.rights, table("alarm_rules", NAME), (row.enterprise for row in found.rows))
    tenants = sorted({TenantId(row.enterprise) for row in found.rows})
    now = reach(lambda: telemetry().alarms_standing(tenants) if tenants else None, None)
    values = {
        "found": found,
        "wanted": wanted,
        "priorities": PRIORITIES,
        "kinds": dict(KINDS),
        "active": {alarm.rule for alarm in now.value.active} if now.value else set(),
        "unknown": set(now.value.unknown) if now.value else set(),
        "outage": now.outage,
        "sizes": PAGE_SIZES,
        "sees_several": request.rights.sees_several,
        "is_narrowed": wanted != RuleFilter(),
        "may_add": bool(request.rights.administers or request.rights.configures),
    }
    return render(request, "pages/alarm_rules.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def alarm_rule_new(request: Visit) -> HttpResponseBase:
    """A new rule on the machine that the address names; without one, choose the machine first."""
    machine_id = number(request.POST or request.GET, "machine", 0)
    if not machine_id:
        found = records.machines(request.rights, records.MachineFilter(), 1, 500)
        rows = [row for row in found.rows if request.rights.may_configure(row.enterprise)]
        return render(request, "pages/alarm_rule_choose.html", {"machines": rows})
    machine = records.machine(request.rights, machine_id)
    if not request.rights.may_configure(machine.enterprise):
        raise NotAllowedError
    return _edit(request, machine, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def alarm_rule(request: Visit, rule_id: int) -> HttpResponseBase:
    """One rule; a POST changes it, puts it out of service or removes it."""
    row = queries.rule(request.rights, rule_id)
    return _edit(request, records.machine(request.rights, row.machine), row)


def _edit(request: Visit, machine: MachineRow, row: RuleRow | None) -> HttpResponseBase:
    fault: ZhulianError | None = None
    if request.method == "POST":
        try:
            return _save(request, machine, row)
        except FAULTS as refused:
            fault = refused
    offer = chosen(request.rights, machine, request.POST or request.GET) if row is None else None
    first = typed_from_offer(offer) if offer else typed_from(row)
    typed: Mapping[str, object] = request.POST if request.method == "POST" else first
    others = queries.rules(request.rights, RuleFilter(enterprise=machine.enterprise), 1, 500).rows
    values = {
        "machine": machine,
        "row": row,
        "typed": typed,
        "chosen": request.POST.getlist("points")
        if request.method == "POST"
        else [str(p) for p in row.points]
        if row
        else [str(offer.point)]
        if offer
        else [],
        "offer": offer,
        "offers": offered(request.rights, machine) if row is None and offer is None else [],
        "letters": list(zip(NAMES, row.point_names, strict=False)) if row else [],
        "kinds": KINDS,
        "priorities": PRIORITIES,
        "others": [other for other in others if row is None or other.id != row.id],
        "editions": queries.editions(request.rights, row.id) if row else [],
        "fault": fault,
        "may": request.rights.may_configure(machine.enterprise),
    }
    return render(request, "pages/alarm_rule.html", values, status=422 if fault else 200)


def _save(request: Visit, machine: MachineRow, row: RuleRow | None) -> HttpResponseBase:
    asked, act = request.POST, request.POST.get("act", "save")
    revision = number(asked, "revision", 0)
    if row is not None and act == "remove":
        workflows.remove_rule(request.rights, row.id, revision)
        messages.success(request, _("规则已移除，它的报警记录仍保留。"))
        return redirect("alarm_rules")
    if row is not None and act in {"stop", "start"}:
        reason = asked.get("reason", "").strip()
        if act == "stop" and not reason:
            raise wrong("停用要写原因", "putting it out of service needs a reason")
        workflows.put_out_of_service(request.rights, row.id, reason if act == "stop" else "", revision)
        messages.success(request, _("已停用。") if act == "stop" else _("已启用，从现在起重新判断。"))
        return redirect("alarm_rule", rule_id=row.id)
    check_confirmed(asked)
    saved = workflows.save_rule(request.rights, draft_of(asked, machine), row.id if row else None, revision)
    messages.success(request, _("已保存，几秒内生效。"))
    return redirect("alarm_rule", rule_id=saved)


@require_POST
@page
def alarm_rule_try(request: Visit) -> HttpResponseBase:
    """What the rule on the form would have done in the last seven days; nothing is saved."""
    machine = records.machine(request.rights, number(request.POST, "machine", 0))
    if not request.rights.may_configure(machine.enterprise):
        raise NotAllowedError
    try:
        values: dict[str, object] = {"trial": tried(machine, draft_of(request.POST, machine))}
    except FAULTS as fault:
        values = {"fault": fault}
    return render(request, "pages/alarm_rule_trial.html", values)


def tried(machine: MachineRow, draft: RuleDraft) -> Trial:
    """Ask the telemetry process; raises what is wrong with the draft."""
    end_us = now_us()
    start_us = TimeUs(end_us - TRIED_DAYS * 86_400_000_000)
    rule = computed(
        number=1, version=1, tenant=machine.enterprise, kind=draft.kind, points=draft.points, since_us=start_us,
        settings=draft.settings,
    )  # fmt: skip
    points = [point for chosen in draft.points for point in machine.points if point.id == chosen]
    words = in_words(draft.kind, draft.settings, [point.name for point in points], points[0].unit)
    found: Reached[Tried | None] = reach(lambda: telemetry().attempt_alarm(rule, start_us, end_us), None)
    return Trial(words, found.value, found.outage)


def draft_of(asked: QueryDict, machine: MachineRow) -> RuleDraft:
    """What the form says. Raises AlarmError for what is no number, NotVisibleError for points of other machines."""
    kind = asked.get("kind", "")
    if kind not in dict(KINDS):
        raise wrong("请选择类型", "choose a kind")
    chosen = [int(text) for text in asked.getlist("points") if text.isascii() and text.isdigit()]
    by_id = {point.id: point for point in machine.points}
    if not chosen:
        raise wrong("请选择点位", "choose a point")
    if not by_id.keys() >= set(chosen):
        raise NotVisibleError(Text("点位", "point"))
    if kind != Kind.EXPRESSION:
        chosen = chosen[:1]
    return RuleDraft(
        name=asked.get("name", ""),
        kind=kind,
        priority=number(asked, "priority", 3),
        points=chosen,
        settings=settings_of(kind, asked, [by_id[point] for point in chosen]),  # type: ignore[index]
        advice=asked.get("advice", ""),
        suppressed_by=number(asked, "suppressed_by", 0) or None,
    )


def settings_of(kind: str, asked: QueryDict, points: list[PointRow]) -> dict[str, object]:
    """The settings that a kind has; a reading holds for three times as long as its point may be quiet."""
    stale_s = max(max(point.reports_every_s for point in points) * STALE_POLLS, SHORTEST_STALE_S)
    found: dict[str, object] = {"stale_s": stale_s, "on_delay_s": _figure(asked, "on_delay_s", 0.0)}
    found["off_delay_s"] = _figure(asked, "off_delay_s", 0.0)
    if kind in {Kind.THRESHOLD, Kind.RATE}:
        is_low, limit = asked.get("is_low") == "1", _figure(asked, "limit", None)
        # A fall is a rate below zero; people type how much.
        found["limit"] = -abs(limit) if kind == Kind.RATE and is_low else limit
        found |= {"is_low": is_low, "hysteresis": _figure(asked, "hysteresis", 0.0)}
    elif kind == Kind.STATE:
        found |= _state_of(asked)
    elif kind == Kind.ABSENCE:
        found["silence_s"] = _figure(asked, "silence_s", None)
    else:
        found["expression"] = asked.get("expression", "").strip()
    return found


def _state_of(asked: QueryDict) -> dict[str, object]:
    wanted, before = asked.get("wanted", "").strip(), asked.get("before", "").strip()
    try:
        value: dict[str, object] = {"limit": float(wanted)}
    except ValueError:
        if not wanted:
            raise wrong("请填写状态值", "say which value") from None
        return {"text": wanted[:80]}
    return value | ({"before": _figure(asked, "before", None)} if before else {})


def _figure(asked: QueryDict, name: str, otherwise: float | None) -> float:
    text = asked.get(name, "").strip()
    if not text and otherwise is not None:
        return otherwise
    try:
        return float(text)
    except ValueError:
        shown = text or "—"
        raise wrong(f"“{shown}”不是数字", f"“{shown}” is no number") from None


def typed_from(row: RuleRow | None) -> dict[str, object]:
    """A rule as its form shows it."""
    if row is None:
        return {"kind": "threshold", "priority": "3", "on_delay_s": "0", "off_delay_s": "0", "hysteresis": "0"}
    settings: dict[str, str] = {name: _plain(value) for name, value in row.settings.items()}
    if row.kind == Kind.RATE and row.settings.get("is_low"):
        settings["limit"] = settings["limit"].removeprefix("-")
    if row.kind == Kind.STATE:
        settings["wanted"] = str(row.settings.get("text") or settings.get("limit", ""))
    return {
        **settings,
        "name": row.name, "kind": row.kind, "priority": str(row.priority), "advice": row.advice,
        "suppressed_by": str(row.suppressed_by or ""), "is_low": "1" if row.settings.get("is_low") else "",
    }  # fmt: skip


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


COLUMNS: tuple[Column[RuleRow], ...] = (
    Column(Text("规则", "Rule"), lambda row: row.name, 28),
    Column(Text("条件", "Condition"), lambda row: row.words, 48),
    Column(Text("优先级", "Priority"), lambda row: PRIORITY_WORDS[row.priority], 10),
    Column(Text("设备", "Machine"), lambda row: row.machine_name, 24),
    Column(Text("企业", "Enterprise"), lambda row: row.enterprise_name, 32),
    Column(Text("处理建议", "Advice"), lambda row: row.advice, 40),
    Column(Text("停用原因", "Out of service"), lambda row: row.out_of_service, 24),
    Column(Text("修改人", "Changed by"), lambda row: row.changed_name, 14),
    Column(Text("修改时间", "Changed"), lambda row: local(row.changed_at), 20),
)
