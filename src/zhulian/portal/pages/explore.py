"""数据探索: points of any machines in one picture, as the address says; the page an engineer opens at 03:10.

The query is the whole state, or names a saved one (``view``): ``p`` the points, ``r`` a range that ends now or ``from``
and ``to``, ``m`` how they are drawn, ``c`` what they are compared with. Points out of sight are counted, not named.
"""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from zhulian.audit.rules import Subject
from zhulian.dashboards import queries as kept
from zhulian.dashboards.queries import ViewRow
from zhulian.dashboards.rules import points_of
from zhulian.organisations.queries.placed_points import PlacedPoint, find_points, placed_points
from zhulian.portal.looks import shown
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.explore_words import explore_words

MOST_POINTS = 20
RANGES = {
    "1h": (3_600, gettext_lazy("1 小时")),
    "8h": (8 * 3_600, gettext_lazy("一班 8 小时")),
    "24h": (86_400, gettext_lazy("24 小时")),
    "7d": (7 * 86_400, gettext_lazy("7 天")),
    "30d": (30 * 86_400, gettext_lazy("30 天")),
    "1y": (365 * 86_400, gettext_lazy("1 年")),
}
"""Range that ends now → seconds and words."""
OFFSETS = {
    "1d": (86_400, gettext_lazy("昨天同一时刻")),
    "7d": (7 * 86_400, gettext_lazy("上周同一时刻")),
    "28d": (28 * 86_400, gettext_lazy("四周前")),
}
"""What a range is compared with → seconds and words; any other number of seconds can stand in the address."""


@require_safe
@page
def explore(request: Visit) -> HttpResponseBase:
    """The frame with the points that were asked for; the figures come afterwards, point by point."""
    view = _view(request)
    wanted = points_of(view.query) if view else wanted_points(request.GET.get("p", ""))
    points = placed_points(request.rights, wanted)
    note_looks(request, points)
    values = {
        "points": points,
        "hidden": len(wanted) - len(points),
        "ranges": [(name, words) for name, (_seconds, words) in RANGES.items()],
        "offsets": [(name, words) for name, (_seconds, words) in OFFSETS.items()],
        "settings": page_settings(points) | {"query": view.query if view else ""},
        "view": view,
        "most": MOST_POINTS,
        "has_sample": any(point.is_sample for point in points),
    }
    return render(request, "pages/explore.html", values)


@require_safe
@page
def explore_points(request: Visit) -> HttpResponseBase:
    """Points to choose from, as a part of the page: what fits the words typed."""
    text = request.GET.get("find", "").strip()[:80]
    machine = request.GET.get("machine", "")
    found = find_points(request.rights, text, machine=int(machine) if machine.isdecimal() else None)
    lines = [(point, point_settings(point)) for point in found.rows]
    values = {"lines": lines, "total": found.total, "more": found.total - len(lines), "text": text}
    liked = placed_points(request.rights, kept.favourites(request.rights)) if not text else []
    values["favourites"] = [(point, point_settings(point)) for point in liked]
    values["sees_several"] = request.rights.sees_several
    return render(request, "pages/explore_points.html", values)


def _view(request: Visit) -> ViewRow | None:
    """The saved view that the address names; one out of sight is 404."""
    number = request.GET.get("view", "")
    return kept.view(request.rights, int(number)) if number.isdecimal() and len(number) < 12 else None


def wanted_points(given: str) -> list[int]:
    """The ids in the address, each once, at most twenty; what is no number is nobody's point."""
    numbers = (int(part) for part in given.split(",") if part.isascii() and part.isdecimal() and len(part) < 12)
    return list(dict.fromkeys(numbers))[:MOST_POINTS]


def note_looks(request: Visit, points: Sequence[PlacedPoint]) -> None:
    """Whoever looks at another's machine here leaves the same note as on the machine's page."""
    for machine, one in {point.point.machine: point for point in points}.items():
        shown(request.rights, "machine", Subject("machine", machine, one.machine_name), one.enterprise)


def page_settings(points: Sequence[PlacedPoint]) -> dict[str, object]:
    """What the script has to know; it goes into the page as JSON."""
    return {
        "points": [point_settings(point) for point in points],
        "most": MOST_POINTS,
        "ranges": {name: seconds * 1_000 for name, (seconds, _words) in RANGES.items()},
        "offsets": {name: seconds * 1_000 for name, (seconds, _words) in OFFSETS.items()},
        "series": reverse("explore_series", args=[0]),
        "export": reverse("explore_export"),
        "marks": reverse("explore_marks"),
        "mark": reverse("explore_mark", args=[0]),
        "mark_new": reverse("explore_mark_new"),
        "views": reverse("explore_views"),
        "favourite": reverse("explore_favourite", args=[0]),
        "words": explore_words(),
    }


def point_settings(placed: PlacedPoint) -> dict[str, object]:
    """A point as the script draws it."""
    point = placed.point
    return {
        "id": point.id,
        "name": point.name,
        "unit": point.unit,
        "machine": point.machine,
        "enterprise": placed.enterprise,
        "machine_name": placed.machine_name,
        "enterprise_name": placed.enterprise_name,
        "is_sample": placed.is_sample,
        "every_s": point.reports_every_s,
        "low": point.low,
        "high": point.high,
        "href": reverse("machine", args=[point.machine]),
    }


def explorer_address(points: Sequence[int], **more: str) -> str:
    """A link to the explorer with these points, for other pages."""
    return f"{reverse('explore')}?{urlencode({'p': ','.join(map(str, points)), **more}, safe=',:')}"
