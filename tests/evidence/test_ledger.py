"""The ledger only grows: stated, superseded, withdrawn, refused; by the code and by the database."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from peers.records import World
from zhulian.evidence import queries, workflows
from zhulian.evidence.models import Fact
from zhulian.evidence.rules import EvidenceClass, EvidenceError, FactId, of_enterprise
from zhulian.evidence.workflows import NewFact
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import SYSTEM, visible_to

from .conftest import Hands

DAY = date(2026, 3, 1)


def employees(world: World, value: int, **more: object) -> NewFact:
    return NewFact(
        subject=of_enterprise(world.a.enterprise), key="business.employees", value=value, period_end=DAY, **more
    )  # type: ignore[arg-type]


def said(world: World, key: str = "business.employees", on: date = date(2026, 6, 1)) -> object:
    found = queries.effective(SYSTEM, of_enterprise(world.a.enterprise), key, on)
    return None if found is None else found.value


def test_a_statement_holds_until_the_catalogue_says(world: World, clock: Hands) -> None:
    workflows.state(visible_to(world.a.owner), employees(world, 120), clock)
    assert said(world, on=date(2026, 2, 28)) is None
    assert said(world, on=DAY) == 120
    assert said(world, on=date(2027, 3, 1)) == 120
    assert said(world, on=date(2027, 3, 2)) is None


def test_the_same_source_supersedes_itself_and_repeats_nothing(world: World, clock: Hands) -> None:
    scope = visible_to(world.a.owner)
    first = workflows.state(scope, employees(world, 120), clock)
    assert workflows.state(scope, employees(world, 120), clock) == first
    clock.turn()
    second = workflows.state(scope, employees(world, 130), clock)
    assert Fact.objects.count() == 2
    assert Fact.objects.get(pk=second).supersedes_id == first
    assert said(world) == 130


def test_a_withdrawn_fact_leaves_a_gap_and_a_reason(world: World, clock: Hands) -> None:
    scope = visible_to(world.a.owner)
    fact = workflows.state(scope, employees(world, 120), clock)
    clock.turn()
    gone = workflows.withdraw(scope, fact, "抄错了行", clock)
    assert said(world) is None
    assert Fact.objects.get(pk=gone).note == "抄错了行"
    with pytest.raises(EvidenceError) as fault:
        workflows.withdraw(scope, fact, "again", clock)
    assert fault.value.code == "superseded_meanwhile"


def test_of_two_who_correct_at_once_the_second_is_told(world: World, clock: Hands) -> None:
    bureau = visible_to(world.bureau)
    fact = workflows.state(visible_to(world.a.owner), employees(world, 120), clock)
    workflows.state(bureau, employees(world, 125, supersedes=fact), clock)
    with pytest.raises(EvidenceError) as fault:
        workflows.state(visible_to(world.administrator), employees(world, 126, supersedes=fact), clock)
    assert fault.value.code in {"superseded_meanwhile", "correction_strange"}
    assert said(world) == 125


@pytest.mark.parametrize("statement", ["UPDATE evidence_fact SET note = 'x'", "DELETE FROM evidence_fact"])
def test_the_database_refuses_what_the_code_would_not_do(world: World, clock: Hands, statement: str) -> None:
    workflows.state(visible_to(world.a.owner), employees(world, 120), clock)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert said(world) == 120


def test_the_code_refuses_to_change_or_delete(world: World, clock: Hands) -> None:
    fact = Fact.objects.get(pk=workflows.state(visible_to(world.a.owner), employees(world, 120), clock))
    for change in (
        fact.save,
        fact.delete,
        lambda: Fact.objects.update(note="x"),
        lambda: Fact.objects.all().delete(),
        lambda: Fact.objects.bulk_update([fact], ["note"]),
    ):
        with pytest.raises(EvidenceError):
            change()


def test_only_the_platform_states_what_machines_measured(world: World, clock: Hands) -> None:
    new = NewFact(
        subject=of_enterprise(world.a.enterprise),
        key="machines.networked",
        value=3,
        period_end=DAY,
        evidence_class=EvidenceClass.A,
        source="collector:machines",
    )
    for person in (world.a.owner, world.bureau, world.administrator):
        with pytest.raises(NotAllowedError):
            workflows.state(visible_to(person), new, clock)
    workflows.state(SYSTEM, new, clock)
    assert said(world, "machines.networked", DAY) == 3


def test_nobody_states_anything_about_anothers_enterprise(world: World, clock: Hands) -> None:
    for person in (world.b.owner, world.b.engineer, world.county_b):
        with pytest.raises(NotVisibleError):
            workflows.state(visible_to(person), employees(world, 1), clock)
    assert queries.effective_all(visible_to(world.b.owner), of_enterprise(world.a.enterprise), DAY) == {}


def test_weaker_evidence_does_not_correct_stronger(world: World, clock: Hands) -> None:
    measured = workflows.state(
        SYSTEM,
        NewFact(
            subject=of_enterprise(world.a.enterprise),
            key="machines.networked",
            value=3,
            period_end=DAY,
            evidence_class=EvidenceClass.A,
            source="collector:machines",
        ),
        clock,
    )
    claim = NewFact(
        subject=of_enterprise(world.a.enterprise),
        key="machines.networked",
        value=9,
        period_end=DAY,
        supersedes=FactId(measured),
    )
    with pytest.raises(NotAllowedError):
        workflows.state(visible_to(world.a.owner), claim, clock)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("business.employees", -1),
        ("business.employees", 1.5),
        ("business.employees", True),
        ("business.employees", "120"),
        ("machines.digital_share", 1.2),
        ("machines.digital_share", float("nan")),
        ("cloud.information_system", "everything"),
        ("security.backup", 1),
        ("data.collected_links", ("finance", "finance")),
        ("cloud.business_links", 15),
        ("no.such.key", 1),
    ],
)
def test_strange_values_are_refused_kindly(world: World, clock: Hands, key: str, value: object) -> None:
    new = NewFact(subject=of_enterprise(world.a.enterprise), key=key, value=value, period_end=DAY)  # type: ignore[arg-type]
    with pytest.raises(EvidenceError) as fault:
        workflows.state(visible_to(world.a.owner), new, clock)
    assert all(fault.value.as_json().values())


def test_a_period_is_what_the_key_is_counted_by(world: World, clock: Hands) -> None:
    year = {"subject": of_enterprise(world.a.enterprise), "key": "business.revenue", "value": 1_000_000_00}
    scope = visible_to(world.a.owner)
    for start, end in (
        (date(2025, 1, 1), date(2025, 6, 30)),
        (date(2026, 1, 1), date(2026, 12, 31)),
        (date(225, 1, 1), date(225, 12, 31)),
    ):
        with pytest.raises(EvidenceError) as fault:
            workflows.state(scope, NewFact(**year, period_start=start, period_end=end), clock)  # type: ignore[arg-type]
        assert fault.value.code == "period_wrong"
    workflows.state(scope, NewFact(**year, period_start=date(2025, 1, 1), period_end=date(2025, 12, 31)), clock)  # type: ignore[arg-type]
    assert said(world, "business.revenue", DAY) == 1_000_000_00
