"""隔离区: readings that could not be stored, why, and what to do about them; for those who keep the gateways."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhulian.audit.rules import Subject
from zhulian.organisations import queries
from zhulian.organisations.queries import GatewayRow
from zhulian.organisations.rules import NotVisibleError, RecordsError
from zhulian.organisations.workflows import quarantine as workflows
from zhulian.portal import exports
from zhulian.portal.exports import Column
from zhulian.portal.looks import shown
from zhulian.portal.pages.access import Visit, page, reach
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.telemetry_access import telemetry
from zhulian.portal.templatetags.zhulian import quantity
from zhulian.telemetry.queries import Aside, AsideFilter, Asides, TelemetryRefused
from zhulian.vocabulary.clock import system_clock, to_datetime
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import Page
from zhulian.vocabulary.readings import TenantId

ITEM = Text("隔离项", "item of the quarantine")
KINDS = {
    "batch": Text("整批未收", "Whole batch refused"),
    "rows": Text("其中几条", "Some readings of a batch"),
    "block": Text("存储不接受", "Refused by the store"),
    "damage": Text("日志损坏", "Damaged journal"),
}
REASONS = {
    "time_": Text("时间不可信", "Time cannot be true"),
    "text_": Text("文字太长", "Text too long"),
    "batch_": Text("格式不对", "Not readable"),
    "sequence_": Text("序号与已收的重叠", "Numbers received before"),
    "store_": Text("存储不接受", "Refused by the store"),
    "journal_": Text("日志损坏", "Damaged journal"),
}
"""How the codes of a reason begin → words."""
DAYS = {1: Text("最近 1 天", "Last day"), 7: Text("最近 7 天", "Last 7 days"), 30: Text("最近 30 天", "Last 30 days")}
FILE = Text("历史数据导入", "Import of past readings")
FORMS = {"arrow": "application/vnd.apache.arrow.stream", "csv": "text/csv; charset=utf-8"}
MOST_EXPORTED = 10_000
DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to, as its address carries it."""

    text: str = ""
    reason: str = ""
    days: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """An item with its gateway, as far as the records know it."""

    item: Aside
    gateway: GatewayRow | None

    @property
    def kind(self) -> Text:
        """What kind of thing it is."""
        return KINDS[self.item.kind]

    @property
    def why(self) -> Text:
        """Why it could not be stored."""
        return Text(self.item.what_zh, self.item.what_en)

    @property
    def is_file(self) -> bool:
        """Whether it came from a file of past readings: their sender is below zero."""
        return self.item.gateway < 0

    @property
    def label(self) -> str:
        """How the audit trail names it."""
        whose = self.gateway.name if self.gateway else str(FILE) if self.is_file else f"#{self.item.gateway}"
        return f"{whose} · {self.item.rows} · {self.item.code}"


COLUMNS: tuple[Column[Line], ...] = (
    Column(Text("编号", "Number"), lambda one: one.item.id, 8),
    Column(Text("时间", "Set aside"), lambda one: exports.local(to_datetime(one.item.at_us)), 20),
    Column(Text("网关", "Gateway"), lambda one: one.gateway.name if one.gateway else FILE if one.is_file else "", 24),
    Column(Text("企业", "Enterprise"), lambda one: one.gateway.enterprise_name if one.gateway else "", 36),
    Column(Text("类型", "Kind"), lambda one: one.kind, 16),
    Column(Text("原因", "Reason"), lambda one: one.why, 60),
    Column(Text("读数", "Readings"), lambda one: one.item.rows, 10),
    Column(Text("字节", "Bytes"), lambda one: one.item.size_bytes, 12),
)


@require_safe
@page
def quarantine(request: Visit) -> HttpResponseBase:
    """What could not be stored, newest first: of one's own enterprises, or of all; narrowed by its address."""
    tenants, wanted = _tenants(request), _wanted(request.GET)
    if exports.is_asked(request):
        everything = telemetry().quarantine(tenants, 1, MOST_EXPORTED, _filter(request, tenants, wanted))
        return exports.export(request, Text("隔离区", "Quarantine"), COLUMNS, _lines(request, everything))
    here, rows = number(request.GET, "page", 1), size(request.GET)
    found = reach(lambda: telemetry().quarantine(tenants, here, rows, _filter(request, tenants, wanted)), Asides())
    is_narrowed = wanted != Wanted()
    values = {
        "lines": _lines(request, found.value),
        "page": Page(found.value.items, found.value.total, here, rows),
        "sizes": PAGE_SIZES,
        "outage": found.outage,
        "totals": found.value.totals if tenants is None else None,
        "sentence": "" if found.outage else _sentence(found.value.total, is_narrowed=is_narrowed),
        "wanted": wanted,
        "is_narrowed": is_narrowed,
        "reasons": REASONS.items(),
        "days": DAYS.items(),
    }
    return render(request, "pages/quarantine.html", values)


@require_safe
@page
def item(request: Visit, item_id: int) -> HttpResponseBase:
    """One item, with what can be done about it."""
    return _show(request, _line(request, item_id))


