"""A file from upload to its last reading: who may, what is asked, once and no more, stopped, failed, gone on with."""

import os
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings as DjangoSettings

from peers.ledger_only import LedgerOnly
from peers.records import World
from peers.telemetry import FakeTelemetry
from zhulian.audit.models import Entry
from zhulian.backfill import queries, workflows
from zhulian.backfill.models import Backfill
from zhulian.backfill.rules import BackfillRefused
from zhulian.evidence.workflows import collecting
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import visible_to
from zhulian.telemetry.backfill.errors import BackfillError
from zhulian.telemetry.backfill.preview import PREVIEW_ROWS
from zhulian.vocabulary.errors import ZhulianError
from zhulian.vocabulary.readings import TenantId
from zhulian.vocabulary.settings import read_settings

pytestmark = pytest.mark.django_db
WIDE = "时间,Alder value 1,Alder value 2,别的\n2024-01-01 00:00,1,2,3\n2024-01-01 00:01,4,x,6\n坏,1,2,3\n"


@pytest.fixture
def platform() -> LedgerOnly:
    return LedgerOnly()


def pieces(text: str) -> Iterator[bytes]:
    yield text.encode("gb18030")


def uploaded(world: World, text: str = WIDE) -> int:
    marker = world.a.marker
    return workflows.upload(world.a.scope, world.a.enterprise, "历史.csv", pieces(text.replace("Alder", marker)))


def row(world: World, number: int) -> queries.BackfillRow:
    return queries.backfill(world.a.scope, number)


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


def test_a_long_file_with_names_that_are_chosen(world: World, platform: LedgerOnly) -> None:
    number = uploaded(world, "time,tag,value\n2024-01-01,T1,1\n2024-01-01,T2,2\n")
    chosen = {"shape": "long", "time": "time", "name": "tag", "value": "value"}
    with pytest.raises(BackfillRefused, match="没有“nonsense”"):
        workflows.choose(world.a.scope, number, chosen, {"T1": "nonsense"})
    with pytest.raises(BackfillRefused, match="两次"):
        workflows.choose(world.a.scope, number, chosen, dict.fromkeys(("T1", "T2"), f"#{world.a.points[0]}"))
    with pytest.raises(BackfillRefused, match="没有一个名称"):
        workflows.begin(world.a.scope, number)
    workflows.choose(world.a.scope, number, chosen, {"T1": f"{world.a.marker} meter / {world.a.marker} value 3"})
    assert row(world, number).layout.points == {"T1": world.a.points[2]}
    workflows.begin(world.a.scope, number)
    workflows.carry(number, platform)
    assert sorted(platform.values) == [1.0]
    assert row(world, number).refused == {"point": 1}


def test_names_are_found_to_the_last_row_of_a_file_that_goes_point_by_point(world: World) -> None:
    names = [f"{world.a.marker} meter / {world.a.marker} value {number}" for number in (1, 2)]
    rows = "".join(f"2024-01-01,Alder meter / Alder value {n},1\n" * (PREVIEW_ROWS + 1) for n in (1, 2))
    number = uploaded(world, f"time,tag,value\n{rows}2024-01-01,T9,1\n")
    assert row(world, number).names == [*names, "T9"]
    assert row(world, number).layout.points == dict(zip(names, world.a.points[:2], strict=True))


@pytest.mark.parametrize(
    "chosen",
    [
        {"shape": "long", "time": "时间"},
        {"shape": "wide", "time": "没有"},
        {"shape": "wide", "time": "时间", "zone": "Mars/Base"},
        {"shape": "wide", "time": "时间", "zone": "../etc"},
        {"shape": "round", "time": "时间"},
        {"shape": "wide", "time": "时间", "time_form": "later"},
    ],
)
def test_what_makes_no_sense_cannot_be_chosen(world: World, chosen: dict[str, str]) -> None:
    with pytest.raises(ZhulianError):
        workflows.choose(world.a.scope, uploaded(world), chosen, {})


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


