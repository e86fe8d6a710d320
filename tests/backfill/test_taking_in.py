"""A file becomes a draft: who may, what it says about itself, how large it is; nothing is left where it does not."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings as DjangoSettings

from peers.backfill_rows import WIDE, pieces, row, uploaded
from peers.ledger_only import LedgerOnly
from peers.records import World
from zhulian.backfill import queries, workflows
from zhulian.backfill.models import Backfill
from zhulian.backfill.rules import BackfillRefused
from zhulian.backfill.workflows.taking_in import LEFT_AFTER_S
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import visible_to
from zhulian.telemetry.backfill.errors import BackfillError
from zhulian.telemetry.backfill.preview import PREVIEW_ROWS
from zhulian.vocabulary.settings import read_settings

pytestmark = pytest.mark.django_db


def test_names_are_found_to_the_last_row_of_a_file_that_goes_point_by_point(world: World) -> None:
    names = [f"{world.a.marker} meter / {world.a.marker} value {number}" for number in (1, 2)]
    rows = "".join(f"2024-01-01,Alder meter / Alder value {n},1\n" * (PREVIEW_ROWS + 1) for n in (1, 2))
    number = uploaded(world, f"time,tag,value\n{rows}2024-01-01,T9,1\n")
    assert row(world, number).names == [*names, "T9"]
    assert row(world, number).layout.points == dict(zip(names, world.a.points[:2], strict=True))


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


def test_a_file_named_on_the_command_line_stays_where_it_is(world: World, platform: LedgerOnly, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(WIDE.replace("Alder", world.a.marker), "utf-8")
    about = workflows.describe(world.a.scope, world.a.enterprise, path)
    number = workflows.begin_file(world.a.scope, world.a.enterprise, path, about)
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
    day_ago = time.time() - LEFT_AFTER_S - 60
    os.utime(old, (day_ago, day_ago))
    uploaded(world)
    assert [path.name for path in queries.root().glob("landing-*")] == ["landing-new"]
    new.rmdir()
