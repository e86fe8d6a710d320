"""The frame of every page: menu and bottom bar for the person's role, who they are, what the search field looks for.

A context processor of the portal's settings. An entry is a page that exists; a later room adds its own here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zhulian.organisations.models import Membership, User
from zhulian.organisations.tenancy import Scope, visible_to
from zhulian.portal.templatetags.zhulian import age_patterns
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.places import BY_CODE, CITY_EN, CITY_ZH
from zhulian.vocabulary.roles import ROLE_NAMES, Role


@dataclass(frozen=True, slots=True)
class Place:
    """One thing a role does daily. ``pages`` are the URL names that belong to it."""

    icon: str
    words: object
    name: str
    pages: frozenset[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A place as the menu draws it."""

    icon: str
    words: object
    href: str
    is_here: bool


CITY = Place("city", _("全市总览"), "home", frozenset({"home"}))
ENTERPRISES = Place("enterprise", _("企业"), "enterprises", frozenset({"enterprises", "enterprise", "factory"}))
FACTORY = Place("home", _("我的工厂"), "home", frozenset({"home", "factory", "enterprise"}))
MACHINES = Place("machine", _("设备"), "machines", frozenset({"machines", "machine", "machine_edit"}))
CONNECT = Place("connect", _("接入设备"), "connect", frozenset({"connect"}))
GATEWAYS = Place("gateway", _("网关"), "gateways", frozenset({"gateways", "gateway"}))
ACCOUNT = Place("person", _("我的"), "account", frozenset({"account", "account_change_password"}))


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything base.html needs around the content."""

    is_signed_in: bool = False
    person: str = ""
    person_id: int = 0
    role: Text = field(default_factory=lambda: Text("", ""))
    place: str = ""
    menu: Sequence[Entry] = ()
    bottom: Sequence[Entry] = ()
    query: str = ""
    search_hint: object = ""

    @property
    def city(self) -> str:
        """The city's name in the page's language."""
        return Text(CITY_ZH, CITY_EN).in_language(get_language() or "zh-hans")

    @property
    def ages(self) -> str:
        """Words with which live.js counts ages on."""
        return "|".join(age_patterns())

    @property
    def sample_people(self) -> list[User]:
        """Sign-ins of the sample city, named on its sign-in page only; empty everywhere else."""
        return []


def context(request: HttpRequest) -> dict[str, object]:
    """Values for the frame of every page; looked up only when a template asks for them."""
    return {"frame": SimpleLazyObject(lambda: _frame(request))}


def _frame(request: HttpRequest) -> Frame:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return Frame()
    scope = visible_to(user)
    places = menu_of(scope)
    here = _here(request)
    entries = [_entry(place, here) for place in places]
    bottom = entries[:4] if len(entries) >= 4 else [*entries, _entry(ACCOUNT, here)]
    role = main_role(scope)
    return Frame(
        is_signed_in=True,
        person=user.get_full_name() or user.username,
        person_id=user.pk,
        role=ROLE_NAMES[role] if role else Text("未分配角色", "No role yet"),
        place=_place(user, scope),
        menu=entries,
        bottom=bottom,
        query=request.GET.get("q", ""),
        search_hint=_("企业名称、信用代码、设备") if scope.sees_several else _("设备、车间"),
    )


def menu_of(scope: Scope) -> list[Place]:
    """At most eight, for what this person does daily."""
    if scope.whole_city or scope.areas:
        own = [CITY, ENTERPRISES, MACHINES, GATEWAYS]
    elif scope.own:
        own = [FACTORY, MACHINES, GATEWAYS]
    elif scope.sees_totals:
        own = [CITY]
    else:
        return []
    if scope.administers or scope.configures:
        own.insert(-1, CONNECT)
    return own


_WIDEST_FIRST = (Role.ADMINISTRATOR, Role.BUREAU, Role.COUNTY, Role.OWNER, *reversed(Role))


def main_role(scope: Scope) -> Role | None:
    """The role that names the person on the page: the widest one."""
    return next((role for role in _WIDEST_FIRST if role in scope.roles), None)


def _place(user: User, scope: Scope) -> str:
    if scope.areas:
        language = get_language() or "zh-hans"
        names = [Text(BY_CODE[code].name_zh, BY_CODE[code].name_en) for code in sorted(scope.areas)]
        return "、".join(name.in_language(language) for name in names)
    held = Membership.objects.filter(user=user, enterprise__isnull=False).select_related("enterprise").first()
    return held.enterprise.name if held and held.enterprise else ""


def _here(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""


def _entry(place: Place, here: str) -> Entry:
    try:
        href = reverse(place.name)
    except NoReverseMatch:  # a page that needs more than its name is reached from home
        href = "/"
    return Entry(place.icon, place.words, href, here in place.pages)
