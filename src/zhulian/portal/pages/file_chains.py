"""Where an enterprise stands in industrial chains, and under which platforms."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhulian.organisations.queries import bodies, files, pillars
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.rules.bodies import LEVELS, POSITIONS
from zhulian.organisations.workflows import bodies as body_flows
from zhulian.organisations.workflows import pillars as flows
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.edit_form import EditForm, Field, attempt, choices, opened, posted
from zhulian.portal.pages.enterprise_file import frame
from zhulian.portal.pages.enterprises import number
from zhulian.vocabulary.errors import Text

SINCE = Field("since", Text("起始日期（空为今天）", "Since (empty: today)"), "date")


@require_http_methods(["GET", "HEAD", "POST"])
@page
def chains(request: Visit, enterprise_id: int) -> HttpResponseBase:
    """Both lists; a POST takes or leaves a position, joins or leaves a platform."""
    around = frame(request.rights, enterprise_id, "enterprise_chains")
    position, platform = _forms(request)
    if request.method == "POST":
        if not around.is_keeper:
            raise NotAllowedError
        joins = request.POST.get("act") == "join"
        form = posted((platform if joins else position).fields, request.POST)
        if attempt(form, lambda: _act(request, enterprise_id, form)):
            messages.success(request, _("已保存。"))
            return redirect("enterprise_chains", enterprise_id=enterprise_id)
        position, platform = (position, form) if joins else (form, platform)
    held = files.positions(request.rights, enterprise_id)
    values = {
        "frame_of": around,
        "positions": [{"row": row, "words": POSITIONS[row.position]} for row in held],
        "platforms": [
            {"row": row, "level": LEVELS.get(row.level)} for row in files.platforms(request.rights, enterprise_id)
        ],
        "position_form": position,
        "platform_form": platform,
    }
    return render(request, "pages/enterprise_chains.html", values, status=max(position.status, platform.status))


def _forms(request: Visit) -> tuple[EditForm, EditForm]:
    named = [(str(row.id), row.name) for row in pillars.chains(request.rights)]
    position = [
        Field("chain", Text("产业链", "Chain"), "select", [("", _("请选择")), *named], required=True),
        Field("position", Text("环节", "Position"), "select", choices(POSITIONS), required=True),
        Field("product", Text("主要产品", "Main product"), most=120),
        SINCE,
    ]
    joinable = [(str(pk), name) for pk, name in bodies.platforms_to_join(request.rights)]
    platform = [
        Field("platform", Text("平台", "Platform"), "select", [("", _("请选择")), *joinable], required=True),
        SINCE,
    ]
    return opened(position, {}), opened(platform, {})


def _act(request: Visit, enterprise_id: int, form: EditForm) -> None:
    scope, post = request.rights, request.POST
    match post.get("act"):
        case "take":
            since, product = form.day("since"), form.text("product")
            chain, position = number(post, "chain", 0), form.text("position")
            flows.take_position(scope, enterprise_id, chain, position, product=product, since=since)
        case "leave":
            _one_of(number(post, "position", 0), [row.id for row in files.positions(scope, enterprise_id)])
            flows.leave_position(scope, number(post, "position", 0))
        case "join":
            body_flows.join_platform(scope, number(post, "platform", 0), enterprise_id, form.day("since"))
        case "quit":
            held = [row.membership for row in files.platforms(scope, enterprise_id)]
            _one_of(number(post, "membership", 0), held)
            body_flows.leave_platform(scope, number(post, "membership", 0))
        case _:
            raise NotVisibleError(flows.POSITION)


def _one_of(wanted: int, known: list[int]) -> None:
    """What is posted to an enterprise's page belongs to that enterprise."""
    if wanted not in known:
        raise NotVisibleError(flows.POSITION)
