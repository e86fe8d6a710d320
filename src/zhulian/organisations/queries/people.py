"""Who is who, for pages about people: accounts with their seats, invitations, delegations, hand-overs, keys.

Read by the portal's pages. Like everything here it takes a scope first; personal data of people out of sight is never
read, and seats out of sight are only counted.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from zhulian.organisations.models import ApiKey, Delegation, HandOver, Invitation, Membership, Organisation, User
from zhulian.organisations.queries.lists import ENTERPRISE, one_of
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope, running_delegations
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import LARGEST_PAGE, Page, cut
from zhulian.vocabulary.places import BY_CODE
from zhulian.vocabulary.roles import ROLE_NAMES, Role

PERSON = Text("人员", "person")
UNDO_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SeatRow:
    """One role somebody holds, and where in words."""

    id: int
    role: Role
    where: Text
    enterprise: int | None
    organisation: int | None
    place: str
    leads: bool

    @property
    def role_name(self) -> Text:
        """The role in words."""
        return ROLE_NAMES[self.role]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One account. ``hidden`` counts seats that rights hide."""

    id: int
    username: str
    full_name: str
    email: str
    is_active: bool
    last_sign_in: datetime | None
    seats: tuple[SeatRow, ...]
    hidden: int

    @property
    def name(self) -> str:
        """What pages call them."""
        return self.full_name or self.username


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """What the list is narrowed to."""

    text: str = ""
    role: str = ""
    state: str = "active"
    """active, closed, or empty for both."""
    enterprise: int | None = None
    organisation: int | None = None
    order: str = "name"


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """One invitation; ``state`` is open, used, withdrawn or late."""

    id: int
    name: str
    email: str
    seat: SeatRow
    created_at: datetime
    created_by: str
    expires_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class DelegationRow:
    """Who acts for whom from when to when; ``state`` is running, coming or over."""

    id: int
    person: int
    person_name: str
    deputy: int
    deputy_name: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    state: str


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key for programs; ``state`` is good, late or revoked."""

    id: int
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class HandOverRow:
    """One hand-over that can still be undone."""

    id: int
    person_name: str
    successor_name: str
    at: datetime
    until: datetime


_ORDERS = {"name": "last_name", "username": "username", "seen": "last_login"}


def people(scope: Scope, wanted: PeopleFilter, number: int = 1, size: int = 50) -> Page[PersonRow]:
    """The people in sight that ``wanted`` leaves; a fixed number of statements."""
    found = _narrowed(scope, wanted)
    where = cut(found.count(), number, size)
    column = _ORDERS.get(wanted.order.removeprefix("-"), "last_name")
    order = f"-{column}" if wanted.order.startswith("-") else column
    return where.page(_people(scope, list(found.order_by(order, "id")[where.rows])))


def person(scope: Scope, id: int) -> PersonRow:  # noqa: A002 - it is the id of a person
    """One person in sight."""
    return _people(scope, [one_of(scope.people(), id, PERSON)])[0]


def colleagues(scope: Scope, besides: int) -> list[tuple[int, str]]:
    """Who can be named as deputy or successor, by name; at most a page of them."""
    found = scope.colleagues().exclude(pk=besides).order_by("last_name", "username")[:LARGEST_PAGE]
    return [(one.pk, _name(one)) for one in found]


def invitations(scope: Scope) -> list[InvitationRow]:
    """The open invitations in sight, and those that ended within a month; newest first."""
    since = timezone.now() - timedelta(days=30)
    found = scope.invitations().filter(created_at__gte=since) | scope.invitations().filter(expires_at__gte=since)
    rows = found.select_related("enterprise", "organisation", "created_by").order_by("-id")[:LARGEST_PAGE]
    return [_invitation(row) for row in rows]


def delegations(scope: Scope, person_id: int) -> list[DelegationRow]:
    """Those that a person in sight gave or holds, without the ones that ended more than a month ago."""
    if not scope.people().filter(pk=person_id).exists():
        raise NotVisibleError(PERSON)
    found = Delegation.objects.filter(Q(person=person_id) | Q(deputy=person_id))
    recent = found.filter(ends_at__gte=timezone.now() - timedelta(days=30))
    return [_delegation(row) for row in recent.select_related("person", "deputy").order_by("-id")]


def acts_for(user: User) -> list[DelegationRow]:
    """For whom this person may act right now."""
    found = running_delegations().filter(deputy=user).select_related("person", "deputy").order_by("id")
    return [_delegation(row) for row in found]


def api_keys(scope: Scope) -> list[KeyRow]:
    """The acting person's own keys."""
    if scope.person is None:
        return []
    return [_key(row) for row in ApiKey.objects.filter(user_id=scope.person).order_by("-id")]


def key_count(scope: Scope, person_id: int) -> int:
    """How many keys of a person in sight are in force."""
    within = ApiKey.objects.filter(user__in=scope.people().filter(pk=person_id), revoked_at=None)
    return within.filter(expires_at__gt=timezone.now()).count()


