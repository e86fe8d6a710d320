"""Gateways: how each one is, adding one, its one-time code, revoking it."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhulian.audit.rules import Subject
from zhulian.organisations import queries, workflows
from zhulian.organisations.queries import GatewayRow, MachineFilter
from zhulian.organisations.rules import NotAllowedError, RecordsError
from zhulian.organisations.workflows.quotas import set_quotas
from zhulian.portal import exports
from zhulian.portal.exports import Column
from zhulian.portal.looks import listed, shown, table
from zhulian.portal.pages import quotas
from zhulian.portal.pages.access import Visit, page, reach
from zhulian.portal.pages.enterprises import number
from zhulian.portal.pages.figures import MachineState, State
from zhulian.portal.pages.live_factory import CLOCK_OFF_S, live_machines
from zhulian.portal.telemetry_access import telemetry
from zhulian.telemetry.queries import GatewayState
from zhulian.vocabulary.errors import Text

NAME = Text("网关列表", "Gateways")
COLUMNS: tuple[Column[GatewayRow], ...] = (
    Column(Text("网关", "Gateway"), lambda row: row.name, 24),
    Column(Text("企业", "Enterprise"), lambda row: row.enterprise_name, 36),
    Column(Text("设备", "Machines"), lambda row: row.machines, 8),
    Column(Text("版本", "Version"), lambda row: row.version, 12),
    Column(Text("配置版本", "Configuration"), lambda row: row.configuration_version, 10),
    Column(Text("登记时间", "Enrolled at"), lambda row: exports.local(row.enrolled_at), 20),
    Column(Text("吊销时间", "Revoked at"), lambda row: exports.local(row.revoked_at), 20),
)


@dataclass(frozen=True, slots=True)
class LiveGateway:
    """One gateway as the records know it and as it is right now."""

    row: GatewayRow
    now: GatewayState | None
    state: MachineState

    @property
    def clock_is_off(self) -> bool:
        """Whether its readings carry doubtful times."""
        return self.now is not None and abs(self.clock_offset_s) > CLOCK_OFF_S

    @property
    def clock_offset_s(self) -> float:
        """How far its clock runs ahead, in seconds."""
        return self.now.clock_offset_us / 1e6 if self.now else 0.0

    @property
    def is_behind(self) -> bool:
        """Whether it still runs an older configuration than the portal holds."""
        status = self.now.status if self.now else None
        return status is not None and status.configuration_version < self.row.configuration_version


@require_http_methods(["GET", "HEAD", "POST"])
@page
def gateways(request: Visit) -> HttpResponseBase:
    """The list; a POST adds one and goes on to its one-time code."""
    wanted = number(request.GET if request.method != "POST" else request.POST, "enterprise", 0) or None
    text = request.GET.get("q", "").strip()[:120]
    fault: RecordsError | None = None
    picks = request.rights.administers
    unpicked = picks and request.method == "POST" and wanted is None
    if request.method == "POST" and not unpicked:
        enterprise_id = wanted or next(iter(request.rights.configures), 0)
        try:
            made = workflows.create_gateway(request.rights, enterprise_id, request.POST.get("name", ""))
            return show_code(request, made)
        except RecordsError as refused:
            if refused.code != "gateway_name_wrong":
                raise
            fault = refused
    if exports.is_asked(request):
        rows, source = queries.gateways(request.rights, wanted, text), Text("网关登记", "Gateway records")
        return exports.export(
            request,
            NAME,
            COLUMNS,
            rows,
            source=source,
            owners=lambda row: [row.enterprise],
            is_sample=lambda row: row.is_sample,
        )
    states = reach(lambda: telemetry().gateways(), {})
    rows_shown = queries.gateway_page(request.rights, wanted, text, number(request.GET, "page", 1))
    listed(request.rights, table("gateways", NAME), (row.enterprise for row in rows_shown.rows))
    connected = [id_ for id_, state in states.value.items() if state.connected]
    values = {
        "page": rows_shown,
        "found": [live_gateway(row, states.value, states.outage) for row in rows_shown.rows],
        "outage": states.outage,
        "fault": fault,
        "typed": request.POST.get("name", ""),
        "enterprises": _may_add(request),
        "picks": picks,
        "unpicked": unpicked,
        "picked": queries.enterprise(request.rights, wanted).name if picks and wanted else "",
        "wanted": wanted,
        "text": text,
        "sentence": sentence(*queries.gateways_in_use(request.rights, wanted, connected), is_known=not states.outage),
        "sees_several": request.rights.sees_several,
    }
    return render(request, "pages/gateways.html", values, status=422 if fault or unpicked else 200)


def _may_add(request: Visit) -> list[tuple[int, str]]:
    """Few enough for a list; an administrator picks from all of them by name."""
    if request.rights.administers:
        return []
    own = queries.own_enterprises(request.rights)
    return [(row.id, row.name) for row in own if request.rights.may_configure(row.id)]


def sentence(used: int, online: int, *, is_known: bool) -> str:
    """One sentence of state; while telemetry is away nobody knows how many are there."""
    if not is_known:
        return _("%(all)s 个网关，暂时读不到几个在线") % {"all": used}
    return _("%(all)s 个网关，%(online)s 个在线") % {"all": used, "online": online}


def live_gateway(row: GatewayRow, states: dict[int, GatewayState], outage: str) -> LiveGateway:
    """State of one gateway; what the records say outranks what is heard."""
    now = states.get(row.id)
    last = now.last_heard_us if now else None
    if row.revoked_at:
        return LiveGateway(row, None, MachineState(State.STOPPED, _("已停用")))
    if row.enrolled_at is None:
        return LiveGateway(row, None, MachineState(State.UNKNOWN, _("等待登记")))
    if outage:
        return LiveGateway(row, None, MachineState(State.UNKNOWN, _("暂时读不到")))
    if now is None:
        return LiveGateway(row, None, MachineState(State.UNKNOWN, _("还没有联系过平台")))
    if not now.connected:
        return LiveGateway(row, now, MachineState(State.FAULT, _("离线"), last))
    return LiveGateway(row, now, MachineState(State.RUNNING, _("在线"), last))


@require_http_methods(["GET", "HEAD", "POST"])
@page
def gateway(request: Visit, gateway_id: int) -> HttpResponseBase:
    """One gateway with its machines; a POST gives it another name."""
    fault: RecordsError | None = None
    if request.method == "POST":
        try:
            workflows.rename_gateway(request.rights, gateway_id, request.POST.get("name", ""))
            messages.success(request, _("名称已改。"))
            return redirect("gateway", gateway_id=gateway_id)
        except RecordsError as refused:
            if refused.code != "gateway_name_wrong":
                raise
            fault = refused
    return _one(request, gateway_id, name_fault=fault)


@require_POST
@page
def quota(request: Visit, gateway_id: int) -> HttpResponseBase:
    """Set the gateway's limits and its enterprise's; an empty field is the default again."""
    queries.gateway(request.rights, gateway_id)
    limits = (quotas.limits(request.POST, "own"), quotas.limits(request.POST, "together"))
    try:
        set_quotas(request.rights, gateway_id, *limits, settings.ZHULIAN.data.quotas)
    except RecordsError as refused:
        if refused.code != "quota_wrong":
            raise
        return _one(request, gateway_id, quota_fault=refused)
    messages.success(request, _("限额已保存，几秒内生效。"))
    return redirect("gateway", gateway_id=gateway_id)


def _one(
    request: Visit, gateway_id: int, name_fault: RecordsError | None = None, quota_fault: RecordsError | None = None
) -> HttpResponseBase:
    """The page; what a form refused stays in it, with the reason at the field."""
    row = queries.gateway(request.rights, gateway_id)
    shown(request.rights, "gateway", Subject("gateway", row.id, row.name), row.enterprise)
    states = reach(lambda: telemetry().gateways(), {})
    held = quotas.quotas_of(request.rights, gateway_id)
    rows = queries.machines(request.rights, MachineFilter(gateway=gateway_id), 1, queries.LARGEST_PAGE).rows
    values = {
        "shown": live_gateway(row, states.value, states.outage),
        "live": live_machines(rows),
        "outage": states.outage,
        "fault": name_fault,
        "typed": request.POST.get("name", row.name),
        "may_configure": request.rights.may_configure(row.enterprise),
        "arrivals": reach(lambda: telemetry().arrivals(gateway_id), None).value,
        "quotas": held,
        "quota_fields": quotas.fields(held, request.POST if quota_fault else None),
        "quota_fault": quota_fault,
        "may_set_quotas": request.rights.administers,
    }
    return render(request, "pages/gateway.html", values, status=422 if name_fault or quota_fault else 200)


@require_POST
@page
def code(request: Visit, gateway_id: int) -> HttpResponseBase:
    """A fresh one-time code, shown this once."""
    return show_code(request, gateway_id)


def show_code(request: Visit, gateway_id: int) -> HttpResponseBase:
    """The code and the exact command to type at the gateway."""
    made = workflows.create_code(request.rights, gateway_id, request.user)
    row = queries.gateway(request.rights, gateway_id)
    values = {"gateway": row, "code": made, "portal_url": settings.ZHULIAN.portal_url}
    return render(request, "pages/gateway_code.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def revoke(request: Visit, gateway_id: int) -> HttpResponseBase:
    """Revoking cannot be undone, so the person types the gateway's name."""
    row = queries.gateway(request.rights, gateway_id)
    if not request.rights.may_configure(row.enterprise):
        raise NotAllowedError
    wrong = ""
    if request.method == "POST":
        if request.POST.get("name", "").strip() == row.name:
            workflows.revoke_gateway(request.rights, gateway_id, settings.ZHULIAN.data.revoked)
            messages.success(request, _("网关“%(name)s”已停用，平台不再接收它的数据。") % {"name": row.name})
            return redirect("gateways")
        wrong = Text("名称不一致，没有停用。", "The name does not match; nothing was revoked.").in_language(
            get_language() or "zh-hans"
        )
    values = {"gateway": row, "wrong": wrong, "typed": request.POST.get("name", "")}
    return render(request, "pages/gateway_revoke.html", values, status=422 if wrong else 200)
