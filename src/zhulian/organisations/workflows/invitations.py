"""Inviting a colleague: a one-time link, shown once, that lets its reader choose a name and a password."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from zhulian.audit.rules import Actor, Subject
from zhulian.audit.workflows import record
from zhulian.organisations.models import Invitation, User
from zhulian.organisations.rules import NotVisibleError, RecordsError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.workflows import trail
from zhulian.organisations.workflows.events import Invited, Joined, Seat
from zhulian.organisations.workflows.seats import checked_seat, seat_invited
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.events import announce
from zhulian.vocabulary.roles import Role

INVITATION = Text("邀请", "invitation")
DAYS = (1, 3, 7, 14)
"""How long a link may be good for."""
MOST_OPEN = 200
"""Open invitations of one person; more are a mistake or an attack."""


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """Whom to invite as what. ``name`` and ``email`` only help to recognise the link in the list."""

    seat: Seat
    name: str = ""
    email: str = ""
    leads: bool = False
    days: int = 7


@dataclass(frozen=True, slots=True)
class InvitationLink:
    """The only time that the secret is seen."""

    id: int
    secret: str = field(repr=False)
    expires_at: datetime = field(kw_only=True)


def invite(scope: Scope, wanted: NewInvitation) -> InvitationLink:
    """Make a link for a seat that the inviter may give out."""
    seat = checked_seat(scope, wanted.seat)
    if wanted.days not in DAYS:
        raise _wrong("有效期只能是 1、3、7 或 14 天", "a link is good for 1, 3, 7 or 14 days")
    now, secret = timezone.now(), secrets.token_urlsafe(32)
    made = Invitation(
        secret_hash=hash_of(secret),
        role=seat.role.value,
        enterprise_id=seat.enterprise,
        organisation_id=seat.organisation,
        place=seat.place,
        leads=wanted.leads,
        name=wanted.name.strip(),
        email=wanted.email.strip(),
        created_by_id=scope.person,
        created_at=now,
        expires_at=now + timedelta(days=wanted.days),
    )
    _check_fields(made)
    with transaction.atomic():
        _refuse_too_many(scope, now)
        made.save()
        record(actor(scope), "invitation.made", _subject(made), organisation=made.enterprise_id, changes=_said(made))
        announce(Invited(made.pk, seat, made.name, made.email, scope.person))
    return InvitationLink(made.pk, secret, expires_at=made.expires_at)


def withdraw_invitation(scope: Scope, invitation: int) -> None:
    """Make an open link worthless; a used or withdrawn one stays as it is."""
    with transaction.atomic():
        found = scope.invitations().select_for_update(of=("self",)).filter(pk=invitation).first()
        if found is None:
            raise NotVisibleError(INVITATION)
        if found.used_at is None and found.withdrawn_at is None:
            found.withdrawn_at = timezone.now()
            found.save(update_fields=["withdrawn_at"])
            record(actor(scope), "invitation.withdrawn", _subject(found), organisation=found.enterprise_id)


def open_invitation(secret: str) -> Invitation:
    """The invitation behind a link, if it can still be used; the error says why not."""
    found = Invitation.objects.select_related("enterprise", "organisation", "created_by")
    one = found.filter(secret_hash=hash_of(secret)).first()
    if one is None or one.withdrawn_at is not None:
        raise _link(Text("这个邀请链接无效，或已被撤回。", "This invitation is not valid, or was withdrawn."))
    if one.used_at is not None:
        raise _link(Text("这个邀请链接已经用过。", "This invitation has been used already."), is_used=True)
    if one.expires_at <= timezone.now():
        raise _link(Text("这个邀请链接已过期。", "This invitation has expired."))
    return one


def accept_invitation(secret: str, username: str, password: str, *, full_name: str, email: str = "") -> User:
    """An account with the chosen name and password, seated as invited. The link is used up."""
    with transaction.atomic():
        Invitation.objects.select_for_update().filter(secret_hash=hash_of(secret)).first()
        found = open_invitation(secret)
        user = _new_user(username, full_name, email or found.email)
        _checked_password(user, password)
        user.set_password(password)
        _join(user, found)
    return user


def accept_as(secret: str, user: User) -> None:
    """Somebody who has an account takes one more seat by the link."""
    with transaction.atomic():
        Invitation.objects.select_for_update().filter(secret_hash=hash_of(secret)).first()
        _join(user, open_invitation(secret))


def accept_by_verified_email(email: str, full_name: str) -> User | None:
    """The account of somebody whom the city's identity service vouches for and who was invited at that address."""
    with transaction.atomic():
        found = (
            Invitation.objects.select_for_update()
            .filter(email__iexact=email, used_at=None, withdrawn_at=None, expires_at__gt=timezone.now())
            .first()
        )
        if not email or found is None:
            return None
        user = _new_user(_free_username(email), full_name or found.name or email, email)
        user.set_unusable_password()
        _join(user, found)
    return user


