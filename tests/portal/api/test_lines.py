"""Ranges, grids, states, histograms, raw pages, files and city counts over HTTP."""

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pyarrow as pa
import pytest
from django.test import Client
from pyarrow import parquet

from peers.records import World
from peers.telemetry import FakeTelemetry
from zhulian.organisations.models import Point, User
from zhulian.vocabulary.clock import system_clock

SignedIn = Callable[[User | None], Client]
START = datetime.fromisoformat("2026-01-31T08:00:00+08:00")
START_US = int(START.timestamp() * 1e6)
HOUR = {"start": START.isoformat(), "end": (START + timedelta(hours=1)).isoformat()}


@pytest.fixture
def engineer(world: World, signed_in: SignedIn, telemetry: FakeTelemetry) -> Client:
    first, second, _ = world.a.points
    telemetry.give(world.a.enterprise, first, 1.0, 1.0, 2.0, 4.0, start_us=START_US, every_us=60_000_000)
    telemetry.give(world.a.enterprise, second, 7.0, start_us=START_US + 60_000_000)
    return signed_in(world.a.engineer)


def test_points_are_found_by_their_words(world: World, engineer: Client, signed_in: SignedIn) -> None:
    found = engineer.get("/api/v1/points").json()
    assert [row["id"] for row in found["rows"]] == list(world.a.points)
    assert found["rows"][0]["machine"] == world.a.machine
    name = Point.objects.get(pk=world.a.points[1]).name
    assert engineer.get("/api/v1/points", {"text": name}).json()["total"] >= 1
    assert engineer.get("/api/v1/points", {"text": "nowhere"}).json()["total"] == 0
    assert engineer.get("/api/v1/points", {"unit": "kW", "machine": world.a.machine}).json()["total"] >= 1
    assert engineer.get("/api/v1/points", {"machine": world.b.machine}).status_code == 404
    assert signed_in(world.bureau).get("/api/v1/points", {"size": 1}).json()["total"] == 6


def test_a_series_says_what_it_rests_on(world: World, engineer: Client) -> None:
    found = engineer.get(f"/api/v1/points/{world.a.points[0]}/series", HOUR).json()
    assert (found["shape"], found["means"]) == ("readings", [1.0, 1.0, 2.0, 4.0])
    assert found["basis"]["source"] == "raw"
    assert found["basis"]["every_s"] == 60.0
    assert found["basis"]["share"] == pytest.approx(4.5 / 60)
    assert found["basis"]["newest"] == found["times"][-1]


def test_several_points_on_one_grid(world: World, engineer: Client) -> None:
    wanted = {"points": f"{world.a.points[1]},{world.a.points[0]}", "most": 60, "grace_s": 60, **HOUR}
    found = engineer.get("/api/v1/aligned", wanted).json()
    assert (found["step_s"], len(found["times"])) == (60.0, 60)
    first, second = found["points"]
    assert first["values"][:6] == [1.0, 1.0, 2.0, 4.0, 4.0, None]
    assert second["values"][:4] == [None, 7.0, 7.0, None]
    means = engineer.get("/api/v1/aligned", {**wanted, "fill": "mean"}).json()
    assert means["points"][1]["values"][:3] == [None, 7.0, None]


def test_states_and_how_long_they_lasted(world: World, engineer: Client) -> None:
    found = engineer.get(f"/api/v1/points/{world.a.points[0]}/states", {**HOUR, "grace_s": 60}).json()
    spans = [(each["value"], each["there_s"]) for each in found["spans"]]
    assert spans == [(1.0, 120.0), (2.0, 60.0), (4.0, 60.0)]
    assert found["times"][0] == {"value": 1.0, "text": None, "time_s": 120.0, "times": 1}


def test_a_histogram(world: World, engineer: Client) -> None:
    found = engineer.get(f"/api/v1/points/{world.a.points[0]}/histogram", {**HOUR, "bins": 3}).json()
    assert (found["edges"], found["counts"]) == ([1.0, 2.0, 3.0, 4.0], [2, 1, 1])
    wrong = engineer.get(f"/api/v1/points/{world.a.points[0]}/histogram", {**HOUR, "low": 5, "high": 1})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "parameters_wrong")
    assert "low 不能大于 high" in wrong.json()["what_zh"]


