"""Who may call the public interface: a person's session, or a key that a person made for a program.

``may("records:read")`` is what a router asks for. A key opens what its person may see, narrowed to the key's scopes,
for reading, and a number of times a minute; a session opens what the pages show.
"""

from functools import cache

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from zhulian.organisations.models import User
from zhulian.organisations.workflows import key_holder
from zhulian.portal.api.limits import Limits
from zhulian.vocabulary.api_scopes import API_SCOPES
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.errors import Text, ZhulianError


class KeyUnknownError(ZhulianError):
    """No such key, or no longer."""

    def __init__(self) -> None:
        super().__init__(
            "key_unknown",
            Text("这个密钥无效、已过期或已停用。", "This key is not known, has expired, or was revoked."),
            Text("请在“我的账户 › 接口密钥”里生成新的。", "Make a new one under “My account › Keys”."),
        )


class ScopeMissingError(ZhulianError):
    """The key is good, but not for this."""

    def __init__(self, scope: str) -> None:
        super().__init__(
            "key_scope_missing",
            Text(f"这个密钥没有 {scope} 范围。", f"This key has no scope {scope}."),
            Text("请生成带有该范围的密钥。", "Make a key that has it."),
        )


class TooManyRequestsError(ZhulianError):
    """The key was used more often than it may be."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            "too_many_requests",
            Text("这个密钥一分钟内的请求太多。", "This key was used too often within a minute."),
            Text(f"请在 {retry_after_s} 秒后再试。", f"Try again in {retry_after_s} s."),
        )


class Key(HttpBearer):
    """``Authorization: Bearer zl_…``."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> User:
        """The key's person, narrowed to what the key is for; the request is theirs from here on."""
        found = key_holder(token)
        if found is None:
            raise KeyUnknownError
        allowance = limits().take(found.pk, settings.ZHULIAN_API_REQUESTS_PER_MINUTE)
        request.allowance = allowance  # type: ignore[attr-defined]  # its headers go out with the answer
        if allowance.retry_after_s:
            raise TooManyRequestsError(allowance.retry_after_s)
        if self.scope not in found.scopes:
            raise ScopeMissingError(self.scope)
        found.user.key_scopes = frozenset(found.scopes)
        request.user = found.user
        return found.user


def may(scope: str) -> list[HttpBearer | SessionAuth]:
    """What a router of the interface asks for; a key comes first, so that it is not widened by a cookie beside it."""
    if scope not in API_SCOPES:
        raise LookupError(f"the scope {scope!r} is not declared in vocabulary/api_scopes.py")
    return [Key(scope), SessionAuth()]


@cache
def limits() -> Limits:
    """The one count of this process, shared with the other workers."""
    return Limits(settings.ZHULIAN.data.limits / "api-keys", system_clock)
