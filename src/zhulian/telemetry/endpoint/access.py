"""Who may talk to the endpoint: the one user, by basic authentication or by ClickHouse's own two headers."""

import base64
import binascii
import hmac

from zhulian.telemetry.answers import Scope, header
from zhulian.telemetry.endpoint.key import USER


def is_allowed(scope: Scope, key: str) -> bool:
    """Whether the request names the user and the key."""
    user, password = _given(scope)
    return hmac.compare_digest(user.encode(), USER.encode()) & hmac.compare_digest(password.encode(), key.encode())


def _given(scope: Scope) -> tuple[str, str]:
    user = header(scope, "x-clickhouse-user")
    if user is not None:
        return user, header(scope, "x-clickhouse-key") or ""
    scheme, _, value = (header(scope, "authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, password
