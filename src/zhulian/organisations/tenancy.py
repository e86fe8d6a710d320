"""The one tenancy filter: which enterprises a person may see, and what they may change.

Every function in ``queries`` and ``workflows`` takes a :class:`Scope`; a view makes it once with :func:`visible_to`.
Nothing else in Zhulian decides who sees what.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from zhulian.audit.rules import Actor
from zhulian.organisations.models import (
    Delegation,
    Enterprise,
    Gateway,
    Invitation,
    Machine,
    Membership,
    Organisation,
    PlatformMember,
    Point,
    User,
)
from zhulian.vocabulary.roles import CITY_ROLES, ENTERPRISE_ROLES, ORGANISATION_ROLES, PLACE_ROLES, Role

KEEPERS = frozenset({Role.BUREAU, Role.ADMINISTRATOR})
"""Keep up every file of the city."""
SEE_PEOPLE = frozenset({Role.BUREAU, Role.AUDITOR, Role.SECURITY, Role.ADMINISTRATOR})
"""See who has an account, everywhere."""
GIVEN_BY_BUREAU = frozenset({Role.BUREAU, Role.COUNTY, Role.OWNER, Role.EXPERT}) | ORGANISATION_ROLES


@dataclass(frozen=True, slots=True)
class Scope:
    """What one person may see: the whole city, reporting areas, single enterprises. Empty sees nothing.

    ``configures`` are the enterprises whose gateways and machines they may change, ``owns`` those whose file and
    people they keep up; ``administers`` may do so everywhere, and gives out enterprises and accounts. Who keeps up the
    files of the whole city or of their areas has ``keeps_city`` or ``keeps_areas``. ``belongs_to`` are organisations
    that are no enterprise; ``leads`` those whose people they let in; ``platforms`` those whose members they see.

    A deputy's scope is that of the person they act for, with ``person`` the deputy and ``on_behalf_of`` the other; the
    scope of a key for programs reads what its person sees and changes nothing.
    """

    whole_city: bool = False
    areas: frozenset[str] = frozenset()
    own: frozenset[int] = frozenset()
    configures: frozenset[int] = frozenset()
    administers: bool = False
    roles: frozenset[Role] = field(default=frozenset())
    owns: frozenset[int] = frozenset()
    keeps_city: bool = False
    keeps_areas: frozenset[str] = frozenset()
    sees_totals: bool = False
    """May see sums over the whole city, though no enterprise (member units); see :attr:`totals`."""
    belongs_to: frozenset[int] = frozenset()
    leads: frozenset[int] = frozenset()
    platforms: frozenset[int] = frozenset()
    person: int | None = None
    """Who acts, for the record; ``None`` is the platform itself."""
    name: str = ""
    """How the record names them; a deputy with whom they act for."""
    on_behalf_of: int | None = None

    @property
    def sees_several(self) -> bool:
        """Whether lists of enterprises make sense for this person (otherwise: their factory)."""
        return self.whole_city or bool(self.areas) or bool(self.platforms) or len(self.own) > 1

    def may_configure(self, enterprise: int) -> bool:
        """Whether this person may add and change gateways and machines of ``enterprise``."""
        return self.administers or enterprise in self.configures

    def may_keep(self, enterprise: int) -> bool:
        """Whether this person may keep up the file of ``enterprise``: its owner, the county officer, the bureau."""
        if self.keeps_city or enterprise in self.owns:
            return True
        return bool(self.keeps_areas) and self.kept_enterprises().filter(pk=enterprise).exists()

    def may_keep_area(self, reporting_area: str) -> bool:
        """Whether this person keeps up every file of ``reporting_area``; empty is what belongs to the whole city."""
        return self.keeps_city or (bool(reporting_area) and reporting_area in self.keeps_areas)

    def kept_enterprises(self) -> QuerySet[Enterprise]:
        """The enterprises whose file this person may keep up."""
        if self.keeps_city:
            return Enterprise.objects.all()
        own = Q(id__in=sorted(self.owns))
        return Enterprise.objects.filter(own | Q(reporting_area__in=sorted(self.keeps_areas)))

    @property
    def totals(self) -> "Scope":
        """The scope in which sums over the city are counted. Never for rows that name an enterprise."""
        return replace(self, whole_city=True) if self.sees_totals else self

    def enterprises(self) -> QuerySet[Enterprise]:
        """The enterprises in sight."""
        return Enterprise.objects.filter(self._condition(""))

    def gateways(self) -> QuerySet[Gateway]:
        """The gateways in sight, revoked ones too."""
        return Gateway.objects.filter(self._condition("enterprise__"))

    def machines(self) -> QuerySet[Machine]:
        """The machines in sight that have not been removed."""
        return Machine.objects.filter(self._condition("enterprise__"), removed_at=None)

    def points(self) -> QuerySet[Point]:
        """The points in sight that have not been removed."""
        condition = self._condition("machine__enterprise__")
        return Point.objects.filter(condition, removed_at=None, machine__removed_at=None)

    def organisations(self) -> QuerySet[Organisation]:
        """Bodies that are no enterprise: a directory for everybody who has a role, as the policy itself names them."""
        return Organisation.objects.all() if self.roles else Organisation.objects.none()

    def may_keep_organisation(self, organisation: int) -> bool:
        """Whether this person keeps up that body's entry: its head, and the bureau."""
        return self.keeps_city or organisation in self.leads

    # --- people

    @property
    def sees_people(self) -> bool:
        """Whether lists of people make sense for this person."""
        return bool(self.roles & SEE_PEOPLE or self.owns or self.keeps_areas or self.leads)

    def people(self) -> QuerySet[User]:
        """The people in sight: those with a seat in sight, and oneself."""
        if self.roles & SEE_PEOPLE:
            return User.objects.all()
        return User.objects.filter(Q(id__in=self.memberships().values("user")) | Q(id=self.person))

    def memberships(self) -> QuerySet[Membership]:
        """The seats in sight: of one's enterprises, organisations and areas, and one's own."""
        if self.roles & SEE_PEOPLE:
            return Membership.objects.all()
        return Membership.objects.filter(self._seats() | Q(user=self.person))

    def invitations(self) -> QuerySet[Invitation]:
        """The invitations in sight, to the same seats; and one's own."""
        if self.roles & SEE_PEOPLE:
            return Invitation.objects.all()
        return Invitation.objects.filter(self._seats() | Q(created_by=self.person))

    def colleagues(self) -> QuerySet[User]:
        """Who can be named as deputy or successor: active people in sight, and those of one's own house."""
        house = Q(enterprise__in=sorted(self.own)) | Q(organisation__in=sorted(self.belongs_to))
        house |= Q(place__in=sorted(self.areas), role=Role.COUNTY)
        if self.whole_city:
            house |= Q(role__in=sorted(CITY_ROLES))
        near = Membership.objects.filter(house).values("user")
        return User.objects.filter(Q(id__in=near) | Q(id__in=self.people().values("id")), is_active=True)

    def may_give(
        self, role: Role, enterprise: int | None = None, organisation: int | None = None, place: str = ""
    ) -> bool:
        """Whether this person may seat somebody there, and take the seat away again."""
        if self.administers:
            return True
        if role in ENTERPRISE_ROLES and enterprise is not None:
            return enterprise in self.owns or (role is Role.OWNER and self.may_keep(enterprise))
        if role in PLACE_ROLES:
            return self.may_keep_area(place)
        if role in ORGANISATION_ROLES and organisation in self.leads:
            return True
        return self.keeps_city and role in GIVEN_BY_BUREAU

    def roles_to_give(self) -> list[Role]:
        """What this person may invite somebody to be, in the order of the list of roles."""
        may = set(Role) if self.administers else set()
        may |= GIVEN_BY_BUREAU if self.keeps_city else set()
        may |= ENTERPRISE_ROLES if self.owns else set()
        may |= {Role.COUNTY, Role.OWNER} if self.keeps_areas else set()
        if self.leads:
            may |= self.roles & ORGANISATION_ROLES
        return [role for role in Role if role in may]

    def hidden_people(self) -> int:
        """How many people with an account rights hide; never narrowed by a search."""
        return 0 if self.roles & SEE_PEOPLE else User.objects.exclude(id__in=self.people().values("id")).count()

    def _seats(self) -> Q:
        seats = Q(enterprise__in=sorted(self.owns)) | Q(organisation__in=sorted(self.leads))
        if self.keeps_areas:
            areas = sorted(self.keeps_areas)
            seats |= Q(enterprise__reporting_area__in=areas) | Q(role=Role.COUNTY, place__in=areas)
        return seats

    def hidden_enterprises(self) -> int:
        """How many enterprises of the city rights hide. Never narrowed by a search, so that it betrays no name."""
        return 0 if self.whole_city else Enterprise.objects.exclude(self._condition("")).count()

    def _condition(self, prefix: str) -> Q:
        if self.whole_city:
            return Q()
        seen = Q(**{f"{prefix}id__in": sorted(self.own)})
        if self.areas:
            seen |= Q(**{f"{prefix}reporting_area__in": sorted(self.areas)})
        if self.platforms:
            members = PlatformMember.objects.filter(platform__in=sorted(self.platforms), until=None)
            seen |= Q(**{f"{prefix}id__in": members.values("enterprise")})
        return seen


