"""Organisations that are no enterprise file, the members of platforms, and platforms' own sites."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from zhulian.organisations.models import Contact, Organisation, PlatformMember, SubSite
from zhulian.organisations.queries.files import ContactRow, contact_row
from zhulian.organisations.queries.lists import one_of, whole_page
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import Page

ORGANISATION, SITE = Text("单位", "organisation"), Text("平台站点", "platform site")


@dataclass(frozen=True, slots=True)
class BodyFilter:
    """What a list of organisations is narrowed to; the empty filter narrows nothing."""

    text: str = ""
    """Part of the name, or the beginning of the credit code."""
    kind: str = ""
    level: str = ""
    area: str = ""
    leading_group: bool = False


@dataclass(frozen=True, slots=True)
class BodyRow:
    """One organisation. The enterprise behind it is named only where it is in sight."""

    id: int
    kind: str
    name: str
    credit_code: str
    level: str
    district: str
    reporting_area: str
    in_leading_group: bool
    duty: str
    introduction: str
    website: str
    closed_on: date | None
    is_sample: bool
    revision: int
    enterprise: int | None
    enterprise_name: str
    enterprise_code: str
    members: int
    """Enterprises that belong to it at present, for a platform."""
    slug: str
    """Of its own site, when that is published."""


@dataclass(frozen=True, slots=True)
class SubSiteRow:
    """A platform's own site."""

    platform: int
    platform_name: str
    level: str
    slug: str
    title: str
    headline: str
    body: str
    colour: str
    logo: str
    is_public: bool
    revision: int
    is_sample: bool
    website: str


@dataclass(frozen=True, slots=True)
class MemberFirm:
    """An enterprise under a platform, as far as it is in sight."""

    membership: int
    enterprise: int
    name: str
    credit_code: str
    industry: str
    reporting_area: str
    is_sample: bool
    since: date
    until: date | None

    @property
    def id(self) -> int:
        """Of the membership, by which a page keeps its order."""
        return self.membership


@dataclass(frozen=True, slots=True)
class Members:
    """The present members of a platform that are in sight, and how many more there are."""

    rows: Page[MemberFirm]
    hidden: int


def bodies(scope: Scope, wanted: BodyFilter, number: int = 1, size: int = 50) -> Page[BodyRow]:
    """The organisations that ``wanted`` leaves; three statements."""
    found = _narrowed(scope, wanted)
    return whole_page(found, ("kind", "pk"), number, size, lambda some: _rows(scope, _counted(some)))


def every_body(scope: Scope, wanted: BodyFilter) -> Iterable[BodyRow]:
    """The same rows without paging, for an export."""
    return _rows(scope, list(_narrowed(scope, wanted)))


def body(scope: Scope, organisation: int) -> BodyRow:
    """One organisation."""
    found = _counted(scope.organisations())
    return _rows(scope, [one_of(found, organisation, ORGANISATION)])[0]


def by_kind(scope: Scope) -> dict[str, int]:
    """How many there are of each kind, those that still exist."""
    counted = scope.organisations().filter(closed_on=None).order_by().values_list("kind").annotate(n=Count("id"))
    return dict(counted)


def platforms_to_join(scope: Scope) -> list[tuple[int, str]]:
    """The platforms that exist, by id and name."""
    return list(
        scope.organisations().filter(kind="platform", closed_on=None).order_by("name").values_list("pk", "name")
    )


def contacts_of(scope: Scope, organisation: int) -> list[ContactRow]:
    """Whom to call there; for those who keep the entry or belong to the organisation."""
    row = one_of(scope.organisations(), organisation, ORGANISATION)
    if not (_keeps(scope, row) or organisation in scope.belongs_to):
        return []
    return [contact_row(one) for one in Contact.objects.filter(organisation=row).order_by("-is_main", "pk")]


def may_keep(scope: Scope, organisation: int) -> bool:
    """Whether this person may change the entry at all."""
    return _keeps(scope, one_of(scope.organisations(), organisation, ORGANISATION))


