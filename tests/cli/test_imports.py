"""``zhulian import``: the same answer as the pages, nothing left behind by a trial, and sentences for refusals."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from peers.enterprise_lists import FAULTS, enterprise_rows, enterprise_workbook, sown
from peers.records import World
from zhulian.audit.models import Entry
from zhulian.cli.imports import command
from zhulian.imports import queries, workflows
from zhulian.imports.models import ImportRun
from zhulian.organisations.models import Enterprise, Machine
from zhulian.organisations.tenancy import SYSTEM
from zhulian.spreadsheets.tables import letter

pytestmark = pytest.mark.django_db
ROWS, FAULTY = 60, FAULTS[:2]


@pytest.fixture
def list_file(tmp_path: Path) -> Path:
    file = tmp_path / "名单.xlsx"
    file.write_bytes(enterprise_workbook(sown(enterprise_rows(ROWS), FAULTY)))
    return file


def run(*words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


def told(result: Result) -> dict[str, Any]:
    answer = json.loads(result.output)
    assert isinstance(answer, dict)
    return answer


def everything() -> list[tuple[Any, ...]]:
    return list(Enterprise.objects.order_by("pk").values_list("pk", "name", "credit_code", "employees", "status"))


def test_a_trial_says_what_the_page_says_and_leaves_nothing(world: World, list_file: Path) -> None:
    before, entries = everything(), Entry.objects.count()
    result = run("enterprises", list_file, "--dry-run", "--json")
    assert result.exit_code == 2, "some rows are faulty"
    answer = told(result)
    assert (everything(), Entry.objects.count(), ImportRun.objects.count()) == (before, entries, 0)

    page = workflows.start(SYSTEM, "enterprises", list_file.name, list_file.read_bytes())
    counts, titles = queries.run(SYSTEM, page).counts, queries.run(SYSTEM, page).titles
    assert [answer[name] for name in ("new", "changed", "same", "faulty")] == [
        counts.new, counts.change, counts.same, counts.fault,
    ]  # fmt: skip
    shown = [
        (row.number, letter(spot.column), titles[spot.column], spot.reason.zh, spot.reason.en)
        for row in queries.rows(SYSTEM, page, "fault", 1, 100).rows
        for spot in row.faults
    ]
    assert [tuple(one[name] for name in ("row", "column", "title", "zh", "en")) for one in answer["faults"]] == shown
    assert [one["row"] for one in answer["faults"]] == [fault.row for fault in FAULTY]


def test_in_again_and_back(world: World, list_file: Path) -> None:
    before = everything()
    first = told(run("enterprises", list_file, "--json"))
    assert (first["state"], first["written"]) == ("committed", {"created": 58, "changed": 0})
    again = run("enterprises", list_file)
    assert "无变化 58，有误 2" in again.output
    assert "import undo" not in again.output, "nothing was written, so nothing can be undone"
    back = run("undo", first["run"])
    assert (back.exit_code, everything()) == (0, before)
    assert "58 records restored" in back.output


def test_machines_by_somebodys_rights(world: World, tmp_path: Path) -> None:
    own, other = (Enterprise.objects.get(pk=one.enterprise).credit_code for one in (world.a, world.b))
    file = tmp_path / "台账.csv"
    file.write_text(f"企业代码,设备名称\n{own},1 号车床\n{other},偷看\n", encoding="gb18030")
    answer = told(run("machines", file, "--json", "--as", world.a.engineer.username))
    assert (answer["written"]["created"], [one["row"] for one in answer["faults"]]) == (1, [3])
    assert Machine.objects.get(name="1 号车床").enterprise_id == world.a.enterprise


def test_refusals_are_sentences(world: World, tmp_path: Path, list_file: Path) -> None:
    empty = tmp_path / "空.csv"
    empty.touch()
    for words in (("undo", 999), ("machines", empty), ("enterprises", list_file, "--as", "nobody"),
                  ("enterprises", list_file, "--as", world.a.engineer.username)):  # fmt: skip
        result = run(*words)
        assert result.exit_code == 1
        assert result.output.startswith("Error: ")
        assert "/ " in result.output
