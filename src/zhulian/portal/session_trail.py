"""Signing in, signing out and failing to, as entries of the audit trail; Django's signals end here.

A failed attempt names a known account only: people type passwords into the wrong field.
"""

from collections.abc import Mapping

from django.http import HttpRequest

from zhulian.audit.rules import Actor, Subject
from zhulian.audit.workflows import record
from zhulian.organisations.models import User
from zhulian.portal.throttling import client_address, typed_name

NOBODY = Actor(None, "")


def on_signed_in(request: HttpRequest, user: User, **_: object) -> None:
    """Somebody opened a session."""
    record(_actor(user), "session.signed_in", _account(user), organisation=None, note=_from(request))


def on_signed_out(request: HttpRequest, user: User | None, **_: object) -> None:
    """Somebody ended their session, or it ended by itself."""
    if user is not None:
        record(_actor(user), "session.signed_out", _account(user), organisation=None, note=_from(request))


def on_refused(credentials: Mapping[str, object], request: HttpRequest | None = None, **_: object) -> None:
    """A password was wrong."""
    name = typed_name(request, credentials) if request is not None else str(credentials.get("username", ""))
    user = User.objects.filter(username__iexact=name).first() if name else None
    subject = _account(user) if user else Subject("account", "", "")
    record(NOBODY, "session.refused", subject, organisation=None, note=_from(request))


def _actor(user: User) -> Actor:
    return Actor(user.pk, user.get_full_name() or user.username)


def _account(user: User) -> Subject:
    return Subject("account", user.pk, user.get_full_name() or user.username)


def _from(request: HttpRequest | None) -> str:
    """The address that the request came from."""
    return (client_address(request) or "") if request is not None and request.META.get("REMOTE_ADDR") else ""
