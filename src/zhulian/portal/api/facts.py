"""Facts of the public interface: the ledger, one fact with its chain, what holds on a day; reading only."""

from datetime import date, datetime

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from zhulian.audit.rules import Subject
from zhulian.evidence import queries
from zhulian.evidence.queries import FactFilter, FactLine
from zhulian.evidence.rules import EvidenceClass, FactRow, Settled, of_enterprise
from zhulian.organisations import queries as organisations
from zhulian.organisations.tenancy import visible_to
from zhulian.portal.api.access import may
from zhulian.portal.api.answers import REFUSALS
from zhulian.portal.api.asking import wrong_parameter
from zhulian.portal.api.shapes import FactChainOut, FactKeyOut, FactOut, HoldingOut, Listed
from zhulian.portal.looks import listed, shown, table
from zhulian.vocabulary.clock import SHANGHAI, system_clock, to_datetime
from zhulian.vocabulary.errors import Text

router = Router(auth=may("facts:read"))


class FactWish(Schema):
    """Which facts, and which page of them."""

    number: int = Field(1, ge=1, le=1_000_000)
    size: int = Field(50, ge=1, le=organisations.LARGEST_PAGE)
    text: str = Field("", max_length=120)
    key: str = Field("", max_length=64)
    evidence_class: EvidenceClass | None = None
    enterprise: int | None = None
    standing: bool | None = None
    on: date | None = None


class Day(Schema):
    """On which day something holds (today unless given), and as known when (now unless given, with its zone)."""

    on: date | None = None
    known: datetime | None = None


@router.get("/facts", response={200: Listed[FactOut], **REFUSALS})
def facts(request: HttpRequest, wish: Query[FactWish]) -> object:
    """The ledger as far as you may see it, newest first."""
    scope = visible_to(request.user)
    if wish.enterprise is not None:
        organisations.enterprise(scope, wish.enterprise)
    wanted = FactFilter(
        text=wish.text,
        key=wish.key,
        evidence_class=wish.evidence_class,
        enterprise=wish.enterprise,
        is_standing=wish.standing,
        on=wish.on,
    )
    page = queries.facts(scope, wanted, wish.number, wish.size)
    listed(scope, table("facts", Text("事实", "Facts")), (line.fact.enterprise for line in page.rows))
    rows = [_line(line) for line in page.rows]
    return {
        "rows": rows,
        "total": page.total,
        "number": page.number,
        "size": page.size,
        "hidden": scope.hidden_enterprises(),
    }


@router.get("/facts/{fact}", response={200: FactChainOut, **REFUSALS})
def fact(request: HttpRequest, fact: int) -> object:
    """One fact: how it was come by, what it superseded, what superseded it."""
    scope = visible_to(request.user)
    found = queries.chain(scope, fact)
    if found.line.fact.enterprise is not None:
        shown(scope, "fact", Subject("fact", fact, found.line.fact.key), found.line.fact.enterprise)
    return FactChainOut(
        fact=_line(found.line),
        details=dict(found.line.fact.details),
        earlier=[_out(row) for row in found.earlier],
        later=[_out(row) for row in found.later],
    )


@router.get("/enterprises/{enterprise}/facts", response={200: list[HoldingOut], **REFUSALS})
def enterprise_facts(request: HttpRequest, enterprise: int, day: Query[Day]) -> object:
    """What holds for each key of an enterprise on a day, as known at a moment, with what other sources say."""
    scope = visible_to(request.user)
    found = organisations.enterprise(scope, enterprise)
    shown(scope, "fact", Subject("enterprise", enterprise, found.name), enterprise)
    if day.known is not None and day.known.tzinfo is None:
        raise wrong_parameter(
            "时间要带时区，例如 2026-01-31T08:00:00+08:00", "a time needs its zone, as in 2026-01-31T08:00:00+08:00"
        )
    on = day.on or to_datetime(system_clock()).astimezone(SHANGHAI).date()
    holding = queries.effective_all(scope, of_enterprise(found.id), on, day.known)
    return [_holding(one) for one in holding.values()]


@router.get("/fact-keys", response={200: list[FactKeyOut], **REFUSALS})
def fact_keys(request: HttpRequest) -> object:  # noqa: ARG001 - the same for everybody
    """The catalogue: what may be known, and what each key means."""
    return [
        FactKeyOut(
            key=row.key,
            name_zh=row.name.zh,
            name_en=row.name.en,
            meaning_zh=row.meaning.zh,
            meaning_en=row.meaning.en,
            kind=row.kind,
            unit=row.unit,
            period=row.period,
            classes=list(row.classes),
            validity_days=row.validity_days,
            tolerance=row.tolerance,
            options=list(row.options),
            is_off=row.is_off,
        )
        for row in queries.catalogue().values()
    ]


def _line(line: FactLine) -> FactOut:
    return _out(line.fact, superseded_by=line.superseded_by, is_withdrawn=line.is_withdrawn, is_sample=line.is_sample)


def _holding(one: Settled) -> HoldingOut:
    return HoldingOut(fact=_out(one.fact), others=[_out(row) for row in one.others], is_disputed=one.is_disputed)


def _out(row: FactRow, **more: object) -> FactOut:
    return FactOut(
        id=row.id,
        enterprise=row.enterprise,
        subject_kind=row.subject.kind.value,
        subject=row.subject.id,
        key=row.key,
        value=list(row.value) if isinstance(row.value, tuple) else row.value,
        unit=row.unit,
        period_start=row.period_start,
        period_end=row.period_end,
        source=row.source,
        evidence_class=row.evidence_class.value,
        captured_at=row.captured_at,
        captured_by=row.captured_by_name,
        valid_until=row.valid_until,
        supersedes=row.supersedes,
        is_withdrawal=row.is_withdrawal,
        document=row.document,
        note=row.note,
        **more,  # type: ignore[arg-type]
    )
