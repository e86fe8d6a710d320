"""One machine: live values, charts, table and exports, how it is read, and what is wrong with it."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhulian.alarms.queries import newest_of_machine
from zhulian.audit.rules import Subject
from zhulian.edge.protocols import protocols
from zhulian.organisations import queries, workflows
from zhulian.organisations.queries import MachineRow
from zhulian.organisations.rules import NotAllowedError
from zhulian.portal.looks import shown
from zhulian.portal.pages.access import Visit, page, reach
from zhulian.portal.pages.alarm_templates import count_words, offered
from zhulian.portal.pages.alarms import active_at, line
from zhulian.portal.pages.explore import MOST_POINTS, explorer_address
from zhulian.portal.pages.live_factory import LiveMachine, device_status, live_machines
from zhulian.portal.pages.series import RANGES, chosen_range
from zhulian.portal.telemetry_access import announce, telemetry

CHARTS_AT_ONCE = 12


@require_safe
@page
def machine(request: Visit, machine_id: int) -> HttpResponseBase:
    """Values now, charts of the chosen range; ``?point=`` draws one point, ``?charts=all`` every one."""
    row = queries.machine(request.rights, machine_id)
    shown(request.rights, "machine", Subject("machine", row.id, row.name), row.enterprise)
    live = live_machines([row])
    range_name = chosen_range(request.GET.get("range", ""))
    protocol = protocols().get(row.protocol)
    values = {
        "machine": row,
        "live": live.machines[0],
        "outage": live.outage,
        "protocol": protocol.title if protocol else row.protocol,
        "ranges": [(name, words) for name, (_seconds, words) in RANGES.items()],
        "range": range_name,
        "charts": charts(live.machines[0], request.GET.get("charts", ""), request.GET.get("point", "")),
        "may_configure": request.rights.may_configure(row.enterprise),
        "is_new": request.GET.get("new") == "1",
        "export": reverse("machine_export", args=[row.id]),
        "explore": explorer_address([point.id for point in row.points][:MOST_POINTS], r=range_name),
        "sees_several": request.rights.sees_several,
        "alarm_lines": [line(request.rights, one) for one in newest_of_machine(request.rights, row.id)],
        "offer_words": count_words(count) if (count := len(offered(request.rights, row))) else "",
        **active_at(request.rights, row.id),
    }
    return render(request, "pages/machine.html", values)


def charts(live: LiveMachine, how_many: str, point: str) -> dict[str, object]:
    """Which points are drawn: the one asked for, all, or the first dozen."""
    chosen = [value for value in live.values if str(value.id) == point]
    shown = chosen or (live.values if how_many == "all" else live.values[:CHARTS_AT_ONCE])
    return {"values": shown, "more": 0 if chosen else len(live.values) - len(shown), "is_one": bool(chosen)}


@require_safe
@page
def picked_up(request: Visit, machine_id: int) -> HttpResponseBase:
    """Whether the gateway already runs the configuration that holds this machine; asked every two seconds."""
    row = queries.machine(request.rights, machine_id)
    shown(request.rights, "machine", Subject("machine", row.id, row.name), row.enterprise, is_part=True)
    return render(request, "pages/picked_up.html", pick_up(request, row))


def pick_up(request: Visit, row: MachineRow) -> dict[str, object]:
    """What is known of the way from saving to the first value."""
    if row.gateway is None:
        return {"machine": row, "step": "none"}
    gateway = queries.gateway(request.rights, row.gateway)
    states = reach(lambda: telemetry().gateways(), {})
    now = states.value.get(row.gateway)
    device = device_status(row, now)
    is_current = (
        now is not None and now.status is not None and now.status.configuration_version >= gateway.configuration_version
    )
    latest = reach(lambda: telemetry().latest(row.enterprise, [point.id for point in row.points]), {})
    step = "saved"
    if states.outage:
        step = "unknown"
    elif now is None or not now.connected:
        step = "offline"
    elif is_current and device is not None:
        step = "value" if latest.value else "fault" if device.fault else "running"
    fault = device.fault if device else None
    return {
        "machine": row,
        "gateway": gateway,
        "step": step,
        "values": len(latest.value),
        "fault": fault,
        "outage": states.outage,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@page
def remove(request: Visit, machine_id: int) -> HttpResponseBase:
    """Stop reading a machine; its history stays. The page names it and says what happens."""
    row = queries.machine(request.rights, machine_id)
    if not request.rights.may_configure(row.enterprise):
        raise NotAllowedError
    if request.method == "POST":
        workflows.remove_machine(request.rights, machine_id, announce)
        messages.success(request, _("设备“%(name)s”已移除，历史读数仍保留。") % {"name": row.name})
        return redirect("factory", enterprise_id=row.enterprise)
    return render(request, "pages/machine_remove.html", {"machine": row})
