"""Downloads: typed, harmless in a spreadsheet, and honest about where they come from."""

import csv
import io
from collections.abc import Callable
from datetime import datetime

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from peers.records import World
from peers.telemetry import FakeTelemetry
from zhulian.organisations.models import Enterprise, Point, User
from zhulian.portal.pages import machine_export

SignedIn = Callable[[User | None], Client]
START = datetime.fromisoformat("2026-01-31T08:00:00+08:00")
RANGE = {"start": "2026-01-31T08:00", "end": "2026-01-31T09:00"}


@pytest.fixture
def engineer(world: World, signed_in: SignedIn, telemetry: FakeTelemetry) -> Client:
    start_us = int(START.timestamp()) * 1_000_000
    telemetry.give(world.a.enterprise, world.a.points[0], 1.5, -2.0, start_us=start_us)
    return signed_in(world.a.engineer)


def machine_url(world: World) -> str:
    return reverse("machine_export", args=[world.a.machine])


def test_csv_opens_in_excel(world: World, engineer: Client) -> None:
    answer = engineer.get(machine_url(world), {"form": "csv", **RANGE})
    body = answer.getvalue()
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert rows[0] == ["时间", "点位", "单位", "数值", "文字", "质量"]
    assert rows[1:] == [
        ["2026-01-31 08:00:00.000", "Alderney value 1", "kW", "1.5", "", "正常"],
        ["2026-01-31 08:00:01.000", "Alderney value 1", "kW", "-2.0", "", "正常"],
    ]


def test_excel_is_typed_and_says_where_it_comes_from(world: World, engineer: Client) -> None:
    Enterprise.objects.filter(pk=world.a.enterprise).update(is_sample=True)
    answer = engineer.get(machine_url(world), {"form": "xlsx", **RANGE})
    assert "%E6%BC%94%E7%A4%BA" in answer["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.getvalue()))
    table, notes = book.worksheets
    assert table.freeze_panes == "A2"
    assert [cell.value for cell in table[2]][:4] == [datetime(2026, 1, 31, 8), "Alderney value 1", "kW", 1.5]  # noqa: DTZ001
    said = {row[0].value: row[1].value for row in notes.iter_rows()}
    assert "演示数据" in said
    assert said["读数条数"] == "2"
    assert said["数据来源说明"] == "Alderney source"
    assert said["最新读数"] == "2026-01-31 08:00:01"


def test_english_is_spoken(world: World, engineer: Client) -> None:
    answer = engineer.get(machine_url(world), {"form": "csv", **RANGE}, headers={"accept-language": "en"})
    assert answer.getvalue().decode("utf-8-sig").startswith("Time,Point,Unit,Value,Text,Quality")


def test_formulas_are_never_run(world: World, engineer: Client) -> None:
    Point.objects.filter(pk=world.a.points[0]).update(name="=HYPERLINK(1)")
    answer = engineer.get(machine_url(world), {"form": "csv", **RANGE})
    assert "'=HYPERLINK(1)" in answer.getvalue().decode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO(engineer.get(machine_url(world), RANGE).getvalue()))
    assert book.worksheets[0]["B2"].data_type == "s"
    assert book.worksheets[0]["B2"].value == "=HYPERLINK(1)"
    assert book.worksheets[0]["B2"].quotePrefix


def test_very_many_readings_become_hourly_means(
    world: World, engineer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine_export, "MOST_ROWS", 1)
    answer = engineer.get(machine_url(world), RANGE)
    table, notes = openpyxl.load_workbook(io.BytesIO(answer.getvalue())).worksheets
    assert [cell.value for cell in table[1]][3:] == ["平均", "最小", "最大", "读数条数"]
    assert any("约一小时" in str(cell.value) for row in notes.iter_rows() for cell in row)


@pytest.mark.parametrize(
    "wrong", [{"form": "pdf"}, {"start": "yesterday"}, {"span": "1y"}, {"start": "2026-02-02", "end": "2026-01-01"}]
)
def test_wrong_wishes_are_refused(world: World, engineer: Client, wrong: dict[str, str]) -> None:
    answer = engineer.get(machine_url(world), wrong)
    assert answer.status_code == 422
    assert "请回到页面重新选择" in answer.getvalue().decode()


def test_an_outage_is_said_as_such(world: World, engineer: Client, telemetry: FakeTelemetry) -> None:
    telemetry.unreachable = True
    assert engineer.get(machine_url(world)).status_code == 503


def test_the_list_of_enterprises_obeys_its_filters(world: World, signed_in: SignedIn) -> None:
    client = signed_in(world.bureau)
    both = client.get(reverse("enterprises"), {"form": "csv"}).getvalue().decode("utf-8-sig")
    one = client.get(reverse("enterprises"), {"form": "csv", "q": "Balth"}).getvalue().decode("utf-8-sig")
    assert "Alderney" in both
    assert "Alderney" not in one
    assert "Balthazar Works" in one
    assert "金属制品业" in one


def test_others_machines_are_not_exported(world: World, engineer: Client) -> None:
    assert engineer.get(reverse("machine_export", args=[world.b.machine])).status_code == 404
