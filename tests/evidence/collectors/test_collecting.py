"""The nightly work: a day into the ledger once, late readings supersede with their reason, an outage is a failure."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from peers.records import World
from peers.retention_rows import make_demand
from peers.telemetry import FakeTelemetry
from zhulian.evidence.collectors.measured import day_span
from zhulian.evidence.models import Collection, Fact
from zhulian.evidence.rules import EvidenceError
from zhulian.evidence.workflows.collecting import Collected, collect_nightly, collect_range
from zhulian.jobs.rules import Turn
from zhulian.telemetry.queries import TelemetryUnreachable
from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.readings import TenantId

pytestmark = pytest.mark.django_db
TODAY = timezone.now().astimezone(SHANGHAI).date()
DAY = TODAY - timedelta(days=1)
MINUTE_US = 60_000_000


@pytest.fixture
def telemetry() -> FakeTelemetry:
    return FakeTelemetry()


@pytest.fixture
def give(world: World, telemetry: FakeTelemetry) -> Callable[..., None]:
    """A day's readings for A's first point, one a minute."""

    def minutes(day: date, first: int = 0, last: int = 1440, value: float = 5.0) -> None:
        start = day_span(day)[0] + first * MINUTE_US
        telemetry.give(
            world.a.enterprise, world.a.points[0], *[value] * (last - first), start_us=start, every_us=MINUTE_US
        )

    return minutes


def night(day: date = DAY) -> Turn:
    due = datetime.combine(day + timedelta(days=1), datetime.min.time(), SHANGHAI) + timedelta(minutes=90)
    return Turn("evidence.collect", due, due)


def standing(key: str) -> Fact:
    return Fact.objects.get(key=key, superseded_by=None)


def test_a_day_is_collected_once(telemetry: FakeTelemetry, give: Callable[..., None], world: World) -> None:
    give(DAY)
    first = collect_nightly(telemetry, night())
    count = Fact.objects.count()
    assert count > 3
    assert f"新增事实 {count} 条" in first.zh
    assert collect_nightly(telemetry, night()).zh == Collected().words.zh
    assert collect_range(telemetry, DAY, DAY) == Collected(1, 0, 0, count)
    assert Fact.objects.count() == count
    assert set(Fact.objects.values_list("enterprise", flat=True)) == {world.a.enterprise}


def test_a_fact_leads_down_to_machine_and_point(
    telemetry: FakeTelemetry, give: Callable[..., None], world: World
) -> None:
    give(DAY)
    collect_nightly(telemetry, night())
    fact = standing("machines.online_share")
    assert (fact.source, fact.evidence_class, fact.period_end) == ("collector:machines.v1", "A", DAY)
    assert fact.details["machines"][0]["machine"] == world.a.machine
    assert world.a.points[0] in fact.details["machines"][0]["points"]
    assert fact.details["readings"] == 1440
    assert fact.details["from"].endswith("T00:00:00+08:00")
    assert fact.details["method_zh"]
    assert fact.captured_by is None


def test_late_readings_supersede_with_the_reason(telemetry: FakeTelemetry, give: Callable[..., None]) -> None:
    give(DAY, 0, 720)
    collect_nightly(telemetry, night())
    early = standing("data.completeness")
    give(DAY, 720, 1440)
    said = collect_nightly(telemetry, night(DAY + timedelta(days=1)))
    late = Fact.objects.get(key="data.completeness", period_end=DAY, superseded_by=None)
    assert late.supersedes == early
    assert late.value > early.value
    assert "由 720 条变为 1440 条" in late.note
    assert "更正 0" not in said.zh
    assert Collection.objects.get(day=DAY).rows == 1440


def test_days_of_which_readings_went_keep_their_facts(
    telemetry: FakeTelemetry, give: Callable[..., None], world: World
) -> None:
    give(DAY, last=720)
    collect_nightly(telemetry, night())
    before = set(Fact.objects.values_list("pk", flat=True))
    give(DAY, first=720)
    telemetry.thin = {(TenantId(world.a.enterprise), (DAY - date(1970, 1, 1)).days)}
    assert collect_range(telemetry, DAY, DAY) == Collected()
    telemetry.thin = set()
    demand = make_demand(world.a, first=DAY, last=DAY, state="done")
    assert collect_range(telemetry, DAY, DAY) == Collected()
    assert set(Fact.objects.values_list("pk", flat=True)) == before
    demand.delete()
    assert collect_range(telemetry, DAY, DAY).days == 1


def test_missed_nights_are_made_up_for(telemetry: FakeTelemetry, give: Callable[..., None]) -> None:
    for back in range(3):
        give(DAY - timedelta(days=back))
    collect_nightly(telemetry, night())
    assert set(Collection.objects.values_list("day", flat=True)) == {DAY - timedelta(days=back) for back in range(3)}


def test_silence_is_a_fact(telemetry: FakeTelemetry, give: Callable[..., None]) -> None:
    give(DAY - timedelta(days=2))
    collect_nightly(telemetry, night())
    assert Fact.objects.get(key="machines.online_share", period_end=DAY).value == 0.0
    assert not Fact.objects.filter(key="data.valid_share", period_end=DAY).exists()


def test_an_outage_fails_in_words_and_leaves_nothing_half(telemetry: FakeTelemetry, give: Callable[..., None]) -> None:
    give(DAY)
    telemetry.unreachable = True
    with pytest.raises(TelemetryUnreachable):
        collect_nightly(telemetry, night())
    assert not Fact.objects.exists()
    assert not Collection.objects.exists()


def test_a_range_is_shown_as_it_goes_and_refused_when_it_has_not_ended(
    telemetry: FakeTelemetry, give: Callable[..., None], world: World
) -> None:
    give(DAY)
    give(DAY - timedelta(days=1))
    seen: list[tuple[int, int]] = []
    collect_range(telemetry, DAY - timedelta(days=6), DAY, show=lambda done, total, _: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]
    assert collect_range(telemetry, DAY, DAY, world.b.enterprise) == Collected()
    with pytest.raises(EvidenceError, match="不能汇集"):
        collect_range(telemetry, DAY, timezone.localdate())  # which may not be the day on which this run began
    with pytest.raises(EvidenceError, match="不能汇集"):
        collect_range(telemetry, DAY, DAY - timedelta(days=1))


def test_sample_machines_carry_the_mark(telemetry: FakeTelemetry, give: Callable[..., None], world: World) -> None:
    from zhulian.organisations.models import Enterprise

    give(DAY)
    Enterprise.objects.filter(pk=world.a.enterprise).update(is_sample=True)
    collect_nightly(telemetry, night())
    assert standing("data.points").details["is_sample"] is True
