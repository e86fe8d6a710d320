"""State, correct, renew or withdraw a fact on a simple page, pre-filled with what is known."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhulian.evidence import queries, workflows
from zhulian.evidence.catalogue import FactKey, option_name, unit_name
from zhulian.evidence.checks import period_of
from zhulian.evidence.queries import DocumentFilter, FactLine
from zhulian.evidence.rules import EvidenceClass, EvidenceError, FactId, Settled, Value, of_enterprise
from zhulian.evidence.workflows import NewFact
from zhulian.organisations import queries as organisations
from zhulian.organisations.rules import NotAllowedError
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import number
from zhulian.portal.pages.fact_columns import grouped
from zhulian.portal.pages.fact_figures import shown_fact, shown_settled, today_of
from zhulian.portal.templatetags.zhulian import said
from zhulian.spreadsheets.cells import as_typed
from zhulian.vocabulary.errors import Text, ZhulianError

MONEY_UNITS = {"yuan": 100, "wan": 10_000_00, "yi": 100_000_000_00}
_NUMBER = re.compile(r"^-?\d+(\.\d+)?$")


@require_http_methods(["GET", "HEAD", "POST"])
@page
def state(request: Visit, enterprise_id: int) -> HttpResponseBase:
    """First which fact, then what is known about it and the field for the new value."""
    enterprise = organisations.enterprise(request.rights, enterprise_id)
    if not workflows.may_state(request.rights, enterprise_id):
        raise NotAllowedError
    keys = {name: key for name, key in queries.catalogue().items() if not key.is_off and key.classes != "A"}
    key = keys.get((request.POST if request.method == "POST" else request.GET).get("key", ""))
    if key is None:
        values = {"enterprise": enterprise, "keys": grouped(keys.values())}
        return render(request, "pages/fact_choose.html", values)
    fault: ZhulianError | None = None
    if request.method == "POST":
        try:
            fact = workflows.state(request.rights, _new(request.POST, key, enterprise_id))
        except (NotAllowedError, EvidenceError) as error:
            fault = error
        else:
            messages.success(request, _("已登记“%(name)s”。") % {"name": said(key.name)})
            return redirect("origin_fact", fact)
    return _form(request, enterprise, key, fault)


def _form(
    request: Visit, enterprise: organisations.EnterpriseRow, key: FactKey, fault: ZhulianError | None
) -> HttpResponseBase:
    today = today_of(timezone.now())
    settled = queries.effective(request.rights, of_enterprise(enterprise.id), key.key, today)
    papers = queries.documents(request.rights, DocumentFilter(enterprise=enterprise.id), size=100).rows
    values = {
        "enterprise": enterprise,
        "key": key,
        "unit": unit_name(key.unit),
        "known": shown_settled(key, settled, today, is_sample=enterprise.is_sample),
        "options": [(option, option_name(option)) for option in key.options],
        "typed": _typed(request, key, settled, today),
        "papers": papers if "B" in key.classes else [],
        "allows_statement": "C" in key.classes,
        "fault": fault,
        "today": today,
    }
    return render(request, "pages/fact_state.html", values, status=422 if fault else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def withdraw(request: Visit, fact_id: int) -> HttpResponseBase:
    """Say that a fact no longer counts; both stay in the ledger."""
    line = queries.fact(request.rights, fact_id)
    if not workflows.may_correct_fact(request.rights, fact_id):
        raise NotAllowedError
    fault: ZhulianError | None = None
    if request.method == "POST":
        try:
            workflows.withdraw(request.rights, FactId(fact_id), request.POST.get("reason", ""))
        except EvidenceError as error:
            fault = error
        else:
            messages.success(request, _("已撤回。原来的记录仍可追溯。"))
            return redirect("origin_fact", fact_id)
    values = {"line": line, "shown": _shown(line), "fault": fault, "typed": request.POST.get("reason", "")}
    return render(request, "pages/fact_withdraw.html", values, status=422 if fault else 200)


def _shown(line: FactLine) -> object:
    return shown_fact(queries.catalogue().get(line.fact.key), line.fact, today_of(timezone.now()))


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form shows in its fields."""

    value: str = ""
    values: tuple[str, ...] = ()
    money_unit: str = "wan"
    period: str = ""
    document: int = 0
    note: str = ""


