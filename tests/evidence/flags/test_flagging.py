"""Flags in the records: raised once, seen again, decided by the officer of the place, told to nobody before."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from peers.records import World
from zhulian.audit.models import Entry
from zhulian.desk.models import Task
from zhulian.evidence.collectors.picking import Role
from zhulian.evidence.flags.known import HOUR_US, Known, Line, Presence
from zhulian.evidence.models import Flag, FlagState, FlagStep
from zhulian.evidence.queries.flags import FlagFilter, flag, flags, flags_by_state
from zhulian.evidence.rules import EvidenceError
from zhulian.evidence.workflows.events import FlagRaised
from zhulian.evidence.workflows.flagging import Decision, Raised, decide, raise_all
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import SYSTEM, Scope, visible_to
from zhulian.telemetry.queries import Hour
from zhulian.vocabulary.clock import to_datetime
from zhulian.vocabulary.events import listen
from zhulian.vocabulary.readings import TimeUs

pytestmark = pytest.mark.django_db
NOW = timezone.now()
UNTIL_US = TimeUs(1_789_315_200_000_000)
raised: list[FlagRaised] = []


@pytest.fixture
def world(world: World) -> World:
    """Nothing was flagged yet."""
    Flag.objects.all().delete()
    return world


@pytest.fixture(autouse=True)
def heard() -> Iterator[list[FlagRaised]]:
    listen(FlagRaised, raised.append)
    raised.clear()
    yield raised
    raised.clear()


def suspicious(*enterprises: int) -> Known:
    """Each of them was silent for a quarter and is busy now."""
    today = Known(UNTIL_US).today
    recent = frozenset(today - 1 - back for back in range(28))
    return Known(UNTIL_US, presences=[Presence(enterprise, today - 400, recent) for enterprise in enterprises])


def raise_one(world: World, now: datetime = NOW) -> Flag:
    raise_all(suspicious(world.a.enterprise), now)
    return Flag.objects.latest("pk")


def decision(
    flag_: Flag, state: FlagState = FlagState.EXPLAINED, note: str = "去过现场。", *, releases: bool = False
) -> Decision:
    return Decision(state, note, releases, flag_.revision)


def test_a_flag_is_raised_once_and_seen_again(world: World) -> None:
    given = suspicious(world.a.enterprise, world.b.enterprise)
    assert raise_all(given, NOW) == Raised(2, 0)
    assert raise_all(given, NOW + timedelta(days=1)) == Raised(0, 2)
    found = Flag.objects.get(enterprise=world.a.enterprise)
    assert (found.times, found.seen_at, found.found_at) == (2, NOW + timedelta(days=1), NOW)
    assert found.state == FlagState.OPEN
    assert [(one.enterprise, one.area) for one in raised] == [
        (world.a.enterprise, "341502"),
        (world.b.enterprise, "341524"),
    ]


def test_the_officers_of_the_place_get_a_task_and_a_decision_closes_it(world: World) -> None:
    found = raise_one(world)
    task = Task.objects.get(key=f"flag:{found.pk}")
    assert (task.place, task.link) == ("341502", f"/flags/{found.pk}/")
    assert task.due
    decide(visible_to(world.county_a), found.pk, decision(found))
    task.refresh_from_db()
    assert task.closed_at


def test_a_decision_rests_and_then_it_is_a_new_episode(world: World) -> None:
    found = raise_one(world)
    decide(visible_to(world.bureau), found.pk, decision(found, FlagState.DISMISSED))
    decided = Flag.objects.get(pk=found.pk).decided_at
    assert decided
    said = Flag.objects.get(pk=found.pk).said_zh
    assert raise_all(suspicious(world.a.enterprise), decided + timedelta(days=89)) == Raised(0, 1)
    assert Flag.objects.get(pk=found.pk).said_zh == said
    assert raise_all(suspicious(world.a.enterprise), decided + timedelta(days=91)) == Raised(1, 0)
    assert sorted(Flag.objects.values_list("episode", flat=True)) == [1, 2]


def test_decisions_have_name_note_and_an_entry_in_the_trail(world: World) -> None:
    found = raise_one(world)
    decide(visible_to(world.county_a), found.pk, decision(found, FlagState.CONFIRMED, "设备只在检查前通电。"))
    step = FlagStep.objects.get(flag=found)
    assert (step.by_id, step.state, step.note) == (world.county_a.pk, "confirmed", "设备只在检查前通电。")
    entry = Entry.objects.filter(action="flag.decided").get()
    assert entry.actor == world.county_a.pk
    assert "confirmed" in str(entry.changes)
    found.refresh_from_db()
    decide(visible_to(world.bureau), found.pk, decision(found, FlagState.OPEN, "复核。"))
    found.refresh_from_db()
    assert found.decided_at is None
    assert [one.state for one in flag(SYSTEM, found.pk).steps] == [FlagState.CONFIRMED, FlagState.OPEN]


def test_a_decision_needs_a_reason_and_the_present_state(world: World) -> None:
    found = raise_one(world)
    with pytest.raises(EvidenceError, match="没有写明依据"):
        decide(SYSTEM, found.pk, decision(found, note="  "))
    decide(SYSTEM, found.pk, decision(found))
    with pytest.raises(EvidenceError, match="先处理了"):
        decide(SYSTEM, found.pk, decision(found))


def test_only_the_place_and_the_bureau_decide(world: World) -> None:
    found = raise_one(world)
    for person, refusal in (
        (world.county_b, NotVisibleError),
        (world.a.owner, NotVisibleError),
        (world.a.engineer, NotVisibleError),
        (world.others["auditor"], NotAllowedError),
    ):
        with pytest.raises(refusal):
            decide(visible_to(person), found.pk, decision(found))
    assert Flag.objects.get(pk=found.pk).state == FlagState.OPEN


def test_an_enterprise_sees_what_was_released_and_only_that(world: World) -> None:
    found = raise_one(world)
    owner, other = visible_to(world.a.owner), visible_to(world.b.owner)
    with pytest.raises(NotVisibleError):
        flag(owner, found.pk)
    assert flags(owner, FlagFilter()).total == 0
    decide(SYSTEM, found.pk, decision(found, FlagState.OPEN, "内部记录。"))
    found.refresh_from_db()
    decide(SYSTEM, found.pk, decision(found, note="设备冬季停用，已说明。", releases=True))
    shown = flag(owner, found.pk)
    assert [step.note for step in shown.steps] == ["设备冬季停用，已说明。"]
    assert not shown.may_decide
    assert flags(owner, FlagFilter()).total == 1
    with pytest.raises(NotVisibleError):
        flag(other, found.pk)
    assert flags(visible_to(world.others["platform_a"]), FlagFilter()).total == 0


def test_what_is_another_s_stays_another_s(world: World) -> None:
    """A copy between A and B: the officer of A sees A's curve and not B's; the bureau sees both and the names."""
    raise_all(_copied(world), NOW)
    found = Flag.objects.get(enterprise=world.a.enterprise)
    county = flag(visible_to(world.county_a), found.pk)
    assert len(county.curves) == 1
    assert (county.others, county.others_hidden) == ([], 1)
    assert "Balthazar" not in str(county)
    bureau = flag(visible_to(world.bureau), found.pk)
    assert len(bureau.curves) == 2
    assert [name for _, name in bureau.others] == ["Balthazar Works"]


def _copied(world: World) -> Known:
    values = [(hour * hour * 7919 % 1013) / 10 for hour in range(720)]
    start = UNTIL_US - 720 * HOUR_US
    hours = [Hour(TimeUs(start + at * HOUR_US), 60, 60, value, value - 1, value + 1) for at, value in enumerate(values)]
    lines = [
        Line(one.enterprise, one.machine, f"{one.marker} machine", one.points[0], "power", "kW", Role.POWER, hours)
        for one in (world.a, world.b)
    ]
    return Known(UNTIL_US, lines)


def test_the_list_is_narrowed_and_counted(world: World) -> None:
    raise_all(suspicious(world.a.enterprise, world.b.enterprise), NOW)
    decide(SYSTEM, Flag.objects.get(enterprise=world.b.enterprise).pk, Decision(FlagState.CONFIRMED, "是。", False, 1))
    assert [row.enterprise for row in flags(SYSTEM, FlagFilter(area="341502")).rows] == [world.a.enterprise]
    assert [row.enterprise for row in flags(SYSTEM, FlagFilter(text="Balth")).rows] == [world.b.enterprise]
    assert flags(SYSTEM, FlagFilter(rule="constant")).total == 0
    assert flags_by_state(SYSTEM, FlagFilter(state="open")) == {"open": 1, "confirmed": 1}
    assert flags(Scope(), FlagFilter()).total == 0
    assert to_datetime(UNTIL_US)
