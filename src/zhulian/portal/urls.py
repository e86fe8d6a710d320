"""Every address of the portal, in one place: sign-in, pages, the public API and the gateways' identity lane.

Everything asks for a session unless its view says otherwise (``LoginRequiredMiddleware``). A test walks this map as
every role, so a new address needs a line in ``tests/portal/tenancy``.
"""

from allauth.account import views as account
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from zhulian.portal import health
from zhulian.portal.api.urls import api_patterns

SIGN_IN = [
    path("sign-in/", account.login, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("sign-in/", include("allauth.socialaccount.providers.openid_connect.urls")),
]
"""Of allauth only what is used: no signing up, no mail."""

urlpatterns = [
    path("health", health.health, name="health"),
    path("language/", login_not_required(set_language), name="set_language"),
    *SIGN_IN,
    path("", include("zhulian.portal.gateway_lane.urls")),
    path("api/v1/", api_patterns),
    path("", include("zhulian.portal.pages.urls")),
]

handler400 = "zhulian.portal.pages.errors.bad_request"
handler403 = "zhulian.portal.pages.errors.forbidden"
handler404 = "zhulian.portal.pages.errors.not_found"
handler500 = "zhulian.portal.pages.errors.server_error"
