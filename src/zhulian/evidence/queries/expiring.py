"""Documents and statements that come to their end, with nothing newer that stands ready."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from zhulian.evidence.models import Fact
from zhulian.evidence.queries.keys import catalogue
from zhulian.evidence.queries.rows import fact_row, records, superseded
from zhulian.evidence.rules import EvidenceClass, FactRow
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import Page, cut
from zhulian.vocabulary.readings import TenantId

RENEWED = (EvidenceClass.B.value, EvidenceClass.C.value)
"""What machines measure is renewed by the next night."""


@dataclass(frozen=True, slots=True)
class ExpiringRow:
    """A fact of an enterprise that ends soon, or has ended."""

    fact: FactRow
    enterprise: TenantId
    enterprise_name: str
    name: Text
    valid_until: date
    is_sample: bool


def expiring(  # noqa: PLR0917 - the last two are the page
    scope: Scope, today: date, days: int, enterprise: int | None = None, number: int = 1, size: int = 50
) -> Page[ExpiringRow]:
    """What ends within ``days`` from today, or ended within as many days before, soonest first; three statements."""
    found = _ending(scope, today - timedelta(days=days), today + timedelta(days=days), enterprise)
    where = cut(found.count(), number, size)
    return where.page(list(_rows(found[where.rows])))


def every_expiring(scope: Scope, today: date, days: int, enterprise: int | None = None) -> Iterable[ExpiringRow]:
    """What still holds today and ends within ``days``, soonest first."""
    return _rows(_ending(scope, today, today + timedelta(days=days), enterprise))


def _ending(scope: Scope, since: date, until: date, enterprise: int | None) -> QuerySet[Fact]:
    """Standing facts whose end lies in the span, and after which nothing is known about the same thing."""
    newer = Fact.objects.filter(
        Q(valid_until__gt=OuterRef("valid_until")) | Q(valid_until=OuterRef("valid_until"), id__gt=OuterRef("id")),
        subject_kind=OuterRef("subject_kind"),
        subject=OuterRef("subject"),
        key=OuterRef("key"),
        is_withdrawal=False,
    ).exclude(pk__in=superseded())
    found = records(scope).filter(evidence_class__in=RENEWED, valid_until__range=(since, until))
    if enterprise is not None:
        found = found.filter(enterprise_id=enterprise)
    standing = found.filter(~Exists(newer), enterprise__isnull=False, is_withdrawal=False).exclude(pk__in=superseded())
    return standing.select_related("enterprise").order_by("valid_until", "enterprise_id", "id")


def _rows(found: QuerySet[Fact]) -> Iterable[ExpiringRow]:
    keys = catalogue()
    for row in found:
        key = keys.get(row.key)
        if row.enterprise is None or (key is not None and key.is_off):
            continue
        yield ExpiringRow(
            fact_row(row),
            TenantId(row.enterprise.pk),
            row.enterprise.name,
            key.name if key else Text(row.key, row.key),
            row.valid_until,
            row.enterprise.is_sample,
        )
