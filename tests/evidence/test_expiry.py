"""What ends soon is listed, announced every night, a task of its enterprise, and gone when it is renewed."""

from datetime import date, timedelta

from peers.records import World
from zhulian.desk.models import Task
from zhulian.evidence import queries, workflows
from zhulian.evidence.rules import EvidenceClass, of_enterprise
from zhulian.evidence.workflows import FactExpiring, NewFact
from zhulian.organisations.tenancy import SYSTEM, visible_to
from zhulian.vocabulary.events import listen

from .conftest import Hands

TODAY = date(2026, 3, 2)


def state(world: World, clock: Hands, key: str, value: object, until: date, **more: object) -> int:
    given = {"subject": of_enterprise(world.a.enterprise), "period_end": date(2026, 1, 1), **more}
    new = NewFact(key=key, value=value, valid_until=until, **given)  # type: ignore[arg-type]
    scope = SYSTEM if more.get("source") else visible_to(world.a.owner)
    return workflows.state(scope, new, clock)


def listed(days: int = 30) -> list[str]:
    return [row.fact.key for row in queries.expiring(SYSTEM, TODAY, days).rows]


def test_what_ends_soon_is_listed_soonest_first(world: World, clock: Hands) -> None:
    state(world, clock, "business.employees", 100, TODAY + timedelta(days=20))
    state(world, clock, "security.backup", True, TODAY - timedelta(days=3))
    state(world, clock, "cloud.services", 3, TODAY + timedelta(days=31))
    measured = {"evidence_class": EvidenceClass.A, "source": "collector:machines"}
    state(world, clock, "machines.networked", 3, TODAY + timedelta(days=1), **measured)
    assert listed() == ["security.backup", "business.employees"]
    assert listed(60) == ["security.backup", "business.employees", "cloud.services"]


def test_it_is_announced_and_put_on_the_desk_once(world: World, clock: Hands) -> None:
    heard: list[FactExpiring] = []
    listen(FactExpiring, heard.append)
    fact = state(world, clock, "business.employees", 100, TODAY + timedelta(days=20))
    state(world, clock, "security.backup", True, TODAY + timedelta(days=20))
    assert workflows.announce_expiring(TODAY) == 2
    assert workflows.announce_expiring(TODAY) == 2
    assert (heard[0].fact, heard[0].valid_until) == (fact, TODAY + timedelta(days=20))
    task = Task.objects.get()
    assert task.enterprise_id == world.a.enterprise
    assert task.due == TODAY + timedelta(days=20)
    assert task.link == f"/enterprises/{world.a.enterprise}/facts/expiring/"


def test_renewing_all_of_a_day_closes_the_task(world: World, clock: Hands) -> None:
    until = TODAY + timedelta(days=20)
    state(world, clock, "business.employees", 100, until)
    state(world, clock, "security.backup", True, until)
    workflows.announce_expiring(TODAY)
    renewed = {"period_end": TODAY}
    state(world, clock, "business.employees", 105, until + timedelta(days=365), **renewed)
    assert Task.objects.get().closed_at is None
    assert listed() == ["security.backup"]
    state(world, clock, "security.backup", True, until + timedelta(days=365), **renewed)
    assert Task.objects.get().closed_at is not None
    assert listed() == []


def test_nobody_sees_what_ends_elsewhere(world: World, clock: Hands) -> None:
    state(world, clock, "business.employees", 100, TODAY + timedelta(days=20))
    for person, total in ((world.bureau, 1), (world.county_a, 1), (world.county_b, 0), (world.b.owner, 0)):
        assert queries.expiring(visible_to(person), TODAY, 30).total == total
