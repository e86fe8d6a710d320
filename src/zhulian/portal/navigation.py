"""The frame of every page: menu and bottom bar for the person's role, who they are, what the search field looks for.

A context processor of the portal's settings. What stands in the menu is said in ``menu``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from zhulian.alarms.queries import badge as unacknowledged
from zhulian.desk.calendar import today
from zhulian.desk.queries import Badge, badge
from zhulian.organisations.models import Membership, User
from zhulian.organisations.tenancy import Scope, visible_to
from zhulian.portal.menu import ACCOUNT, DAILY, SECTIONS, Place, see_enterprises
from zhulian.portal.sample_people import SamplePerson, sample_people
from zhulian.portal.templatetags.zhulian import age_patterns
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.places import BY_CODE, CITY_EN, CITY_ZH
from zhulian.vocabulary.roles import ROLE_NAMES, Role


@dataclass(frozen=True, slots=True)
class Entry:
    """A place as the menu draws it; a section carries its places in ``within``."""

    icon: str
    words: object
    href: str
    is_here: bool
    within: Sequence["Entry"] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything base.html needs around the content."""

    is_signed_in: bool = False
    person: str = ""
    person_id: int = 0
    role: Text = field(default_factory=lambda: Text("", ""))
    place: str = ""
    acting_for: str = ""
    """Whom the person deputises for at this moment; said on every page."""
    menu: Sequence[Entry] = ()
    bottom: Sequence[Entry] = ()
    query: str = ""
    search_hint: object = ""
    badge: Badge = field(default_factory=Badge)
    alarms: int = 0
    """Active and unacknowledged ones in sight."""
    sees_alarms: bool = False

    @property
    def city(self) -> str:
        """The city's name in the page's language."""
        return Text(CITY_ZH, CITY_EN).in_language(get_language() or "zh-hans")

    @property
    def ages(self) -> str:
        """Words with which live.js counts ages on."""
        return "|".join(age_patterns())

    @property
    def city_identity(self) -> str:
        """What the city's identity service is called, when there is one."""
        return settings.ZHULIAN["ZHULIAN_OIDC_NAME"] if settings.SOCIALACCOUNT_PROVIDERS else ""

    @property
    def sample_people(self) -> list[SamplePerson]:
        """Sign-ins of the sample city, named on its sign-in page only; empty everywhere else."""
        return sample_people()


def context(request: HttpRequest) -> dict[str, object]:
    """Values for the frame of every page; looked up only when a template asks for them."""
    return {"frame": SimpleLazyObject(lambda: _frame(request))}


def _frame(request: HttpRequest) -> Frame:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return Frame()
    scope: Scope = getattr(request, "rights", None) or visible_to(user)
    here = _here(request)
    role = main_role(scope)
    return Frame(
        is_signed_in=True,
        person=user.get_full_name() or user.username,
        person_id=user.pk,
        role=ROLE_NAMES[role] if role else Text("未分配角色", "No role yet"),
        place=_place(user, scope),
        acting_for=scope.name if scope.on_behalf_of else "",
        menu=menu_of(scope, here),
        bottom=bottom_of(scope, here),
        query=request.GET.get("q", ""),
        badge=badge(scope, today()),
        alarms=unacknowledged(scope) if see_enterprises(scope) else 0,
        sees_alarms=see_enterprises(scope),
        search_hint=_search_hint(scope),
    )


def _search_hint(scope: Scope) -> object:
    if scope.sees_several:
        return _("企业名称、信用代码、设备")
    return _("设备、车间") if scope.own else _("单位名录")


def menu_of(scope: Scope, here: str) -> list[Entry]:
    """The sections in this person's reach; somebody without a role has none."""
    if not scope.roles:
        return []
    found = []
    for section in SECTIONS:
        entries = [_entry(place, here) for place in section.places if place.whom(scope)]
        if len(entries) == 1:
            found += entries
        elif entries:
            is_here = any(entry.is_here for entry in entries)
            found.append(Entry(section.icon, section.words, entries[0].href, is_here, entries))
    return found


def bottom_of(scope: Scope, here: str) -> list[Entry]:
    """The four things that this person does daily."""
    if not scope.roles:
        return []
    places = {place.name: place for section in SECTIONS for place in section.places if place.whom(scope)}
    places[ACCOUNT.name] = ACCOUNT
    return [_entry(places[name], here) for name in DAILY if name in places][:4]


_WIDEST_FIRST = (Role.ADMINISTRATOR, Role.BUREAU, Role.COUNTY, Role.OWNER, *reversed(Role))


def main_role(scope: Scope) -> Role | None:
    """The role that names the person on the page: the widest one."""
    return next((role for role in _WIDEST_FIRST if role in scope.roles), None)


def _place(user: User, scope: Scope) -> str:
    if scope.areas:
        language = get_language() or "zh-hans"
        names = [Text(BY_CODE[code].name_zh, BY_CODE[code].name_en) for code in sorted(scope.areas)]
        return gettext("、").join(name.in_language(language) for name in names)
    held = Membership.objects.filter(user=user).exclude(enterprise=None, organisation=None)
    own_first = held.order_by(F("organisation").asc(nulls_first=True), "pk")
    name = own_first.values_list(Coalesce("enterprise__name", "organisation__name"), flat=True).first()
    return str(name or "")


def _here(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""


def _entry(place: Place, here: str) -> Entry:
    return Entry(place.icon, place.words, _address(place.name), here == place.name or here in place.pages)


@cache
def _address(name: str) -> str:
    return reverse(name)
