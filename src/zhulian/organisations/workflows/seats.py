"""Seats: which role somebody holds where. Given and taken by those who may, and never so that nobody is left."""

from typing import Any

from django.db import transaction

from zhulian.audit.rules import Actor
from zhulian.audit.workflows import record
from zhulian.organisations.models import Membership, User
from zhulian.organisations.queries import ENTERPRISE
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, RecordsError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.turns import take_turns
from zhulian.organisations.workflows import trail
from zhulian.organisations.workflows.events import RoleGiven, RoleTaken, Seat
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.events import announce
from zhulian.vocabulary.places import BY_CODE
from zhulian.vocabulary.roles import ENTERPRISE_ROLES, ORGANISATION_ROLES, PLACE_ROLES, ROLE_NAMES, Role

ACCOUNT = Text("账号", "account")
MEMBERSHIP = Text("角色", "role")
ORGANISATION = Text("单位", "organisation")
KINDS = {
    Role.PLATFORM: frozenset({"platform"}),
    Role.PROVIDER: frozenset({"provider"}),
    Role.BANK: frozenset({"bank"}),
    Role.SCHOOL: frozenset({"school"}),
    Role.MEMBER_UNIT: frozenset({"government", "operator", "association"}),
}
"""In which kinds of organisation a role can be held."""


def seat_of(held: Membership) -> Seat:
    """Where a membership is held."""
    return Seat(Role(held.role), held.enterprise_id, held.organisation_id, held.place)


def checked_seat(scope: Scope, seat: Seat) -> Seat:
    """``seat`` if it is complete, exists and is within what ``scope`` may give out."""
    _complete(seat)
    if seat.enterprise is not None and not scope.enterprises().filter(pk=seat.enterprise).exists():
        raise NotVisibleError(ENTERPRISE)
    if seat.organisation is not None:
        found = scope.organisations().filter(pk=seat.organisation).first()
        if found is None:
            raise NotVisibleError(ORGANISATION)
        if seat.role in KINDS and found.kind not in KINDS[seat.role]:
            raise seat_wrong(
                f"{ROLE_NAMES[seat.role].zh}不属于这类单位", f"this kind of organisation has no {seat.role.value}"
            )
    if not scope.may_give(seat.role, seat.enterprise, seat.organisation, seat.place):
        raise NotAllowedError
    return seat


def _complete(seat: Seat) -> None:
    if (seat.role in ENTERPRISE_ROLES) != (seat.enterprise is not None) or (seat.role in PLACE_ROLES) != bool(
        seat.place
    ):
        raise seat_wrong(
            "工程师、企业主要指明企业，县区要指明统计归属，其他角色两者都不填",
            "an engineer or owner needs an enterprise, a county officer a place, the other roles neither",
        )
    if seat.role in ORGANISATION_ROLES and seat.organisation is None:
        raise seat_wrong(
            f"{ROLE_NAMES[seat.role].zh}要指明所在单位", f"a {ROLE_NAMES[seat.role].en} needs an organisation"
        )
    if seat.role in ENTERPRISE_ROLES and seat.organisation is not None:
        raise seat_wrong("企业的角色不填其他单位", "a role in an enterprise is held in no other organisation")
    if seat.place and seat.place not in BY_CODE:
        known = "、".join(f"{place.name_zh} {place.code}" for place in BY_CODE.values())
        raise RecordsError(
            "place_unknown",
            Text(
                f"没有代码为“{seat.place}”的地方，可用：{known}。",
                f"Nothing was saved: “{seat.place}” is none of {known}.",
            ),
            Text("请改正后重试。", "Correct it and try again."),
        )


def give_seat(scope: Scope, person: int, seat: Seat, *, leads: bool = False) -> int:
    """Let ``person`` hold ``seat``; a second time changes nothing but who leads. Returns the membership's id."""
    checked_seat(scope, seat)
    with transaction.atomic():
        return _seat(locked_user(scope, person), seat, leads, actor(scope))


