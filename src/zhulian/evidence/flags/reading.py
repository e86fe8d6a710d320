"""Gathers what flag rules look at: hours of points, days of presence, who is reached where, repeated documents."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from zhulian.evidence.collectors.measured import day_span
from zhulian.evidence.collectors.picking import role_of
from zhulian.evidence.flags.known import HOURS, Body, Known, Line, Pair, Paper, Presence
from zhulian.evidence.flags.shared_contact import address, email, phone
from zhulian.evidence.models import Document, Repeat
from zhulian.organisations.models import Contact, Enterprise, Organisation, Point, Site
from zhulian.telemetry.queries import Telemetry
from zhulian.vocabulary.clock import SHANGHAI, to_datetime
from zhulian.vocabulary.readings import PointId, TenantId, TimeUs

PRESENCE_DAYS = 120
PROVIDER = "provider"


def read_known(telemetry: Telemetry, now_us: TimeUs) -> Known:
    """Everything up to the last whole day. Raises TelemetryUnreachable."""
    today = to_datetime(now_us).astimezone(SHANGHAI).date()
    until_us = day_span(today)[0]
    points = _points()
    lines = [line for tenant, rows in points.items() for line in _lines(telemetry, tenant, rows, until_us)]
    presences = [found for tenant, rows in points.items() if (found := _presence(telemetry, tenant, rows, until_us))]
    return Known(until_us, lines, presences, list(_bodies()), list(_pairs()))


def _points() -> dict[TenantId, list[Point]]:
    found: dict[TenantId, list[Point]] = defaultdict(list)
    rows = Point.objects.filter(removed_at=None, machine__removed_at=None).select_related("machine").order_by("id")
    for row in rows:
        found[TenantId(row.machine.enterprise_id)].append(row)
    return found


def _lines(telemetry: Telemetry, tenant: TenantId, rows: Sequence[Point], until_us: TimeUs) -> Iterator[Line]:
    ids = [PointId(row.pk) for row in rows]
    hours = telemetry.hours(tenant, ids, TimeUs(until_us - HOURS * 3_600_000_000), until_us)
    for row in rows:
        if PointId(row.pk) in hours:
            role = role_of(row.name, row.unit)
            machine = row.machine
            found = hours[PointId(row.pk)]
            yield Line(tenant, machine.pk, machine.name, row.pk, row.name, row.unit, role, found)


def _presence(telemetry: Telemetry, tenant: TenantId, rows: Sequence[Point], until_us: TimeUs) -> Presence | None:
    ids = [PointId(row.pk) for row in rows]
    first = min((count.first_us for count in telemetry.counts(tenant, ids).values()), default=None)
    if first is None:
        return None
    start_us = TimeUs(until_us - PRESENCE_DAYS * 86_400_000_000)
    days = telemetry.days(tenant, dict.fromkeys(ids, 1), start_us, until_us).get(1, frozenset())
    return Presence(tenant, (first // 1_000_000 + 28_800) // 86_400, days)


def _bodies() -> Iterator[Body]:
    """Enterprises in operation that share something with nobody are read too: sharing is for the rule to see."""
    providers = Organisation.objects.filter(kind=PROVIDER, closed_on=None).select_related("enterprise")
    by_organisation, by_enterprise = _reached("organisation"), _reached("enterprise")
    doors = _doors()
    for row in providers:
        own = row.enterprise_id
        phones, emails = by_organisation[row.pk]
        more_phones, more_emails = by_enterprise[own] if own else (set(), set())
        places = doors.get(own, set()) if own else set()
        yield Body(
            row.name, own, row.pk, frozenset(phones | more_phones), frozenset(emails | more_emails), frozenset(places)
        )
    wanted = by_enterprise.keys() | doors.keys()
    for number, name in Enterprise.objects.filter(pk__in=wanted).values_list("id", "name"):
        phones, emails = by_enterprise[number]
        yield Body(name, number, None, frozenset(phones), frozenset(emails), frozenset(doors.get(number, set())))


def _reached(holder: str) -> defaultdict[int, tuple[set[str], set[str]]]:
    """Telephones and mailboxes of each enterprise or organisation."""
    found: defaultdict[int, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    rows = Contact.objects.filter(**{f"{holder}__isnull": False}).values_list(f"{holder}_id", "phone", "email")
    for number, given_phone, given_email in rows:
        phones, emails = found[number]
        phones |= {phone(given_phone)} - {""}
        emails |= {email(given_email)} - {""}
    return found


def _doors() -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    rows = [
        *Enterprise.objects.exclude(address="").values_list("id", "address"),
        *Site.objects.filter(closed_on=None).exclude(address="").values_list("enterprise_id", "address"),
    ]
    for number, text in rows:
        if door := address(text):
            found[number].add(door)
    return found


def _pairs() -> Iterator[Pair]:
    for row in Repeat.objects.select_related("document", "earlier"):
        yield Pair(_paper(row.document), _paper(row.earlier), row.reason, row.distance)


def _paper(row: Document) -> Paper:
    return Paper(
        row.pk,
        row.enterprise_id,
        row.name,
        row.invoice_number,
        row.amount_fen,
        row.issued_on,
        row.uploaded_at,
        row.uploaded_by_name,
    )
