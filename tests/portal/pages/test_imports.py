"""The import pages: upload, correct a cell, commit, undo, as a person clicks them; and what they never show."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from peers.enterprise_lists import enterprise_rows, enterprise_workbook
from peers.records import World
from zhulian.organisations.models import Enterprise, User
from zhulian.spreadsheets.reading import read_table

SignedIn = Callable[[User | None], Client]


@pytest.fixture(autouse=True)
def at_once(settings: Settings) -> None:
    settings.WORK_AT_ONCE = True


def upload(client: Client, body: bytes, name: str = "名单.xlsx") -> str:
    from django.core.files.uploadedfile import SimpleUploadedFile

    answer = client.post("/imports/enterprises/", {"file": SimpleUploadedFile(name, body)})
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"]


def test_import_fix_one_cell_commit_and_undo(world: World, signed_in: SignedIn) -> None:
    client, rows = signed_in(world.bureau), enterprise_rows(3)
    rows[1][3], rows[2][1] = "Z9999", "<b>示例</b>有限公司"
    run = upload(client, enterprise_workbook(rows))
    page = client.get(run).content.decode()
    assert "不在 GB/T 4754 中" in page
    assert "<b>示例" not in client.get(f"{run}?show=all").content.decode()
    column = re.search(r'name="cell-(\d+)" form="f-6"', page)
    revision = re.search(r'name="row" value="6"><input type="hidden" name="revision" value="(\d+)"', page)
    assert column
    assert revision
    fixed = {"row": "6", "revision": revision[1], f"cell-{column[1]}": "C3360"}
    assert client.post(f"{run}row/", fixed).status_code == 302
    assert client.post(f"{run}row/", fixed).status_code == 409
    agreed = re.search(
        r'name="revision" value="(\d+)"><button class="btn btn-primary"', client.get(run).content.decode()
    )
    assert agreed
    assert client.post(f"{run}commit/", {"revision": agreed[1]}).status_code == 302
    assert Enterprise.objects.filter(name="<b>示例</b>有限公司").exists()
    assert client.get(f"{run}progress/").headers["HX-Refresh"] == "true"
    assert client.post(f"{run}undo/").status_code == 302
    assert not Enterprise.objects.filter(name="<b>示例</b>有限公司").exists()


def test_a_reason_stands_beside_the_row_however_far_right_its_column_is(world: World, signed_in: SignedIn) -> None:
    client, rows = signed_in(world.bureau), enterprise_rows(3)
    rows[1][3] = "Z9999"
    run = upload(client, enterprise_workbook(rows))
    page = client.get(run).content.decode()
    result = page[page.index('id="row-6"') :].split("</td>", 1)[0]
    reason = re.search(r'<a href="#(c-6-\d+)">[^<]+</a>：[^<]*不在 GB/T 4754 中', result)
    assert reason
    assert f'id="{reason[1]}"' in page


def test_columns_beyond_the_last_that_is_read_are_named(world: World, signed_in: SignedIn) -> None:
    rows = enterprise_rows(1)
    wide = [[*row, *[""] * (60 - len(row)), "税率"] for row in rows]
    page = signed_in(world.bureau).get(upload(signed_in(world.bureau), enterprise_workbook(wide))).content.decode()
    assert "只读前 60 列（A 到 BH），BI 列没有读" in page


def test_faulty_rows_come_back_marked_and_can_be_uploaded_again(world: World, signed_in: SignedIn) -> None:
    client, rows = signed_in(world.bureau), enterprise_rows(3)
    rows[1][2] = "123"
    run = upload(client, enterprise_workbook(rows))
    table = read_table(client.get(f"{run}faulty.xlsx").getvalue(), "x.xlsx")  # type: ignore[attr-defined]
    assert len(table.rows) == 2
    assert "应为 18 位" in table.rows[1].texts[-1]
    again = upload(client, client.get(f"{run}faulty.xlsx").getvalue())  # type: ignore[attr-defined]
    assert "1 行，0 行可以导入，1 行有误" in client.get(again).content.decode()


def test_the_template_can_be_filled_in_and_uploaded(world: World, signed_in: SignedIn) -> None:
    client = signed_in(world.bureau)
    run = upload(client, client.get("/imports/enterprises/template.xlsx").getvalue())  # type: ignore[attr-defined]
    assert "列的对应：14 列中认出 14 列" in client.get(run).content.decode()


@pytest.mark.parametrize(("name", "words"), [("x.xlsm", "宏"), ("x.xls", "旧版")])
def test_files_that_are_refused_say_what_to_do(world: World, signed_in: SignedIn, name: str, words: str) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    body = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old"
    answer = signed_in(world.bureau).post("/imports/enterprises/", {"file": SimpleUploadedFile(name, body)})
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_nobody_opens_anothers_import(world: World, signed_in: SignedIn) -> None:
    run = upload(signed_in(world.bureau), enterprise_workbook(enterprise_rows(1)))
    for user in (world.county_a, world.a.owner, world.a.engineer):
        for way in ("", "progress/", "faulty.xlsx"):
            assert signed_in(user).get(f"{run}{way}").status_code == 404
        for act in ("row/", "commit/", "undo/", "discard/", "columns/"):
            assert signed_in(user).post(f"{run}{act}").status_code == 404
    assert signed_in(world.a.owner).get("/imports/enterprises/").status_code == 403