def _typed(request: HttpRequest, key: FactKey, settled: Settled | None, today: date) -> Typed:
    if request.method == "POST":
        given = request.POST
        return Typed(
            given.get("value", ""),
            tuple(given.getlist("options")),
            given.get("money_unit", "wan"),
            given.get("period", ""),
            number(given, "document", 0),
            given.get("note", ""),
        )
    document = number(request.GET, "document", 0)
    period = _default_period(key, today)
    if settled is None or settled.fact.evidence_class is EvidenceClass.A:
        return Typed(period=period, document=document)
    return _as_typed(key, settled.value, period, document)


def _as_typed(key: FactKey, value: Value, period: str, document: int) -> Typed:
    """What holds now, as somebody would have typed it."""
    if isinstance(value, tuple):
        return Typed(values=value, period=period, document=document)
    if isinstance(value, bool):
        return Typed("1" if value else "0", period=period, document=document)
    if key.kind == "fen" and isinstance(value, int):
        return Typed(as_typed(Decimal(value) / MONEY_UNITS["wan"]), period=period, document=document)
    if key.kind == "ratio" and isinstance(value, int | float):
        return Typed(as_typed(round(Decimal(repr(value)) * 100, 6)), period=period, document=document)
    return Typed(as_typed(value) if isinstance(value, float) else str(value), period=period, document=document)


def _default_period(key: FactKey, today: date) -> str:
    """The last period that has ended, as the field wants it."""
    if key.period == "year":
        return str(today.year - 1)
    if key.period in {"month", "quarter"}:
        start, _end = period_of(key, today)
        return (start - timedelta(days=1)).strftime("%Y-%m")
    return today.isoformat()


def _new(given: QueryDict, key: FactKey, enterprise: int) -> NewFact:
    start, end = period_of(key, _day(given.get("period", "")))
    document = number(given, "document", 0) or None
    return NewFact(
        subject=of_enterprise(enterprise),
        key=key.key,
        value=_value(given, key),
        period_start=start,
        period_end=end,
        evidence_class=EvidenceClass.B if document else EvidenceClass.C,
        document=document,
        valid_until=optional_day(given.get("valid_until", "")),
        note=given.get("note", ""),
    )


def _day(text: str) -> date:
    """A day of the period that was chosen: 2025, 2025-10 or 2025-10-31."""
    text = unicodedata.normalize("NFKC", text).strip()
    full = {4: f"{text}-01-01", 7: f"{text}-01"}.get(len(text), text)
    try:
        found = parse_date(full)
    except ValueError:
        found = None
    if found is None:
        raise _wrong(Text("期间没有填对", "the period is no date"))
    return found


def optional_day(text: str) -> date | None:
    """A day that may be left open."""
    return _day(text) if text.strip() else None


def _value(given: QueryDict, key: FactKey) -> Value:
    if key.kind == "options":
        return tuple(given.getlist("options"))
    text = unicodedata.normalize("NFKC", given.get("value", "")).strip()
    if key.kind == "flag":
        return {"1": True, "0": False}.get(text)
    return text if key.kind == "text" else _numeric(text.replace(",", "").replace(" ", ""), given, key)


def _numeric(text: str, given: QueryDict, key: FactKey) -> Value:
    text = text.removesuffix("%")
    if not _NUMBER.match(text) or len(text) > 24:
        raise _wrong(Text("值不是数字", "the value is no number"))
    if key.kind == "fen":
        return fen_of(text, MONEY_UNITS.get(given.get("money_unit", ""), 100))
    if key.kind == "ratio":
        return float(text) / 100
    return int(text) if key.kind == "count" and "." not in text else float(text)


def fen_of(text: str, factor: int) -> int:
    """An amount in a unit of ``factor`` fen, exactly: digits are moved, never multiplied as floating point."""
    text = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    if not _NUMBER.match(text) or len(text) > 24:
        raise _wrong(Text("金额不是数字", "the amount is no number"))
    whole, _point, part = text.partition(".")
    places = len(str(factor)) - 1
    if len(part.rstrip("0")) > places:
        raise _wrong(Text("金额最小到分", "amounts go down to the fen"))
    sign = -1 if whole.startswith("-") else 1
    return sign * (abs(int(whole)) * factor + int(part.rstrip("0").ljust(places, "0") or "0"))


def _wrong(reason: Text) -> EvidenceError:
    return EvidenceError(
        "form_wrong",
        Text(f"没有保存：{reason.zh}。", f"Nothing was saved: {reason.en}."),
        Text("请改正后再提交，填写的内容都还在。", "Correct it and send again; what you typed is still there."),
    )
