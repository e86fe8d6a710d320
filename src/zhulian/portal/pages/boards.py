"""看板: dashboards made of tiles; the list, one of them, saving it whole, templates, and definitions as files.

A page holds the definition and the points in sight as JSON; tiles fill themselves from the explorer's answers and the
live stream. ``tv`` in the address is the view for a wall: nothing to press, several dashboards in turn.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import msgspec
from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhulian.dashboards.queries import BoardRow, board, boards, home_of
from zhulian.dashboards.rules.definitions import TILE_KINDS, Tile, checked, definition_of, points_of, read
from zhulian.dashboards.workflows import may_share
from zhulian.dashboards.workflows.boards import BoardDraft, choose_home, remove_board, save_board
from zhulian.organisations import queries
from zhulian.organisations.queries.placed_points import placed_points
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, RecordsError
from zhulian.organisations.rules.edits import ChangedMeanwhileError
from zhulian.portal.exports import as_file
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.board_templates import machine_board
from zhulian.portal.pages.board_words import board_words
from zhulian.portal.pages.explore import RANGES, note_looks, point_settings
from zhulian.portal.templatetags.zhulian import said

LARGEST_FILE = 1_000_000
TURN_S = 30
"""How long each dashboard stays on the wall."""


@require_http_methods(["GET", "HEAD", "POST"])
@page
def dashboards(request: Visit) -> HttpResponseBase:
    """The dashboards in sight; a post makes one: empty, from a machine's template, or from a file."""
    values: dict[str, object] = {}
    code = 200
    if request.method == "POST":
        try:
            number, _revision = save_board(request.rights, _new(request))
            return redirect(f"{reverse('dashboard', args=[number])}?edit=1")
        except (NotAllowedError, NotVisibleError):
            raise
        except RecordsError as fault:
            values, code = {"fault": fault, "typed": request.POST}, 422
    values["boards"] = boards(request.rights)
    values["firms"] = [firm for firm in queries.own_enterprises(request.rights) if may_share(request.rights, firm.id)]
    return render(request, "pages/boards.html", values, status=code)


@require_safe
@page
def home_dashboard(request: Visit) -> HttpResponseBase:
    """One's own first dashboard, or the list of them."""
    number = home_of(request.rights)
    return redirect("dashboard", board_id=number) if number else redirect("dashboards")


@require_safe
@page
def dashboard(request: Visit, board_id: int) -> HttpResponseBase:
    """One dashboard; what is out of the reader's sight is left out of its tiles and counted."""
    row = board(request.rights, board_id)
    wanted = points_of(row.tiles)
    points = placed_points(request.rights, wanted)
    note_looks(request, points)
    tv = request.GET.get("tv", "")
    values = {
        "board": row,
        "hidden": len(wanted) - len(points),
        "has_sample": row.is_sample or any(point.is_sample for point in points),
        "is_tv": bool(tv),
        "others": [one for one in boards(request.rights) if one.id != row.id],
        "settings": {
            "name": row.name,
            "revision": row.revision,
            "definition": definition_of(row.tiles),
            "points": [point_settings(point) for point in points],
            "kinds": _kinds(),
            "ranges": {name: seconds * 1_000 for name, (seconds, _words) in RANGES.items()},
            "range_words": {name: str(words) for name, (_seconds, words) in RANGES.items()},
            "series": reverse("explore_series", args=[0]),
            "find": reverse("explore_points"),
            "alarms": reverse("alarm_tile") + (f"?enterprise={row.enterprise}" if row.enterprise else ""),
            "save": reverse("dashboard_save", args=[row.id]),
            "turn": _turn(row, tv),
            "words": board_words(),
        },
    }
    return render(request, "pages/board.html", values)


@require_POST
@page
def dashboard_save(request: Visit, board_id: int) -> HttpResponseBase:
    """Save name and tiles as JSON. 409 when somebody else was first: the page keeps what this person made."""
    row = board(request.rights, board_id)
    if request.content_type != "application/json":
        return JsonResponse({"error": str(_("请以 JSON 发送看板。"))}, status=422)
    try:
        given: Any = msgspec.json.decode(request.body[:LARGEST_FILE])
        is_whole = isinstance(given, dict) and isinstance(given.get("name"), str)
        draft = BoardDraft(
            name=given["name"] if is_whole else "",
            tiles=tuple(checked(given.get("definition") if is_whole else None)),
            id=row.id,
            revision=given.get("revision", 0) if is_whole else 0,
        )
        _number, revision = save_board(request.rights, draft)
    except (NotAllowedError, NotVisibleError):
        raise
    except ChangedMeanwhileError as fault:
        newest = board(request.rights, board_id).revision
        return JsonResponse({"error": said(fault), "by": fault.by, "revision": newest}, status=409)
    except (RecordsError, msgspec.DecodeError) as fault:
        return JsonResponse({"error": said(fault) if isinstance(fault, RecordsError) else str(fault)}, status=422)
    return JsonResponse({"revision": revision})


@require_safe
@page
def dashboard_definition(request: Visit, board_id: int) -> HttpResponseBase:
    """The definition as a file, to be taken to another enterprise or kept."""
    row = board(request.rights, board_id)
    body = msgspec.json.format(msgspec.json.encode({"name": row.name, **definition_of(row.tiles)}), indent=2)
    return as_file(BytesIO(body), row.name, "json", "application/json", is_sample=row.is_sample)


@require_POST
@page
def dashboard_remove(request: Visit, board_id: int) -> HttpResponseBase:
    """Let go of a dashboard."""
    remove_board(request.rights, board_id)
    return redirect("dashboards")


@require_POST
@page
def dashboard_home(request: Visit, board_id: int) -> HttpResponseBase:
    """Make it one's first dashboard, or no longer."""
    choose_home(request.rights, board_id)
    return redirect("dashboard", board_id=board_id)


def _kinds() -> dict[str, dict[str, object]]:
    return {
        name: {"words": said(kind.words), "least": kind.least, "most": kind.most, "w": kind.width, "h": kind.height}
        for name, kind in TILE_KINDS.items()
    }


def _turn(row: BoardRow, tv: str) -> dict[str, object] | None:
    """What stands on the wall next, and when: ``tv=1,4,7`` names the dashboards."""
    numbers = [int(part) for part in tv.split(",") if part.isdecimal() and len(part) < 12]
    if not numbers:
        return None
    following = numbers[(numbers.index(row.id) + 1) % len(numbers)] if row.id in numbers else numbers[0]
    address = f"{reverse('dashboard', args=[following])}?tv={','.join(map(str, numbers))}"
    return {"next": address if following != row.id else "", "after_s": TURN_S}


def _new(request: Visit) -> BoardDraft:
    firm = request.POST.get("enterprise", "")
    enterprise = int(firm) if firm.isdecimal() and len(firm) < 12 else None
    return BoardDraft(request.POST.get("name", ""), tuple(_first_tiles(request)), enterprise)


def _first_tiles(request: Visit) -> Sequence[Tile]:
    file, machine = request.FILES.get("file"), request.POST.get("machine", "")
    if file is not None:
        return read(file.read(LARGEST_FILE)) if not isinstance(file, list) else ()
    if machine.isdecimal() and len(machine) < 12:
        return machine_board(queries.machine(request.rights, int(machine)))
    return ()
