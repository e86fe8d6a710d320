"""How people want to be told outside of the site: their own choice, else their enterprise's, else a daily digest."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from zhulian.desk.models import Preference
from zhulian.desk.rules import Quiet
from zhulian.organisations.models import Membership, User
from zhulian.organisations.tenancy import Scope

DEFAULT_EMAIL = "digest"


@dataclass(frozen=True, slots=True)
class Wish:
    """One person's wish, as it is in force."""

    person: int
    address: str
    language: str
    email: str = DEFAULT_EMAIL
    """off, each or digest."""
    quiet: Quiet = field(default_factory=Quiet)
    is_own: bool = False
    """Chosen by the person, not taken over from their enterprise or the default."""


def wishes(people: Iterable[int]) -> list[Wish]:
    """What each of ``people`` wants; three statements."""
    wanted = list(people)
    users = User.objects.filter(pk__in=wanted, is_active=True).order_by("pk")
    held = Membership.objects.filter(user__in=wanted).exclude(enterprise=None).values_list("user_id", "enterprise_id")
    of_person: dict[int, int] = {user: enterprise for user, enterprise in held if enterprise}
    kept = Preference.objects.filter(Q(person__in=wanted) | Q(enterprise__in=set(of_person.values())))
    own = {row.person_id: row for row in kept if row.person_id}
    shared = {row.enterprise_id: row for row in kept if row.enterprise_id}
    return [_wish(user, own.get(user.pk), shared.get(of_person.get(user.pk, 0))) for user in users]


def own_preference(scope: Scope) -> Wish:
    """The wish of the person who looks."""
    return wishes([scope.person] if scope.person else [])[0]


def enterprise_preference(enterprise: int) -> Wish:
    """What an enterprise chose for its people who chose nothing."""
    row = Preference.objects.filter(enterprise=enterprise).first()
    return Wish(0, "", "zh-hans", row.email, _quiet(row), is_own=True) if row else Wish(0, "", "zh-hans")


def _wish(user: User, own: Preference | None, shared: Preference | None) -> Wish:
    row = own or shared
    if row is None:
        return Wish(user.pk, user.email, user.language)
    return Wish(user.pk, user.email, user.language, row.email, _quiet(row), is_own=own is not None)


def _quiet(row: Preference) -> Quiet:
    return Quiet(row.quiet_start, row.quiet_end, row.urgent_passes)
