"""A file to its last reading: by one carrier at a time, stopped by people, by faults and by death, gone on with."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from peers.backfill_rows import row, uploaded
from peers.ledger_only import LedgerOnly
from peers.records import World
from peers.telemetry import FakeTelemetry
from zhulian.audit.models import Entry
from zhulian.backfill import queries, workflows
from zhulian.backfill.models import Backfill
from zhulian.backfill.rules import BackfillRefused
from zhulian.evidence.workflows import collecting
from zhulian.vocabulary.readings import TenantId

pytestmark = pytest.mark.django_db


def test_a_file_goes_in_and_is_known_from_then_on(world: World, platform: LedgerOnly) -> None:
    number = uploaded(world)
    layout = row(world, number).layout
    assert (layout.shape, layout.time, sorted(layout.points.values())) == ("wide", "时间", list(world.a.points[:2]))
    workflows.begin(world.a.scope, number)
    assert workflows.next_waiting() == number
    workflows.carry(number, platform)
    done = row(world, number)
    assert (done.state, done.found, done.new, done.refused, done.percent) == (
        "done",
        3,
        3,
        {"time": 1, "value": 1},
        100,
    )
    assert sorted(platform.values) == [1.0, 2.0, 4.0]
    assert queries.imported_days([world.a.enterprise]) == {(world.a.enterprise, date(2024, 1, 1))}
    assert queries.refused_file(world.a.scope, number) is not None
    assert not (queries.folder_of(number) / "upload").exists()
    actions = list(
        Entry.objects.filter(action__startswith="backfill.").order_by("sequence").values_list("action", flat=True)
    )
    assert actions == ["backfill.begun", "backfill.done"]
    with pytest.raises(BackfillRefused, match="已经导入过"):
        workflows.begin(world.a.scope, uploaded(world))
    assert workflows.next_waiting() is None


def test_somebody_who_stops_it_stops_the_carrier(world: World, platform: LedgerOnly) -> None:
    number = uploaded(world)
    workflows.begin(world.a.scope, number)
    workflows.carry(number, platform, lambda _: Backfill.objects.filter(pk=number).update(state="stopped"))  # type: ignore[arg-type,return-value]
    assert (row(world, number).state, platform.values) == ("stopped", {})


def test_a_file_that_is_gone_fails_with_the_reason_and_goes_on_later(world: World, platform: LedgerOnly) -> None:
    number = uploaded(world)
    workflows.begin(world.a.scope, number)
    path = queries.folder_of(number) / "upload"
    path.rename(path.with_suffix(".away"))
    workflows.carry(number, platform)
    failed = row(world, number)
    assert failed.state == "failed"
    assert failed.fault is not None
    path.with_suffix(".away").rename(path)
    workflows.begin(world.a.scope, number)
    workflows.carry(number, platform)
    assert (row(world, number).state, row(world, number).fault) == ("done", None)


def test_a_carrier_that_died_is_followed_by_another(world: World, platform: LedgerOnly) -> None:
    number = uploaded(world)
    workflows.begin(world.a.scope, number)
    Backfill.objects.filter(pk=number).update(state="running", touched_at=timezone.now())
    assert workflows.next_waiting() is None
    Backfill.objects.filter(pk=number).update(touched_at=timezone.now() - timedelta(minutes=2))
    assert workflows.next_waiting() == number
    workflows.carry(number, platform)
    assert row(world, number).state == "done"


def test_two_carriers_are_never_at_one_import(world: World, platform: LedgerOnly) -> None:
    number = uploaded(world)
    workflows.begin(world.a.scope, number)

    def another(_progress: object) -> None:
        with pytest.raises(BackfillRefused, match="另一个进程"):
            workflows.carry(number, platform)

    workflows.carry(number, platform, another)
    assert (row(world, number).state, sorted(platform.values)) == ("done", [1.0, 2.0, 4.0])


def test_days_with_readings_from_files_are_no_evidence(world: World, platform: LedgerOnly) -> None:
    number = uploaded(world)
    workflows.begin(world.a.scope, number)
    workflows.carry(number, platform)
    imported, other = (
        collecting._Wanted(TenantId(world.a.enterprise), day, 3) for day in (date(2024, 1, 1), date(2024, 1, 2))
    )
    assert list(collecting._measured(FakeTelemetry(), [imported, other])) == [other]