def seat_invited(user: User, seat: Seat, *, leads: bool, inviter: User | None) -> None:
    """Seat somebody who accepted an invitation; the inviter's rights were checked when it was made."""
    _seat(user, seat, leads, Actor(inviter.pk if inviter else None, str(inviter) if inviter else "zhulian"))


def _seat(user: User, seat: Seat, leads: bool, by: Actor) -> int:
    """A unique constraint does not see two empty places as equal, so the row is looked up first."""
    held = Membership.objects.filter(user=user, **where(seat)).first()
    before = {} if held is None else _said(held)
    if held is None:
        held = Membership.objects.create(user=user, leads=leads, **where(seat))
        announce(RoleGiven(user.pk, seat, by.person))
    elif held.leads != leads:
        held.leads = leads
        held.save(update_fields=["leads"])
    if changes := trail.difference(before, _said(held)):
        record(by, "account.role_given", trail.of_account(user), organisation=seat.enterprise, changes=changes)
    return held.pk


def where(seat: Seat) -> dict[str, Any]:
    """The columns of a membership that make this seat."""
    return {
        "role": seat.role.value,
        "enterprise_id": seat.enterprise,
        "organisation_id": seat.organisation,
        "place": seat.place,
    }


def _said(held: Membership) -> dict[str, object]:
    """A membership as far as it says something."""
    said = trail.values(held, ("role", "enterprise_id", "organisation_id", "place", "leads"))
    return {name: value for name, value in said.items() if value}


def take_seat(scope: Scope, membership: int) -> None:
    """End one membership; the account stays. The last owner, administrator or head cannot be taken away."""
    with transaction.atomic():
        held = scope.memberships().select_for_update(of=("self",)).filter(pk=membership).first()
        if held is None:
            raise NotVisibleError(MEMBERSHIP)
        seat = seat_of(held)
        if not scope.may_give(seat.role, seat.enterprise, seat.organisation, seat.place):
            raise NotAllowedError
        refuse_last([held])
        changes = trail.difference(_said(held), {})
        account = trail.of_account(held.user)
        record(actor(scope), "account.role_taken", account, organisation=seat.enterprise, changes=changes)
        held.delete()
        announce(RoleTaken(held.user_id, seat, scope.person))


def refuse_last(leaving: list[Membership]) -> None:
    """Raise when one of ``leaving`` is the last of its kind: somebody has to be left who can let others in."""
    take_turns("last seats")
    for held in leaving:
        others = Membership.objects.filter(user__is_active=True).exclude(user_id=held.user_id)
        if held.role == Role.ADMINISTRATOR and not others.filter(role=held.role).exists():
            raise _last(Text("最后一名平台管理员", "the last administrator"))
        if held.role == Role.OWNER and not others.filter(**where(seat_of(held))).exists():
            raise _last(Text("本企业最后一名企业主", "the enterprise's last owner"))
        if held.leads and held.organisation_id is not None:
            kept = others.filter(leads=True, organisation_id=held.organisation_id)
            if not kept.exists():
                raise _last(Text("本单位最后一名负责人", "the organisation's last head"))


def locked_user(scope: Scope, person: int) -> User:
    """The account, locked until the transaction ends, if ``scope`` may see it."""
    found = scope.people().select_for_update(of=("self",)).filter(pk=person).first()
    if found is None:
        raise NotVisibleError(ACCOUNT)
    return found


def _last(who: Text) -> RecordsError:
    return RecordsError(
        "last_of_kind",
        Text(f"这是{who.zh}，不能就这样离开。", f"This is {who.en}, who cannot simply leave."),
        Text(
            "请先邀请或指定接任的人，再用“交接”一次移交全部事项。",
            "Invite or name a successor first, then hand everything over in one step.",
        ),
    )


def seat_wrong(zh: str, en: str) -> RecordsError:
    """What is missing or too much in a seat."""
    return RecordsError(
        "role_incomplete",
        Text(f"{zh}。", f"Nothing was saved: {en}."),
        Text("请改正后重试。", "Correct it and try again."),
    )
