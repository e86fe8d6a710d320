"""Where a figure comes from. The same content opens beside the page, or as a page of its own."""

from collections.abc import Callable, Mapping

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from zhulian.audit.rules import Subject
from zhulian.edge.protocols import protocols
from zhulian.evidence import queries as evidence
from zhulian.evidence.catalogue import FactKey
from zhulian.evidence.rules import FactRow, Settled
from zhulian.evidence.workflows import may_correct_fact
from zhulian.organisations import queries
from zhulian.portal.looks import shown
from zhulian.portal.pages.access import Visit, is_fragment, page, reach
from zhulian.portal.pages.collector_run import run_of
from zhulian.portal.pages.fact_figures import shown_fact, today_of
from zhulian.portal.pages.figures import point_value
from zhulian.portal.pages.home import AreaLine, read_city
from zhulian.portal.pages.live_factory import device_status, now_us
from zhulian.portal.telemetry_access import telemetry

CITY_FIGURES: dict[str, tuple[object, object, object, Callable[[AreaLine], int | None]]] = {
    "enterprises": (
        _("企业"), _("平台登记的企业数，按统计归属分列。"), _("家"), lambda line: line.row.enterprises,
    ),
    "coverage": (
        _("接入覆盖率"),
        _("至少接入一台设备的企业 ÷ 登记的企业；各县区不求平均，由两列之和相除。"),
        _("家已接入"),
        lambda line: line.row.connected,
    ),
    "machines": (_("设备"), _("已接入且未移除的设备数。"), _("台"), lambda line: line.row.machines),
    "points": (_("点位"), _("这些设备上配置的点位数。"), _("个"), lambda line: line.row.points),
    "live": (_("正在上传的企业"), _("最近 10 分钟内至少有一个点位收到读数的企业数。"), _("家"), lambda line: line.live),
    "readings": (
        _("读数 / 分钟"),
        _("平台最近 60 秒收到并落盘的读数条数；重复上传的不重复计。"),
        _("条"),
        lambda line: line.readings_a_minute,
    ),
}  # fmt: skip


@require_safe
@page
def point(request: Visit, point_id: int) -> HttpResponseBase:
    """Gateway, machine, point, last reading, count, source note."""
    machine, row = queries.machine_of_point(request.rights, point_id)
    shown(request.rights, "origin", Subject("machine", machine.id, machine.name), machine.enterprise)
    latest = reach(lambda: telemetry().latest(machine.enterprise, [row.id]), {})
    counts = reach(lambda: telemetry().counts(machine.enterprise, [row.id]), {})
    states = reach(lambda: telemetry().gateways(), {})
    gateway = states.value.get(machine.gateway or 0)
    device = device_status(machine, gateway)
    protocol = protocols().get(machine.protocol)
    values = {
        "machine": machine,
        "shown": point_value(row, latest.value.get(row.id), now_us(), latest.outage, device),
        "count": counts.value.get(row.id),
        "gateway": gateway,
        "device": device,
        "protocol": protocol.title if protocol else machine.protocol,
        "outage": latest.outage or counts.outage or states.outage,
    }
    return _answer(request, "point", values)


@require_safe
@page
def city(request: Visit, figure: str) -> HttpResponseBase:
    """How a figure of the city is counted, and what each district contributes."""
    if figure not in CITY_FIGURES:
        raise Http404
    label, how, unit, part = CITY_FIGURES[figure]
    found = read_city(request.rights.totals)
    values = {
        "label": label,
        "how": how,
        "unit": unit,
        "lines": [(line, part(line)) for line in found.lines],
        "total": None
        if any(part(line) is None for line in found.lines)
        else sum(part(line) or 0 for line in found.lines),
        "is_coverage": figure == "coverage",
        "enterprises": found.total("enterprises"),
        "outage": found.outage,
        "now_us": now_us(),
    }
    return _answer(request, "city", values)


@require_safe
@page
def fact(request: Visit, fact_id: int) -> HttpResponseBase:
    """Down to machine, document or person; with what was superseded, and what other sources say."""
    chain = evidence.chain(request.rights, fact_id)
    line, keys, today = chain.line, evidence.catalogue(), today_of(timezone.now())
    if line.fact.enterprise is not None:
        shown(request.rights, "fact", Subject("fact", fact_id, _named(keys, line.fact.key)), line.fact.enterprise)
    settled = evidence.effective(request.rights, line.fact.subject, line.fact.key, today)
    document = None if line.fact.document is None else evidence.document(request.rights, line.fact.document)
    key = keys.get(line.fact.key)
    values = {
        "chain": chain,
        "line": line,
        "fact": line.fact,
        "key": key,
        "shown": shown_fact(key, line.fact, today, is_sample=line.is_sample),
        "earlier": [(row, shown_fact(key, row, today)) for row in chain.earlier],
        "later": [(row, shown_fact(key, row, today)) for row in chain.later],
        "others": [(row, shown_fact(key, row, today)) for row in _others(settled, fact_id)],
        "holds": settled is not None and settled.fact.id == fact_id,
        "document": document,
        "run": run_of(request.rights, line.fact.details),
        "today": today,
        "may_correct": chain.line.superseded_by is None
        and not line.fact.is_withdrawal
        and may_correct_fact(request.rights, fact_id),
        "outage": "",
    }
    return _answer(request, "fact", values)


def _others(settled: Settled | None, fact_id: int) -> list[FactRow]:
    """What stands beside it today: the newest of each other source, and the one that holds."""
    return [] if settled is None else [row for row in (settled.fact, *settled.others) if row.id != fact_id]


def _answer(request: Visit, name: str, values: dict[str, object]) -> HttpResponse:
    part = f"pages/origin_{name}.html"
    values |= {"part": part, "is_fragment": is_fragment(request)}
    return render(request, part if is_fragment(request) else "pages/origin.html", values)


def _named(keys: Mapping[str, FactKey], key: str) -> str:
    """The name of a fact for the trail, which is kept in Chinese; the key where the catalogue has lost it."""
    return keys[key].name.zh if key in keys else key
