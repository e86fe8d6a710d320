"""The list of machines in sight."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhulian.edge.protocols import protocols
from zhulian.imports.workflows import KINDS
from zhulian.organisations import queries
from zhulian.organisations.queries import MachineFilter, MachineRow
from zhulian.portal import exports
from zhulian.portal.exports import Column
from zhulian.portal.looks import listed, table
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.pages.live_factory import live_machines
from zhulian.vocabulary.errors import Text

NAME = Text("设备列表", "Machines")
COLUMNS: tuple[Column[MachineRow], ...] = (
    Column(Text("设备", "Machine"), lambda row: row.name, 28),
    Column(Text("企业", "Enterprise"), lambda row: row.enterprise_name, 36),
    Column(Text("车间", "Workshop"), lambda row: row.workshop),
    Column(Text("设备类型", "Kind"), lambda row: row.kind),
    Column(Text("网关", "Gateway"), lambda row: row.gateway_name),
    Column(Text("协议", "Protocol"), lambda row: row.protocol, 14),
    Column(Text("地址", "Address"), lambda row: row.address, 28),
    Column(Text("采集周期（秒）", "Poll interval (s)"), lambda row: row.poll_s, 12),
    Column(Text("点位", "Points"), lambda row: len(row.points), 8),
    Column(Text("数据来源说明", "Attribution"), lambda row: row.source_note, 40),
)


@require_safe
@page
def machines(request: Visit) -> HttpResponseBase:
    """Search by name of machine or enterprise, narrowed by protocol or gateway."""
    query = request.GET
    wanted = MachineFilter(
        text=query.get("q", "")[:120],
        enterprise=number(query, "enterprise", 0) or None,
        gateway=number(query, "gateway", 0) or None,
        protocol=query.get("protocol", ""),
    )
    if exports.is_asked(request):
        rows = exports.every(lambda n: queries.machines(request.rights, wanted, n, queries.LARGEST_PAGE))
        return exports.export(
            request,
            NAME,
            COLUMNS,
            rows,
            source=Text("设备登记", "Machine records"),
            is_sample=lambda row: row.is_sample,
            owners=lambda row: [row.enterprise],
        )
    found = queries.machines(request.rights, wanted, number(query, "page", 1), size(query))
    listed(request.rights, table("machines", NAME), (row.enterprise for row in found.rows))
    live = live_machines(found.rows)
    values = {
        "found": found,
        "live": live,
        "wanted": wanted,
        "protocols": list(protocols().values()),
        "outage": live.outage,
        "sizes": PAGE_SIZES,
        "sees_several": request.rights.sees_several,
        "may_connect": bool(request.rights.administers or request.rights.configures),
        "may_import": KINDS["machines"].may(request.rights),
        "is_narrowed": wanted != MachineFilter(),
    }
    return render(request, "pages/machines.html", values)
