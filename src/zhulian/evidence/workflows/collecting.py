"""The collectors at work: one enterprise's day into the ledger, and every night what the days before still lack.

Collecting a day again says the same again, which changes nothing; with late readings it supersedes and says why. Called
by the schedule (:func:`collect_nightly`) and by ``zhulian collect`` (:func:`collect_range`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db import transaction

from zhulian.backfill.queries import imported_days
from zhulian.evidence.collectors import collect_all, source_of
from zhulian.evidence.collectors.measured import Finding, Measured, day_span
from zhulian.evidence.collectors.reading import read_day
from zhulian.evidence.models import Collection, Fact
from zhulian.evidence.rules import EvidenceClass, EvidenceError, FactId, SubjectKind, of_enterprise
from zhulian.evidence.workflows.facts import NewFact, state_all
from zhulian.jobs.rules import Turn
from zhulian.organisations.models import Enterprise
from zhulian.organisations.tenancy import SYSTEM
from zhulian.retention.queries import thinned_days
from zhulian.telemetry.queries import Telemetry
from zhulian.vocabulary.clock import SHANGHAI, Clock, system_clock, to_datetime
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.readings import TenantId

LATE_DAYS = 14
"""How far back the night looks for days that lack something; gateways that come back later need zhulian collect."""
LONGEST_RANGE_DAYS = 3_660
TENANTS_A_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class Collected:
    """What came of it: days looked at, facts stated for the first time, superseded, and said again unchanged."""

    days: int = 0
    stated: int = 0
    superseded: int = 0
    same: int = 0

    def __add__(self, other: "Collected") -> "Collected":
        return Collected(
            self.days + other.days,
            self.stated + other.stated,
            self.superseded + other.superseded,
            self.same + other.same,
        )

    @property
    def words(self) -> Text:
        """As a sentence for the record of runs."""
        return Text(
            f"{self.days} 个企业日：新增事实 {self.stated} 条，更正 {self.superseded} 条，不变 {self.same} 条。",
            f"{self.days} enterprise days: {self.stated} facts new, {self.superseded} superseded, {self.same} same.",
        )


@dataclass(frozen=True, slots=True)
class _Wanted:
    enterprise: TenantId
    day: date
    rows: int


def collect_nightly(telemetry: Telemetry, turn: Turn, clock: Clock = system_clock) -> Text:
    """The day that ended, and those of the last ``LATE_DAYS`` that are missing or have got readings since."""
    last = turn.due.astimezone(SHANGHAI).date() - timedelta(days=1)
    days = [last - timedelta(days=back) for back in range(LATE_DAYS)][::-1]
    wanted = list(_measured(telemetry, _lacking(telemetry, connected(), days)))
    return sum((_collect(telemetry, each, clock) for each in wanted), Collected()).words


def collect_range(
    telemetry: Telemetry,
    first: date,
    last: date,
    enterprise: TenantId | None = None,
    *,
    show: Callable[[int, int, Collected], None] = lambda *_: None,
    clock: Clock = system_clock,
) -> Collected:
    """Every day from ``first`` to ``last``, collected before or not; ``show`` is told done, total and the outcome."""
    _refuse_range(first, last, to_datetime(clock()).astimezone(SHANGHAI).date())
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    wanted = list(_measured(telemetry, _with_readings(telemetry, [enterprise] if enterprise else connected(), days)))
    total = Collected()
    for number, each in enumerate(wanted, start=1):
        total += _collect(telemetry, each, clock)
        show(number, len(wanted), total)
    return total


def connected() -> list[TenantId]:
    """Enterprises that have, or once had, a machine on the platform."""
    found = Enterprise.objects.filter(machines__isnull=False).order_by("id").values_list("id", flat=True).distinct()
    return [TenantId(number) for number in found]


def _refuse_range(first: date, last: date, today: date) -> None:
    if first <= last < today and (last - first).days < LONGEST_RANGE_DAYS:
        return
    raise EvidenceError(
        "range_wrong",
        Text(f"不能汇集 {first} 到 {last}。", f"{first} to {last} cannot be collected."),
        Text("请让开始不晚于结束，结束早于今天。", "Let it begin before it ends, and end before today."),
    )


def _lacking(telemetry: Telemetry, tenants: Sequence[TenantId], days: list[date]) -> Iterator[_Wanted]:
    counted = Collection.objects.filter(day__gte=days[0], day__lte=days[-1])
    known = {(TenantId(row.enterprise_id), row.day): row.rows or 0 for row in counted}
    found = {(each.enterprise, each.day): each for each in _with_readings(telemetry, tenants, days)}
    yield from (each for key, each in found.items() if known.get(key) != each.rows)
    for tenant in tenants:
        is_missing = (tenant, days[-1]) not in known.keys() | found.keys()
        if is_missing and _was_there(tenant, days, known | dict.fromkeys(found, 1)):
            yield _Wanted(tenant, days[-1], 0)


def _measured(telemetry: Telemetry, found: Iterable[_Wanted]) -> Iterator[_Wanted]:
    """Without days that hold readings from files: what a file says, no machine of the platform has measured.

    And without days of which readings were taken away: the facts that they gave stand, and cannot be had anew.
    """
    wanted = list(found)
    apart = imported_days({each.enterprise for each in wanted})
    apart |= thinned_days(telemetry, [(each.enterprise, each.day) for each in wanted])
    return (each for each in wanted if (each.enterprise, each.day) not in apart)


def _was_there(tenant: TenantId, days: Iterable[date], rows: Mapping[tuple[TenantId, date], int]) -> bool:
    """Who had readings lately and has none now: no hours online is a fact too."""
    return any(rows.get((tenant, day), 0) for day in days)


def _with_readings(telemetry: Telemetry, tenants: Sequence[TenantId], days: list[date]) -> Iterator[_Wanted]:
    start_us, end_us = day_span(days[0])[0], day_span(days[-1])[1]
    for at in range(0, len(tenants), TENANTS_A_STATEMENT):
        some = tenants[at : at + TENANTS_A_STATEMENT]
        rows: dict[tuple[TenantId, date], int] = {}
        for number, hours in telemetry.city_hours({each: each for each in some}, start_us, end_us).groups.items():
            for hour_us, count in hours:
                one = TenantId(number), to_datetime(hour_us).astimezone(SHANGHAI).date()
                rows[one] = rows.get(one, 0) + count
        wanted = (_Wanted(tenant, day, count) for (tenant, day), count in rows.items())
        yield from sorted(wanted, key=lambda each: (each.day, each.enterprise))


def _collect(telemetry: Telemetry, wanted: _Wanted, clock: Clock) -> Collected:
    """Read first, so that no transaction waits for the store."""
    measured = read_day(telemetry, wanted.enterprise, wanted.day)
    findings = list(collect_all(measured))
    with transaction.atomic():
        before, _ = Collection.objects.select_for_update().get_or_create(
            enterprise_id=wanted.enterprise, day=wanted.day, defaults={"collected_at": to_datetime(clock())}
        )
        found = _state(measured, findings, _reason(before.rows, wanted.rows), clock)
        before.rows, before.collected_at = wanted.rows, to_datetime(clock())
        before.save()
    return found


def _reason(before: int | None, now: int) -> Text:
    if before is None or before == now:
        return Text("重新汇集后数值有变。", "Collecting it again gave another value.")
    return Text(
        f"有迟到的读数：当天读数由 {before} 条变为 {now} 条。", f"Late readings: {now} on the day instead of {before}."
    )


def _state(measured: Measured, findings: list[tuple[str, Finding]], reason: Text, clock: Clock) -> Collected:
    standing = _standing(measured, findings)
    news, same, superseded = [], 0, 0
    for name, finding in findings:
        old = standing.get((finding.key, finding.period_start, finding.period_end))
        if old is not None and old.value == finding.value and old.source == source_of(name):
            same += 1
            continue
        superseded += old is not None
        new = _new(measured, name, finding)
        news.append(new if old is None else replace(new, supersedes=FactId(old.pk), note=str(reason)))
    state_all(SYSTEM, news, clock)
    return Collected(1, len(news) - superseded, superseded, same)


def _standing(measured: Measured, findings: list[tuple[str, Finding]]) -> dict[tuple[str, date, date], Fact]:
    """What collectors, of whatever version, said about these periods and what still stands."""
    rows = Fact.objects.filter(
        subject_kind=SubjectKind.ENTERPRISE.value,
        subject=measured.enterprise,
        key__in={finding.key for _, finding in findings},
        period_end__in={finding.period_end for _, finding in findings},
        evidence_class=EvidenceClass.A.value,
        source__startswith="collector:",
        superseded_by=None,
        is_withdrawal=False,
    )
    return {(row.key, row.period_start, row.period_end): row for row in rows}


def _new(measured: Measured, name: str, finding: Finding) -> NewFact:
    start_us, end_us = day_span(measured.day)
    details: dict[str, object] = {
        "collector": name,
        "method_zh": finding.method.zh,
        "method_en": finding.method.en,
        "from": to_datetime(start_us).astimezone(SHANGHAI).isoformat(),
        "to": to_datetime(end_us).astimezone(SHANGHAI).isoformat(),
        "readings": sum(point.rows for part in finding.parts for point in part.points),
        "machines": [part.as_json() for part in finding.parts],
        **finding.more,
    }
    if finding.coverage is not None:
        details["coverage"] = round(finding.coverage, 4)
    if measured.is_sample:
        details["is_sample"] = True
    return NewFact(
        subject=of_enterprise(measured.enterprise),
        key=finding.key,
        value=finding.value,
        period_start=finding.period_start,
        period_end=finding.period_end,
        evidence_class=EvidenceClass.A,
        source=source_of(name),
        details=details,
    )
