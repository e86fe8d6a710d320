"""Accepting an invitation: the page behind a one-time link, open to whoever holds it."""

from allauth.usersessions.models import UserSession
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhulian.organisations import workflows
from zhulian.organisations.models import User
from zhulian.organisations.rules import RecordsError
from zhulian.portal.pages.access import page
from zhulian.vocabulary.roles import ROLE_NAMES, Role

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page
def invitation(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Who invites to what; the reader chooses a name and a password, or takes the seat with the account they have."""
    found = workflows.open_invitation(secret)
    fault: RecordsError | None = None
    if request.method == "POST":
        try:
            return _accepted(request, secret)
        except RecordsError as refused:
            fault = refused
    where = found.enterprise or found.organisation
    inviter = found.created_by
    values = {
        "role": ROLE_NAMES[Role(found.role)],
        "where": where.name if where else "",
        "inviter": (inviter.get_full_name() or inviter.username) if inviter else "",
        "name": found.name,
        "email": found.email,
        "expires_at": found.expires_at,
        "typed": request.POST,
        "fault": fault,
        "has_account": isinstance(request.user, User),
    }
    return render(request, "pages/invitation.html", values, status=422 if fault else 200)


def _accepted(request: HttpRequest, secret: str) -> HttpResponseBase:
    if isinstance(request.user, User):
        workflows.accept_as(secret, request.user)
        return redirect("home")
    form = request.POST
    user = workflows.accept_invitation(
        secret,
        form.get("username", ""),
        form.get("password", ""),
        full_name=form.get("full_name", ""),
        email=form.get("email", ""),
    )
    login(request, user, backend=BACKEND)
    UserSession.objects.create_from_request(request)  # allauth lists only sessions that its own form began
    return redirect("home")
