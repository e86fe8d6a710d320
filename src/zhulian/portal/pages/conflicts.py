"""有冲突的事实: figures of which two sources say different things, side by side, over all enterprises in sight."""

from datetime import date

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhulian.evidence import queries
from zhulian.evidence.queries import ConflictFilter, ConflictRow
from zhulian.evidence.rules import FactRow
from zhulian.portal import exports
from zhulian.portal.exports import Column
from zhulian.portal.looks import listed, table
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.pages.fact_columns import grouped
from zhulian.portal.pages.fact_figures import ShownFact, shown_fact, shown_settled, today_of
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.places import REPORTING_AREAS

NAME = Text("有冲突的事实", "Conflicting facts")
Side = tuple[ConflictRow, FactRow]
"""One side of a conflict, a row of the file."""


@require_safe
@page
def conflicts(request: Visit) -> HttpResponseBase:
    """By enterprise; both sides of each with class, source and the way to its origin."""
    query, today = request.GET, today_of(timezone.now())
    wanted = ConflictFilter(query.get("q", "")[:120], query.get("key", "")[:64], query.get("area", "")[:12])
    if exports.is_asked(request):
        return _export(request, wanted, today)
    answer = queries.conflicts(request.rights, wanted, today, number(query, "page", 1), size(query))
    keys = queries.catalogue()
    listed(request.rights, table("facts_conflicts", NAME), (row.enterprise for row in answer.found.rows))
    values = {
        "found": answer.found,
        "is_cut": answer.is_cut,
        "lines": [
            (row, shown_settled(keys[row.settled.fact.key], row.settled, today, is_sample=row.is_sample))
            for row in answer.found.rows
            if row.settled.fact.key in keys
        ],
        "wanted": wanted,
        "keys": grouped(keys.values()),
        "areas": REPORTING_AREAS,
        "sizes": PAGE_SIZES,
        "sees_several": request.rights.sees_several,
        "is_narrowed": wanted != ConflictFilter(),
    }
    return render(request, "pages/conflicts.html", values)


def _export(request: Visit, wanted: ConflictFilter, today: date) -> HttpResponseBase:
    rows = [
        (row, fact)
        for row in queries.every_conflict(request.rights, wanted, today)
        for fact in (row.settled.fact, *row.settled.conflicts)
    ]
    keys = queries.catalogue()

    def shown(line: Side) -> ShownFact:
        return shown_fact(keys.get(line[1].key), line[1], today, is_sample=line[0].is_sample)

    columns: tuple[Column[Side], ...] = (
        Column(Text("企业", "Enterprise"), lambda line: line[0].enterprise_name, 36),
        Column(Text("事实", "Fact"), lambda line: shown(line).label, 24),
        Column(Text("值", "Value"), lambda line: f"{shown(line).text} {shown(line).unit}".strip(), 20),
        Column(Text("采用", "In force"), _in_force, 10),
        Column(Text("等级", "Class"), lambda line: line[1].evidence_class.value, 8),
        Column(Text("来源", "Source"), lambda line: shown(line).source, 24),
        Column(Text("记录时间", "Captured at"), lambda line: exports.local(line[1].captured_at), 20),
        Column(Text("编号", "Number"), lambda line: line[1].id, 10),
    )
    return exports.export(
        request,
        NAME,
        columns,
        rows,
        source=Text("事实账本", "Ledger of facts"),
        is_sample=lambda line: line[0].is_sample,
        owners=lambda line: [line[0].enterprise],
    )


def _in_force(line: Side) -> Text:
    return Text("是", "yes") if line[1] is line[0].settled.fact else Text("否", "no")
