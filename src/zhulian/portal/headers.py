"""What every answer of the portal tells the browser about itself; a middleware of the portal's settings."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        # Charts and progress bars set sizes and colours in style attributes.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Scripts only from our own files: text that somebody smuggles into a page is never run."""


def policy(identity_service: str) -> str:
    """The policy; forms lead to ourselves, and on to the city's identity service where there is one ("" for none).

    Browsers ask where a form is *redirected* as well, and signing in over there begins with a form.
    """
    there = urlsplit(identity_service)
    return f"{POLICY}; form-action 'self'{f' {there.scheme}://{there.netloc}' if there.netloc else ''}"


class ContentPolicy:
    """Adds the content security policy, and keeps what belongs to a person out of shared caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._policy = policy(str(settings.ZHULIAN["ZHULIAN_OIDC_ISSUER"] or ""))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as the rest of the portal does, with the headers added where none are set."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self._policy)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
