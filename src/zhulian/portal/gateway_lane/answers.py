"""How the identity lane answers: JSON by ``msgspec``, and every refusal as ``ZhulianError.as_json`` with its status."""

from collections.abc import Callable, Mapping
from functools import wraps

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.wire.configuration import ConfigurationError
from zhulian.wire.credentials import CredentialError

View = Callable[[HttpRequest], HttpResponse]
_STATUS = {
    "code_unknown": 404,
    "code_used": 409,
    "code_expired": 410,
    "gateway_revoked": 401,
    "key_unreadable": 400,
    "body_too_large": 413,
    "too_many_attempts": 429,
}
_REFUSED = 422


def lane_view(method: str) -> Callable[[View], View]:
    """A view of the lane: no session, no cookies (so no CSRF), one method, errors as JSON."""

    def wrap(view: View) -> View:
        @wraps(view)
        def answered(request: HttpRequest) -> HttpResponse:
            try:
                return view(request)
            except ZhulianError as fault:
                return refusal(fault)
            except RequestDataTooBig:
                return refusal(_too_large())

        return login_not_required(csrf_exempt(require_http_methods([method])(answered)))

    return wrap


def json_answer(body: object, headers: Mapping[str, str] | None = None, status: int = 200) -> HttpResponse:
    """``body`` (a struct or plain values) as UTF-8 JSON."""
    return HttpResponse(msgspec.json.encode(body), "application/json", status, headers=dict(headers or {}))


def refusal(fault: ZhulianError) -> HttpResponse:
    """What is wrong and what to do next, for the gateway's log and status page."""
    status = _STATUS.get(fault.code) or _status_of_family(fault)
    headers = {"Retry-After": "60"} if status == 429 else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return json_answer(fault.as_json(), headers, status)


def _status_of_family(fault: ZhulianError) -> int:
    if isinstance(fault, CredentialError):
        return 401
    return 400 if isinstance(fault, ConfigurationError) else _REFUSED


def _too_large() -> ZhulianError:
    return ZhulianError(
        "body_too_large",
        Text("请求超过 12 MB。", "The request is larger than 12 MB."),
        Text("请把设备分到几个网关。", "Spread the machines over several gateways."),
    )