NOTHING: Final = Scope()
"""What a stranger sees."""
SYSTEM: Final = Scope(
    whole_city=True, administers=True, keeps_city=True, roles=frozenset({Role.ADMINISTRATOR}), name="zhulian"
)
"""The platform's own hand: the command line and the sample city. Never given to a request."""


def actor(scope: Scope) -> Actor:
    """Who acts under ``scope``, as the audit trail names them."""
    return Actor(scope.person, scope.name)


def visible_to(user: User | AnonymousUser) -> Scope:
    """The scope of ``user``, from their memberships (one query); nothing for strangers and closed accounts.

    A deputy who acts for somebody gets that person's scope as long as the delegation runs; whoever came with a key for
    programs reads only.
    """
    if not isinstance(user, User) or not user.is_active:
        return NOTHING
    scope = _deputy(user) or _scope(user)
    return _reading(scope) if user.key_scopes is not None else scope


def running_delegations() -> QuerySet[Delegation]:
    """Those in force at this moment, between two open accounts."""
    now = timezone.now()
    return Delegation.objects.filter(
        starts_at__lte=now, ends_at__gt=now, ended_at=None, person__is_active=True, deputy__is_active=True
    )


def _deputy(user: User) -> Scope | None:
    if user.acting_for is None:
        return None
    found = running_delegations().select_related("person").filter(pk=user.acting_for, deputy=user).first()
    if found is None:
        return None
    theirs, name = _scope(found.person), _name(user)
    return replace(theirs, person=user.pk, name=f"{name}（代{theirs.name}）", on_behalf_of=found.person_id)


