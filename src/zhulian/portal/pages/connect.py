"""The connect wizard: protocol, address, points by browsing or by pasting, a live sample, save.

One form holds everything, so nothing typed is ever lost: trying and browsing answer beside it, a refused save shows it
again, and the browser keeps a draft until the machine is saved.
"""

import uuid
from typing import Any

import msgspec
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhulian.edge.protocols import protocols
from zhulian.organisations import point_tables, queries, workflows
from zhulian.organisations.queries import GatewayRow
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, RecordsError
from zhulian.organisations.workflows import MachineDraft
from zhulian.portal.exports import as_file
from zhulian.portal.pages.access import Visit, page, reach
from zhulian.portal.pages.connect_form import (
    Typed,
    as_table,
    option_fields,
    read_device,
    table_faults,
    typed_from,
    typed_in,
    unread_words,
    usable,
)
from zhulian.portal.pages.gateways import live_gateway
from zhulian.portal.telemetry_access import announce, telemetry
from zhulian.portal.templatetags.zhulian import said
from zhulian.spreadsheets.writing import XLSX
from zhulian.vocabulary.errors import ZhulianError
from zhulian.wire.asks import Ask, Reply
from zhulian.wire.configuration import DeviceConfig

SAMPLE_WITHIN_S = 3.0
POINTS_TRIED = 20


@require_http_methods(["GET", "HEAD", "POST"])
@page
def connect(request: Visit) -> HttpResponseBase:
    """The empty form; a POST saves the machine and goes on to its page."""
    if request.method == "POST":
        return _save(request, typed_in(request.POST))
    start = {name: request.GET[name] for name in ("gateway", "protocol", "address") if name in request.GET}
    return _show(request, Typed(start), is_fresh=True)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def edit(request: Visit, machine_id: int) -> HttpResponseBase:
    """The same form, filled with what is in force."""
    machine = queries.machine(request.rights, machine_id)
    if not request.rights.may_configure(machine.enterprise):
        raise NotAllowedError
    if request.method == "POST":
        typed = typed_in(request.POST)
        typed.values["id"] = str(machine_id)
        return _save(request, typed)
    return _show(request, typed_from(machine, queries.device_configuration(request.rights, machine_id)))


def _save(request: Visit, typed: Typed) -> HttpResponseBase:
    device = read_device(typed)
    gateway = _gateway(request, typed)
    if device is None or gateway is None:
        return _show(request, typed)
    try:
        machine = workflows.save_machine(request.rights, _draft(typed, device, gateway), announce)
    except (NotVisibleError, NotAllowedError):
        raise
    except RecordsError as fault:
        typed.refuse("name" if fault.code == "machine_name_taken" else "", said(fault))
        return _show(request, typed)
    return redirect(f"{reverse('machine', args=[machine])}?new=1")


def _draft(typed: Typed, device: DeviceConfig, gateway: GatewayRow) -> MachineDraft:
    return MachineDraft(
        gateway=gateway.id,
        device=device,
        workshop=typed.text("workshop"),
        kind=typed.text("kind"),
        source_note=typed.text("source_note"),
        revision=int(typed.text("revision")) if typed.text("revision").isdigit() else None,
    )


def _gateway(request: Visit, typed: Typed) -> GatewayRow | None:
    """The gateway that was chosen, if this person may configure it."""
    if typed.text("gateway").isdigit():
        row = queries.gateway(request.rights, int(typed.text("gateway")))
        if not request.rights.may_configure(row.enterprise):
            raise NotAllowedError
        return row
    typed.refuse("gateway", _("请选择由哪个网关去读这台设备。"))
    return None


