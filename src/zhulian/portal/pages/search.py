"""The search field of the top bar: enterprises and machines in sight, at most a screenful of each."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhulian.organisations import queries
from zhulian.organisations.queries import EnterpriseFilter, MachineFilter
from zhulian.portal.pages.access import Visit, page

MOST = 10


@require_safe
@page
def search(request: Visit) -> HttpResponseBase:
    """Without words the page says what may be looked for."""
    text = request.GET.get("q", "").strip()[:120]
    values: dict[str, object] = {"text": text}
    if text:
        values["enterprises"] = queries.enterprises(request.scope, EnterpriseFilter(text=text), 1, MOST)
        values["machines"] = queries.machines(request.scope, MachineFilter(text=text), 1, MOST)
    return render(request, "pages/search.html", values)
