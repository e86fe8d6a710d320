"""Marks of the explorer: those of its points and range as JSON, and the form that makes, changes or withdraws one.

The form stands in a dialog; after it was sent, the script is told by ``zhulian:marks-changed`` and asks again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhulian.dashboards import queries, workflows
from zhulian.dashboards.queries import MarkRow
from zhulian.dashboards.rules import MARK_KINDS
from zhulian.dashboards.workflows import MarkDraft, may_share
from zhulian.organisations.queries.placed_points import PlacedPoint, placed_points
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, RecordsError
from zhulian.organisations.tenancy import Scope
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.explore import wanted_points
from zhulian.portal.pages.explore_series import asked
from zhulian.portal.pages.mark_values import mark_values
from zhulian.portal.templatetags.zhulian import said
from zhulian.vocabulary.clock import SHANGHAI, to_datetime

REFUSED = 422
"""The form comes back with what was typed, and what is wrong with it."""
CHANGED = "zhulian:marks-changed"


@require_safe
@page
def explore_marks(request: Visit) -> HttpResponseBase:
    """The marks that concern the points ``p`` and touch the range."""
    wanted = asked(request.GET.get("start", ""), request.GET.get("end", ""), "1")
    points = placed_points(request.rights, wanted_points(request.GET.get("p", "")))
    found = queries.marks(request.rights, points, to_datetime(wanted.start_us), to_datetime(wanted.end_us))
    return JsonResponse({"marks": [mark_values(mark) for mark in found]})


@dataclass(frozen=True, slots=True)
class About:
    """One thing that a mark can be about; ``value`` is what the form sends."""

    value: str
    words: str


@require_http_methods(["GET", "HEAD", "POST"])
@page
def explore_mark_new(request: Visit) -> HttpResponseBase:
    """The form for a mark on one of the points ``p``, its machine or its enterprise; ``at`` the time, in the city's."""
    typed = request.POST if request.method == "POST" else request.GET
    points = placed_points(request.rights, wanted_points(typed.get("p", "")))
    choices = abouts(request.rights, points)
    if request.method == "POST":
        try:
            workflows.make_mark(request.rights, _draft(typed, _chosen(typed.get("about", ""), points)))
        except (NotAllowedError, NotVisibleError):
            raise
        except RecordsError as fault:
            return _form(request, {"typed": typed, "abouts": choices, "fault": fault}, REFUSED)
        return _done(_("标记已记下，这台设备的每张图上都能看到。"))
    return _form(request, {"typed": typed, "abouts": choices}, 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def explore_mark(request: Visit, mark_id: int) -> HttpResponseBase:
    """One mark; its author changes or withdraws it, everybody else reads it."""
    row = queries.mark(request.rights, mark_id)
    if request.method != "POST":
        return _form(request, {"mark": row, "typed": _as_typed(row)}, 200)
    typed = request.POST
    revision = int(typed.get("revision", "0")) if typed.get("revision", "0").isdecimal() else 0
    try:
        if typed.get("act") == "withdraw":
            workflows.withdraw_mark(request.rights, mark_id, revision)
            return _done(_("标记已撤下；操作日志里仍可查到。"))
        workflows.change_mark(request.rights, mark_id, revision, _draft(typed, (row.enterprise, None, None)))
    except (NotAllowedError, NotVisibleError):
        raise
    except RecordsError as fault:
        newest = queries.mark(request.rights, mark_id)
        return _form(request, {"mark": newest, "typed": typed, "fault": fault}, REFUSED)
    return _done(_("标记已修改。"))


def abouts(scope: Scope, points: Sequence[PlacedPoint]) -> list[About]:
    """Machines first, then points, then enterprises; only where this person may write."""
    own = [placed for placed in points if may_share(scope, placed.enterprise)]
    machines = {placed.point.machine: placed.machine_name for placed in own}
    firms = {placed.enterprise: placed.enterprise_name for placed in own}
    return [
        *(About(f"machine:{number}", name) for number, name in machines.items()),
        *(About(f"point:{placed.point.id}", f"{placed.machine_name} · {placed.point.name}") for placed in own),
        *(About(f"enterprise:{number}", name) for number, name in firms.items()),
    ]


Place = tuple[int, int | None, int | None]
"""Enterprise, machine, point."""


def _chosen(about: str, points: Sequence[PlacedPoint]) -> Place:
    """What the form's choice stands for, looked up among the points in sight."""
    kind, _colon, number = about.partition(":")
    for placed in points:
        known: dict[str, tuple[int, Place]] = {
            "machine": (placed.point.machine, (placed.enterprise, placed.point.machine, None)),
            "point": (placed.point.id, (placed.enterprise, placed.point.machine, placed.point.id)),
            "enterprise": (placed.enterprise, (placed.enterprise, None, None)),
        }
        if kind in known and str(known[kind][0]) == number:
            return known[kind][1]
    raise NotAllowedError


def _draft(typed: QueryDict, place: Place) -> MarkDraft:
    enterprise, machine, point = place
    return MarkDraft(
        enterprise=enterprise,
        kind=typed.get("kind", ""),
        text=typed.get("text", ""),
        start=_moment(typed.get("start", "")),
        end=_moment(typed.get("end", "")),
        machine=machine,
        point=point,
    )


def _moment(given: str) -> datetime | None:
    """A time as the form sends it, in the city's zone; None where nothing usable stands."""
    try:
        return datetime.fromisoformat(given).replace(tzinfo=SHANGHAI) if given else None
    except ValueError:
        return None


def _as_typed(row: MarkRow) -> dict[str, str]:
    return {"kind": row.kind, "text": row.text, "start": written(row.start), "end": written(row.end)}


def written(moment: datetime | None) -> str:
    """A time as a datetime field wants it."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M:%S") if moment else ""


def _form(request: Visit, values: dict[str, object], code: int) -> HttpResponse:
    kinds = [(kind, said(words)) for kind, words in MARK_KINDS.items()]
    return render(request, "pages/explore_mark.html", {"kinds": kinds, **values}, status=code)


def _done(words: str) -> HttpResponse:
    answer = HttpResponse(words)
    answer["HX-Trigger"] = CHANGED
    return answer
