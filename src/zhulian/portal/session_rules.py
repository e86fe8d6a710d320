"""When a session ends, and for whom it acts: a middleware of the portal's settings, after authentication.

An unused session ends after ``ZHULIAN_SESSION_IDLE_MINUTES``. A deputy who acts for a colleague has the delegation's id
in the session; the person of the request carries it, and the one tenancy filter reads it there.
"""

import time
from collections.abc import Callable
from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user, logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from zhulian.organisations.models import User
from zhulian.organisations.workflows.events import AccountClosed

SEEN, ACTING_FOR = "zhulian_seen_s", "zhulian_acting_for"
UNATTENDED = "Zhulian-Unattended"
"""Sent by parts of pages that renew themselves: nobody need be there."""
NOTED_EVERY_S = 60
"""A session is written at most once a minute, however busy the person is."""


class SessionRules:
    """Ends idle sessions, notes the use of the others, and says for whom the person acts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as the rest of the portal does."""
        if request.user.is_authenticated:
            if is_idle(request.session):
                logout(request)
                messages.info(request, _("较长时间没有操作，已为您退出登录；请重新登录。"))
            else:
                if request.headers.get(UNATTENDED) != "1":
                    note_use(request.session)
                request.user.acting_for = request.session.get(ACTING_FOR)
        return self.get_response(request)


def is_idle(session: SessionBase) -> bool:
    """Whether it was left alone for too long."""
    return time.time() - float(session.get(SEEN, time.time())) > settings.SESSION_IDLE_S


def note_use(session: SessionBase) -> None:
    """Remember when the session was used, to the minute."""
    now = time.time()
    if now - float(session.get(SEEN, 0)) >= NOTED_EVERY_S:
        session[SEEN] = now


def on_signed_in(request: HttpRequest, **_: object) -> None:
    """Django's signal: the clock of a new session begins."""
    request.session[SEEN] = time.time()


def person_of(session_key: str) -> User | None:
    """Who a session belongs to and for whom they act, for streams that never enter Django's handler."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key or None)
    user = get_user(request)
    if not isinstance(user, User) or is_idle(request.session):
        return None
    user.acting_for = request.session.get(ACTING_FOR)
    return user


def end_sessions(person: int, *, besides: str = "") -> int:
    """End all open sessions of a person, except the one with the key ``besides``; says how many there were."""
    ending = UserSession.objects.filter(user_id=person).exclude(session_key=besides)
    for session in (found := list(ending)):
        session.end()
    return len(found)


def on_account_closed(event: AccountClosed) -> None:
    """A closed account keeps no door open."""
    end_sessions(event.person)


def on_password_changed(request: HttpRequest, user: User, **_: object) -> None:
    """allauth's signal: whoever knew the old password is out, this browser stays."""
    end_sessions(user.pk, besides=request.session.session_key or "")
