"""What is known about one enterprise on any day, as known on any day; its own page, and a part of its file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from zhulian.audit.rules import Subject
from zhulian.evidence import queries, workflows
from zhulian.evidence.catalogue import GROUP_NAMES, FactKey
from zhulian.evidence.queries import FactLine
from zhulian.evidence.rules import EvidenceClass, Settled, of_enterprise
from zhulian.organisations import queries as organisations
from zhulian.organisations.queries import EnterpriseRow
from zhulian.organisations.tenancy import Scope
from zhulian.portal import exports, looks
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.fact_columns import columns
from zhulian.portal.pages.fact_figures import ShownFact, shown_all, shown_settled, today_of
from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.errors import Text

KEY_FACTS = (
    "machines.networked_share",
    "machines.online_days_90",
    "energy.electricity_day_kwh",
    "cloud.spend_paid",
    "business.revenue",
    "business.employees",
)
"""What the enterprise's file shows of its facts."""


@dataclass(frozen=True, slots=True)
class Day:
    """On which day something holds, and as known on which day; ``known`` None is now."""

    on: date
    known_on: date | None

    @property
    def known(self) -> datetime | None:
        """The end of that day in the city."""
        if self.known_on is None:
            return None
        return datetime.combine(self.known_on + timedelta(days=1), time(), SHANGHAI) - timedelta(microseconds=1)


def day_of(query: QueryDict, today: date) -> Day:
    """The two days as an address carries them; anything that is no date is today and now."""
    return Day(_date(query.get("on", "")) or today, _date(query.get("known", "")))


def _date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


@require_safe
@page
def enterprise_facts(request: Visit, enterprise_id: int) -> HttpResponseBase:
    """Everything that is known about one enterprise, conflicts side by side, on the day and as known on the day."""
    enterprise = organisations.enterprise(request.rights, enterprise_id)
    day, keys = day_of(request.GET, today_of(timezone.now())), queries.catalogue()
    holding = queries.effective_all(request.rights, of_enterprise(enterprise_id), day.on, day.known)
    looks.shown(request.rights, "fact", Subject("enterprise", enterprise_id, enterprise.name), enterprise_id)
    if exports.is_asked(request):
        return _export_enterprise(request, enterprise, keys, holding, day)
    shown = [shown_settled(keys[key], holding.get(key), day.on, is_sample=enterprise.is_sample) for key in keys]
    values = {
        "enterprise": enterprise,
        "groups": _groups(keys, [one for one in shown if one.origin]),
        "missing": [one for one in shown if not one.origin and not keys[one.key].is_off],
        "day": day,
        "today": today_of(timezone.now()),
        "counted": _counted(shown),
        "may_state": workflows.may_state(request.rights, enterprise_id),
        "sees_several": request.rights.sees_several,
        "query": request.GET.urlencode(),
    }
    return render(request, "pages/enterprise_facts.html", values)


def facts_part(scope: Scope, enterprise: EnterpriseRow) -> dict[str, object]:
    """What ``pages/enterprise_facts_part.html`` draws on the enterprise's file; four statements."""
    today, keys = today_of(timezone.now()), queries.catalogue()
    holding = queries.effective_all(scope, of_enterprise(enterprise.id), today)
    shown = [shown_settled(keys[key], holding[key], today) for key in holding if key in keys]
    return {
        "fact_figures": shown_all(keys, holding, KEY_FACTS, today, is_sample=enterprise.is_sample),
        "fact_counts": _counted(shown),
        "may_state_facts": workflows.may_state(scope, enterprise.id),
    }


def _groups(keys: Mapping[str, FactKey], shown: list[ShownFact]) -> list[tuple[Text, list[ShownFact]]]:
    found: dict[str, list[ShownFact]] = {}
    for one in shown:
        found.setdefault(keys[one.key].group, []).append(one)
    return [(GROUP_NAMES[group], rows) for group, rows in found.items()]


def _counted(shown: list[ShownFact]) -> dict[str, int]:
    """How many facts hold, of which class, how many are disputed or end soon."""
    held = [one for one in shown if one.origin]
    counted = {judged.value: sum(one.evidence_class is judged for one in held) for judged in EvidenceClass}
    return counted | {
        "all": len(held),
        "disputed": sum(bool(one.conflicts) for one in held),
        "ending": sum(one.is_ending for one in held),
    }


def _export_enterprise(
    request: Visit,
    enterprise: EnterpriseRow,
    keys: Mapping[str, FactKey],
    holding: Mapping[str, Settled],
    day: Day,
) -> HttpResponseBase:
    lines = [FactLine(one.fact, enterprise.name, enterprise.is_sample, None, False) for one in holding.values()]
    name = Text(f"{enterprise.name} 事实", f"{enterprise.name} facts")
    source = Text(f"事实账本，{day.on} 有效", f"Ledger of facts, as valid on {day.on}")
    return exports.export(
        request, name, columns(keys, day.on), lines, source=source, is_sample=lambda line: line.is_sample
    )
