"""Files of past readings on the pages: uploaded, looked at, mapped, begun, watched; what was refused to take along."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from peers.ledger_only import LedgerOnly
from peers.records import World
from peers.telemetry import FakeTelemetry, aside
from zhulian.backfill import queries, workflows
from zhulian.backfill.models import Backfill
from zhulian.organisations.models import User
from zhulian.portal.pages import backfills
from zhulian.vocabulary.clock import system_clock

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User | None], Client]


@pytest.fixture
def owner(world: World, signed_in: SignedIn) -> Client:
    return signed_in(world.a.owner)


def upload(client: Client, world: World, text: str) -> int:
    file = SimpleUploadedFile("老系统.csv", text.replace("$", world.a.marker).encode("gb18030"), "text/csv")
    answer = client.post(f"/enterprises/{world.a.enterprise}/history/", {"file": file})
    assert answer.status_code == 302, answer.content.decode()
    return int(answer["Location"].strip("/").split("/")[-1])


def test_a_file_from_upload_to_its_result(owner: Client, world: World) -> None:
    number = upload(owner, world, "时间,$ value 1,T2\n2024-01-01,1,7\n2024-01-02,abc,8\n")
    text = owner.get(f"/past/{number}/").content.decode()
    assert "导入 1 个点位" in text
    assert "abc" in text, "a refused cell is shown with its row"
    form = {"shape": "wide", "time": "时间", "header": "1", "zone": "Asia/Shanghai", "time_form": "auto"}
    named = {"named": [f"{world.a.marker} value 1", "T2"], "point": [f"#{world.a.points[0]}", f"#{world.a.points[1]}"]}
    assert owner.post(f"/past/{number}/columns/", form | named).status_code == 302
    assert "导入 2 个点位" in owner.get(f"/past/{number}/").content.decode()
    assert owner.post(f"/past/{number}/begin/").status_code == 302
    assert "HX-Refresh" not in owner.get(f"/past/{number}/progress/")
    workflows.carry(number, LedgerOnly())
    assert owner.get(f"/past/{number}/progress/")["HX-Refresh"] == "true"
    text = owner.get(f"/past/{number}/").content.decode()
    assert "已导入" in text
    refused = b"".join(owner.get(f"/past/{number}/refused.csv").streaming_content)  # type: ignore[attr-defined]
    assert "abc" in refused.decode("utf-8-sig")
    listed = owner.get(f"/enterprises/{world.a.enterprise}/history/?q=老系统").content.decode()
    assert "老系统.csv" in listed


def test_names_that_the_page_has_no_room_for_stay_as_they_are(
    owner: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfills, "MOST_NAMES", 1)
    number = upload(owner, world, "时间,$ value 1,$ value 2,T3\n2024-01-01,1,7,9\n")
    assert "另有 2 个名称没有列出" in owner.get(f"/past/{number}/").content.decode()
    form = {"shape": "wide", "time": "时间", "header": "1", "named": f"{world.a.marker} value 1", "point": ""}
    assert owner.post(f"/past/{number}/columns/", form).status_code == 302
    assert "导入 1 个点位" in owner.get(f"/past/{number}/").content.decode()


def test_what_is_no_table_or_makes_no_sense_is_told_on_the_page(owner: Client, world: World) -> None:
    empty = SimpleUploadedFile("a.csv", b"\x00", "text/csv")
    answer = owner.post(f"/enterprises/{world.a.enterprise}/history/", {"file": empty})
    assert (answer.status_code, "“a.csv”不是 CSV 或 Parquet" in answer.content.decode()) == (422, True)
    assert owner.post(f"/enterprises/{world.a.enterprise}/history/").status_code == 422
    number = upload(owner, world, "t,v\n1,2\n")
    answer = owner.post(f"/past/{number}/columns/", {"shape": "wide", "time": "none", "header": "1"})
    assert (answer.status_code, "不能这样选" in answer.content.decode()) == (422, True)
    assert owner.post(f"/past/{number}/begin/").status_code == 422


def test_a_draft_is_given_up_and_what_runs_is_stopped(owner: Client, world: World) -> None:
    number = upload(owner, world, "t,v\n1,2\n")
    assert owner.post(f"/past/{number}/stop/").status_code == 302
    assert not Backfill.objects.exists()
    number = upload(owner, world, "时间,$ value 1\n2024-01-01,1\n")
    owner.post(f"/past/{number}/begin/")
    owner.post(f"/past/{number}/stop/")
    assert queries.backfill(world.a.scope, number).state == "stopped"
    assert "继续导入" in owner.get(f"/past/{number}/").content.decode()


def test_others_see_nothing_of_it(owner: Client, world: World, signed_in: SignedIn) -> None:
    number = upload(owner, world, "t,v\n1,2\n")
    for person, status in ((world.b.owner, 404), (world.county_a, 403), (world.others["auditor"], 403)):
        client = signed_in(person)
        assert client.get(f"/past/{number}/").status_code == status
        assert client.get(f"/past/{number}/refused.csv").status_code == status
        assert client.post(f"/past/{number}/begin/").status_code == status
        assert client.post(f"/past/{number}/stop/").status_code == status
    assert Backfill.objects.get().state == "draft"


def test_the_quarantine_says_that_readings_came_from_a_file(
    world: World, telemetry: FakeTelemetry, signed_in: SignedIn
) -> None:
    telemetry.asides.append(aside(1, world.a.enterprise, -world.a.enterprise, system_clock()))
    client = signed_in(world.a.engineer)
    for address in ("/gateways/quarantine/", "/gateways/quarantine/1/"):
        assert "历史数据导入" in client.get(address).content.decode()
