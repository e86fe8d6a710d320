"""Which role, and where: the two questions that inviting somebody and giving a role have in common."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from zhulian.organisations.queries import people as queries
from zhulian.organisations.rules import RecordsError
from zhulian.organisations.tenancy import Scope
from zhulian.organisations.workflows.events import Seat
from zhulian.organisations.workflows.seats import KINDS
from zhulian.portal.pages.city_map import place_name
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.places import REPORTING_AREAS
from zhulian.vocabulary.roles import ENTERPRISE_ROLES, ORGANISATION_ROLES, PLACE_ROLES, ROLE_NAMES, Role

FEW = 50
"""So many enterprises are offered by name; of more, one is named by its credit code."""
MEANINGS = {
    Role.ENGINEER: Text("接入和配置本企业的网关、设备", "connects and configures the enterprise's machines"),
    Role.OWNER: Text("维护企业档案，管理本企业人员", "keeps the enterprise's file, lets people in"),
    Role.BUREAU: Text(
        "查看全市，维护档案，邀请县区和各单位", "sees the city, keeps files, invites counties and bodies"
    ),
    Role.COUNTY: Text("查看并维护本县区的企业档案", "sees and keeps the files of one area"),
    Role.MEMBER_UNIT: Text("只看全市汇总，不看单个企业", "sees sums over the city, no enterprise"),
    Role.PLATFORM: Text("查看加入本平台的企业", "sees the platform's members"),
    Role.PROVIDER: Text("服务商的工作人员", "works for a provider"),
    Role.BANK: Text("经企业授权后查看信用材料", "sees what an enterprise consents to"),
    Role.SCHOOL: Text("院校和实训基地", "works for a school"),
    Role.EXPERT: Text("参加评审", "takes part in reviews"),
    Role.AUDITOR: Text("查看全市和操作日志，不改任何内容", "sees everything and the trail, changes nothing"),
    Role.SECURITY: Text("查看全市、登录和会话，不改任何内容", "sees sign-ins and sessions, changes nothing"),
    Role.ADMINISTRATOR: Text("管理平台和所有账号", "runs the platform and all accounts"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """Where a role can be held: a choice, a credit code to type, or nothing to ask."""

    role: Role
    kind: str
    """enterprise, code, organisation, place, or empty."""
    choices: Sequence[tuple[object, str]] = ()

    @property
    def role_name(self) -> Text:
        """The role in words."""
        return ROLE_NAMES[self.role]

    @property
    def can_lead(self) -> bool:
        """Whether it makes sense to ask who lets colleagues in."""
        return self.role in ORGANISATION_ROLES


def role_choices(scope: Scope) -> list[tuple[Role, Text, Text]]:
    """What this person may give out, with what it means."""
    return [(role, ROLE_NAMES[role], MEANINGS[role]) for role in scope.roles_to_give()]


def chosen_role(scope: Scope, query: QueryDict) -> Role | None:
    """The role in the address, if it can be given out."""
    return next((role for role in scope.roles_to_give() if role.value == query.get("role")), None)


def question(scope: Scope, role: Role) -> Question:
    """What to ask next for ``role``."""
    if role in ENTERPRISE_ROLES:
        if scope.keeps_city or scope.keeps_areas or len(scope.owns) > FEW:
            return Question(role, "code")
        return Question(role, "enterprise", queries.enterprise_names(scope, scope.owns))
    if role in ORGANISATION_ROLES:
        return Question(role, "organisation", queries.organisations_to_seat(scope, KINDS[role]))
    if role in PLACE_ROLES:
        may = [place for place in REPORTING_AREAS if scope.may_keep_area(place.code)]
        return Question(role, "place", [(place.code, place_name(place)) for place in may])
    return Question(role, "")


def seat_in(scope: Scope, role: Role, form: QueryDict) -> Seat:
    """The seat that the form names; the workflows decide whether it can be given."""
    if role in ENTERPRISE_ROLES:
        code = form.get("code", "")
        return Seat(role, enterprise=queries.enterprise_by_code(scope, code) if code else whole(form, "enterprise"))
    if role in ORGANISATION_ROLES:
        return Seat(role, organisation=whole(form, "organisation"))
    return Seat(role, place=form.get("place", "") if role in PLACE_ROLES else "")


def whole(form: QueryDict, name: str) -> int | None:
    """A record's number in a form, or nothing."""
    text = form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def is_of_form(fault: RecordsError) -> bool:
    """Whether the person can correct this in the form (otherwise it is a matter of rights)."""
    return fault.code not in {"not_found", "not_allowed"}
