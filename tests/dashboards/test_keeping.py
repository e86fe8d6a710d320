"""Favourites, views and marks: who sees them, who changes them, and what the second editor is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from peers.records import World
from zhulian.audit.models import Entry
from zhulian.dashboards import queries, workflows
from zhulian.dashboards.workflows import MarkDraft, ViewDraft
from zhulian.organisations.queries.placed_points import placed_points
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.rules.edits import ChangedMeanwhileError
from zhulian.organisations.tenancy import NOTHING, Scope, visible_to

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 25, 3, 10, tzinfo=UTC)


def view(world: World, enterprise: int | None = None) -> ViewDraft:
    return ViewDraft("夜班", f"p={world.a.points[0]}&r=8h", enterprise)


def shown(scope: Scope, world: World, start: datetime = AT - timedelta(hours=1)) -> list[str]:
    points = placed_points(scope, [*world.a.points, *world.b.points])
    return [mark.text for mark in queries.marks(scope, points, start, AT + timedelta(hours=1))]


def test_a_favourite_comes_and_goes_and_is_ones_own(world: World) -> None:
    engineer, owner = world.a.scope, visible_to(world.a.owner)
    assert workflows.toggle_favourite(engineer, world.a.points[0])
    assert queries.favourites(engineer) == [world.a.points[0]]
    assert queries.favourites(owner) == queries.favourites(NOTHING) == []
    assert not workflows.toggle_favourite(engineer, world.a.points[0])
    assert queries.favourites(engineer) == []
    with pytest.raises(NotVisibleError):
        workflows.toggle_favourite(engineer, world.b.points[0])


def test_an_own_view_is_nobody_elses(world: World) -> None:
    number = workflows.save_view(world.a.scope, view(world))
    assert queries.view(world.a.scope, number).may_change
    for other in (world.a.owner, world.b.engineer, world.administrator):
        assert queries.views(visible_to(other)) == []
        with pytest.raises(NotVisibleError):
            queries.view(visible_to(other), number)
        with pytest.raises(NotVisibleError):
            workflows.remove_view(visible_to(other), number)


def test_a_shared_view_is_seen_by_whoever_sees_the_enterprise(world: World) -> None:
    number = workflows.save_view(world.a.scope, view(world, world.a.enterprise))
    assert queries.view(visible_to(world.a.owner), number).may_change
    assert not queries.view(visible_to(world.county_a), number).may_change
    assert queries.views(visible_to(world.b.engineer)) == []
    with pytest.raises(NotAllowedError):
        workflows.remove_view(visible_to(world.county_a), number)
    with pytest.raises(NotAllowedError):
        workflows.save_view(visible_to(world.county_a), view(world, world.a.enterprise))
    with pytest.raises(NotVisibleError):
        workflows.save_view(world.b.scope, view(world, world.a.enterprise))
    workflows.remove_view(visible_to(world.a.owner), number)
    assert [entry.action for entry in Entry.objects.order_by("-sequence")[:2]] == [
        "saved_view.removed",
        "saved_view.saved",
    ]


def test_the_second_editor_of_a_view_is_told(world: World) -> None:
    number = workflows.save_view(world.a.scope, view(world, world.a.enterprise))
    first = replace(view(world), id=number, revision=1, name="早班")
    workflows.save_view(visible_to(world.a.owner), first)
    with pytest.raises(ChangedMeanwhileError, match="owner"):
        workflows.save_view(world.a.scope, replace(first, name="中班"))
    assert queries.view(world.a.scope, number).name == "早班"


def test_a_mark_shows_on_everything_it_concerns(world: World) -> None:
    for machine, point, text in (
        (None, None, "全厂"),
        (world.a.machine, None, "整机"),
        (None, world.a.points[0], "点"),
    ):
        draft = MarkDraft(world.a.enterprise, "event", text, AT, machine=machine, point=point)
        workflows.make_mark(world.a.scope, draft)
    for scope in (world.a.scope, visible_to(world.county_a), visible_to(world.bureau)):
        assert shown(scope, world) == ["全厂", "整机", "点"]
    assert shown(world.b.scope, world) == []
    second = placed_points(world.a.scope, world.a.points[1:])
    if second:
        found = queries.marks(world.a.scope, second, AT, AT + timedelta(hours=1))
        assert [mark.text for mark in found] == ["全厂", "整机"]


def test_a_span_touches_every_range_it_reaches_into(world: World) -> None:
    start = AT - timedelta(days=2)
    workflows.make_mark(world.a.scope, MarkDraft(world.a.enterprise, "maintenance", "大修", start, AT, world.a.machine))
    assert shown(world.a.scope, world) == ["大修"]
    assert shown(world.a.scope, world, AT) == []


def test_only_its_author_changes_a_mark_and_nobody_deletes_it(world: World) -> None:
    draft = MarkDraft(world.a.enterprise, "event", "跳闸", AT, machine=world.a.machine)
    number = workflows.make_mark(world.a.scope, draft)
    for other in (world.a.owner, world.county_a, world.administrator):
        with pytest.raises(NotAllowedError):
            workflows.change_mark(visible_to(other), number, 1, draft)
    with pytest.raises(NotVisibleError):
        workflows.withdraw_mark(world.b.scope, number, 1)
    workflows.change_mark(world.a.scope, number, 1, replace(draft, text="跳闸，已复位"))
    with pytest.raises(ChangedMeanwhileError):
        workflows.withdraw_mark(world.a.scope, number, 1)
    workflows.withdraw_mark(world.a.scope, number, 2)
    assert shown(world.a.scope, world) == []
    newest = Entry.objects.latest("sequence")
    assert newest.action == "mark.withdrawn"
    assert "跳闸，已复位" in newest.changes


def test_a_mark_belongs_to_one_enterprise(world: World) -> None:
    foreign = MarkDraft(world.a.enterprise, "event", "x", AT, machine=world.b.machine)
    with pytest.raises(NotVisibleError):
        workflows.make_mark(world.a.scope, foreign)
    with pytest.raises(NotVisibleError):
        workflows.make_mark(visible_to(world.administrator), replace(foreign, machine=None, point=world.b.points[0]))
    with pytest.raises(NotAllowedError):
        workflows.make_mark(visible_to(world.county_a), replace(foreign, machine=world.a.machine))
