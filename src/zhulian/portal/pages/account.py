"""Who I am here: role, language, password, sign out. On the phone it stands in the bottom bar."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhulian.organisations import queries
from zhulian.portal.pages.access import Visit, page


@require_safe
@page
def account(request: Visit) -> HttpResponseBase:
    """The person's own page."""
    return render(request, "pages/account.html", {"enterprises": queries.own_enterprises(request.scope)})
