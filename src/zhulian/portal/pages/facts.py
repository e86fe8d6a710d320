"""The ledger in sight as a list, newest first."""

from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhulian.evidence import queries
from zhulian.evidence.queries import FactFilter
from zhulian.evidence.rules import EvidenceClass
from zhulian.portal import exports
from zhulian.portal.looks import listed, table
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.pages.fact_columns import columns, grouped, shown_line
from zhulian.portal.pages.fact_figures import today_of
from zhulian.vocabulary.errors import Text

NAME = Text("事实", "Facts")


@require_safe
@page
def facts(request: Visit) -> HttpResponseBase:
    """Every fact in sight, newest first."""
    wanted = fact_filter(request.GET)
    if exports.is_asked(request):
        return _export(request, wanted)
    keys, today = queries.catalogue(), today_of(timezone.now())
    found = queries.facts(request.rights, wanted, number(request.GET, "page", 1), size(request.GET))
    listed(request.rights, table("facts", NAME), (line.fact.enterprise for line in found.rows))
    values = {
        "found": found,
        "lines": [(line, shown_line(keys, line, today)) for line in found.rows],
        "wanted": wanted,
        "keys": grouped(keys.values()),
        "classes": list(EvidenceClass),
        "sizes": PAGE_SIZES,
        "sees_several": request.rights.sees_several,
        "is_narrowed": wanted != FactFilter(),
        "query": request.GET.urlencode(),
    }
    return render(request, "pages/facts.html", values)


def fact_filter(query: QueryDict) -> FactFilter:
    """The filters of the list as its address carries them: q, key, class, enterprise, standing."""
    judged = query.get("class", "")
    return FactFilter(
        text=query.get("q", "")[:120],
        key=query.get("key", "")[:64],
        evidence_class=EvidenceClass(judged) if judged in EvidenceClass.__members__ else None,
        enterprise=number(query, "enterprise", 0) or None,
        is_standing={"1": True, "0": False}.get(query.get("standing", "")),
    )


def _export(request: Visit, wanted: FactFilter) -> HttpResponseBase:
    keys, today = queries.catalogue(), today_of(timezone.now())
    return exports.export(
        request,
        NAME,
        columns(keys, today),
        queries.every_fact(request.rights, wanted),
        source=Text("事实账本", "Ledger of facts"),
        is_sample=lambda line: line.is_sample,
        owners=lambda line: [line.fact.enterprise],
    )
