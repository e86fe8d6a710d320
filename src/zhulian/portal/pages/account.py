"""Who I am here: roles, second factors, open sessions, keys for programs, deputies. On the phone in the bottom bar."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhulian.organisations import queries, workflows
from zhulian.organisations.queries import people
from zhulian.organisations.rules import NotVisibleError, RecordsError
from zhulian.organisations.workflows.api_keys import DAYS
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.devices import device_words
from zhulian.portal.pages.seat_form import is_of_form, whole
from zhulian.portal.session_rules import ACTING_FOR, SEEN, end_sessions
from zhulian.vocabulary.api_scopes import API_SCOPES
from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.errors import Text


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One browser in which the person is signed in."""

    id: int
    device: str
    address: str
    since: datetime
    seen: datetime
    is_here: bool


@require_safe
@page
def account(request: Visit) -> HttpResponseBase:
    """The person's own page."""
    kinds = set(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    values = {
        "enterprises": queries.own_enterprises(request.rights),
        "person": people.person(request.rights, request.user.pk) if request.rights.person == request.user.pk else None,
        "acts_for": people.acts_for(request.user),
        "has_second_factor": bool(kinds & {Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN}),
        "keys": sum(key.state == "good" for key in people.api_keys(request.rights)),
        "sessions": UserSession.objects.filter(user=request.user).count(),
    }
    return render(request, "pages/account.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def sessions(request: Visit) -> HttpResponseBase:
    """Where I am signed in; a POST ends one (``session``) or all the others."""
    here = request.session.session_key or ""
    if request.method == "POST":
        one = whole(request.POST, "session")
        if one:
            _end_one(request, one)
        else:
            ended = end_sessions(request.user.pk, besides=here)
            messages.success(request, _("已退出其他 %(n)s 处登录。") % {"n": ended})
        return redirect("sessions")
    shown = [_session(row, here) for row in UserSession.objects.purge_and_list(request.user)]
    values = {"sessions": sorted(shown, key=lambda one: (not one.is_here, -one.seen.timestamp()))}
    return render(request, "pages/sessions.html", values)


def _end_one(request: Visit, id: int) -> None:  # noqa: A002 - it is the id of a session
    found = UserSession.objects.filter(pk=id, user=request.user).first()
    if found is None:
        raise NotVisibleError(Text("会话", "session"))
    found.end()
    messages.success(request, _("这处登录已退出。"))


def _session(row: UserSession, here: str) -> OpenSession:
    seen = row._session_store(row.session_key).get(SEEN)
    last = datetime.fromtimestamp(seen, tz=SHANGHAI) if seen else row.created_at
    return OpenSession(
        row.pk, device_words(row.user_agent), row.ip, row.created_at, last, is_here=row.session_key == here
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page
def keys(request: Visit) -> HttpResponseBase:
    """Keys for programs; a POST makes one and shows it, this once."""
    fault: RecordsError | None = None
    if request.method == "POST":
        form = request.POST
        try:
            made = workflows.create_api_key(
                request.rights, form.get("name", ""), frozenset(form.getlist("scopes")), whole(form, "days") or 0
            )
            return render(
                request,
                "pages/key_made.html",
                {"key": made, "name": form.get("name", ""), "portal_url": settings.ZHULIAN.portal_url},
            )
        except RecordsError as refused:
            if not is_of_form(refused):
                raise
            fault = refused
    values = {
        "keys": people.api_keys(request.rights),
        "scopes": API_SCOPES.items(),
        "chosen": request.POST.getlist("scopes"),
        "days": DAYS,
        "typed": request.POST,
        "fault": fault,
    }
    return render(request, "pages/keys.html", values, status=422 if fault else 200)


@require_POST
@page
def revoke_key(request: Visit, key_id: int) -> HttpResponseBase:
    """A key becomes worthless at once."""
    workflows.revoke_api_key(request.rights, key_id)
    messages.success(request, _("密钥已停用。"))
    return redirect("keys")


@require_http_methods(["GET", "HEAD", "POST"])
@page
def deputies(request: Visit) -> HttpResponseBase:
    """Who acts for me, and for whom I may act; a POST names a deputy for some days."""
    fault: RecordsError | None = None
    if request.method == "POST":
        try:
            _delegate(request)
            messages.success(request, _("代理已设好；代理人的每一步都会同时记下两个人的名字。"))
            return redirect("deputies")
        except RecordsError as refused:
            if not is_of_form(refused):
                raise
            fault = refused
    today = timezone.localdate()
    values = {
        "rows": people.delegations(request.rights, request.user.pk),
        "colleagues": people.colleagues(request.rights, request.user.pk),
        "typed": request.POST,
        "fault": fault,
        "first_day": request.POST.get("from") or today.isoformat(),
        "last_day": request.POST.get("until") or (today + timedelta(days=7)).isoformat(),
        "me": request.user.pk,
    }
    return render(request, "pages/deputies.html", values, status=422 if fault else 200)


def _delegate(request: Visit) -> None:
    """Whole days in Shanghai: from the beginning of the first to the end of the last."""
    form = request.POST
    first, last = parse_date(form.get("from", "")), parse_date(form.get("until", ""))
    deputy = whole(form, "deputy")
    if first is None or last is None or deputy is None:
        raise RecordsError(
            "delegation_wrong",
            Text("请选择代理人和起止日期。", "Choose a deputy, and the first and last day."),
            Text("请补全后再保存。", "Fill in what is missing and save again."),
        )
    begin = datetime(first.year, first.month, first.day, tzinfo=SHANGHAI)
    end = datetime(last.year, last.month, last.day, tzinfo=SHANGHAI) + timedelta(days=1)
    workflows.delegate(request.rights, request.user.pk, deputy, begin, end, reason=form.get("reason", ""))


@require_POST
@page
def end_delegation(request: Visit, delegation_id: int) -> HttpResponseBase:
    """A delegation ends now."""
    workflows.end_delegation(request.rights, delegation_id)
    messages.success(request, _("代理已结束。"))
    return redirect("deputies")


@require_POST
@page
def act_for(request: Visit) -> HttpResponseBase:
    """Begin to act for a colleague (``delegation``), or be oneself again."""
    wanted = whole(request.POST, "delegation")
    if wanted is None:
        request.session.pop(ACTING_FOR, None)
        return redirect("home")
    if wanted not in {row.id for row in people.acts_for(request.user)}:
        raise NotVisibleError(Text("代理", "delegation"))
    request.session[ACTING_FOR] = wanted
    return redirect("home")