def _reading(scope: Scope) -> Scope:
    nothing: frozenset[int] = frozenset()
    return replace(
        scope,
        configures=nothing,
        administers=False,
        owns=nothing,
        keeps_city=False,
        keeps_areas=frozenset(),
        leads=nothing,
    )


def _scope(user: User) -> Scope:
    columns = ("role", "enterprise_id", "organisation_id", "place", "leads")
    rows = Membership.objects.filter(user=user).values_list(*columns)
    held = [
        (Role(role), enterprise, organisation, place, leads) for role, enterprise, organisation, place, leads in rows
    ]
    roles = frozenset(role for role, *_ in held)
    areas = frozenset(place for role, _, _, place, _ in held if role is Role.COUNTY and place)
    return Scope(
        whole_city=bool(roles & CITY_ROLES),
        areas=areas,
        own=frozenset(firm for role, firm, *_ in held if role in ENTERPRISE_ROLES and firm),
        configures=frozenset(firm for role, firm, *_ in held if role is Role.ENGINEER and firm),
        administers=Role.ADMINISTRATOR in roles,
        roles=roles,
        owns=frozenset(firm for role, firm, *_ in held if role is Role.OWNER and firm),
        keeps_city=bool(roles & KEEPERS),
        keeps_areas=areas,
        sees_totals=Role.MEMBER_UNIT in roles,
        belongs_to=frozenset(body for _, _, body, _, _ in held if body),
        leads=frozenset(body for _, _, body, _, leads in held if body and leads),
        platforms=frozenset(body for role, _, body, _, _ in held if role is Role.PLATFORM and body),
        person=user.pk,
        name=_name(user),
    )


def _name(user: User) -> str:
    return user.get_full_name() or user.username