def hash_of(secret: str) -> str:
    """SHA-256 suffices: the secret has 256 random bits, so nobody guesses it from its hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _join(user: User, found: Invitation) -> None:
    user.save()
    found.used_at, found.used_by = timezone.now(), user
    found.save(update_fields=["used_at", "used_by"])
    seat = Seat(Role(found.role), found.enterprise_id, found.organisation_id, found.place)
    itself = Actor(user.pk, user.get_full_name() or user.username)
    record(itself, "invitation.accepted", trail.of_account(user), organisation=found.enterprise_id)
    seat_invited(user, seat, leads=found.leads, inviter=found.created_by)
    announce(Joined(user.pk, found.pk, seat, found.created_by_id))


def _subject(found: Invitation) -> Subject:
    return Subject("invitation", found.pk, found.name or found.email or f"#{found.pk}")


def _said(made: Invitation) -> trail.Changes:
    """What was offered; the secret is nowhere."""
    fields = ("role", "enterprise_id", "organisation_id", "place", "leads", "expires_at")
    return trail.difference({}, {name: value for name, value in trail.values(made, fields).items() if value})


def _new_user(username: str, full_name: str, email: str) -> User:
    user = User(username=User.normalize_username(username.strip()), last_name=full_name.strip(), email=email.strip())
    if not user.last_name:
        raise _wrong("请填写姓名", "a name is needed")
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as fault:
        why = "；".join(fault.messages)
        raise _wrong(f"账号不能这样建立：{why}", f"the account cannot be made like this: {why}") from fault
    if user.email and User.objects.filter(email__iexact=user.email).exists():
        raise _wrong("这个邮箱已属于另一个账号", "this e-mail address belongs to another account")
    return user


def _checked_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as fault:
        why = "；".join(fault.messages)
        raise RecordsError(
            "password_weak",
            Text(f"密码不够安全：{why}", f"The password is too weak: {why}"),
            Text("请换一个更长的密码，例如几个不相干的词。", "Choose a longer one, such as a few unrelated words."),
        ) from fault


def _free_username(email: str) -> str:
    wanted = email.partition("@")[0][:140] or "person"
    taken = set(User.objects.filter(username__startswith=wanted).values_list("username", flat=True))
    return next(name for name in (wanted, *(f"{wanted}{n}" for n in range(2, len(taken) + 3))) if name not in taken)


def _check_fields(made: Invitation) -> None:
    try:
        made.clean_fields(exclude=["secret_hash", "enterprise", "organisation", "created_by", "used_by", "place"])
    except ValidationError as fault:
        why = "；".join(fault.messages)
        raise _wrong(f"邀请不能这样填写：{why}", f"the invitation cannot be made like this: {why}") from fault
    if made.email and User.objects.filter(email__iexact=made.email).exists():
        raise _wrong(
            "这个邮箱已有账号；请在人员页直接给他角色",
            "this address has an account; give the role on the person's page instead",
        )


def _refuse_too_many(scope: Scope, now: datetime) -> None:
    if scope.person is None:
        return
    still = Invitation.objects.filter(created_by_id=scope.person, used_at=None, withdrawn_at=None, expires_at__gt=now)
    if still.count() >= MOST_OPEN:
        raise _wrong(f"您已有 {MOST_OPEN} 个未用的邀请", f"you have {MOST_OPEN} open invitations already")


def _link(what: Text, *, is_used: bool = False) -> RecordsError:
    next_step = (
        Text("如果用过的人是您，请直接登录。", "If it was you who used it, simply sign in.")
        if is_used
        else Text("请联系邀请您的人重新发一个。", "Ask whoever invited you for a new one.")
    )
    return RecordsError("invitation_unusable", what, next_step)


def _wrong(zh: str, en: str) -> RecordsError:
    return RecordsError(
        "invitation_wrong",
        Text(f"{zh}。", f"Nothing was saved: {en}."),
        Text("请改正后重试。", "Correct it and try again."),
    )
