"""Dashboards as people keep them: made, shared, saved by two at once, taken to another house, and put on the wall."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from peers.records import World
from peers.telemetry import FakeTelemetry
from zhulian.audit.models import Entry
from zhulian.dashboards.models import Dashboard
from zhulian.organisations.models import Machine, Point, User

SignedIn = Callable[[User | None], Client]


@pytest.fixture
def board(world: World, signed_in: SignedIn) -> Dashboard:
    """One of enterprise A with a number of A and one of B."""
    client = signed_in(world.a.engineer)
    assert client.post("/boards/", {"name": "轧钢车间", "enterprise": world.a.enterprise}).status_code == 302
    made = Dashboard.objects.get()
    points = (world.a.points[0], world.b.points[0])
    tiles = [tile(f"t{at}", y=2 * at, points=[point]) for at, point in enumerate(points)]
    assert save(client, made, tiles).status_code == 200
    made.refresh_from_db()
    return made


def tile(number: str, **more: object) -> dict[str, object]:
    return {"id": number, "kind": "number", "x": 0, "y": 0, "w": 3, "h": 2, **more}


def save(client: Client, made: Dashboard, tiles: list[dict[str, object]], **more: object) -> Any:
    body = {"revision": made.revision, "name": made.name, "definition": {"version": 1, "tiles": tiles}, **more}
    return client.post(f"/boards/{made.pk}/save/", json.dumps(body), content_type="application/json")


def test_a_reader_gets_what_is_in_sight_and_the_rest_as_a_number(
    world: World, signed_in: SignedIn, board: Dashboard, telemetry: FakeTelemetry
) -> None:
    page = signed_in(world.a.owner).get(f"/boards/{board.pk}/").content.decode()
    assert "看板里还有 1 个点位" in page
    assert "Balthazar" not in page
    assert "data-edit" in page
    officer = signed_in(world.county_a).get(f"/boards/{board.pk}/").content.decode()
    assert "data-edit " not in officer
    assert signed_in(world.b.engineer).get(f"/boards/{board.pk}/").status_code == 404


def test_the_second_editor_is_told_and_nothing_is_lost(world: World, signed_in: SignedIn, board: Dashboard) -> None:
    first, second = signed_in(world.a.engineer), signed_in(world.a.owner)
    assert save(first, board, [tile("one", points=[world.a.points[0]])]).json() == {"revision": 3}
    late = save(second, board, [tile("two", points=[world.a.points[0]])])
    assert late.status_code == 409
    assert late.json()["revision"] == 3
    assert "engineer" in late.json()["error"].lower() or late.json()["by"]
    assert [one["id"] for one in Dashboard.objects.get().definition["tiles"]] == ["one"]
    board.refresh_from_db()
    assert save(second, board, [tile("two", points=[world.a.points[0]])]).status_code == 200


def test_a_wrong_tile_is_named(world: World, signed_in: SignedIn, board: Dashboard) -> None:
    client = signed_in(world.a.engineer)
    wrong = save(client, board, [tile("one", kind="pie")])
    assert wrong.status_code == 422
    assert "第 1 块" in wrong.json()["error"]
    for body in ("", "[]", "{}", '{"name":"x"}', '{"name":"x","definition":{"version":1,"tiles":[]},"revision":"a"}'):
        assert client.post(f"/boards/{board.pk}/save/", body, content_type="application/json").status_code in {409, 422}
    assert client.post(f"/boards/{board.pk}/save/", {"name": "x"}).status_code == 422
    assert Dashboard.objects.get().revision == 2


def test_a_definition_goes_to_another_house_as_a_file(
    world: World, signed_in: SignedIn, board: Dashboard, telemetry: FakeTelemetry
) -> None:
    answer = signed_in(world.a.engineer).get(f"/boards/{board.pk}/definition.json")
    body = b"".join(answer)  # type: ignore[arg-type]
    file = SimpleUploadedFile("x.json", body)
    other = signed_in(world.b.engineer)
    made = other.post("/boards/", {"name": "抄来的", "file": file})
    assert made.status_code == 302
    page = other.get(made.headers["Location"]).content.decode()
    assert "看板里还有 1 个点位" in page
    broken = other.post("/boards/", {"name": "坏的", "file": SimpleUploadedFile("x.json", b"{")})
    assert broken.status_code == 422
    assert "JSON" in broken.content.decode()


def test_a_template_lays_out_a_machine(world: World, signed_in: SignedIn) -> None:
    machine = Machine.objects.get(pk=world.a.machine)
    Point.objects.filter(machine=machine).update(unit="kW", low=0, high=9)
    Point.objects.create(machine=machine, name="运行", unit="")
    client = signed_in(world.a.engineer)
    client.post("/boards/", {"name": "按模板", "machine": machine.pk})
    kinds = [one["kind"] for one in Dashboard.objects.get().definition["tiles"]]
    assert {"gauge", "line", "state", "table"} == set(kinds)
    assert client.post("/boards/", {"name": "别家的", "machine": world.b.machine}).status_code == 404


def test_ones_first_dashboard_opens_from_the_menu(world: World, signed_in: SignedIn, board: Dashboard) -> None:
    client = signed_in(world.a.owner)
    assert client.get("/boards/home/").headers["Location"] == "/boards/"
    client.post(f"/boards/{board.pk}/home/")
    assert client.get("/boards/home/").headers["Location"] == f"/boards/{board.pk}/"
    client.post(f"/boards/{board.pk}/home/")
    assert client.get("/boards/home/").headers["Location"] == "/boards/"


def test_the_wall_shows_several_in_turn(
    world: World, signed_in: SignedIn, board: Dashboard, telemetry: FakeTelemetry
) -> None:
    client = signed_in(world.a.engineer)
    client.post("/boards/", {"name": "第二个"})
    second = Dashboard.objects.latest("pk").pk
    page = client.get(f"/boards/{board.pk}/?tv={board.pk},{second}").content.decode()
    assert f"/boards/{second}/?tv={board.pk},{second}" in page
    assert "data-edit " not in page


def test_removing_is_on_record(world: World, signed_in: SignedIn, board: Dashboard) -> None:
    assert signed_in(world.county_a).post(f"/boards/{board.pk}/remove/").status_code == 403
    assert signed_in(world.a.owner).post(f"/boards/{board.pk}/remove/").status_code == 302
    assert not Dashboard.objects.exists()
    assert Entry.objects.latest("sequence").action == "dashboard.removed"
