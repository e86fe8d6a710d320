"""The list of enterprises, and one enterprise's page."""

from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhulian.organisations import queries
from zhulian.organisations.queries import EnterpriseFilter
from zhulian.organisations.rules import industry_name
from zhulian.portal.exports import enterprise_filter
from zhulian.portal.pages.access import Visit, page, reach
from zhulian.portal.pages.city_map import place_name
from zhulian.portal.pages.live_factory import live_machines
from zhulian.portal.pages.words import machines_sentence
from zhulian.portal.telemetry_access import telemetry
from zhulian.portal.templatetags.zhulian import area_name
from zhulian.vocabulary.places import REPORTING_AREAS

PAGE_SIZES = (20, 50, 100)


@require_safe
@page
def enterprises(request: Visit) -> HttpResponseBase:
    """Search, filters, order and paging all stand in the address, so a view can be sent as a link."""
    wanted = enterprise_filter(request)
    found = queries.enterprises(request.scope, wanted, number(request.GET, "page", 1), size(request.GET))
    activity = reach(lambda: telemetry().activity(), {})
    lines = [{"row": row, "activity": activity.value.get(row.id)} for row in found.rows]
    values = {
        "found": found,
        "lines": lines,
        "wanted": wanted,
        "areas": [(place.code, place_name(place)) for place in REPORTING_AREAS],
        "outage": activity.outage,
        "query": request.GET.urlencode(),
        "sizes": PAGE_SIZES,
        "is_narrowed": wanted != EnterpriseFilter(order=wanted.order),
    }
    return render(request, "pages/enterprises.html", values)


def number(query: QueryDict, name: str, otherwise: int) -> int:
    """A whole number in an address; anything else is ``otherwise``."""
    text = query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else otherwise


def size(query: QueryDict) -> int:
    """Rows a page."""
    wanted = number(query, "size", PAGE_SIZES[0])
    return wanted if wanted in PAGE_SIZES else PAGE_SIZES[0]


@require_safe
@page
def enterprise(request: Visit, enterprise_id: int) -> HttpResponseBase:
    """One enterprise, one file: who it is, what it has connected."""
    found = queries.factory(request.scope, enterprise_id)
    live = live_machines(found.machines)
    activity = reach(lambda: telemetry().activity(), {})
    values = {
        "enterprise": found.enterprise,
        "industry": industry_name(found.enterprise.industry),
        "district": area_name(found.enterprise.district),
        "area": area_name(found.enterprise.reporting_area),
        "gateways": found.gateways,
        "live": live,
        "sentence": machines_sentence(live.counted(), live.outage),
        "activity": activity.value.get(found.enterprise.id),
        "outage": live.outage,
        "may_configure": request.scope.may_configure(enterprise_id),
        "sees_several": request.scope.sees_several,
    }
    return render(request, "pages/enterprise.html", values)
