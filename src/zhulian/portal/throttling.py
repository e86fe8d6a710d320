"""Sign-in throttling: django-axes counts wrong passwords by user name and address; here is what it asks of the portal.

Named in the portal's settings. Counting by both together means that a stranger cannot lock a colleague out, and that
a colleague's typing errors lock nobody else's desk.
"""

from collections.abc import Mapping
from datetime import timedelta

from allauth.core.internal.httpkit import get_client_ip
from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from zhulian.organisations.models import User
from zhulian.vocabulary.errors import Text, ZhulianError


class TooManySignInsError(ZhulianError):
    """Too many wrong passwords for one name from one address."""

    def __init__(self, minutes: int) -> None:
        super().__init__(
            "too_many_sign_ins",
            Text(
                f"密码连续输错 {settings.AXES_FAILURE_LIMIT} 次，为安全起见先停一停。",
                f"The password was wrong {settings.AXES_FAILURE_LIMIT} times in a row, so signing in pauses.",
            ),
            Text(
                f"请在 {minutes} 分钟后再试；忘记密码请联系本单位或平台的管理员。",
                f"Try again in {minutes} min; if the password is forgotten, ask your organisation's or the platform's "
                "administrator.",
            ),
        )


def typed_name(request: HttpRequest, credentials: Mapping[str, object] | None = None) -> str:
    """The account that is being tried, one name for one person whether they typed their name or their address."""
    given = credentials or {}
    typed = str(given.get("username") or given.get("email") or request.POST.get("login", "")).strip()
    if "@" in typed:
        found = User.objects.filter(email__iexact=typed).values_list("username", flat=True).first()
        typed = found or typed
    return typed.lower()[:255]


def client_address(request: HttpRequest) -> str | None:
    """Where the request comes from, seen through as many proxies as the city trusts."""
    found: str | None = get_client_ip(request)
    return found


def locked_out(
    request: HttpRequest, _original: HttpResponse | None = None, credentials: Mapping[str, object] | None = None
) -> HttpResponse:
    """A page that says how long to wait; 429 with Retry-After for programs."""
    wait = _wait(typed_name(request, credentials), client_address(request))
    fault = TooManySignInsError(-(-wait // 60))
    response = render(request, "pages/sorry.html", {"fault": fault, "status": 429}, status=429)
    response["Retry-After"] = str(wait)
    return response


def _wait(name: str, address: str | None) -> int:
    """Seconds until the last wrong attempt has been forgotten."""
    cool_off: timedelta = settings.AXES_COOLOFF_TIME
    last = AccessAttempt.objects.filter(username=name, ip_address=address).order_by("-attempt_time").first()
    left = (last.attempt_time + cool_off - timezone.now()) if last else cool_off
    return max(1, int(left.total_seconds()))