def test_a_draft_is_forgotten_with_its_file(world: World, django_capture_on_commit_callbacks: object) -> None:
    number = uploaded(world)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        workflows.stop(world.a.scope, number)
    assert not queries.folder_of(number).exists()
    with pytest.raises(NotVisibleError):
        row(world, number)


def test_engineer_owner_and_bureau_may_and_nobody_else(world: World) -> None:
    for person in (world.a.owner, world.bureau, world.administrator):
        number = workflows.upload(visible_to(person), world.a.enterprise, "a.csv", pieces("t,v\n1,2\n"))
        assert Backfill.objects.get(pk=number).person_id == person.pk
    for person in (world.county_a, world.others["auditor"]):
        with pytest.raises(NotAllowedError):
            workflows.upload(visible_to(person), world.a.enterprise, "a.csv", pieces("t,v\n1,2\n"))
        with pytest.raises(NotAllowedError):
            workflows.begin(visible_to(person), number)
    for person in (world.b.owner, world.others["provider"]):
        with pytest.raises(NotVisibleError):
            workflows.upload(visible_to(person), world.a.enterprise, "a.csv", pieces("t,v\n1,2\n"))
        with pytest.raises(NotVisibleError):
            workflows.stop(visible_to(person), number)


def test_uploads_are_bounded_and_leave_nothing_behind(world: World, settings: DjangoSettings, tmp_path: Path) -> None:
    settings.ZHULIAN = read_settings({"ZHULIAN_DATA": str(tmp_path / "data"), "ZHULIAN_BACKFILL_UPLOAD_MB": "1"})
    with pytest.raises(BackfillRefused, match="1 MB"):
        workflows.upload(world.a.scope, world.a.enterprise, "a.csv", (b"1,2\n" * 2**16 for _ in range(9)))
    with pytest.raises(BackfillError):
        workflows.upload(world.a.scope, world.a.enterprise, "a.csv", [b"\x00"])
    assert not Backfill.objects.exists()
    assert not list(queries.folder_of(1).parent.glob("*"))


def test_days_with_readings_from_files_are_no_evidence(world: World, platform: LedgerOnly) -> None:
    number = uploaded(world)
    workflows.begin(world.a.scope, number)
    workflows.carry(number, platform)
    imported, other = (
        collecting._Wanted(TenantId(world.a.enterprise), day, 3) for day in (date(2024, 1, 1), date(2024, 1, 2))
    )
    assert list(collecting._measured(FakeTelemetry(), [imported, other])) == [other]


def test_a_file_named_on_the_command_line_stays_where_it_is(world: World, platform: LedgerOnly, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(WIDE.replace("Alder", world.a.marker), "utf-8")
    number = workflows.name_file(world.a.scope, world.a.enterprise, path)
    workflows.begin(world.a.scope, number)
    workflows.carry(number, platform)
    assert path.exists()
    assert row(world, number).found == 3


def test_nobody_waits_for_the_records_while_a_large_file_arrives(world: World) -> None:
    before = len(connection.savepoint_ids)
    depths = []

    def slowly() -> Iterator[bytes]:
        for piece in pieces(WIDE):
            depths.append(len(connection.savepoint_ids))
            yield piece

    workflows.upload(world.a.scope, world.a.enterprise, "历史.csv", slowly())
    assert depths == [before]


def test_what_a_process_left_half_way_goes_after_a_day(world: World) -> None:
    old, new = (queries.root() / f"landing-{name}" for name in ("old", "new"))
    for folder in (old, new):
        folder.mkdir(parents=True)
    day_ago = time.time() - workflows.LEFT_AFTER_S - 60
    os.utime(old, (day_ago, day_ago))
    uploaded(world)
    assert [path.name for path in queries.root().glob("landing-*")] == ["landing-new"]
    new.rmdir()
