"""``zhulian telemetry import``: a trial writes nothing at all, a file goes in once, and a refusal leaves no draft."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peers.backfill_rows import WIDE
from peers.ledger_only import LedgerOnly
from peers.records import World
from zhulian.audit.models import Entry
from zhulian.backfill import queries, workflows
from zhulian.backfill.models import Backfill
from zhulian.cli.backfill import command
from zhulian.portal.telemetry_access import replaced_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(world: World, tmp_path: Path) -> Path:
    path = tmp_path / "历史.csv"
    path.write_text(WIDE.replace("Alder", world.a.marker), "utf-8")
    return path


@pytest.fixture
def platform() -> Iterator[LedgerOnly]:
    platform = LedgerOnly()
    with replaced_by(platform):  # type: ignore[arg-type] - an import knows no more of it
        yield platform


def run(world: World, *words: object) -> Result:
    return CliRunner().invoke(command, [*map(str, words), "--enterprise", str(world.a.enterprise), "--json"])


def told(result: Result) -> dict[str, Any]:
    (report,) = json.loads(result.output)
    assert isinstance(report, dict)
    return report


def mapping(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mapping.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_trial_reads_all_of_it_and_writes_no_record(
    world: World, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed anywhere it leaves nothing, because it never makes anything."""
    monkeypatch.setattr(
        "zhulian.portal.start.migrate", lambda: None
    )  # every command brings the records to their newest form
    said = mapping(tmp_path, f'quality_form = "own"\n[points]\n"别的" = "#{world.a.points[2]}"\n')
    with CaptureQueriesContext(connection) as statements:
        result = run(world, file, "--dry-run", "--mapping", said)
    assert (result.exit_code, told(result)["state"]) == (2, "checked"), result.output
    assert (told(result)["rows"], told(result)["readings"], told(result)["refused"]) == (3, 5, {"time": 1, "value": 1})
    assert sorted(told(result)["points"].values()) == sorted(world.a.points[:3])
    assert {one["sql"].split()[0] for one in statements} == {"SELECT"}
    assert not queries.root().exists()


def test_a_file_goes_in_once(world: World, file: Path, platform: LedgerOnly) -> None:
    result = run(world, file)
    assert (result.exit_code, told(result)["state"], told(result)["new"]) == (2, "done", 3)
    again = run(world, file)
    assert (again.exit_code, told(again)["state"]) == (0, "known")
    assert "已经导入过" in told(again)["what"]["zh"]
    assert (sorted(platform.values), Backfill.objects.count()) == ([1.0, 2.0, 4.0], 1)


def test_what_was_begun_is_gone_on_with(world: World, file: Path, platform: LedgerOnly) -> None:
    about = workflows.describe(world.a.scope, world.a.enterprise, file)
    number = workflows.begin_file(world.a.scope, world.a.enterprise, file, about)
    workflows.stop(world.a.scope, number)
    assert told(run(world, file))["import"] == number
    assert sorted(platform.values) == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('zone = "Mars/Base"', "Mars/Base"),
        ('time = "没有"', "没有"),
        ('[points]\n"别的" = "nonsense"', "nonsense"),
    ],
)
def test_a_refusal_leaves_no_draft(world: World, file: Path, tmp_path: Path, text: str, why: str) -> None:
    entries = Entry.objects.count()
    result = run(world, file, "--mapping", mapping(tmp_path, text))
    assert result.exit_code == 1
    assert why in result.output
    assert (Backfill.objects.count(), Entry.objects.count()) == (0, entries)


def test_a_file_without_a_known_name_leaves_no_draft(world: World, tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text("时间,x\n2024-01-01,1\n", "utf-8")
    result = run(world, path)
    assert result.exit_code == 1
    assert "没有一个名称" in result.output
    assert not Backfill.objects.exists()
