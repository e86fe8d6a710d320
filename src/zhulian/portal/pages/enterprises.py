"""The list of enterprises."""

from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhulian.imports.workflows import KINDS
from zhulian.organisations import queries
from zhulian.organisations.queries import EnterpriseFilter, EnterpriseRow, pillars
from zhulian.organisations.rules import industry_name
from zhulian.portal import exports
from zhulian.portal.exports import Column
from zhulian.portal.pages.access import Visit, page, reach
from zhulian.portal.pages.city_map import place_name
from zhulian.portal.telemetry_access import telemetry
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.places import BY_CODE, REPORTING_AREAS

PAGE_SIZES = (20, 50, 100)
STATUS = {"merged": "merged", "closed": "closed", "all": ""}
"""In the address; without it the list holds those that still exist."""


@require_safe
@page
def enterprises(request: Visit) -> HttpResponseBase:
    """Search, filters, order and paging all stand in the address, so a view can be sent as a link."""
    wanted = enterprise_filter(request.GET)
    if exports.is_asked(request):
        return _export(request, wanted)
    found = queries.enterprises(request.rights, wanted, number(request.GET, "page", 1), size(request.GET))
    activity = reach(lambda: telemetry().activity(), {})
    lines = [{"row": row, "activity": activity.value.get(row.id)} for row in found.rows]
    values = {
        "found": found,
        "lines": lines,
        "wanted": wanted,
        "pillars": pillars.choices(),
        "hidden": request.rights.hidden_enterprises(),
        "sees_none": not (request.rights.sees_several or request.rights.own),
        "may_add": request.rights.keeps_city or bool(request.rights.keeps_areas),
        "areas": [(place.code, place_name(place)) for place in REPORTING_AREAS],
        "outage": activity.outage,
        "query": request.GET.urlencode(),
        "sizes": PAGE_SIZES,
        "may_import": KINDS["enterprises"].may(request.rights),
        "is_narrowed": wanted != EnterpriseFilter(order=wanted.order),
    }
    return render(request, "pages/enterprises.html", values)


def enterprise_filter(query: QueryDict) -> EnterpriseFilter:
    """The filters of the list as its address carries them: q, area, industry, above_scale, connected, order."""
    choice = {"1": True, "0": False}
    return EnterpriseFilter(
        text=query.get("q", "")[:120],
        area=query.get("area", ""),
        industry=query.get("industry", ""),
        above_scale=choice.get(query.get("above_scale", "")),
        connected=choice.get(query.get("connected", "")),
        status=STATUS.get(query.get("status", ""), "active"),
        pillar=number(query, "pillar", 0) or None,
        order=query.get("order", "id"),
    )


def _export(request: Visit, wanted: EnterpriseFilter) -> HttpResponseBase:
    rows = queries.every_enterprise(request.rights, wanted)
    hidden = request.rights.hidden_enterprises()
    name, source = Text("企业列表", "Enterprises"), Text("企业档案", "Enterprise files")
    return exports.export(
        request, name, COLUMNS, rows, source=source, hidden=hidden, is_sample=lambda row: row.is_sample
    )


def _place(code: str) -> Text:
    place = BY_CODE.get(code)
    return Text(place.name_zh, place.name_en) if place else Text(code, code)


YES, NO = Text("是", "yes"), Text("否", "no")
COLUMNS: tuple[Column[EnterpriseRow], ...] = (
    Column(Text("企业名称", "Enterprise"), lambda row: row.name, 36),
    Column(Text("统一社会信用代码", "Credit code"), lambda row: row.credit_code, 22),
    Column(Text("行业代码", "Industry code"), lambda row: row.industry, 10),
    Column(Text("行业", "Industry"), lambda row: industry_name(row.industry), 26),
    Column(Text("县区", "District"), lambda row: _place(row.district), 12),
    Column(Text("统计归属", "Reporting area"), lambda row: _place(row.reporting_area), 14),
    Column(Text("规上", "Above scale"), lambda row: YES if row.above_scale else NO, 8),
    Column(Text("网关", "Gateways"), lambda row: row.gateways, 8),
    Column(Text("设备", "Machines"), lambda row: row.machines, 8),
    Column(Text("点位", "Points"), lambda row: row.points, 8),
)


def number(query: QueryDict, name: str, otherwise: int) -> int:
    """A whole number in an address; anything else is ``otherwise``."""
    text = query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else otherwise


def size(query: QueryDict) -> int:
    """Rows a page."""
    wanted = number(query, "size", PAGE_SIZES[0])
    return wanted if wanted in PAGE_SIZES else PAGE_SIZES[0]
