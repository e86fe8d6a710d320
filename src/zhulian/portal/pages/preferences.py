"""How I want to be told outside of the site; owners also choose for colleagues who chose nothing."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhulian.desk import queries, workflows
from zhulian.desk.queries.preferences import enterprise_preference
from zhulian.desk.rules import Quiet
from zhulian.organisations.queries import own_enterprises
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import number

HOURS = tuple(range(24))


@require_http_methods(["GET", "HEAD", "POST"])
@page
def preferences(request: Visit) -> HttpResponseBase:
    """One form for oneself, one for each enterprise one owns."""
    if request.method == "POST":
        enterprise = number(request.POST, "enterprise", 0) or None
        workflows.prefer(request.rights, request.POST.get("email", ""), quiet_of(request), enterprise=enterprise)
        messages.success(request, _("通知方式已保存。"))
        return redirect("preferences")
    owned = [row for row in own_enterprises(request.rights) if row.id in request.rights.owns]
    forms = [("", _("我自己"), queries.own_preference(request.rights))]
    forms += [(str(row.id), row.name, enterprise_preference(row.id)) for row in owned]
    values = {"forms": forms, "emails": workflows.EMAILS.items(), "hours": HOURS, "address": request.user.email}
    return render(request, "pages/preferences.html", values)


def quiet_of(request: Visit) -> Quiet:
    """Quiet hours as a form sends them."""
    posted = request.POST
    return Quiet(number(posted, "quiet_start", 21), number(posted, "quiet_end", 8), posted.get("urgent_passes") == "1")
