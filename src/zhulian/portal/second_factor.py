"""The rule that some roles need a second factor: a middleware of the portal's settings.

``ZHULIAN_SECOND_FACTOR_ROLES`` names the roles. Whoever holds one and has neither an authenticator app nor a passkey is
led to the page that sets one up, and reaches nothing else until then.
"""

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

from zhulian.organisations.models import Membership, User
from zhulian.vocabulary.errors import Text, ZhulianError

OPEN = frozenset({"set_language", "account_logout", "account_login", "account_reauthenticate", "health"})
"""What can be reached without the second factor, beside the pages that set it up (``mfa_…``)."""

MISSING = ZhulianError(
    "second_factor_missing",
    Text("您的角色需要第二重验证，还没有设置。", "Your role needs a second factor, which is not set up yet."),
    Text("请在浏览器里登录并按提示设置。", "Sign in with a browser and set it up as the page says."),
)


class SecondFactorRule:
    """Leads to the set-up page whoever needs a second factor and has none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as the rest of the portal does, or lead away."""
        user = request.user
        if not isinstance(user, User) or _is_open(request) or has_or_needs_none(user):
            return self.get_response(request)
        if request.path_info.startswith("/api/"):
            return JsonResponse(MISSING.as_json(), status=403, json_dumps_params={"ensure_ascii": False})
        return redirect(f"{reverse('mfa_index')}?needed=1")


def is_needed(user: User) -> bool:
    """Whether one of the person's roles asks for a second factor."""
    return Membership.objects.filter(user_id=user.pk, role__in=settings.ZHULIAN_SECOND_FACTOR_ROLES).exists()


def has_or_needs_none(user: User) -> bool:
    """Whether the person may go on."""
    if not settings.ZHULIAN_SECOND_FACTOR_ROLES or not is_needed(user):
        return True
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=kinds).exists())


def _is_open(request: HttpRequest) -> bool:
    try:
        name = resolve(request.path_info).url_name or ""
    except Resolver404:
        return True
    return name in OPEN or name.startswith("mfa_")
