"""变更记录: the newest changes of one record, as a part of its page; ``pages/history_of.html`` fetches it.

Whoever may see the record may see what was changed about it.
"""

from collections.abc import Callable, Mapping

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from zhulian.audit import queries
from zhulian.audit.rules import Sight
from zhulian.organisations import queries as records
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope
from zhulian.portal.menu import read_trail
from zhulian.portal.pages.access import Visit, is_fragment, page
from zhulian.portal.pages.trail import line
from zhulian.vocabulary.errors import Text

MOST = 20
IN_SIGHT: Mapping[str, Callable[[Scope, int], object]] = {
    "enterprise": records.enterprise,
    "machine": records.machine,
    "gateway": records.gateway,
}
"""How each kind of record is looked for in somebody's sight; raises 404 for what is not there."""


@require_safe
@page
def history(request: Visit, kind: str, subject: int) -> HttpResponseBase:
    """The newest changes with old and new; the whole list is in the trail, for those who may read it."""
    if kind not in IN_SIGHT:
        raise NotVisibleError(Text("记录", "record"))
    IN_SIGHT[kind](request.rights, subject)
    found = queries.history(Sight(everything=True), kind, subject, MOST)
    values = {
        "lines": [line(row) for row in found],
        "all": f"{reverse('trail')}?kind={kind}&id={subject}" if read_trail(request.rights) else "",
        "is_fragment": is_fragment(request),
    }
    template = "pages/history.html" if is_fragment(request) else "pages/history_alone.html"
    return render(request, template, values)
