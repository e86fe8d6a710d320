"""疑点: what may not be as it looks, with its proof; officers judge it. An enterprise sees what was released to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhulian.audit.rules import Subject
from zhulian.evidence.flags import rules
from zhulian.evidence.models import FlagState
from zhulian.evidence.queries import flags as queries
from zhulian.evidence.queries.flags import Drawn, FlagFilter, FlagRow
from zhulian.evidence.rules import EvidenceError
from zhulian.evidence.workflows.flagging import Decision, decide
from zhulian.organisations.tenancy import Scope
from zhulian.portal import exports
from zhulian.portal.exports import Column, local
from zhulian.portal.looks import shown
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.city_map import place_name
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.pages.figures import MachineState, State
from zhulian.portal.templatetags.zhulian import area_name, said
from zhulian.vocabulary.clock import SHANGHAI, to_datetime
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.places import REPORTING_AREAS
from zhulian.vocabulary.readings import TimeUs

STATES: dict[str, tuple[Text, State]] = {
    FlagState.OPEN: (Text("待核实", "To be looked at"), State.IDLE),
    FlagState.EXPLAINED: (Text("已说明", "Explained"), State.RUNNING),
    FlagState.CONFIRMED: (Text("属实", "Confirmed"), State.FAULT),
    FlagState.DISMISSED: (Text("排除", "Dismissed"), State.STOPPED),
}
WIDTH, HEIGHT = 600.0, 120.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """A curve as strokes of an SVG of :data:`WIDTH` × :data:`HEIGHT`, one for each stretch without a gap."""

    name: str
    unit: str
    strokes: Sequence[str]
    low: float
    high: float
    first_us: int
    last_us: int


@require_safe
@page
def flags(request: Visit) -> HttpResponseBase:
    """The flags in sight; filters stand in the address."""
    wanted = flag_filter(request.GET)
    if exports.is_asked(request):
        return _export(request, wanted)
    found = queries.flags(request.rights, wanted, number(request.GET, "page", 1), size(request.GET))
    values = {
        "found": found,
        "lines": [(row, look(row.state), rule_title(row.rule)) for row in found.rows],
        "wanted": wanted,
        "rules": [(name, rule.TITLE) for name, rule in rules().items()],
        "states": [(value, words) for value, (words, _state) in STATES.items()],
        "areas": [(place.code, place_name(place)) for place in REPORTING_AREAS],
        "sizes": PAGE_SIZES,
        "is_narrowed": wanted != FlagFilter(),
        "is_officer": queries.judges(request.rights),
        "sentence": _sentence(request.rights, wanted),
    }
    return render(request, "pages/flags.html", values)


def flag_filter(asked: QueryDict) -> FlagFilter:
    """The filters of the list as its address carries them."""
    return FlagFilter(
        text=asked.get("q", "")[:120],
        rule=asked.get("rule", "") if asked.get("rule") in rules() else "",
        state=asked.get("state", "") if asked.get("state") in STATES else "",
        area=asked.get("area", ""),
        enterprise=number(asked, "enterprise", 0) or None,
    )


def _sentence(scope: Scope, wanted: FlagFilter) -> str:
    counted = queries.flags_by_state(scope, wanted)
    waiting = counted.get(FlagState.OPEN, 0)
    if not queries.judges(scope):
        total = sum(counted.values())
        return ngettext("%(n)s 条核实结论", "%(n)s 条核实结论", total) % {"n": total} if total else ""
    return ngettext("%(n)s 个待核实", "%(n)s 个待核实", waiting) % {"n": waiting} if waiting else _("没有待核实的疑点")


def look(state: FlagState) -> MachineState:
    """A state as shape, word and colour."""
    words, kind = STATES[state]
    return MachineState(kind, said(words))


def rule_title(name: str) -> Text:
    """What a rule is called; rules of earlier versions keep their name."""
    rule = rules().get(name)
    title: Text = rule.TITLE if rule else Text(name, name)
    return title


@require_http_methods(["GET", "HEAD", "POST"])
@page
def flag(request: Visit, flag_id: int) -> HttpResponseBase:
    """One flag with its proof and history; a POST decides it."""
    fault: EvidenceError | None = None
    if request.method == "POST":
        try:
            return _decide(request, flag_id)
        except EvidenceError as refused:
            fault = refused
    found = queries.flag(request.rights, flag_id)
    row = found.row
    shown(request.rights, "flag", Subject("flag", flag_id, row.enterprise_name), row.enterprise)
    rule = rules().get(row.rule)
    values = {
        "found": found,
        "row": row,
        "look": look(row.state),
        "rule": rule_title(row.rule),
        "meaning": rule.MEANING if rule else None,
        "cells": [[cell(value) for value in line] for line in found.rows],
        "drawings": [drawing for curve in found.curves if (drawing := drawn(curve))],
        "steps": [(step, look(step.state)) for step in found.steps],
        "states": [(value, words) for value, (words, _state) in STATES.items()],
        "is_officer": queries.judges(request.rights),
        "fault": fault,
        "typed": request.POST,
    }
    return render(request, "pages/flag.html", values, status=422 if fault else 200)


def _decide(request: Visit, flag_id: int) -> HttpResponseBase:
    asked = request.POST
    queries.flag(request.rights, flag_id)  # out of sight is 404 before anything else is said
    state = asked.get("state", "")
    if state not in STATES:
        raise EvidenceError(
            "state_missing",
            Text("没有选择结论，没有保存。", "No outcome was chosen; nothing was saved."),
            Text("请选择已说明、属实、排除或待核实。", "Choose one of the outcomes."),
        )
    decision = Decision(
        FlagState(state), asked.get("note", "")[:4_000], bool(asked.get("release")), number(asked, "revision", 0)
    )
    decide(request.rights, flag_id, decision)
    messages.success(request, _("已记录，并写入操作日志。"))
    return redirect("flag", flag_id=flag_id)


def cell(value: object) -> str:
    """A cell of the proof: words in the reader's language, moments in Shanghai, numbers as they are."""
    if isinstance(value, dict) and "us" in value:
        return f"{to_datetime(TimeUs(value['us'])).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    if isinstance(value, dict):
        return str(value["en" if (get_language() or "").startswith("en") else "zh"])
    return f"{value:,}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def drawn(curve: Drawn) -> Drawing | None:
    """A curve as an SVG can show it; None when it holds nothing."""
    known = [value for value in curve.values if value is not None]
    if len(known) < 2:
        return None
    low, high = min(known), max(known)
    first, last = curve.times_us[0], curve.times_us[-1]
    strokes: list[list[str]] = [[]]
    for time_us, value in zip(curve.times_us, curve.values, strict=True):
        if value is None:
            strokes.append([])
            continue
        x = (time_us - first) / max(last - first, 1) * WIDTH
        y = HEIGHT - (value - low) / ((high - low) or 1.0) * HEIGHT if high > low else HEIGHT / 2
        strokes[-1].append(f"{x:.1f},{y:.1f}")
    return Drawing(
        said(curve.name), curve.unit, [" ".join(one) for one in strokes if len(one) > 1], low, high, first, last
    )


