"""Once and no more: what of a file was read before does not begin again; what was stopped goes on where it was."""

import pytest

from peers.backfill_rows import row, uploaded
from peers.ledger_only import LedgerOnly
from peers.records import World
from zhulian.backfill import queries, workflows
from zhulian.backfill.rules import BackfillRefused
from zhulian.organisations.rules import NotVisibleError

pytestmark = pytest.mark.django_db


def test_a_second_import_brings_what_the_first_had_no_point_for(world: World, platform: LedgerOnly) -> None:
    first = uploaded(world)
    points = row(world, first).layout.points
    one, other = points
    workflows.choose(world.a.scope, first, {"shape": "wide", "time": "时间"}, {one: f"#{points[one]}", other: ""})
    workflows.begin(world.a.scope, first)
    workflows.carry(first, platform)
    second = uploaded(world)
    workflows.choose(
        world.a.scope, second, {"shape": "wide", "time": "时间"},
        {one: f"#{points[one]}", other: f"#{points[other]}", "别的": f"#{world.a.points[2]}"},
    )  # fmt: skip
    workflows.begin(world.a.scope, second)
    assert set(row(world, second).layout.points) == {other, "别的"}
    workflows.carry(second, platform)
    assert set(platform.values.values()) == {1}
    assert sorted(platform.values) == [1.0, 2.0, 3.0, 4.0, 6.0]


def test_the_same_file_read_in_another_zone_is_refused(world: World, platform: LedgerOnly) -> None:
    first = uploaded(world)
    workflows.begin(world.a.scope, first)
    second = uploaded(world)
    with pytest.raises(BackfillRefused, match="还没有完成"):
        workflows.begin(world.a.scope, second)
    workflows.carry(first, platform)
    layout = row(world, second).layout
    points = {name: f"#{point}" for name, point in layout.points.items()}
    workflows.choose(world.a.scope, second, {"shape": "wide", "time": "时间", "zone": "UTC"}, points)
    with pytest.raises(BackfillRefused, match="另一种时间"):
        workflows.begin(world.a.scope, second)


def test_it_may_be_stopped_and_goes_on_where_it_was(world: World, platform: LedgerOnly) -> None:
    number = uploaded(world)
    workflows.begin(world.a.scope, number)
    workflows.stop(world.a.scope, number)
    assert workflows.next_waiting() is None
    workflows.begin(world.a.scope, number)
    workflows.carry(number, platform)
    assert row(world, number).state == "done"
    with pytest.raises(BackfillRefused, match="已导入"):
        workflows.stop(world.a.scope, number)


def test_a_draft_is_forgotten_with_its_file(world: World, django_capture_on_commit_callbacks: object) -> None:
    number = uploaded(world)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        workflows.stop(world.a.scope, number)
    assert not queries.folder_of(number).exists()
    with pytest.raises(NotVisibleError):
        row(world, number)