def test_raw_readings_by_pages(world: World, engineer: Client) -> None:
    wanted = {"points": ",".join(map(str, world.a.points)), "size": 2, **HOUR}
    seen, after = [], ""
    for _ in range(4):
        page = engineer.get("/api/v1/readings", {**wanted, "after": after}).json()
        seen += [(row["point"], row["value"]) for row in page["rows"]]
        after = page["after"]
        if after is None:
            break
    first, second, _ = world.a.points
    assert seen == [(first, 1.0), (first, 1.0), (second, 7.0), (first, 2.0), (first, 4.0)]
    wrong = engineer.get("/api/v1/readings", {**wanted, "after": "page two"})
    assert (wrong.status_code, wrong.json()["what_en"]) == (
        422,
        "A parameter is wrong: after is the value that the page before gave, sent back as it is.",
    )


def body(client: Client, wanted: dict[str, object]) -> bytes:
    answer = client.get("/api/v1/readings/file", wanted)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)  # type: ignore[arg-type]


def test_files_carry_names_and_units(world: World, engineer: Client) -> None:
    first, second, _ = world.a.points
    wanted = {"points": f"{first},{second}", **HOUR}
    table = parquet.read_table(io.BytesIO(body(engineer, {**wanted, "form": "parquet"})))
    told = json.loads(table.schema.metadata[b"zhulian"])["points"]
    assert told[str(first)]["unit"] == "kW"
    assert table["value"].to_pylist() == [1.0, 1.0, 7.0, 2.0, 4.0]
    with pa.ipc.open_stream(body(engineer, {**wanted, "form": "arrow"})) as reader:
        assert reader.read_all() == table
    lines = list(csv.DictReader(io.StringIO(body(engineer, {**wanted, "form": "csv"}).decode("utf-8-sig"))))
    assert [(line["point"], line["unit"], line["value"]) for line in lines][:2] == [(str(first), "kW", "1")] * 2
    assert datetime.fromisoformat(lines[0]["time"]) == START


def test_an_empty_range_is_an_empty_file(world: World, engineer: Client) -> None:
    wanted = {"points": world.a.points[2], **HOUR}
    assert parquet.read_table(io.BytesIO(body(engineer, wanted))).num_rows == 0
    with pa.ipc.open_stream(body(engineer, {**wanted, "form": "arrow"})) as reader:
        assert reader.read_all().num_rows == 0
    assert body(engineer, {**wanted, "form": "csv"}).decode("utf-8-sig").splitlines() == [
        "point,name,unit,time,value,text,quality"
    ]


def test_points_of_two_enterprises_are_asked_for_one_by_one(
    world: World, signed_in: SignedIn, engineer: Client
) -> None:
    wanted = {"points": f"{world.a.points[0]},{world.b.points[0]}", **HOUR}
    for path in ("readings", "readings/file"):
        answer = signed_in(world.bureau).get(f"/api/v1/{path}", wanted)
        assert (answer.status_code, answer.json()["code"]) == (422, "parameters_wrong")
    both = signed_in(world.bureau).get("/api/v1/aligned", wanted).json()
    assert [column["point"] for column in both["points"]] == [world.a.points[0], world.b.points[0]]
    for path in ("aligned", "readings", "readings/file"):
        assert engineer.get(f"/api/v1/{path}", wanted).status_code == 404


def test_city_counts_hold_ones_own_part(
    world: World, signed_in: SignedIn, engineer: Client, telemetry: FakeTelemetry
) -> None:
    telemetry.give(world.b.enterprise, world.b.points[0], 1.0, 2.0, start_us=START_US)
    telemetry.give(world.b.enterprise, world.b.points[1], 3.0, start_us=system_clock() - 1_000_000)
    bureau = signed_in(world.bureau)
    hours = bureau.get("/api/v1/city/hours", HOUR).json()
    assert sum(hour["rows"] for area in hours["areas"] for hour in area["hours"]) == 7
    assert [row["rows"] for row in bureau.get("/api/v1/city/busiest", HOUR).json()] == [5, 2]
    assert bureau.get("/api/v1/city/seen").json()["machines"] == 1
    assert [row["enterprise"] for row in engineer.get("/api/v1/city/busiest", HOUR).json()] == [world.a.enterprise]
    assert engineer.get("/api/v1/city/seen").json()["machines"] == 0
    own = engineer.get("/api/v1/city/hours", HOUR).json()
    assert sum(hour["rows"] for area in own["areas"] for hour in area["hours"]) == 5


def test_who_has_an_answer_already_is_told_so(world: World, engineer: Client) -> None:
    path = f"/api/v1/points/{world.a.points[0]}/series"
    first = engineer.get(path, HOUR)
    again = engineer.get(path, HOUR, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
