"""Documents and statements that end soon or have ended; from here each is renewed with what was said last."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhulian.evidence import queries, workflows
from zhulian.evidence.queries import ExpiringRow
from zhulian.organisations import queries as organisations
from zhulian.organisations.queries import EnterpriseRow
from zhulian.portal import exports
from zhulian.portal.exports import Column
from zhulian.portal.looks import listed, table
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.pages.fact_figures import shown_fact, source_words, today_of
from zhulian.vocabulary.errors import Text

NAME = Text("到期的依据", "Expiring evidence")
SPANS = (30, 60, 90)


@require_safe
@page
def expiring(request: Visit) -> HttpResponseBase:
    """Of every enterprise in sight."""
    return _answer(request, None)


@require_safe
@page
def enterprise_expiring(request: Visit, enterprise_id: int) -> HttpResponseBase:
    """Of one enterprise: where the task on its desk leads to."""
    return _answer(request, organisations.enterprise(request.rights, enterprise_id))


def _answer(request: Visit, enterprise: EnterpriseRow | None) -> HttpResponseBase:
    days = number(request.GET, "days", SPANS[0])
    days = days if days in SPANS else SPANS[0]
    today, of = today_of(timezone.now()), enterprise.id if enterprise else None
    if exports.is_asked(request):
        rows = exports.every(lambda n: queries.expiring(request.rights, today, days, of, n, 500))
        return exports.export(
            request, NAME, COLUMNS, rows, is_sample=lambda row: row.is_sample, owners=lambda row: [row.enterprise]
        )
    found = queries.expiring(request.rights, today, days, of, number(request.GET, "page", 1), size(request.GET))
    listed(request.rights, table("facts_expiring", NAME), (row.enterprise for row in found.rows))
    keys = queries.catalogue()
    values = {
        "enterprise": enterprise,
        "found": found,
        "lines": [(row, shown_fact(keys.get(row.fact.key), row.fact, today), _may(request, row)) for row in found.rows],
        "days": days,
        "spans": SPANS,
        "sizes": PAGE_SIZES,
        "today": today,
        "sees_several": request.rights.sees_several,
        "query": request.GET.urlencode(),
    }
    return render(request, "pages/expiring.html", values)


def _may(request: Visit, row: ExpiringRow) -> bool:
    scope = request.rights
    return (
        scope.keeps_city
        or row.enterprise in scope.own
        or (bool(scope.keeps_areas) and workflows.may_state(scope, row.enterprise))
    )


COLUMNS: tuple[Column[ExpiringRow], ...] = (
    Column(Text("企业", "Enterprise"), lambda row: row.enterprise_name, 36),
    Column(Text("事实", "Fact"), lambda row: row.name, 24),
    Column(Text("等级", "Class"), lambda row: row.fact.evidence_class.value, 8),
    Column(Text("来源", "Source"), lambda row: source_words(row.fact), 24),
    Column(Text("有效至", "Valid until"), lambda row: row.valid_until.isoformat(), 12),
)
