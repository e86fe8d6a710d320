"""Hand-over when somebody leaves: seats, keys and delegations go to a successor in one step; a day to take it back.

What other rooms keep for a person (open tasks) moves with the event ``HandedOver``, in the same transaction.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from zhulian.audit.workflows import record
from zhulian.organisations.models import ApiKey, Delegation, HandOver, Membership, User
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, RecordsError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.workflows import trail
from zhulian.organisations.workflows.events import AccountClosed, HandedOver, HandOverUndone
from zhulian.organisations.workflows.seats import locked_user, seat_of, where
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.events import announce

UNDO_WITHIN = timedelta(days=1)
HAND_OVER = Text("交接", "hand-over")


def hand_over(scope: Scope, person: int, successor: int) -> int:
    """Pass on everything that is open with ``person``, and close the account. Returns the hand-over's id."""
    with transaction.atomic():
        leaving = locked_user(scope, person)
        taking = scope.colleagues().filter(pk=successor).exclude(pk=person).first()
        if taking is None:
            raise NotVisibleError(Text("接任人", "successor"))
        held = list(Membership.objects.select_for_update().filter(user=leaving).order_by("pk"))
        _may_take_all(scope, leaving, held)
        if not leaving.is_active:
            raise _closed()
        made = HandOver.objects.create(
            person=leaving, successor=taking, by_id=scope.person, at=timezone.now(), moved=_move(leaving, taking, held)
        )
        leaving.is_active = False
        leaving.save(update_fields=["is_active"])
        changes = {"successor": (None, taking.pk), **{name: (None, ids) for name, ids in made.moved.items() if ids}}
        record(actor(scope), "account.handed_over", trail.of_account(leaving), organisation=None, changes=changes)
        announce(HandedOver(made.pk, leaving.pk, taking.pk, scope.person))
        announce(AccountClosed(leaving.pk))
    return made.pk


def undo_hand_over(scope: Scope, id: int) -> None:  # noqa: A002 - it is the id of a hand-over
    """Give everything back and open the account again; possible for a day, and for whoever could hand it over."""
    with transaction.atomic():
        found = HandOver.objects.select_for_update(of=("self",)).select_related("person").filter(pk=id).first()
        if found is None or not (scope.administers or scope.person == found.by_id):
            raise NotVisibleError(HAND_OVER)
        if found.undone_at is not None or timezone.now() - found.at > UNDO_WITHIN:
            raise _too_late()
        _give_back(found)
        found.undone_at = timezone.now()
        found.save(update_fields=["undone_at"])
        User.objects.filter(pk=found.person_id).update(is_active=True)
        person = trail.of_account(found.person)
        record(actor(scope), "account.hand_over_undone", person, organisation=None, note=f"hand-over {found.pk}")
        announce(HandOverUndone(found.pk, found.person_id, found.successor_id, scope.person))


def _move(leaving: User, taking: User, held: Iterable[Membership]) -> dict[str, list[object]]:
    """Everything that changes hands, as ids; what the successor holds anyway is taken off and noted in full."""
    moved: dict[str, list[object]] = {"seats": [], "doubles": [], "raised": []}
    for one in held:
        same = _same_seat(taking, one)
        if same is None:
            Membership.objects.filter(pk=one.pk).update(user=taking)
            moved["seats"].append(one.pk)
            continue
        if one.leads and not same.leads:
            Membership.objects.filter(pk=same.pk).update(leads=True)
            moved["raised"].append(same.pk)
        moved["doubles"].append(_noted(one))
        one.delete()
    moved["keys"] = _passed(ApiKey.objects.filter(user=leaving, revoked_at=None), user=taking)
    running = Delegation.objects.filter(ended_at=None, ends_at__gt=timezone.now())
    ended = running.filter(person=leaving, deputy=taking) | running.filter(person=taking, deputy=leaving)
    moved["ended"] = _passed(ended, ended_at=timezone.now())
    moved["given"] = _passed(running.filter(person=leaving), person=taking)
    moved["held"] = _passed(running.filter(deputy=leaving), deputy=taking)
    return moved


def _give_back(found: HandOver) -> None:
    moved = found.moved
    Membership.objects.filter(pk__in=moved["seats"]).update(user=found.person)
    Membership.objects.filter(pk__in=moved["raised"]).update(leads=False)
    Membership.objects.bulk_create(Membership(user=found.person, **double) for double in moved["doubles"])
    ApiKey.objects.filter(pk__in=moved["keys"]).update(user=found.person)
    Delegation.objects.filter(pk__in=moved["ended"]).update(ended_at=None)
    Delegation.objects.filter(pk__in=moved["given"]).update(person=found.person)
    Delegation.objects.filter(pk__in=moved["held"]).update(deputy=found.person)


def _passed(rows: object, **change: object) -> list[object]:
    """Change ``rows`` and tell which they were; ids first, because the change may take them out of the filter."""
    ids = list(rows.values_list("pk", flat=True))  # type: ignore[attr-defined]
    rows.model.objects.filter(pk__in=ids).update(**change)  # type: ignore[attr-defined]
    return ids


def _same_seat(user: User, seat: Membership) -> Membership | None:
    return Membership.objects.filter(user=user, **where(seat_of(seat))).first()


def _noted(one: Membership) -> dict[str, object]:
    columns = ("id", "role", "enterprise_id", "organisation_id", "place", "leads")
    return {name: getattr(one, name) for name in columns}


def _may_take_all(scope: Scope, leaving: User, held: Iterable[Membership]) -> None:
    """Oneself may always go; otherwise every seat has to be within what ``scope`` gives out."""
    if scope.person == leaving.pk and scope.on_behalf_of is None:
        return
    for one in held:
        seat = seat_of(one)
        if not scope.may_give(seat.role, seat.enterprise, seat.organisation, seat.place):
            raise NotAllowedError


def _closed() -> RecordsError:
    return RecordsError(
        "account_closed",
        Text("这个账号已经停用，没有可交接的事项。", "This account is closed already; nothing is left to hand over."),
        Text("请在人员列表中核对。", "Check the list of people."),
    )


def _too_late() -> RecordsError:
    return RecordsError(
        "hand_over_final",
        Text("交接只能在一天之内撤销，或已经撤销过。", "A hand-over can be undone for one day, and only once."),
        Text("请重新邀请原来的人，再给他角色。", "Invite the person again and give them their roles."),
    )
