"""The first page: the city for officers, the factory for people of one enterprise."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhulian.organisations import queries
from zhulian.organisations.queries import AreaRow
from zhulian.organisations.tenancy import Scope
from zhulian.portal.pages.access import Visit, page, reach
from zhulian.portal.pages.city_map import has_own_map, tiles
from zhulian.portal.pages.figures import Figure
from zhulian.portal.pages.live_factory import now_us
from zhulian.portal.telemetry_access import telemetry
from zhulian.telemetry.queries import Activity
from zhulian.vocabulary.readings import TenantId, TimeUs

HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class AreaLine:
    """One line of the table by district: the records, and what arrives from there right now."""

    row: AreaRow
    readings_a_minute: int | None
    live: int | None


@dataclass(frozen=True, slots=True)
class City:
    """Everything in sight, counted."""

    lines: list[AreaLine]
    activity: dict[TenantId, Activity]
    outage: str

    def total(self, name: str) -> int:
        """Sum of one count over all areas."""
        return sum(getattr(line.row, name) for line in self.lines)

    @property
    def live(self) -> int:
        """Enterprises from which something came within ten minutes."""
        return sum(one.points_live > 0 for one in self.activity.values())

    @property
    def last_us(self) -> TimeUs | None:
        """The newest reading of all."""
        return max((one.last_us for one in self.activity.values()), default=None)


@require_safe
@page
def home(request: Visit) -> HttpResponseBase:
    """City overview, or straight to the factory of a person who has just one; the others begin at their desk."""
    if request.rights.sees_several or request.rights.sees_totals:
        return city(request)
    own = queries.own_enterprises(request.rights)
    if own:
        return redirect("factory", enterprise_id=own[0].id)
    if request.rights.roles:
        return redirect("desk")
    return render(request, "pages/no_role.html")


def city(request: Visit) -> HttpResponse:
    """Enterprises, machines, points, readings a minute and coverage, by district."""
    found = read_city(request.rights.totals)
    values = {
        "city": found,
        "figures": city_figures(found),
        "tiles": tiles([line.row for line in found.lines]),
        "has_own_map": has_own_map(),
        "outage": found.outage,
        "is_whole": request.rights.whole_city or request.rights.sees_totals,
        "is_sample": queries.has_sample(request.rights.totals),
        "now_us": now_us(),
    }
    return render(request, "pages/city.html", values)


def read_city(scope: Scope) -> City:
    """Records and activity together; what is out of sight is in neither."""
    rows = queries.by_area(scope)
    reached = reach(lambda: telemetry().activity(), {})
    areas = queries.areas_of(scope, reached.value)
    activity = {tenant: reached.value[tenant] for tenant in areas}
    return City([_line(row, areas, activity, reached.outage) for row in rows], activity, reached.outage)


def _line(row: AreaRow, areas: dict[TenantId, str], activity: dict[TenantId, Activity], outage: str) -> AreaLine:
    if outage:
        return AreaLine(row, None, None)
    within = [activity[tenant] for tenant, area in areas.items() if area == row.place.code]
    return AreaLine(row, sum(one.readings_last_minute for one in within), sum(one.points_live > 0 for one in within))


def city_figures(found: City) -> Sequence[Figure]:
    """The six numbers of the first screen, each with its origin."""
    enterprises, connected = found.total("enterprises"), found.total("connected")
    rate = None if found.outage else sum(one.readings_last_minute for one in found.activity.values())
    live = None if found.outage else found.live
    share = 100 * connected / enterprises if enterprises else None
    return (
        Figure(
            _("企业"),
            enterprises,
            _("家"),
            _origin("enterprises"),
            note=_("规上 %(n)s 家") % {"n": found.total("above_scale")},
        ),
        Figure(_("接入覆盖率"), share, "%", _origin("coverage"), _("还没有企业"), coverage=(connected, enterprises)),
        Figure(_("设备"), found.total("machines"), _("台"), _origin("machines")),
        Figure(_("点位"), found.total("points"), _("个"), _origin("points")),
        Figure(
            _("正在上传的企业"),
            live,
            _("家"),
            _origin("live"),
            _("暂时读不到"),
            coverage=None if live is None else (live, connected),
        ),
        Figure(_("读数 / 分钟"), rate, _("条"), _origin("readings"), _("暂时读不到"), last_us=found.last_us),
    )


def _origin(figure: str) -> str:
    return reverse("origin_city", args=[figure])


@require_safe
@page
def readings_by_hour(request: Visit) -> HttpResponseBase:
    """Readings of each of the last 24 full hours in sight, for the chart on the city page."""
    return JsonResponse(hours_chart(request, request.rights.totals))


def hours_chart(request: HttpRequest, scope: Scope) -> dict[str, object]:  # noqa: ARG001 - a view's helper
    """The chart's figures; an outage is said in place of the drawing."""
    end = now_us() // HOUR_US * HOUR_US
    start = end - 24 * HOUR_US
    tenants = reach(lambda: list(queries.areas_of(scope, telemetry().activity())), [])
    groups = dict.fromkeys(tenants.value, 1)
    hours = reach(lambda: telemetry().city_hours(groups, TimeUs(start), TimeUs(end)).sums, {})
    if tenants.outage or hours.outage:
        return {"error": tenants.outage or hours.outage}
    sums = hours.value
    if not sums:
        return {"empty": _("最近 24 小时还没有读数。接入第一台设备后，这里按小时显示收到的条数。")}
    rows_ms = [[hour // 1000, sums.get(TimeUs(hour), 0), None, None, 1] for hour in range(start, end, HOUR_US)]
    words = {"time": _("时间（每小时起）"), "value": _("读数"), "mean": _("读数"), "low": "", "high": "", "count": ""}
    return {
        "name": _("每小时读数"),
        "unit": _("条"),
        "decimals": 0,
        "bars": True,
        "start_ms": start // 1000,
        "end_ms": (end - HOUR_US) // 1000,
        "bucket_s": 0,
        "rows": rows_ms,
        "words": words,
        "note": _("按整点小时汇总，不含当前小时；来源：各网关上传的读数。"),
    }
