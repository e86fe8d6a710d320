"""存储: who uses how much of the store, how it grows, what will go, and the room that is left.

Rows come from the sums, sizes from the parts on disk; what one enterprise takes up is its rows at the average of all.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from zhulian.desk.calendar import today
from zhulian.organisations import queries as records
from zhulian.organisations.tenancy import Scope
from zhulian.portal import exports
from zhulian.portal.exports import Column
from zhulian.portal.pages.access import Visit, page, reach
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.pages.figures import Figure
from zhulian.portal.telemetry_access import telemetry
from zhulian.retention import queries
from zhulian.retention.queries import Holding
from zhulian.retention.rules import number_of
from zhulian.telemetry.queries import Health, PartitionUse, Preview, Progress, TenantUse, Usage
from zhulian.telemetry.queries.values import DiskUse, JournalUse, ShelfTotals
from zhulian.vocabulary.clock import system_clock, to_datetime
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import cut
from zhulian.vocabulary.readings import TenantId, TimeUs

GROWTH_DAYS = 30
NOTHING_USED = Usage([], {}, 0, None)
NO_HEALTH = Health(JournalUse(0, 0), 0, ShelfTotals(), DiskUse(0, 0))
TABLE_NAMES = {
    "readings": Text("原始读数", "Raw readings"),
    "hourly": Text("小时汇总", "Hourly sums"),
    "daily": Text("日汇总", "Daily sums"),
    "tenant_hourly": Text("企业小时汇总", "Hourly sums of enterprises"),
    "tenant_hourly_kept": Text("移走小时留下的企业小时汇总", "Enterprise hours of hours that went"),
    "folded": Text("分钟与状态", "Minutes and states"),
    "hourly_kept": Text("移走读数留下的小时汇总", "Hours of readings that went"),
    "daily_kept": Text("移走小时留下的日汇总", "Days of hours that went"),
    "retirements": Text("移走记录", "Record of what went"),
    "schema_version": Text("表结构版本", "Version of the tables"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """An enterprise with what it uses; ``size_bytes`` is estimated, ``share`` of all readings in sight (0 to 1)."""

    enterprise: TenantId
    name: str
    use: TenantUse
    size_bytes: int
    share: float
    holds: Holding
    is_sample: bool

    @property
    def first(self) -> datetime:
        """Its oldest reading."""
        return to_datetime(TimeUs(self.use.first_s * 1_000_000))

    @property
    def last(self) -> datetime:
        """Its newest."""
        return to_datetime(TimeUs(self.use.last_s * 1_000_000))


COLUMNS: tuple[Column[Line], ...] = (
    Column(Text("企业", "Enterprise"), lambda one: one.name, 36),
    Column(Text("原始读数", "Raw readings"), lambda one: one.use.rows, 16),
    Column(Text("占比", "Share"), lambda one: round(one.share, 4), 10),
    Column(Text("约占字节", "Bytes, about"), lambda one: one.size_bytes, 16),
    Column(Text("累计收到", "Ever received"), lambda one: one.use.ever, 16),
    Column(Text("最早", "Oldest"), lambda one: exports.local(one.first), 20),
    Column(Text("最新", "Newest"), lambda one: exports.local(one.last), 20),
    Column(Text("原始读数保留（天）", "Raw kept (days)"), lambda one: one.holds.keep.raw_days or "", 14),
    Column(Text("小时汇总保留（天）", "Hours kept (days)"), lambda one: one.holds.keep.hour_days or "", 14),
)
PARTITION_COLUMNS: tuple[Column[PartitionUse], ...] = (
    Column(Text("表", "Table"), lambda one: one.table, 20),
    Column(Text("分区", "Partition"), lambda one: one.partition, 16),
    Column(Text("行", "Rows"), lambda one: one.rows, 16),
    Column(Text("字节", "Bytes"), lambda one: one.size_bytes, 16),
    Column(Text("数据块", "Parts"), lambda one: one.parts, 10),
)


@require_safe
@page
def storage(request: Visit) -> HttpResponseBase:
    """Enterprises in sight, most readings first; tables, disk and journal for those who answer for the city."""
    scope = _seeing(request)
    used = reach(lambda: telemetry().usage(), NOTHING_USED)
    every = _lines(scope, used.value, request.GET.get("q", "")[:120])
    if exports.is_asked(request):
        return exports.export(
            request, Text("存储占用", "Storage"), COLUMNS, every,
            is_sample=lambda one: one.is_sample, owners=lambda one: (one.enterprise,),
        )  # fmt: skip
    shown = cut(len(every), number(request.GET, "page", 1), size(request.GET))
    whole = sees_whole(scope)
    figures = _figures(every, used.value) if whole else _own_figures(every)
    values = {
        "lines": every[shown.rows],
        "page": shown.page(every[shown.rows]),
        "sizes": PAGE_SIZES,
        "wanted": request.GET.get("q", ""),
        "outage": used.outage,
        "figures": [_unknown(one) for one in figures] if used.outage else figures,
        "tables": [(TABLE_NAMES.get(one.name), one) for one in used.value.tables] if whole else [],
        "retired": used.value,
        "working": reach(lambda: telemetry().retention(), Progress()).value if whole else None,
        "whole": whole,
        "may_set": scope.administers,
        "sentence": "" if used.outage else _sentence(len(every)),
        "as_of_us": system_clock(),
    }
    return render(request, "pages/storage.html", values)


@require_safe
@page
def growth(request: Visit) -> HttpResponseBase:
    """Readings in sight by day of the city, for the chart."""
    scope = _seeing(request)
    last = number_of(today()) - 1
    first = last - GROWTH_DAYS + 1
    tenants = None if scope.whole_city else [TenantId(one) for one in scope.enterprises().values_list("id", flat=True)]
    found = reach(lambda: telemetry().stored_days(tenants, first, last), {})
    if found.outage:
        return JsonResponse({"error": found.outage})
    if not found.value:
        return JsonResponse({"empty": _("最近三十天没有读数。")})
    start_ms = [int(_midnight(day).timestamp() * 1000) for day in range(first, last + 1)]
    rows = [[ms, found.value.get(first + at, 0), None, None, 1] for at, ms in enumerate(start_ms)]
    words = {"time": _("日期"), "value": _("读数"), "mean": _("读数"), "low": "", "high": "", "count": ""}
    return JsonResponse(
        {
            "name": _("每天增加的读数"), "unit": _("条"), "decimals": 0, "bars": True, "start_ms": start_ms[0],
            "end_ms": start_ms[-1], "bucket_s": 0, "rows": rows, "words": words,
            "note": _("按读数自己的日期（北京时间）计，不含今天；来源：日汇总。"),
        }
    )  # fmt: skip


@require_safe
@page
def partitions(request: Visit) -> HttpResponseBase:
    """Every table's partitions with their exact sizes, for those who answer for the city."""
    if not sees_whole(request.rights):
        raise PermissionDenied
    found = reach(lambda: telemetry().partitions(), [])
    table = request.GET.get("table", "")
    every = [one for one in found.value if not table or one.table == table]
    if exports.is_asked(request):
        return exports.export(request, Text("存储分区", "Partitions"), PARTITION_COLUMNS, every)
    shown = cut(len(every), number(request.GET, "page", 1), size(request.GET))
    values = {
        "rows": every[shown.rows],
        "page": shown.page(every[shown.rows]),
        "sizes": PAGE_SIZES,
        "tables": sorted({one.table for one in found.value}),
        "table": table,
        "outage": found.outage,
    }
    return render(request, "pages/storage_partitions.html", values)


