"""The list of machines in sight."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhulian.edge.protocols import protocols
from zhulian.organisations import queries
from zhulian.organisations.queries import MachineFilter
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.pages.live_factory import live_machines


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
    found = queries.machines(request.scope, wanted, number(query, "page", 1), size(query))
    live = live_machines(found.rows)
    values = {
        "found": found,
        "live": live,
        "wanted": wanted,
        "protocols": list(protocols().values()),
        "outage": live.outage,
        "sizes": PAGE_SIZES,
        "sees_several": request.scope.sees_several,
        "may_connect": bool(request.scope.administers or request.scope.configures),
        "is_narrowed": wanted != MachineFilter(),
    }
    return render(request, "pages/machines.html", values)