@require_safe
@page
def body(request: Visit, item_id: int) -> HttpResponseBase:
    """Its bytes as they came, or its readings as CSV."""
    line = _line(request, item_id)
    form = request.GET.get("form", "csv")
    form = form if form in FORMS else "csv"
    try:
        content = telemetry().set_aside_body(item_id, form)
    except TelemetryRefused as refused:
        return _show(request, line, refused, 422)
    if line.gateway:
        shown(request.rights, "readings", Subject("quarantine", item_id, line.label), line.gateway.enterprise)
    ending = form if line.item.kind != "damage" else "bin"
    name = f"zhulian-quarantine-{item_id}.{ending}"
    return HttpResponse(content, FORMS[form], headers={"Content-Disposition": f'attachment; filename="{name}"'})


@require_POST
@page
def again(request: Visit, item_id: int) -> HttpResponseBase:
    """Let it go in, with its times moved where a clock was off."""
    line = _line(request, item_id)
    try:
        shift_s = _shift(request.POST.get("shift_s", ""))
        sent = workflows.send_again(
            request.rights, _named(line), shift_s, lambda: telemetry().send_again(item_id, shift_s)
        )
    except (TelemetryRefused, RecordsError) as refused:
        return _show(request, line, refused, 422)
    messages.success(request, _("%(n)s 条读数已入库。") % {"n": quantity(sent)})
    return redirect("quarantine")


@require_POST
@page
def discard(request: Visit, item_id: int) -> HttpResponseBase:
    """Forget it, with the reason on record."""
    line = _line(request, item_id)
    try:
        workflows.discard(
            request.rights, _named(line), request.POST.get("note", ""), lambda: telemetry().discard(item_id)
        )
    except (TelemetryRefused, RecordsError) as refused:
        return _show(request, line, refused, 422)
    messages.success(request, _("已丢弃，原因记在审计记录里。"))
    return redirect("quarantine")


def _tenants(request: Visit) -> list[TenantId] | None:
    if request.rights.administers:
        return None
    if not request.rights.configures:
        raise PermissionDenied
    return [TenantId(one) for one in request.rights.configures]


def _wanted(asked: QueryDict) -> Wanted:
    reason, days = asked.get("reason", ""), number(asked, "days", 0)
    return Wanted(asked.get("q", "").strip()[:120], reason if reason in REASONS else "", days if days in DAYS else 0)


def _filter(request: Visit, tenants: list[TenantId] | None, wanted: Wanted) -> AsideFilter:
    """The same as telemetry takes it: names are the records', so whose items there are is asked first."""
    senders = None
    if wanted.text:
        senders = queries.senders_called(request.rights, wanted.text, telemetry().quarantine(tenants, 1, 0).senders)
    return AsideFilter(senders, wanted.reason, system_clock() - wanted.days * DAY_US if wanted.days else 0)


def _lines(request: Visit, found: Asides) -> list[Line]:
    known = queries.gateways_called(request.rights, {one.gateway for one in found.items})
    return [Line(one, known.get(one.gateway)) for one in found.items]


def _line(request: Visit, item_id: int) -> Line:
    """The item, if this person keeps the gateway it came from; everybody else learns nothing."""
    if not (request.rights.administers or request.rights.configures):
        raise NotVisibleError(ITEM)
    try:
        found = telemetry().set_aside(item_id)
    except TelemetryRefused as refused:
        raise NotVisibleError(ITEM) from refused
    if not (request.rights.administers or request.rights.may_configure(found.tenant)):
        raise NotVisibleError(ITEM)
    return Line(found, queries.gateways_called(request.rights, [found.gateway]).get(found.gateway))


def _named(line: Line) -> workflows.SetAside:
    return workflows.SetAside(line.item.id, line.item.tenant, line.label)


def _show(
    request: Visit, line: Line, fault: TelemetryRefused | RecordsError | None = None, status: int = 200
) -> HttpResponseBase:
    values = {
        "line": line,
        "fault": fault.in_language(get_language() or "zh-hans") if fault else "",
        "typed_shift": request.POST.get("shift_s", "0"),
        "typed_note": request.POST.get("note", ""),
    }
    return render(request, "pages/quarantine_item.html", values, status=status)


def _shift(text: str) -> int:
    digits = text.strip().removeprefix("-").removeprefix("+")
    if not digits:
        return 0
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
        raise RecordsError(
            "shift_wrong",
            Text(f"“{text}”不是整秒数。", f"“{text}” is no whole number of seconds."),
            Text("例如 -28800 把时间提前八小时。", "For example, -28800 moves times back by eight hours."),
        )
    return int(text)


def _sentence(total: int, *, is_narrowed: bool) -> str:
    if is_narrowed:
        return _("符合条件的 %(n)s 份") % {"n": total}
    if not total:
        return _("没有搁置的读数")
    return ngettext("%(n)s 份等待处理", "%(n)s 份等待处理", total) % {"n": total}