def members(scope: Scope, platform: int, number: int = 1, size: int = 50) -> Members:
    """The enterprises that belong to a platform now."""
    present = PlatformMember.objects.filter(platform=platform, until=None)
    seen = present.filter(enterprise__in=scope.enterprises())
    page = whole_page(seen, ("enterprise__name", "pk"), number, size, _members)
    return Members(page, present.count() - page.total)


def sub_site_of(scope: Scope, platform: int) -> SubSiteRow | None:
    """A platform's own site, published or not, for those who keep it."""
    if not may_keep(scope, platform):
        return None
    row = SubSite.objects.select_related("platform").filter(platform=platform).first()
    return _site(row) if row else None


def public_site(slug: str) -> SubSiteRow:
    """A published site; open to strangers, so there is no scope to ask."""
    row = SubSite.objects.select_related("platform").filter(slug=slug, is_public=True, platform__closed_on=None).first()
    if row is None:
        raise NotVisibleError(SITE)
    return _site(row)


def changed_by(organisation: int) -> tuple[str, datetime | None]:
    """Who saved an entry last, and when."""
    row = Organisation.objects.filter(pk=organisation).first()
    return (row.changed_name, row.changed_at) if row else ("", None)


def _keeps(scope: Scope, row: Organisation) -> bool:
    return scope.may_keep_area(row.reporting_area) or scope.may_keep_organisation(row.pk)


def _narrowed(scope: Scope, wanted: BodyFilter) -> QuerySet[Organisation]:
    found = _counted(scope.organisations())
    if text := wanted.text.strip():
        found = found.filter(Q(name__icontains=text) | Q(credit_code__istartswith=text))
    exact = {"kind": wanted.kind, "level": wanted.level, "reporting_area": wanted.area}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if wanted.leading_group:
        found = found.filter(in_leading_group=True)
    return found.order_by("kind", "pk")


def _counted(found: QuerySet[Organisation]) -> QuerySet[Organisation]:
    present = Count("members", filter=Q(members__until=None))
    return found.select_related("sub_site").annotate(member_count=present)


def _rows(scope: Scope, found: Iterable[Organisation]) -> list[BodyRow]:
    rows = list(found)
    behind = scope.enterprises().filter(pk__in={row.enterprise_id for row in rows if row.enterprise_id})
    names = {pk: (name, code) for pk, name, code in behind.values_list("pk", "name", "credit_code")}
    return [_row(row, names) for row in rows]


def _row(row: Organisation, names: dict[int, tuple[str, str]]) -> BodyRow:
    site: SubSite | None = getattr(row, "sub_site", None)
    name, code = names.get(row.enterprise_id or 0, ("", ""))
    counts: dict[str, int] = row.__dict__  # what _counted annotated
    return BodyRow(
        id=row.pk,
        kind=row.kind,
        name=row.name,
        credit_code=row.credit_code,
        level=row.level,
        district=row.district,
        reporting_area=row.reporting_area,
        in_leading_group=row.in_leading_group,
        duty=row.duty,
        introduction=row.introduction,
        website=row.website,
        closed_on=row.closed_on,
        is_sample=row.is_sample,
        revision=row.revision,
        enterprise=row.enterprise_id if name else None,
        enterprise_name=name,
        enterprise_code=code,
        members=counts["member_count"],
        slug=site.slug if site and site.is_public else "",
    )


def _site(row: SubSite) -> SubSiteRow:
    return SubSiteRow(
        platform=row.platform_id,
        platform_name=row.platform.name,
        level=row.platform.level,
        slug=row.slug,
        title=row.title,
        headline=row.headline,
        body=row.body,
        colour=row.colour,
        logo=row.logo,
        is_public=row.is_public,
        revision=row.revision,
        is_sample=row.platform.is_sample,
        website=row.platform.website,
    )


def _members(some: QuerySet[PlatformMember]) -> list[MemberFirm]:
    return [_member(row) for row in some.select_related("enterprise")]


def _member(row: PlatformMember) -> MemberFirm:
    firm = row.enterprise
    return MemberFirm(
        row.pk, firm.pk, firm.name, firm.credit_code, firm.industry, firm.reporting_area, firm.is_sample,
        row.since, row.until,
    )  # fmt: skip