def undoable(scope: Scope) -> list[HandOverRow]:
    """Hand-overs of the last day that this person may take back."""
    now = timezone.now()
    found = HandOver.objects.filter(undone_at=None, at__gt=now - UNDO_WITHIN)
    if not scope.administers:
        found = found.filter(by_id=scope.person) if scope.person else found.none()
    rows = found.select_related("person", "successor").order_by("-id")
    return [HandOverRow(row.pk, _name(row.person), _name(row.successor), row.at, row.at + UNDO_WITHIN) for row in rows]


def organisations_to_seat(scope: Scope, kinds: Iterable[str]) -> list[tuple[int, str]]:
    """The organisations of these kinds that a role can be given in, by name."""
    found: QuerySet[Organisation] = scope.organisations().filter(kind__in=list(kinds), closed_on=None)
    if not scope.keeps_city and not scope.administers:
        found = found.filter(pk__in=scope.leads)
    return list(found.order_by("name").values_list("pk", "name")[:LARGEST_PAGE])


def enterprise_by_code(scope: Scope, code: str) -> int:
    """The enterprise in sight with this credit code."""
    found = scope.enterprises().filter(credit_code=code.strip().upper()).values_list("pk", flat=True).first()
    if found is None:
        raise NotVisibleError(ENTERPRISE)
    return found


def enterprise_names(scope: Scope, ids: Iterable[int]) -> list[tuple[int, str]]:
    """Names of those enterprises that are in sight."""
    return list(scope.enterprises().filter(pk__in=list(ids)).order_by("name").values_list("pk", "name"))


def _narrowed(scope: Scope, wanted: PeopleFilter) -> QuerySet[User]:
    found = scope.people()
    if wanted.state:
        found = found.filter(is_active=wanted.state == "active")
    if text := wanted.text.strip():
        found = found.filter(Q(last_name__icontains=text) | Q(username__icontains=text) | Q(email__icontains=text))
    seats: dict[str, object] = {"role": wanted.role} if wanted.role else {}
    if wanted.enterprise:
        seats["enterprise"] = wanted.enterprise
    if wanted.organisation:
        seats["organisation"] = wanted.organisation
    return found.filter(id__in=scope.memberships().filter(**seats).values("user")) if seats else found


def _people(scope: Scope, rows: list[User]) -> list[PersonRow]:
    ids = [row.pk for row in rows]
    seats: dict[int, list[SeatRow]] = defaultdict(list)
    seen = scope.memberships().filter(user__in=ids).select_related("enterprise", "organisation").order_by("id")
    for held in seen:
        seats[held.user_id].append(_seat(held))
    every = Membership.objects.filter(user__in=ids).values_list("user_id", flat=True)
    counts: dict[int, int] = defaultdict(int)
    for user in every:
        counts[user] += 1
    return [_person(row, tuple(seats[row.pk]), counts[row.pk] - len(seats[row.pk])) for row in rows]


def _person(row: User, seats: tuple[SeatRow, ...], hidden: int) -> PersonRow:
    return PersonRow(row.pk, row.username, row.get_full_name(), row.email, row.is_active, row.last_login, seats, hidden)


def _seat(held: Membership | Invitation) -> SeatRow:
    place = BY_CODE.get(held.place)
    if held.enterprise is not None:
        where = Text(held.enterprise.name, held.enterprise.name)
    elif held.organisation is not None:
        where = Text(held.organisation.name, held.organisation.name)
    else:
        where = Text(place.name_zh, place.name_en) if place else Text("全市", "the city")
    return SeatRow(held.pk, Role(held.role), where, held.enterprise_id, held.organisation_id, held.place, held.leads)


def _invitation(row: Invitation) -> InvitationRow:
    state = "used" if row.used_at else "withdrawn" if row.withdrawn_at else "open"
    if state == "open" and row.expires_at <= timezone.now():
        state = "late"
    by = _name(row.created_by) if row.created_by else "zhulian"
    return InvitationRow(row.pk, row.name, row.email, _seat(row), row.created_at, by, row.expires_at, state)


def _delegation(row: Delegation) -> DelegationRow:
    now = timezone.now()
    is_over = row.ended_at is not None or row.ends_at <= now
    state = "over" if is_over else "coming" if row.starts_at > now else "running"
    return DelegationRow(
        row.pk,
        row.person_id,
        _name(row.person),
        row.deputy_id,
        _name(row.deputy),
        row.starts_at,
        row.ended_at or row.ends_at,
        row.reason,
        state,
    )


def _key(row: ApiKey) -> KeyRow:
    state = "revoked" if row.revoked_at else "late" if row.expires_at <= timezone.now() else "good"
    return KeyRow(
        row.pk, row.name, row.prefix, tuple(row.scopes), row.created_at, row.expires_at, row.last_used_at, state
    )


def _name(user: User) -> str:
    return user.get_full_name() or user.username
