"""The explorer's door: what the address names, what rights leave of it, and the figures of one point."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from peers.alarm_rows import make_rule
from peers.records import World
from peers.telemetry import FakeTelemetry
from zhulian.alarms.workflows import put_out_of_service
from zhulian.audit.models import Entry
from zhulian.dashboards.models import Mark, SavedView
from zhulian.organisations.models import Point, User
from zhulian.organisations.rules import RecordsError
from zhulian.organisations.tenancy import SYSTEM
from zhulian.portal.pages.explore import MOST_POINTS, wanted_points
from zhulian.portal.pages.explore_series import MOST_ENTRIES, asked
from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.readings import PointId, Quality, Reading, TenantId, TimeUs

SignedIn = Callable[[User | None], Client]
START_MS = 1_700_000_000_000
MINUTES_MS = {"start": START_MS, "end": START_MS + 600_000}


@given(st.text(max_size=200))
def test_an_address_may_hold_anything(text: str) -> None:
    ids = wanted_points(text)
    assert len(ids) <= MOST_POINTS
    assert len(set(ids)) == len(ids)


def test_points_of_an_address_come_once_and_in_order() -> None:
    assert wanted_points("7,3,7,x,,-1,3,99999999999999,²") == [7, 3]


@pytest.mark.parametrize(("start", "end"), [("a", "1"), ("5", "5"), ("9", "1"), ("0", str(2**46)), ("", "")])
def test_a_range_that_is_none_is_refused(start: str, end: str) -> None:
    with pytest.raises(RecordsError, match="range"):
        asked(start, end, "600")


def test_never_more_entries_than_a_series_may_have() -> None:
    assert asked("0", "1000", "999999").most == MOST_ENTRIES
    assert asked("0", "1000", "-4").most == 1


def test_the_page_draws_what_is_in_sight_and_counts_the_rest(
    world: World, signed_in: SignedIn, telemetry: FakeTelemetry
) -> None:
    address = f"/explore/?p={world.a.points[0]},{world.b.points[0]},5"
    page = signed_in(world.a.engineer).get(address).content.decode()
    assert "Alderney" in page
    assert "Balthazar" not in page
    assert f'"id": {world.b.points[0]}' not in page
    assert "还有 2 个点位" in page
    stranger = signed_in(world.b.engineer).get(address).content.decode()
    assert "Alderney" not in stranger
    assert "还有 2 个点位" in stranger


def test_an_officer_who_looks_is_on_record(world: World, signed_in: SignedIn, telemetry: FakeTelemetry) -> None:
    signed_in(world.bureau).get(f"/explore/?p={world.a.points[0]}")
    assert Entry.objects.filter(action="view.machine", organisation=world.a.enterprise).exists()


def series_of(client: Client, point: int, **query: object) -> Any:
    return client.get(f"/explore/points/{point}.json", {**MINUTES_MS, **query})


def test_a_line_with_gap_source_and_coverage(world: World, signed_in: SignedIn, telemetry: FakeTelemetry) -> None:
    point = world.a.points[0]
    Point.objects.filter(pk=point).update(unit="kW", max_silence_s=10)
    telemetry.give(world.a.enterprise, point, 1.5, 2.5, 3.5, start_us=START_MS * 1_000, every_us=10_000_000)
    telemetry.give(world.a.enterprise, point, 9.5, start_us=(START_MS + 300_000) * 1_000)
    answer = series_of(signed_in(world.a.engineer), point)
    body = answer.json()
    assert [row[1] for row in body["rows"]] == [1.5, 2.5, 3.5, None, 9.5]
    assert (body["source"], body["bucket_s"], body["total"]) == ("raw", 0.0, 4)
    assert body["coverage"] == pytest.approx(0.1, abs=0.1)
    again = signed_in(world.a.engineer).get(
        f"/explore/points/{point}.json", MINUTES_MS, headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304
    assert not again.content


def test_doubtful_readings_come_with_their_quality(world: World, signed_in: SignedIn, telemetry: FakeTelemetry) -> None:
    point, tenant = world.a.points[0], TenantId(world.a.enterprise)
    Point.objects.filter(pk=point).update(unit="kW")
    for offset, value, quality in ((0, 1.0, Quality.GOOD), (1, 2.0, Quality.UNCERTAIN), (2, 0.0, Quality.BAD)):
        time_us = TimeUs((START_MS + offset * 1_000) * 1_000)
        telemetry.readings[tenant].append(Reading(PointId(point), time_us, value, quality))
    body = series_of(signed_in(world.a.engineer), point).json()
    assert body["doubtful"] == [[START_MS + 1_000, 2.0, 1], [START_MS + 2_000, None, 2]]
    assert [row[1] for row in body["rows"]] == [1.0, 2.0]


def test_few_whole_values_without_a_unit_are_states(
    world: World, signed_in: SignedIn, telemetry: FakeTelemetry
) -> None:
    point = world.a.points[0]
    Point.objects.filter(pk=point).update(unit="")
    telemetry.give(world.a.enterprise, point, 1, 1, 0, 1, start_us=START_MS * 1_000, every_us=10_000_000)
    found = series_of(signed_in(world.a.engineer), point).json()["states"]
    assert [(start - START_MS, value) for start, _end, value, _words in found] == [
        (0, 1.0),
        (20_000, 0.0),
        (30_000, 1.0),
    ]
    assert found[0][1] == found[1][0]


def test_days_whose_readings_went_are_counted(world: World, signed_in: SignedIn, telemetry: FakeTelemetry) -> None:
    point, tenant, day = world.a.points[0], TenantId(world.a.enterprise), (START_MS // 1_000 + 28_800) // 86_400
    telemetry.thin = {(tenant, day), (tenant, day - 1), (TenantId(world.b.enterprise), day)}
    assert series_of(signed_in(world.a.engineer), point).json()["thinned"] == 1
    Point.objects.filter(pk=point).update(max_silence_s=10)
    telemetry.give(world.a.enterprise, point, *range(60), start_us=START_MS * 1_000, every_us=10_000_000)
    assert series_of(signed_in(world.a.engineer), point).json()["thinned"] == 0


def test_an_outage_is_said_in_words(world: World, signed_in: SignedIn, telemetry: FakeTelemetry) -> None:
    telemetry.unreachable = True
    answer = series_of(signed_in(world.a.engineer), world.a.points[0])
    assert answer.status_code == 503
    assert "读不到遥测数据" in answer.json()["error"]


def test_the_file_holds_what_is_in_sight(world: World, signed_in: SignedIn, telemetry: FakeTelemetry) -> None:
    point = world.a.points[0]
    telemetry.give(world.a.enterprise, point, 1.5, 2.5, start_us=START_MS * 1_000)
    listed = f"{point},{world.b.points[0]}"
    answer = signed_in(world.a.engineer).get("/explore/export/", {"p": listed, **MINUTES_MS, "form": "csv"})
    text = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type]
    assert text.count("Alderney meter") == 2
    assert "Balthazar" not in text
    assert Entry.objects.filter(action="export.table", organisation=world.a.enterprise).exists()
    refused = signed_in(world.b.engineer).get("/explore/export/", {"p": str(point), **MINUTES_MS})
    assert refused.status_code == 404


def test_parquet_holds_every_reading_in_sight_with_what_is_known_of_its_point(
    world: World, signed_in: SignedIn, telemetry: FakeTelemetry
) -> None:
    for tenant in (world.a, world.b):
        telemetry.give(tenant.enterprise, tenant.points[0], 1.5, 2.5, start_us=START_MS * 1_000)
    asked_for = {"p": f"{world.a.points[0]},{world.b.points[0]}", **MINUTES_MS, "form": "parquet"}
    answer = signed_in(world.a.engineer).get("/explore/export/", asked_for)
    assert answer["Content-Type"] == "application/vnd.apache.parquet"
    table = parquet.read_table(BytesIO(b"".join(answer)))  # type: ignore[arg-type]
    assert table["value"].to_pylist() == [1.5, 2.5]
    assert set(table["point"].to_pylist()) == {world.a.points[0]}
    told = json.loads(table.schema.metadata[b"zhulian"])["points"]
    assert told[str(world.a.points[0])]["machine_name"] == "Alderney meter"
    assert "Balthazar" not in str(told)
    assert signed_in(world.a.engineer).get("/explore/export/", asked_for | {"p": "5"}).status_code == 404
    whole = b"".join(signed_in(world.bureau).get("/explore/export/", asked_for))  # type: ignore[arg-type]
    assert parquet.read_table(BytesIO(whole)).num_rows == 4


def test_a_point_comes_with_the_limits_of_its_rules(
    world: World, signed_in: SignedIn, telemetry: FakeTelemetry
) -> None:
    point = world.a.points[0]
    telemetry.give(world.a.enterprise, point, 1.5, start_us=START_MS * 1_000)
    make_rule(world.a, limit=80.0)
    make_rule(world.a, "cold", 1, limit=3.0, is_low=True)
    stopped = make_rule(world.a, "off")
    put_out_of_service(SYSTEM, stopped.pk, "overhaul", stopped.revision)
    found = series_of(signed_in(world.a.engineer), point).json()["alarms"]
    assert [(one["value"], one["is_low"]) for one in found] == [(3.0, True), (80.0, False)]
    assert found[0]["words"] == "Alderney cold 3"
    chart = signed_in(world.a.engineer).get(f"/points/{point}/series.json?range=30d").json()
    assert chart["empty"]


def test_a_saved_view_opens_with_the_rights_of_whoever_opens_it(
    world: World, signed_in: SignedIn, telemetry: FakeTelemetry
) -> None:
    client = signed_in(world.a.engineer)
    query = f"p={world.a.points[0]},{world.b.points[0]}&r=8h"
    saved = client.post("/explore/views/", {"name": "夜班", "query": query, "enterprise": world.a.enterprise})
    assert "已保存" in saved.content.decode()
    number = SavedView.objects.get().pk
    page = signed_in(world.county_a).get(f"/explore/?view={number}").content.decode()
    assert "夜班" in page
    assert "还有 1 个点位" in page
    assert signed_in(world.b.engineer).get(f"/explore/?view={number}").status_code == 404
    again = client.post("/explore/views/", {"name": "", "query": query})
    assert again.status_code == 422
    assert "请写一个名称" in again.content.decode()


def test_a_mark_is_made_in_the_dialog_and_drawn_on_the_machines_chart(
    world: World, signed_in: SignedIn, telemetry: FakeTelemetry
) -> None:
    client, point = signed_in(world.a.engineer), world.a.points[0]
    now = datetime.now(tz=UTC) - timedelta(minutes=5)
    telemetry.give(world.a.enterprise, point, 1.5, 2.5, start_us=int(now.timestamp() * 1e6))
    typed = {"p": str(point), "about": f"machine:{world.a.machine}", "kind": "event", "text": "跳闸"}
    start = now.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M:%S")
    assert client.get("/explore/marks/new/", typed).status_code == 200
    assert client.post("/explore/marks/new/", typed).status_code == 422
    made = client.post("/explore/marks/new/", {**typed, "start": start})
    assert made.headers["HX-Trigger"] == "zhulian:marks-changed"
    assert [mark["text"] for mark in client.get(f"/points/{point}/series.json?range=1h").json()["marks"]] == ["跳闸"]
    number = Mark.objects.get().pk
    assert "记录人" in signed_in(world.county_a).get(f"/explore/marks/{number}/").content.decode()
    changed = {"kind": "alarm", "text": "跳闸，复位", "start": start, "revision": "1"}
    assert client.post(f"/explore/marks/{number}/", changed).status_code == 200
    late = client.post(f"/explore/marks/{number}/", {**changed, "text": "我的话"})
    assert late.status_code == 422
    assert "我的话" in late.content.decode()
    assert Mark.objects.get().text == "跳闸，复位"