def sees_whole(scope: Scope) -> bool:
    """Whether this person answers for the city's store: the bureau and administrators."""
    return scope.administers or scope.keeps_city


def _seeing(request: Visit) -> Scope:
    scope = request.rights
    if not (scope.sees_several or scope.own):
        raise PermissionDenied
    return scope


def _lines(scope: Scope, used: Usage, text: str) -> list[Line]:
    names = records.names_of(scope, used.tenants)
    holds, samples = queries.holding_of(scope, names), queries.samples(scope, names)
    total = sum(used.tenants[tenant].rows for tenant in names) or 1
    each_bytes = used.bytes_per_row or 0.0
    return [
        Line(
            tenant, names[tenant], use, round(use.rows * each_bytes), use.rows / total, holds[tenant], tenant in samples
        )
        for tenant, use in used.tenants.items()
        if tenant in names and text.strip().lower() in names[tenant].lower()
    ]


def _figures(lines: list[Line], used: Usage) -> list[Figure]:
    health = reach(lambda: telemetry().health(), NO_HEALTH).value
    going = reach(lambda: telemetry().preview_retention(queries.plan_in_force()), Preview()).value
    size_bytes = sum(one.size_bytes for one in used.tables)
    each = used.bytes_per_row
    going_mb = _mb(round(going.rows * (each or 0)))
    journal, disk = health.journal, health.disk
    return [
        Figure(_("原始读数条数"), sum(one.use.rows for one in lines), _("条"), note=_oldest(lines)),
        Figure(_("占用磁盘"), _mb(size_bytes), "MB", note=_("每条读数 %(n).1f 字节") % {"n": each} if each else ""),
        Figure(_("磁盘剩余"), _gb(disk.free_bytes), "GB", note=_("共 %(n)s GB") % {"n": _gb(disk.total_bytes)}),
        Figure(
            _("今晚会移走"), going.rows, _("条"),
            note=_("约 %(n)s MB") % {"n": going_mb} if going_mb else "",
        ),
        Figure(_("接收日志"), _mb(journal.used_bytes), "MB", note=_("上限 %(n)s GB") % {"n": _gb(journal.limit_bytes)}),
        Figure(
            _("隔离区"), health.quarantine.rows, _("条"),
            note=_("%(n)s MB") % {"n": _mb(health.quarantine.size_bytes)} if health.quarantine.rows else "",
        ),
    ]  # fmt: skip


def _unknown(figure: Figure) -> Figure:
    """A dash with the reason: while telemetry is away nobody knows, and 0 would be a lie."""
    return Figure(figure.label, None, reason=_("暂时读不到"))


def _own_figures(lines: list[Line]) -> list[Figure]:
    return [
        Figure(_("原始读数条数"), sum(one.use.rows for one in lines), _("条"), note=_oldest(lines)),
        Figure(_("约占磁盘"), _mb(sum(one.size_bytes for one in lines)), "MB"),
        Figure(_("累计收到"), sum(one.use.ever for one in lines), _("条")),
    ]


def _oldest(lines: list[Line]) -> str:
    first = min((one.first for one in lines), default=None)
    local = exports.local(first)
    return _("最早 %(day)s，含导入") % {"day": f"{local:%Y-%m-%d}"} if local else ""


def _sentence(total: int) -> str:
    return ngettext("%(n)s 家企业有读数", "%(n)s 家企业有读数", total) % {"n": total}


def _mb(size_bytes: int) -> float:
    return round(size_bytes / 1_000_000, 1)


def _gb(size_bytes: int) -> float:
    return round(size_bytes / 1_000_000_000, 1)


def _midnight(day: int) -> datetime:
    return to_datetime(TimeUs(0)) + timedelta(days=day, hours=-8)
