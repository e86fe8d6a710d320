"""Two enterprises side by side, with people of every role, a gateway and a machine each: the world of portal tests.

Whatever belongs to one of them carries its marker in every text, so a leak shows up as a word.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from zhulian.evidence.models import Flag
from zhulian.organisations import workflows
from zhulian.organisations.models import (
    Enterprise,
    Gateway,
    Machine,
    Membership,
    Organisation,
    PlatformMember,
    Point,
    User,
)
from zhulian.organisations.rules import credit_check_character
from zhulian.organisations.tenancy import SYSTEM, Scope, visible_to
from zhulian.organisations.workflows.events import Seat
from zhulian.vocabulary.roles import Role
from zhulian.wire.configuration import DeviceConfig, PointConfig

OTHERS = {
    "member_unit": Role.MEMBER_UNIT,
    "platform_a": Role.PLATFORM,
    "platform_b": Role.PLATFORM,
    "provider": Role.PROVIDER,
    "bank": Role.BANK,
    "school": Role.SCHOOL,
    "expert": Role.EXPERT,
    "auditor": Role.AUDITOR,
    "security": Role.SECURITY,
}
"""Who comes from neither enterprise. Platform a has enterprise A as its member, platform b has B."""
KINDS = {
    Role.MEMBER_UNIT: "government",
    Role.PLATFORM: "platform",
    Role.PROVIDER: "provider",
    Role.BANK: "bank",
    Role.SCHOOL: "school",
}
PASSWORD = "correct-horse-7-battery"


def unheard(_gateway: int, _version: int) -> None:
    """Nobody listens for new configurations."""


def credit_code(number: int) -> str:
    """A valid code for the ``number``-th invented enterprise."""
    first = f"91341500MA{number:07d}"
    return first + credit_check_character(first)


@dataclass(frozen=True)
class People:
    """What the tenant's people have going on: the engineer's seat, and what the owner made."""

    seat: int
    invitation: int
    secret: str
    delegation: int
    hand_over: int
    key: int


@dataclass(frozen=True)
class Tenant:
    """One enterprise and everything in it."""

    marker: str
    code: str
    enterprise: int
    gateway: int
    machine: int
    points: tuple[int, ...]
    engineer: User
    owner: User
    people: "People"
    flag: int
    """A flag about it that was not released to it."""
    fact: int = 0
    document: int = 0
    figure: int = 0
    """What ``peers.evidence`` gives: a fact, the document that proves it, and its value."""

    @property
    def scope(self) -> Scope:
        """What its engineer may see."""
        return visible_to(self.engineer)


@dataclass(frozen=True)
class World:
    """Tenants ``a`` (in Jin'an) and ``b`` (in Jinzhai), and the officers around them."""

    a: Tenant
    b: Tenant
    county_a: User
    county_b: User
    bureau: User
    administrator: User
    others: dict[str, User]
    """People of organisations that are no enterprise, and of none, by what they are (``OTHERS``)."""
    organisations: dict[str, int]
    """The organisation of each of them that has one."""

    def people(self) -> dict[str, User]:
        """Everybody who can sign in, by what they are."""
        return {
            "engineer_a": self.a.engineer,
            "owner_a": self.a.owner,
            "engineer_b": self.b.engineer,
            "owner_b": self.b.owner,
            "county_a": self.county_a,
            "county_b": self.county_b,
            "bureau": self.bureau,
            "administrator": self.administrator,
            **self.others,
        }


def person(
    name: str, role: Role, enterprise: int | None = None, place: str = "", organisation: int | None = None
) -> User:
    """An account with one role; hashing is skipped, since nobody types the password."""
    user = User(username=name, last_name=name)
    user.password = "a hash that no password has"
    user.save()
    Membership.objects.create(
        user=user,
        role=role.value,
        enterprise_id=enterprise,
        place=place,
        organisation_id=organisation,
        leads=organisation is not None,
    )
    return user


def device(marker: str, points: int = 3) -> DeviceConfig:
    """A meter with ``points`` points, everything named after ``marker``."""
    return DeviceConfig(
        name=f"{marker} meter",
        protocol="modbus_tcp",
        address="192.0.2.10:502",
        options={"unit": 1},
        points=tuple(
            PointConfig(name=f"{marker} value {number}", address=f"4000{number}", type="uint16", unit="kW")
            for number in range(1, points + 1)
        ),
    )


def tenant(marker: str, number: int, district: str) -> Tenant:
    """One enterprise with an enrolled gateway, a machine of three points, an engineer and an owner."""
    given = workflows.NewEnterprise(f"{marker} Works", credit_code(number), "C3360", district)
    enterprise = workflows.create_enterprise(SYSTEM, given)
    gateway = workflows.create_gateway(SYSTEM, enterprise, f"{marker} gateway")
    draft = workflows.MachineDraft(gateway, device(marker), f"{marker} hall", f"{marker} kind", f"{marker} source")
    machine = workflows.save_machine(SYSTEM, draft, unheard)
    engineer = person(f"{marker.lower()}-engineer", Role.ENGINEER, enterprise)
    owner = person(f"{marker.lower()}-owner", Role.OWNER, enterprise)
    return Tenant(
        marker=marker,
        code=given.credit_code,
        enterprise=enterprise,
        gateway=gateway,
        machine=machine,
        points=tuple(Point.objects.filter(machine=machine).values_list("pk", flat=True)),
        engineer=engineer,
        owner=owner,
        people=people_of(marker, enterprise, engineer, owner),
        flag=_flag(marker, enterprise),
    )


def people_of(marker: str, enterprise: int, engineer: User, owner: User) -> People:
    """One of everything that people can make for one another."""
    scope, now = visible_to(owner), timezone.now()
    leaver = person(f"{marker.lower()}-leaver", Role.ENGINEER, enterprise)
    seat = Seat(Role.ENGINEER, enterprise=enterprise)
    link = workflows.invite(scope, workflows.NewInvitation(seat, name=f"{marker} newcomer"))
    return People(
        seat=engineer.memberships.get().pk,
        invitation=link.id,
        secret=link.secret,
        delegation=workflows.delegate(
            scope, owner.pk, engineer.pk, now, now + timedelta(days=3), reason=f"{marker} trip"
        ),
        hand_over=workflows.hand_over(scope, leaver.pk, engineer.pk),
        key=workflows.create_api_key(scope, f"{marker} board", frozenset({"records:read"}), 30).id,
    )


def _flag(marker: str, enterprise: int) -> int:
    now = timezone.now()
    words = {"title_zh": f"{marker} 疑点", "title_en": f"{marker} flag", "said_zh": marker, "said_en": marker}
    proof = {"columns": [[marker, marker]], "rows": [[marker]], "curves": [], "others": []}
    made = Flag.objects.create(
        key=f"office_hours:{enterprise}:1",
        rule="office_hours",
        rule_version=1,
        enterprise_id=enterprise,
        found_at=now,
        seen_at=now,
        proof=proof,
        **words,
    )
    return int(made.pk)


def _count_on_from_there(*kinds: type[Model]) -> None:
    """SQLite does so by itself; PostgreSQL's sequences have not noticed ids that were given by hand."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(kinds)):
            cursor.execute(statement)


def make_world() -> World:
    """Both tenants and all officers. Ids of the two never coincide across tables, so that a bare id can be searched."""
    Enterprise.objects.create(pk=710_000, name="filler", credit_code="0", industry="C", district="341503")
    Gateway.objects.create(pk=720_000, enterprise_id=710_000, name="filler")
    Machine.objects.create(pk=730_000, enterprise_id=710_000, name="filler")
    Point.objects.create(pk=740_000, machine_id=730_000, name="filler")
    _count_on_from_there(Enterprise, Gateway, Machine, Point)
    Point.objects.all().delete()
    Machine.objects.all().delete()
    Gateway.objects.all().delete()
    Enterprise.objects.all().delete()
    a, b = tenant("Alderney", 1, "341502"), tenant("Balthazar", 2, "341524")
    organisations = {
        name: Organisation.objects.create(kind=KINDS[role], name=f"Organisation of {name}").pk
        for name, role in OTHERS.items()
        if role in KINDS
    }
    for name, member in (("platform_a", a), ("platform_b", b)):
        PlatformMember.objects.create(
            platform_id=organisations[name], enterprise_id=member.enterprise, since=date(2026, 1, 1)
        )
    return World(
        a=a,
        b=b,
        county_a=person("county-a", Role.COUNTY, place="341502"),
        county_b=person("county-b", Role.COUNTY, place="341524"),
        bureau=person("bureau", Role.BUREAU),
        administrator=person("administrator", Role.ADMINISTRATOR),
        others={name: person(name, role, organisation=organisations.get(name)) for name, role in OTHERS.items()},
        organisations=organisations,
    )
