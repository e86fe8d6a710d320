"""The one tenancy filter: which enterprises a person may see, and what they may change.

Every function in ``queries`` and ``workflows`` takes a :class:`Scope`; a view makes it once with :func:`visible_to`.
Nothing else in Zhulian decides who sees what.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from zhulian.audit.rules import Actor
from zhulian.organisations.models import Enterprise, Gateway, Machine, Membership, Point, User
from zhulian.vocabulary.roles import CITY_ROLES, Role

KEEPERS = frozenset({Role.BUREAU, Role.ADMINISTRATOR})
"""Keep up every file of the city."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What one person may see: the whole city, reporting areas, single enterprises. Empty sees nothing.

    ``configures`` are the enterprises whose gateways and machines they may change, ``owns`` those whose file and
    people they keep up; ``administers`` may do so everywhere, and gives out enterprises and accounts. Who keeps up the
    files of the whole city or of their areas has ``keeps_city`` or ``keeps_areas``.
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
    person: int | None = None
    """Who acts, for the record; ``None`` is the platform itself."""
    name: str = ""

    @property
    def sees_several(self) -> bool:
        """Whether lists of enterprises make sense for this person (otherwise: their factory)."""
        return self.whole_city or bool(self.areas) or len(self.own) > 1

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

    def hidden_enterprises(self) -> int:
        """How many enterprises of the city rights hide. Never narrowed by a search, so that it betrays no name."""
        return 0 if self.whole_city else Enterprise.objects.exclude(self._condition("")).count()

    def _condition(self, prefix: str) -> Q:
        if self.whole_city:
            return Q()
        own = Q(**{f"{prefix}id__in": sorted(self.own)})
        return own | Q(**{f"{prefix}reporting_area__in": sorted(self.areas)}) if self.areas else own


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
    """The scope of ``user``, from their memberships (one query); nothing for strangers and closed accounts."""
    if not isinstance(user, User) or not user.is_active:
        return NOTHING
    held = Membership.objects.filter(user=user).values_list("role", "enterprise_id", "place")
    return _scope(user, [(Role(role), enterprise, place) for role, enterprise, place in held])


def _scope(user: User, held: list[tuple[Role, int | None, str]]) -> Scope:
    roles = frozenset(role for role, _, _ in held)
    return Scope(
        whole_city=bool(roles & CITY_ROLES),
        areas=frozenset(place for role, _, place in held if role is Role.COUNTY and place),
        own=frozenset(held_in for role, held_in, _ in held if role in {Role.ENGINEER, Role.OWNER} and held_in),
        configures=frozenset(held_in for role, held_in, _ in held if role is Role.ENGINEER and held_in),
        administers=Role.ADMINISTRATOR in roles,
        roles=roles,
        owns=frozenset(held_in for role, held_in, _ in held if role is Role.OWNER and held_in),
        keeps_city=bool(roles & KEEPERS),
        keeps_areas=frozenset(place for role, _, place in held if role is Role.COUNTY and place),
        sees_totals=Role.MEMBER_UNIT in roles,
        person=user.pk,
        name=user.get_full_name() or user.username,
    )
