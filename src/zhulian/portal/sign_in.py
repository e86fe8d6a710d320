"""How people sign in: what Zhulian asks of allauth beyond its settings."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """Accounts are given by an administrator or an invitation; the door for self-made ones stays shut."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Never."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: object) -> None:
        """Wrong passwords are counted by axes alone (``portal.throttling``); allauth counts wrong second factors."""


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth carries no types
    """Words of the second factors."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("验证码不对。请输入最新的 6 位数；总是不对时，核对手机的时间。")
    }

    def get_totp_issuer(self) -> str:
        """What the authenticator app shows above the code."""
        return _("筑联")

    def generate_authenticator_name(self, user: object, type: object) -> str:  # noqa: A002, ARG002 - allauth's
        """A name to begin with; the person may change it."""
        return _("我的通行密钥")
