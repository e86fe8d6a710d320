"""Accounts and roles: given by an administrator, or by the command line when a city begins."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from zhulian.audit.workflows import record
from zhulian.organisations.models import User
from zhulian.organisations.rules import (
    NotAllowedError,
    NotVisibleError,
    RecordsError,
)
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.workflows import trail
from zhulian.organisations.workflows.events import AccountClosed, Seat
from zhulian.organisations.workflows.seats import checked_seat, give_seat, refuse_last
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.events import announce
from zhulian.vocabulary.roles import Role

_ACCOUNT = Text("账号", "account")


def create_user(scope: Scope, username: str, password: str, *, full_name: str = "", email: str = "") -> int:
    """An account without any role; the password has to pass the usual checks. Returns the user's id."""
    _administrator(scope)
    user = User(username=User.normalize_username(username.strip()), last_name=full_name.strip(), email=email.strip())
    try:
        user.full_clean(exclude=["password"])
        validate_password(password, user)
    except ValidationError as fault:
        why = "；".join(fault.messages)
        raise _wrong(
            "account_wrong", f"账号不能这样建立：{why}", f"the account cannot be made like this: {why}"
        ) from fault
    if email.strip() and User.objects.filter(email__iexact=email.strip()).exists():
        raise _wrong("email_taken", "这个邮箱已属于另一个账号", "this e-mail address belongs to another account")
    user.set_password(password)
    with transaction.atomic():
        user.save()
        _record(scope, "account.created", user, changes={"username": (None, user.username)})
    return user.pk


def set_password(scope: Scope, username: str, password: str) -> None:
    """A new password for somebody who lost theirs; their open sessions end."""
    _administrator(scope)
    with transaction.atomic():
        user = _user(username)
        try:
            validate_password(password, user)
        except ValidationError as fault:
            why = "；".join(fault.messages)
            raise _wrong("password_weak", f"密码不够安全：{why}", f"the password is too weak: {why}") from fault
        user.set_password(password)
        user.save(update_fields=["password"])
        _record(scope, "account.password_set", user)


def close_user(scope: Scope, username: str) -> None:
    """Shut an account; what the person did stays on record. Who is the last of their kind hands over instead."""
    _administrator(scope)
    with transaction.atomic():
        user = _user(username)
        refuse_last(list(user.memberships.all()))
        user.is_active = False
        user.save(update_fields=["is_active"])
        _record(scope, "account.closed", user, changes={"is_active": (True, False)})
        announce(AccountClosed(user.pk))


def set_language(user: User, language: str) -> None:
    """Remember the language a person chose for themselves."""
    User.objects.filter(pk=user.pk).update(language="en" if language.lower().startswith("en") else "zh-hans")


def give_role(
    scope: Scope,
    username: str,
    role: Role,
    *,
    enterprise: int | None = None,
    organisation: int | None = None,
    place: str = "",
    leads: bool = False,
) -> None:
    """Seat somebody by their user name: in an enterprise, another organisation, a county, or the city itself.

    Giving a role a second time changes nothing.
    """
    seat = checked_seat(scope, Seat(role, enterprise, organisation, place))
    with transaction.atomic():
        found = scope.people().filter(username=username.strip()).values_list("pk", flat=True).first()
        if found is None:
            raise NotVisibleError(_ACCOUNT)
        give_seat(scope, found, seat, leads=leads)


def _record(scope: Scope, action: str, user: User, *, changes: trail.Changes | None = None) -> None:
    record(actor(scope), action, trail.of_account(user), organisation=None, changes=changes or {})


def _user(username: str) -> User:
    found = User.objects.select_for_update().filter(username=username.strip()).first()
    if found is None:
        raise NotVisibleError(_ACCOUNT)
    return found


def _administrator(scope: Scope) -> None:
    if not scope.administers:
        raise NotAllowedError


def _wrong(code: str, zh: str, en: str) -> RecordsError:
    return RecordsError(
        code,
        Text(f"{zh}。", f"Nothing was saved: {en}."),
        Text("请改正后重试。", "Correct it and try again."),
    )
