"""接收限额: what a gateway and its enterprise may send; shown on the gateway's page, set there by administrators."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhulian.organisations import queries
from zhulian.organisations.queries import QuotaRow
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, RecordsError
from zhulian.organisations.tenancy import Scope
from zhulian.organisations.workflows import quotas as workflows
from zhulian.organisations.workflows.quotas import Limits
from zhulian.portal.pages.access import Visit, page


@dataclass(frozen=True, slots=True)
class Quota:
    """What holds, and what was set (empty where the default holds)."""

    set: QuotaRow
    rows_per_s: int
    mb_per_day: int


@dataclass(frozen=True, slots=True)
class Quotas:
    """Of a gateway, and of all gateways of its enterprise together."""

    own: Quota
    together: Quota


def quotas_of(scope: Scope, gateway: int) -> Quotas:
    """For the gateway's page."""
    own, together = queries.quotas_of(scope, gateway)
    return Quotas(_in_force(own, "GATEWAY"), _in_force(together, "ENTERPRISE"))


def _in_force(row: QuotaRow, whose: str) -> Quota:
    given = settings.ZHULIAN
    rows_per_s, mb_per_day = (int(given[f"ZHULIAN_{whose}_{name}"]) for name in ("ROWS_PER_SECOND", "MB_PER_DAY"))
    return Quota(row, row.rows_per_s or rows_per_s, row.mb_per_day or mb_per_day)


@require_POST
@page
def quota(request: Visit, gateway_id: int) -> HttpResponseBase:
    """Set both; an empty field is the default again."""
    queries.gateway(request.rights, gateway_id)
    if not request.rights.administers:
        raise NotAllowedError
    try:
        limits = (_limits(request.POST, "own"), _limits(request.POST, "together"))
        workflows.set_quotas(request.rights, gateway_id, *limits, settings.ZHULIAN.data.quotas)
        messages.success(request, _("限额已保存，几秒内生效。"))
    except (NotAllowedError, NotVisibleError):
        raise
    except RecordsError as refused:
        messages.error(request, refused.in_language(get_language() or "zh-hans"))
    return redirect("gateway", gateway_id=gateway_id)


def _limits(form: QueryDict, whose: str) -> Limits:
    return Limits(_number(form.get(f"{whose}_rows", "")), _number(form.get(f"{whose}_mb", "")))


def _number(text: str) -> int | None:
    """Nothing is None; what is no number becomes 0, which the workflow refuses by name."""
    text = text.strip().replace(",", "")
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0
