"""Reading the trail: only what is in sight, and the truth about the chain."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from peers import trail
from zhulian.audit import queries
from zhulian.audit.queries import EntryFilter, LookFilter
from zhulian.audit.rules import Actor, Sight, Subject
from zhulian.audit.rules.verification import Tampering, verify
from zhulian.audit.workflows import anchor, record, record_view, seal

ALL = Sight(everything=True)
OFFICER = Actor(7, "李强")
pytestmark = pytest.mark.django_db


def file_changed(organisation: int, name: str = "示范机械") -> int:
    subject = Subject("enterprise", organisation, name)
    return record(OFFICER, "enterprise.changed", subject, organisation=organisation, changes={"name": ("旧", name)})


def behind_the_back(statement: str) -> None:
    """What somebody with the database in their hands can do, triggers or not."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_%'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute("DROP FUNCTION audit_refuse() CASCADE")
            cursor.execute("DROP FUNCTION audit_next() CASCADE")
        cursor.execute(statement)


def test_only_entries_in_sight_are_found() -> None:
    for organisation in (3, 4):
        file_changed(organisation)
    assert queries.entries(ALL, EntryFilter()).total == 2
    own = queries.entries(Sight(owners=frozenset({3})), EntryFilter())
    assert [row.organisation for row in own.rows] == [3]
    assert queries.entry(Sight(owners=frozenset({3})), 2) is None
    assert queries.entries(Sight(), EntryFilter()).total == 0


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (EntryFilter(person="李"), 2),
        (EntryFilter(person="王"), 0),
        (EntryFilter(subject="轴承"), 1),
        (EntryFilter(kind="enterprise", subject_id="3"), 1),
        (EntryFilter(actions=("enterprise.",)), 2),
        (EntryFilter(actions=("view.", "enterprise.created")), 0),
        (EntryFilter(organisations=frozenset({4})), 1),
        (EntryFilter(since=timezone.now() + timedelta(days=1)), 0),
        (EntryFilter(until=timezone.now() + timedelta(days=1)), 2),
    ],
)
def test_entries_are_narrowed(wanted: EntryFilter, found: int) -> None:
    file_changed(3)
    file_changed(4, "示范轴承")
    assert queries.entries(ALL, wanted).total == found
    assert len(list(queries.every_entry(ALL, wanted))) == found


def test_the_export_of_the_database_verifies() -> None:
    for number in range(5):
        file_changed(3, f"名{number}\0\U0001f600")
    anchor(trail.KEY)
    file_changed(4)
    report = verify(queries.trail_lines(trail.KEY, "sha256"))
    assert (report.fault, report.entries, report.anchors) == (None, 6, 1)
    assert verify(queries.trail_lines(trail.KEY, "sm3", 3, 5)).entries == 3
    assert queries.check(trail.KEY).fault is None
    assert queries.check(trail.KEY, 2).entries == 2


def test_an_empty_trail_is_whole() -> None:
    assert queries.check(trail.KEY).fault is None
    assert anchor(trail.KEY) is None


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE audit_entry SET subject_name = 'x' WHERE sequence = 3", Tampering.CHANGED),
        ("UPDATE audit_entry SET changes = 'rubbish' WHERE sequence = 3", Tampering.CHANGED),
        ("DELETE FROM audit_entry WHERE sequence = 3", Tampering.DELETED),
        ("DELETE FROM audit_entry WHERE sequence > 4", Tampering.TRUNCATED),
    ],
)
def test_damage_in_the_database_is_named(statement: str, kind: Tampering) -> None:
    for _ in range(6):
        file_changed(3)
    behind_the_back(statement)
    fault = queries.check(trail.KEY).fault
    assert fault is not None
    assert fault.kind is kind


def test_a_shortened_database_is_betrayed_by_its_anchor() -> None:
    for _ in range(6):
        file_changed(3)
    anchor(trail.KEY)
    fourth = queries.entry(ALL, 4)
    assert fourth is not None
    behind_the_back("DELETE FROM audit_entry WHERE sequence > 4")
    behind_the_back_again = f"UPDATE audit_head SET sequence = 4, hash = '{fourth.hash}'"
    with connection.cursor() as cursor:
        cursor.execute(behind_the_back_again)
    fault = queries.check(trail.KEY).fault
    assert fault is not None
    assert fault.kind is Tampering.TRUNCATED


def test_owners_see_who_looked_and_how_often() -> None:
    for _ in range(3):
        record_view(OFFICER, "enterprise", Subject("enterprise", 3, "示范机械"), owner=3, viewer="经信局 · 市经信局")
    record_view(OFFICER, "machine", Subject("machine", 8, "冲床"), owner=4, viewer="经信局 · 市经信局")
    owner = Sight(owners=frozenset({3}))
    (look,) = queries.looks(owner, LookFilter(who="经信")).rows
    assert (look.who, look.what, look.times, look.subject_name) == ("李强", "enterprise", 3, "示范机械")
    assert queries.look_times(ALL, LookFilter()) == 4
    assert queries.looks(owner, LookFilter(what="machine")).total == 0


def test_a_finished_day_is_sealed_into_the_chain_once() -> None:
    for _ in range(3):
        record_view(OFFICER, "enterprise", Subject("enterprise", 3, "示范机械"), owner=3, viewer="经信局")
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert seal(timezone.localdate()) == 0
    assert (seal(tomorrow), seal(tomorrow)) == (1, 0)
    newest = queries.entries(ALL, EntryFilter()).rows[0]
    assert (newest.action, newest.changes["times"]) == ("view.repeated", [1, 3])


def test_a_list_costs_the_same_however_long(django_assert_num_queries: "object") -> None:
    for _ in range(30):
        file_changed(3)
    with django_assert_num_queries(2):  # type: ignore[operator]
        queries.entries(ALL, EntryFilter(), size=30)