def _export(request: Visit, wanted: FlagFilter) -> HttpResponseBase:
    rows = exports.every(lambda n: queries.flags(request.rights, wanted, n, 500))
    name, source = Text("疑点", "Flags"), Text("疑点清单", "The list of flags")
    hidden = request.rights.hidden_enterprises()
    return exports.export(
        request, name, COLUMNS, rows, source=source, hidden=hidden, is_sample=lambda row: row.is_sample
    )


YES, NO = Text("是", "yes"), Text("否", "no")
COLUMNS: tuple[Column[FlagRow], ...] = (
    Column(Text("企业", "Enterprise"), lambda row: row.enterprise_name, 36),
    Column(Text("统计归属", "Reporting area"), lambda row: area_name(row.area), 14),
    Column(Text("疑点", "Flag"), lambda row: row.title, 50),
    Column(Text("规则", "Rule"), lambda row: rule_title(row.rule), 24),
    Column(Text("状态", "State"), lambda row: STATES[row.state][0], 12),
    Column(Text("发现时间", "Found"), lambda row: local(row.found_at), 20),
    Column(Text("最近发现", "Seen last"), lambda row: local(row.seen_at), 20),
    Column(Text("次数", "Times"), lambda row: row.times, 8),
    Column(Text("处理人", "Decided by"), lambda row: row.decided_by, 14),
    Column(Text("处理时间", "Decided"), lambda row: local(row.decided_at) or "", 20),
    Column(Text("对企业公开", "Released"), lambda row: YES if row.is_released else NO, 12),
)
