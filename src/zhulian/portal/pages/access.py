"""The door of every page: who asks, what they may see, and how a fault becomes a page instead of a traceback.

``@page`` gives a view the person's :class:`Scope`, made once a request; :func:`reach` turns a telemetry outage into a
reason that stands next to the dashes.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, Generic, ParamSpec, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhulian.organisations.models import User
from zhulian.organisations.tenancy import Scope, visible_to
from zhulian.telemetry.queries import TelemetryUnreachable
from zhulian.vocabulary.errors import ZhulianError

AWAY = gettext_lazy("现在读不到遥测数据。")
AWAY_NEXT = gettext_lazy("采集不受影响，网关会保留数据；过几分钟再看，一直这样请告诉平台管理员。")
RETRY_AFTER_S = 30
"""Telemetry is started again within seconds; a store of a hundred million rows opens in two."""
P = ParamSpec("P")
T = TypeVar("T")


class Visit(HttpRequest):
    """A request of a person who has signed in, with what they may see.

    ``rights`` and not ``scope``: under ASGI a request's ``scope`` is the connection, from which Django tells https.
    """

    user: User
    rights: Scope


def page(
    view: Callable[Concatenate[Visit, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A view that is given a :class:`Visit`.

    What is out of sight is 404, what may not be changed 403, what telemetry has to do and cannot now 503, the rest 400.
    """

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        request.rights = visible_to(request.user)  # type: ignore[attr-defined]
        try:
            return view(request, *args, **kwargs)  # type: ignore[arg-type]
        except (Http404, PermissionDenied):
            raise
        except TelemetryUnreachable as outage:
            return _away(request, outage)
        except ZhulianError as fault:
            return sorry(request, fault)

    return cast(Callable[Concatenate[HttpRequest, P], HttpResponseBase], answer)


def sorry(request: HttpRequest, fault: ZhulianError, status: int = 400) -> HttpResponse:
    """A page that says what happened and what to do next."""
    return render(request, "pages/sorry.html", {"fault": fault, "status": status}, status=status)


def _away(request: HttpRequest, outage: TelemetryUnreachable) -> HttpResponse:
    """In words for everybody; the cause below them, for whoever is asked to mend it."""
    values = {"status": 503, "what": AWAY, "next_step": AWAY_NEXT, "cause": outage}
    answered = render(request, "pages/sorry.html", values, status=503)
    answered["Retry-After"] = str(RETRY_AFTER_S)
    return answered


@dataclass(frozen=True, slots=True)
class Reached(Generic[T]):
    """What telemetry answered, or an empty value and why."""

    value: T
    outage: str = ""


def reach(read: Callable[[], T], otherwise: object) -> Reached[T]:
    """``read()``, or ``otherwise`` with the reason in the person's language while telemetry cannot be reached.

    ``otherwise`` is the empty value of the same type: it cannot be checked, because ``{}`` has no type of its own.
    """
    try:
        return Reached(read())
    except TelemetryUnreachable:
        return Reached(cast(T, otherwise), _("%(what)s%(next)s") % {"what": AWAY, "next": AWAY_NEXT})
    except ZhulianError as fault:
        return Reached(cast(T, otherwise), fault.in_language(get_language() or "zh-hans"))


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx or the drawer asks, which want the content without the frame."""
    return request.headers.get("HX-Request") == "true"
