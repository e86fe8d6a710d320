"""Signing in with the city's identity service (OpenID Connect). Off unless ``ZHULIAN_OIDC_ISSUER`` is set.

The service says who somebody is, never what they may do: it opens an account that is known by its subject or by a
verified e-mail address, or one that was invited at that address. Everybody else gets a clear page.
"""

import logging

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from zhulian.organisations.models import User
from zhulian.organisations.workflows import accept_by_verified_email
from zhulian.vocabulary.errors import Text, ZhulianError

log = logging.getLogger(__name__)


class UnknownPersonError(ZhulianError):
    """The city's service knows the person, Zhulian does not."""

    def __init__(self) -> None:
        super().__init__(
            "identity_unknown",
            Text(
                "统一身份认证已通过，但筑联里还没有与之对应的账号。",
                "The city's identity service knows you, but no account here belongs to you yet.",
            ),
            Text(
                "请联系本单位或平台的管理员，按您在统一身份认证里的邮箱发出邀请。",
                "Ask your organisation's or the platform's administrator to invite you at the e-mail address that the "
                "identity service holds.",
            ),
        )


class ServiceFailedError(ZhulianError):
    """The round trip to the service did not work out."""

    def __init__(self) -> None:
        super().__init__(
            "identity_failed",
            Text("统一身份认证没有完成。", "Signing in with the city's identity service was not completed."),
            Text(
                "请重试一次；仍不行时用用户名和密码登录，并告诉平台管理员。",
                "Try once more; if it fails again, sign in with name and password and tell the administrator.",
            ),
        )


class CityIdentity(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """Matches people; makes no account of its own accord."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """A known subject goes on; otherwise the verified address has to be known or invited."""
        if sociallogin.is_existing:
            return
        user = _known(sociallogin)
        if user is None or not user.is_active:
            raise ImmediateHttpResponse(_page(request, UnknownPersonError(), 403))
        sociallogin.connect(request, user)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: object,  # noqa: ARG002 - allauth's signature
        error: object = None,
        exception: object = None,
        extra_context: object = None,  # noqa: ARG002
    ) -> None:
        """The person gave up, or the service is away; the log says which."""
        log.warning("signing in with the city's identity service failed: %s %.300r", error, exception)
        raise ImmediateHttpResponse(_page(request, ServiceFailedError(), 502))


def _known(sociallogin: SocialLogin) -> User | None:
    addresses = [one.email for one in sociallogin.email_addresses if one.verified and one.email]
    for address in addresses:
        found = list(User.objects.filter(email__iexact=address)[:2])
        if len(found) == 1:
            return found[0]
    full_name = str(sociallogin.account.get_provider_account().to_str() or "")
    joined = (accept_by_verified_email(address, full_name) for address in addresses)
    return next((user for user in joined if user is not None), None)


def _page(request: HttpRequest, fault: ZhulianError, status: int) -> HttpResponse:
    return render(request, "pages/sorry.html", {"fault": fault, "status": status}, status=status)
