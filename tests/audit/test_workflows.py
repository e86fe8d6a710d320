"""The trail: every entry follows the one before, and nothing that was written goes away."""

import pytest
from django.db import DatabaseError, connection, transaction

from zhulian.audit.models import AppendOnlyError, Entry, Head, Sighting
from zhulian.audit.rules import Actor, Subject
from zhulian.audit.workflows import record, record_view

OFFICER = Actor(7, "李强")
FACTORY = Subject("enterprise", 3, "示范机械")
pytestmark = pytest.mark.django_db


def renamed(name: str) -> int:
    return record(OFFICER, "enterprise.changed", FACTORY, organisation=3, changes={"name": ("旧", name)})


def test_entries_are_chained_without_gaps() -> None:
    assert [renamed(str(number)) for number in range(3)] == [1, 2, 3]
    first, second, third = Entry.objects.all()
    assert (second.previous, third.previous) == (first.hash, second.hash)
    assert Head.objects.get().hash == third.hash


def test_an_entry_stands_or_falls_with_its_change() -> None:
    with transaction.atomic():
        renamed("never")
        transaction.set_rollback(True)
    assert not Entry.objects.exists()
    assert renamed("now") == 1


def test_an_undeclared_action_is_a_mistake_in_the_code() -> None:
    with pytest.raises(LookupError):
        record(OFFICER, "enterprise.eaten", FACTORY, organisation=3)


def test_the_model_layer_refuses_changes() -> None:
    renamed("x")
    entry = Entry.objects.get()
    for forbidden in (entry.save, entry.delete, Entry.objects.all().delete, lambda: Entry.objects.update(note="")):
        with pytest.raises(AppendOnlyError):
            forbidden()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET note = 'x'",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET sequence = 0",
        "INSERT INTO audit_entry SELECT sequence + 2, time, actor, actor_name, capacity, action, subject_kind, subject,"
        " subject_name, organisation, changes, note, algorithm, previous, hash FROM audit_entry",
    ],
)
def test_the_database_refuses_changes(statement: str) -> None:
    renamed("x")
    with pytest.raises(DatabaseError, match="only added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_looks_are_recorded_once_a_day_and_counted() -> None:
    for _ in range(3):
        record_view(OFFICER, "enterprise", FACTORY, owner=3, viewer="示范市经信局 · 经信局")
    assert Entry.objects.get().action == "view.enterprise"
    assert Sighting.objects.get().times == 3
