"""Saved views of the explorer: the list in its dialog, keeping the present address, letting go; and favourites."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhulian.dashboards import queries, workflows
from zhulian.dashboards.workflows import ViewDraft, may_share
from zhulian.organisations.queries import own_enterprises
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, RecordsError
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.explore_marks import REFUSED


@require_http_methods(["GET", "HEAD", "POST"])
@page
def explore_views(request: Visit) -> HttpResponseBase:
    """The views in sight; a post keeps ``query`` under ``name``, or writes it into the view ``id``."""
    values: dict[str, object] = {"typed": request.POST or request.GET}
    code = 200
    if request.method == "POST":
        try:
            saved = workflows.save_view(request.rights, _draft(request))
            values = {"saved": queries.view(request.rights, saved), "typed": {}}
        except (NotAllowedError, NotVisibleError):
            raise
        except RecordsError as fault:
            values["fault"], code = fault, REFUSED
    values["views"] = queries.views(request.rights)
    values["firms"] = [firm for firm in own_enterprises(request.rights) if may_share(request.rights, firm.id)]
    return render(request, "pages/explore_views.html", values, status=code)


def _draft(request: Visit) -> ViewDraft:
    typed = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    numbers = {name: int(typed[name]) for name in ("id", "revision", "enterprise") if typed.get(name, "").isdecimal()}
    return ViewDraft(
        name=typed.get("name", ""),
        query=typed.get("query", ""),
        enterprise=numbers.get("enterprise"),
        id=numbers.get("id", 0),
        revision=numbers.get("revision", 0),
    )


@require_POST
@page
def explore_view_remove(request: Visit, view_id: int) -> HttpResponseBase:
    """Let go of a view; the answer takes the place of its line."""
    workflows.remove_view(request.rights, view_id)
    return HttpResponse(_("视图已移除。"))


@require_POST
@page
def explore_favourite(request: Visit, point_id: int) -> HttpResponseBase:
    """Take a point among one's favourites, or out of them."""
    is_one = workflows.toggle_favourite(request.rights, point_id)
    answer = HttpResponse(_("已收藏") if is_one else _("已取消收藏"))
    answer["HX-Trigger"] = "zhulian:favourites-changed"
    return answer
