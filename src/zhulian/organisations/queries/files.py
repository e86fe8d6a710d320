"""One enterprise, one file: what it says today and said on any day, its events, contacts, places and positions."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q
from django.utils import timezone

from zhulian.organisations.models import (
    ChainPosition,
    Contact,
    Enterprise,
    EnterpriseEvent,
    Line,
    Machine,
    PlatformMember,
    Site,
    Workshop,
)
from zhulian.organisations.queries.lists import ENTERPRISE, one_of
from zhulian.organisations.rules.files import FIELDS, EventKind, FileState, Happening, State, Value, state_on
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.readings import TenantId


@dataclass(frozen=True, slots=True)
class EnterpriseFile:
    """The file as it is today. ``values`` maps the fields of ``rules.files.FIELDS`` to what they say."""

    id: TenantId
    values: State
    revision: int
    is_sample: bool
    pillar: str
    pillar_en: str
    successor: int | None
    successor_name: str
    """Empty where rights hide it."""
    absorbed: tuple[tuple[int, str], ...]
    """The files that were merged into this one, as far as they are in sight."""

    @property
    def name(self) -> str:
        """Its name today."""
        return str(self.values["name"])

    @property
    def area(self) -> str:
        """Its reporting area today."""
        return str(self.values["reporting_area"])

    @property
    def is_active(self) -> bool:
        """Whether it still exists."""
        return self.values["status"] == "active"


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event as the list shows it."""

    id: int
    kind: EventKind
    on: date
    changes: State
    before: State
    other: int | None
    other_name: str
    document: str
    note: str
    recorded_at: datetime
    recorded_name: str
    withdrawn_at: datetime | None
    withdrawn_name: str
    withdrawn_reason: str


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A person to call."""

    id: int
    name: str
    duty: str
    phone: str
    email: str
    is_main: bool
    revision: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class LineRow:
    """A production line with how many machines stand on it."""

    id: int
    name: str
    product: str
    machines: int
    revision: int


@dataclass(frozen=True, slots=True)
class WorkshopRow:
    """A workshop; ``machines`` counts all of them, ``loose`` lists those on no line, (id, name)."""

    id: int
    name: str
    lines: tuple[LineRow, ...]
    machines: int
    loose: tuple[tuple[int, str], ...]
    revision: int


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site with its workshops."""

    id: int
    name: str
    town: str
    address: str
    opened_on: date | None
    closed_on: date | None
    workshops: tuple[WorkshopRow, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class PositionRow:
    """Where an enterprise stands in a chain."""

    id: int
    chain: int
    chain_name: str
    chain_name_en: str
    position: str
    product: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class PlatformRow:
    """A platform that the enterprise belongs or belonged to."""

    membership: int
    platform: int
    name: str
    level: str
    slug: str
    since: date
    until: date | None


def file(scope: Scope, enterprise: int) -> EnterpriseFile:
    """One file in sight; three statements."""
    row = one_of(scope.enterprises().select_related("pillar"), enterprise, ENTERPRISE)
    joined = scope.enterprises().filter(Q(successor=row) | Q(pk=row.successor_id or 0)).order_by("pk")
    names = {other.pk: other for other in joined}
    return EnterpriseFile(
        id=TenantId(row.pk),
        values=present(row),
        revision=row.revision,
        is_sample=row.is_sample,
        pillar=row.pillar.name if row.pillar else "",
        pillar_en=row.pillar.name_en if row.pillar else "",
        successor=row.successor_id,
        successor_name=names[row.successor_id].name if row.successor_id in names else "",
        absorbed=tuple((pk, other.name) for pk, other in names.items() if other.successor_id == row.pk),
    )


def events(scope: Scope, enterprise: int) -> list[EventRow]:
    """All events of a file in sight, the latest first; withdrawn ones too. Names of hidden enterprises stay hidden."""
    one_of(scope.enterprises(), enterprise, ENTERPRISE)
    rows = list(EnterpriseEvent.objects.filter(enterprise_id=enterprise).order_by("-on", "-pk"))
    seen = scope.enterprises().filter(pk__in={row.other_id for row in rows if row.other_id})
    names = dict(seen.values_list("pk", "name"))
    return [_event_row(row, names) for row in rows]


def state(scope: Scope, enterprise: int, day: date) -> FileState:
    """What a file in sight said at the end of ``day``."""
    return state_on(happenings(one_of(scope.enterprises(), enterprise, ENTERPRISE)), day)


def contacts(scope: Scope, enterprise: int) -> list[ContactRow]:
    """Whom to call in an enterprise in sight."""
    one_of(scope.enterprises(), enterprise, ENTERPRISE)
    return [contact_row(row) for row in Contact.objects.filter(enterprise_id=enterprise).order_by("-is_main", "pk")]


def contact_row(row: Contact) -> ContactRow:
    """A contact of an enterprise or another organisation."""
    return ContactRow(row.pk, row.name, row.duty, row.phone, row.email, row.is_main, row.revision, row.changed_at)


def places(scope: Scope, enterprise: int) -> list[SiteRow]:
    """Sites → workshops → lines → machines (ISA-95) of an enterprise in sight; five statements however many."""
    one_of(scope.enterprises(), enterprise, ENTERPRISE)
    lines = defaultdict[int, list[LineRow]](list)
    counted = Count("machines", filter=Q(machines__removed_at=None))
    for line in Line.objects.filter(workshop__site__enterprise_id=enterprise).annotate(n=counted).order_by("pk"):
        number: int = line.__dict__["n"]
        lines[line.workshop_id].append(LineRow(line.pk, line.name, line.product, number, line.revision))
    loose = defaultdict[int, list[tuple[int, str]]](list)
    machines = Machine.objects.filter(enterprise_id=enterprise, removed_at=None).exclude(shop=None).order_by("pk")
    for pk, name, shop, on_line in machines.values_list("pk", "name", "shop_id", "line_id"):
        if on_line is None and shop is not None:
            loose[shop].append((pk, name))
    shops = defaultdict[int, list[WorkshopRow]](list)
    for shop_row in Workshop.objects.filter(site__enterprise_id=enterprise).order_by("pk"):
        here = tuple(lines[shop_row.pk])
        held = sum(line.machines for line in here) + len(loose[shop_row.pk])
        shops[shop_row.site_id].append(
            WorkshopRow(shop_row.pk, shop_row.name, here, held, tuple(loose[shop_row.pk]), shop_row.revision)
        )
    found = Site.objects.filter(enterprise_id=enterprise).order_by("closed_on", "pk")
    return [
        SiteRow(
            row.pk, row.name, row.town, row.address, row.opened_on, row.closed_on, tuple(shops[row.pk]), row.revision
        )
        for row in found
    ]


def positions(scope: Scope, enterprise: int) -> list[PositionRow]:
    """Where an enterprise in sight stands in chains, the present positions first."""
    one_of(scope.enterprises(), enterprise, ENTERPRISE)
    rows = ChainPosition.objects.filter(enterprise_id=enterprise).select_related("chain").order_by("pk")
    found = [
        PositionRow(
            row.pk, row.chain_id, row.chain.name, row.chain.name_en, row.position, row.product, row.since, row.until
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: one.until is not None)


def platforms(scope: Scope, enterprise: int) -> list[PlatformRow]:
    """The platforms that an enterprise in sight belongs or belonged to."""
    one_of(scope.enterprises(), enterprise, ENTERPRISE)
    rows = PlatformMember.objects.filter(enterprise_id=enterprise).select_related("platform__sub_site").order_by("pk")
    found = [
        PlatformRow(row.pk, row.platform_id, row.platform.name, row.platform.level, _slug(row), row.since, row.until)
        for row in rows
    ]
    return sorted(found, key=lambda one: one.until is not None)


def happenings(found: Enterprise) -> list[Happening]:
    """All events of a file as the rules want them. A file that was made without any opens with what it says now."""
    rows = EnterpriseEvent.objects.filter(enterprise=found).order_by("on", "pk")
    known = [Happening(row.pk, row.on, EventKind(row.kind), row.changes, row.withdrawn_at is not None) for row in rows]
    if any(event.kind is EventKind.REGISTERED for event in known):
        return known
    opened = timezone.localdate(found.created_at)
    return [Happening(0, opened, EventKind.REGISTERED, present(found)), *known]


def present(found: Enterprise) -> dict[str, Value]:
    """What the file says now."""
    return {name: _plain(getattr(found, column(name))) for name in FIELDS}


def column(name: str) -> str:
    """The column that keeps the field ``name``."""
    return "successor_id" if name == "successor" else name


def _plain(value: object) -> Value:
    if isinstance(value, date):
        return value.isoformat()
    assert value is None or isinstance(value, str | int | bool)  # noqa: S101 - the columns of FIELDS hold nothing else
    return value


def _slug(row: PlatformMember) -> str:
    site = getattr(row.platform, "sub_site", None)
    return site.slug if site and site.is_public else ""


def _event_row(row: EnterpriseEvent, names: dict[int, str]) -> EventRow:
    return EventRow(
        id=row.pk,
        kind=EventKind(row.kind),
        on=row.on,
        changes=row.changes,
        before=row.before,
        other=row.other_id if row.other_id in names else None,
        other_name=names.get(row.other_id or 0, ""),
        document=row.document,
        note=row.note,
        recorded_at=row.recorded_at,
        recorded_name=row.recorded_name,
        withdrawn_at=row.withdrawn_at,
        withdrawn_name=row.withdrawn_name,
        withdrawn_reason=row.withdrawn_reason,
    )