def _show(request: Visit, typed: Typed, *, is_fresh: bool = False) -> HttpResponse:
    states = reach(lambda: telemetry().gateways(), {})
    rows = [row for row in usable(queries.gateways(request.rights)) if request.rights.may_configure(row.enterprise)]
    if is_fresh and len(rows) == 1:
        typed.values.setdefault("gateway", str(rows[0].id))
    if is_fresh:
        typed.values.setdefault("address", "")
    values = {
        "typed": typed,
        "gateways": [live_gateway(row, states.value, states.outage) for row in rows],
        "protocols": [(info, option_fields(info, typed)) for info in protocols().values()],
        "is_fresh": is_fresh,
        "is_edit": bool(typed.text("id")),
        "draft": f"machine-{typed.text('id') or 'new'}",
        "outage": states.outage,
        "sees_several": request.rights.sees_several or request.rights.administers,
    }
    return render(request, "pages/connect.html", values, status=422 if typed.faults else 200)


@require_POST
@page
def try_points(request: Visit) -> HttpResponseBase:
    """Read each point once through the gateway: a value, or a named cause with the next step."""
    typed = typed_in(request.POST)
    device = read_device(typed, needs_name=False)
    gateway = _gateway(request, typed)
    if device is None or gateway is None:
        return _answer(request, {"faults": _all(typed)})
    tried = msgspec.structs.replace(device, points=device.points[:POINTS_TRIED])
    answer = _ask(gateway, Ask(kind="try", id=uuid.uuid4().hex, device=tried))
    if isinstance(answer, ZhulianError):
        return _answer(request, {"fault": answer})
    units = {point.name: point.unit for point in tried.points}
    lines = [(result, units.get(result.name, ""), _fault(result.fault)) for result in answer.points]
    left_out = len(device.points) - len(tried.points)
    good = sum(fault is None for _result, _unit, fault in lines)
    values = {
        "lines": lines,
        "good": good,
        "left_out": left_out,
        "unread": unread_words(point_tables.read_pasted(typed.text("points"))),
        "fault": _fault(answer.fault),
    }
    return _answer(request, values)


@require_POST
@page
def browse(request: Visit) -> HttpResponseBase:
    """What lies below a node of the machine: folders to open, values to take into the table."""
    typed = typed_in(request.POST)
    device = read_device(typed, needs_points=False, needs_name=False)
    gateway = _gateway(request, typed)
    node = typed.text("node")
    if device is None or gateway is None:
        return render(request, "pages/connect_nodes.html", {"faults": _all(typed), "node": node})
    answer = _ask(gateway, Ask(kind="browse", id=uuid.uuid4().hex, device=device, node=node))
    values: dict[str, Any] = {"node": node}
    if isinstance(answer, ZhulianError):
        values["fault"] = answer
    else:
        values |= {"nodes": answer.nodes, "fault": _fault(answer.fault)}
    return render(request, "pages/connect_nodes.html", values)


def _ask(gateway: GatewayRow, ask: Ask) -> Reply | ZhulianError:
    try:
        return telemetry().ask(gateway.id, ask, SAMPLE_WITHIN_S)
    except ZhulianError as fault:
        return fault


def _fault(body: dict[str, str] | None) -> ZhulianError | None:
    return ZhulianError.from_json(body) if body else None


def _all(typed: Typed) -> list[str]:
    return [line for lines in typed.faults.values() for line in lines]


def _answer(request: Visit, values: dict[str, Any]) -> HttpResponse:
    return render(request, "pages/connect_sample.html", values)


@require_POST
@page
def read_table(request: Visit) -> HttpResponseBase:
    """An uploaded point table as text for the form's field; the file itself is not kept."""
    file = request.FILES.get("file")
    if file is None:
        return JsonResponse({"faults": [_("没有收到文件，请重新选择。")]}, status=422)
    try:
        table = point_tables.read_file(str(file.name), file.read(point_tables.LIMITS.largest_bytes + 1))
    except ZhulianError as fault:
        return JsonResponse({"faults": [said(fault)]}, status=422)
    found = {"text": as_table(table.points), "faults": table_faults(table), "words": unread_words(table)}
    return JsonResponse(found | {"rows": len(table.points)})


@require_safe
@page
def template(request: Visit) -> HttpResponseBase:  # noqa: ARG001 - every page is given the visit
    """An Excel file to fill in."""
    return as_file(point_tables.template(), _("点表模板"), "xlsx", XLSX)
