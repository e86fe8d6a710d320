"""What holds, asked of the database: the answer of the pure rule over the whole ledger, in few statements."""

from datetime import date, datetime, timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peers.records import World
from zhulian.evidence import queries, workflows
from zhulian.evidence.catalogue import catalogue
from zhulian.evidence.models import Fact
from zhulian.evidence.queries import ConflictFilter
from zhulian.evidence.rules import EvidenceClass, EvidenceError, Subject, Value, of_enterprise, settle
from zhulian.evidence.workflows import KeyChange, NewFact
from zhulian.organisations.tenancy import SYSTEM, visible_to
from zhulian.vocabulary.clock import SHANGHAI

from .conftest import Hands

KEYS = ("business.employees", "machines.networked", "cloud.services", "business.revenue")
VALUES: tuple[Value, ...] = (1, 2, 3, 100)


def _filled(world: World, clock: Hands, seed: int) -> None:
    """Months of measuring, stating, correcting and withdrawing, by everybody who may."""
    made = Random(seed)
    people = [visible_to(world.a.owner), visible_to(world.bureau), visible_to(world.county_a)]
    for _ in range(60):
        clock.turn(made.randrange(0, 12))
        key = made.choice(KEYS)
        day = clock.now.date() - timedelta(days=made.randrange(0, 40))
        start, end = (date(day.year - 1, 1, 1), date(day.year - 1, 12, 31)) if key == "business.revenue" else (day, day)
        is_measured = "A" in catalogue()[key].classes and made.random() < 0.5
        new = NewFact(
            subject=of_enterprise(world.a.enterprise),
            key=key,
            value=made.choice(VALUES),
            period_start=start,
            period_end=end,
            evidence_class=EvidenceClass.A if is_measured else EvidenceClass.C,
            source="collector:machines" if is_measured else "",
            valid_until=made.choice([None, end + timedelta(days=made.randrange(1, 90))]),
        )
        fact = workflows.state(SYSTEM if is_measured else made.choice(people), new, clock)
        if made.random() < 0.1:
            workflows.withdraw(SYSTEM, fact, "test", clock)


@pytest.mark.parametrize("seed", range(6))
def test_the_database_answers_as_the_rule_does(world: World, clock: Hands, seed: int) -> None:
    _filled(world, clock, seed)
    rows = [queries.fact_row(row) for row in Fact.objects.all()]
    made = Random(seed)
    for _ in range(25):
        on = date(2026, 1, 1) + timedelta(days=made.randrange(0, 500))
        known = made.choice([None, datetime(2026, 3, 1, tzinfo=SHANGHAI) + timedelta(days=made.randrange(0, 400))])
        answer = queries.effective_all(SYSTEM, of_enterprise(world.a.enterprise), on, known)
        for key in KEYS:
            meaning = catalogue()[key]
            about = [row for row in rows if row.key == key]
            expected = settle(about, on, known, by_period=meaning.by_period, tolerance=meaning.tolerance)
            assert answer.get(key) == expected


def test_all_keys_of_many_enterprises_take_two_statements(world: World, clock: Hands) -> None:
    _filled(world, clock, 1)
    subjects = [of_enterprise(world.a.enterprise), of_enterprise(world.b.enterprise)]
    with CaptureQueriesContext(connection) as asked:
        queries.effective_of(SYSTEM, subjects, None, clock.now.date())
    assert len(asked) == 2


def test_a_conflict_shows_both_sides_until_they_agree(world: World, clock: Hands) -> None:
    subject = of_enterprise(world.a.enterprise)

    def said(user: object, value: int) -> None:
        workflows.state(
            visible_to(user),  # type: ignore[arg-type]
            NewFact(subject=subject, key="business.employees", value=value, period_end=clock.now.date()),
            clock,
        )

    said(world.a.owner, 100)
    said(world.bureau, 80)
    settled = queries.effective(SYSTEM, subject, "business.employees", clock.now.date())
    assert settled is not None
    assert settled.is_disputed
    assert {settled.value, *(row.value for row in settled.conflicts)} == {100, 80}
    today = clock.now.date()
    for viewer, seen in ((world.bureau, 1), (world.a.owner, 1), (world.b.owner, 0), (world.county_b, 0)):
        listed = queries.conflicts(visible_to(viewer), ConflictFilter(), today)
        assert (listed.found.total, listed.is_cut) == (seen, False)
    assert queries.conflicts(SYSTEM, ConflictFilter(key="business.revenue"), today).found.total == 0
    assert queries.conflicts(SYSTEM, ConflictFilter(text="Balthazar"), today).found.total == 0
    (row,) = queries.every_conflict(SYSTEM, ConflictFilter(text="Alder"), today)
    assert (row.enterprise, row.settled) == (world.a.enterprise, settled)
    said(world.a.owner, 82)
    assert queries.conflicts(SYSTEM, ConflictFilter(), today).found.total == 0
    agreed = queries.effective(SYSTEM, subject, "business.employees", clock.now.date())
    assert agreed is not None
    assert not agreed.is_disputed
    assert len(agreed.others) == 1


def test_the_city_changes_the_catalogue_for_what_comes_after(world: World, clock: Hands) -> None:
    subject: Subject = of_enterprise(world.a.enterprise)
    new = NewFact(subject=subject, key="business.employees", value=100, period_end=date(2026, 3, 1))
    workflows.state(visible_to(world.a.owner), new, clock)
    change = KeyChange(key="business.employees", revision=0, name_zh="职工人数", validity_days=30)
    workflows.change_key(visible_to(world.bureau), change, clock)
    assert queries.catalogue()["business.employees"].name.zh == "职工人数"
    workflows.state(visible_to(world.bureau), new, clock)
    assert sorted(Fact.objects.values_list("valid_until", flat=True)) == [date(2026, 3, 31), date(2027, 3, 1)]
    with pytest.raises(EvidenceError, match="changed this key meanwhile"):
        workflows.change_key(visible_to(world.administrator), change, clock)


def test_every_table_of_the_ledger_has_its_triggers(db: None) -> None:
    """A later migration that rebuilds a table would lose them without a word."""
    asked = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with connection.cursor() as cursor:
        cursor.execute(asked[connection.vendor])
        found = {row[0].lower() for row in cursor.fetchall()}
    for table in ("fact", "document", "photoband", "repeat"):
        assert {f"evidence_{table}_no_update", f"evidence_{table}_no_delete"} <= found
