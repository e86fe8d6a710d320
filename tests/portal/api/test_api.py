"""The public interface: right answers, and refusals that say what is wrong."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from peers.records import World, credit_code
from peers.telemetry import FakeTelemetry
from zhulian.organisations.models import Enterprise, User
from zhulian.telemetry.queries import GatewayState
from zhulian.vocabulary.clock import system_clock, to_datetime
from zhulian.vocabulary.readings import TimeUs
from zhulian.wire.status import GatewayStatus

SignedIn = Callable[[User | None], Client]


@pytest.fixture
def engineer(world: World, signed_in: SignedIn, telemetry: FakeTelemetry) -> Client:
    return signed_in(world.a.engineer)


def test_an_engineer_reads_the_own_enterprise(world: World, engineer: Client) -> None:
    listed = engineer.get("/api/v1/enterprises").json()
    assert [row["id"] for row in listed["rows"]] == [world.a.enterprise]
    assert (listed["total"], listed["hidden"]) == (1, 1)
    assert engineer.get(f"/api/v1/enterprises/{world.a.enterprise}").json()["points"] == 3


def test_machines_come_with_their_points(world: World, engineer: Client) -> None:
    machine = engineer.get(f"/api/v1/machines/{world.a.machine}").json()
    assert [point["id"] for point in machine["points"]] == list(world.a.points)
    assert machine["points"][0]["reports_every_s"] == 60.0
    assert engineer.get("/api/v1/machines?text=ALDERNEY").json()["total"] == 1
    assert engineer.get("/api/v1/machines?protocol=opcua").json()["total"] == 0


def test_gateways_tell_whether_they_are_connected(world: World, engineer: Client, telemetry: FakeTelemetry) -> None:
    status = GatewayStatus(version="1", outbox_rows=7)
    telemetry.gateway_states[world.a.gateway] = GatewayState(world.a.gateway, True, TimeUs(1_000_000), 0, status)
    found = engineer.get(f"/api/v1/gateways/{world.a.gateway}").json()
    assert (found["connected"], found["waiting_rows"]) == (True, 7)
    telemetry.unreachable = True
    listed = engineer.get(f"/api/v1/gateways?enterprise={world.a.enterprise}").json()
    assert [row["connected"] for row in listed["rows"]] == [None]


def test_gateways_come_by_pages(world: World, signed_in: SignedIn) -> None:
    engineer, bureau = signed_in(world.a.engineer), signed_in(world.bureau)
    pages = [bureau.get(f"/api/v1/gateways?size=1&number={number}").json() for number in (1, 2)]
    assert [(page["total"], page["hidden"], len(page["rows"])) for page in pages] == [(2, 0, 1), (2, 0, 1)]
    assert {row["id"] for page in pages for row in page["rows"]} == {world.a.gateway, world.b.gateway}
    own = engineer.get("/api/v1/gateways").json()
    assert ([row["id"] for row in own["rows"]], own["hidden"]) == ([world.a.gateway], 1)
    assert engineer.get("/api/v1/gateways?size=0").status_code == 422


@pytest.mark.parametrize("kind", ["enterprises", "gateways", "machines", "points", "facts", "alarms"])
def test_every_list_says_how_many_enterprises_rights_hide(kind: str, engineer: Client) -> None:
    assert engineer.get(f"/api/v1/{kind}").json()["hidden"] == 1


def test_newest_values_carry_their_freshness(world: World, engineer: Client, telemetry: FakeTelemetry) -> None:
    live, silent, never = world.a.points
    now = system_clock()
    telemetry.give(world.a.enterprise, live, 1.0, 2.5, start_us=now - 2_000_000)
    telemetry.give(world.a.enterprise, silent, 9.0, start_us=now - 7_200_000_000)
    answer = engineer.get(f"/api/v1/latest?points={never},{silent},{live}").json()
    assert [(row["point"], row["value"], row["freshness"]) for row in answer] == [
        (live, 2.5, "live"),
        (silent, 9.0, "silent"),
        (never, None, "never"),
    ]


def test_series_and_counts(world: World, engineer: Client, telemetry: FakeTelemetry) -> None:
    point = world.a.points[0]
    start = datetime.fromisoformat("2026-01-31T08:00:00+08:00")
    telemetry.give(world.a.enterprise, point, 1.0, 2.0, 3.0, start_us=int(start.timestamp() * 1e6))
    wanted = {"start": start.isoformat(), "end": (start + timedelta(minutes=1)).isoformat()}
    series = engineer.get(f"/api/v1/points/{point}/series", wanted).json()
    assert series["means"] == [1.0, 2.0, 3.0]
    assert series["unit"] == "kW"
    assert datetime.fromisoformat(series["times"][0]) == start
    counted = engineer.get(f"/api/v1/machines/{world.a.machine}/counts").json()
    assert [(row["point"], row["count"]) for row in counted] == [(point, 3)]


@pytest.mark.parametrize(
    "query",
    [
        "start=2026-01-31T08:00:00",
        "start=yesterday",
        "start=2026-02-01T00:00:00Z&end=2026-01-01T00:00:00Z",
        "start=1900-01-01T00:00:00Z",
        "most=0",
        "most=100000",
    ],
)
def test_a_wrong_range_is_refused(world: World, engineer: Client, query: str) -> None:
    answer = engineer.get(f"/api/v1/points/{world.a.points[0]}/series?{query}")
    assert answer.status_code == 422
    assert answer.json()["code"] == "parameters_wrong"


@pytest.mark.parametrize("points", ["", "a", "1,,2", ",".join(["1"] * 5000)])
def test_wrong_lists_of_points_are_refused(engineer: Client, points: str) -> None:
    answer = engineer.get(f"/api/v1/latest?points={points}")
    assert answer.status_code == 422
    assert "points" in answer.json()["fields"]


def test_foreign_and_unknown_ids_look_the_same(world: World, engineer: Client) -> None:
    for kind, foreign in (
        ("enterprises/{}", world.b.enterprise),
        ("machines/{}", world.b.machine),
        ("machines/{}/counts", world.b.machine),
        ("gateways/{}", world.b.gateway),
        ("points/{}", world.b.points[0]),
        ("points/{}/series", world.b.points[0]),
        ("latest?points={}", world.b.points[0]),
        ("machines?enterprise={}", world.b.enterprise),
        ("machines?gateway={}", world.b.gateway),
        ("gateways?enterprise={}", world.b.enterprise),
    ):
        answers = [engineer.get("/api/v1/" + kind.format(number)) for number in (foreign, 987_654_321)]
        assert [answer.status_code for answer in answers] == [404, 404], kind
        assert answers[0].content == answers[1].content


def test_strangers_are_asked_to_sign_in(signed_in: SignedIn, db: None) -> None:
    answer = signed_in(None).get("/api/v1/enterprises")
    assert answer.status_code == 401
    assert answer.json()["code"] == "sign_in_first"


def test_an_outage_is_said_as_such(world: World, engineer: Client, telemetry: FakeTelemetry) -> None:
    telemetry.unreachable = True
    answer = engineer.get(f"/api/v1/latest?points={world.a.points[0]}")
    assert answer.status_code == 503
    assert answer.json()["code"] == "telemetry_unreachable"
    assert engineer.get("/api/v1/enterprises").status_code == 200


def test_chinese_is_not_escaped(world: World, engineer: Client) -> None:
    Enterprise.objects.filter(pk=world.a.enterprise).update(name="示例轴承")
    assert "示例轴承".encode() in engineer.get("/api/v1/enterprises").content


def test_a_long_list_takes_a_few_statements(
    world: World, signed_in: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Enterprise.objects.bulk_create(
        Enterprise(name=f"e{n}", credit_code=credit_code(n), industry="C", district="341502", reporting_area="341502")
        for n in range(500, 700)
    )
    client = signed_in(world.bureau)
    with django_assert_max_num_queries(6):
        listed = client.get("/api/v1/enterprises?size=300").json()
    assert len(listed["rows"]) == 202


def test_every_operation_declares_its_refusals(engineer: Client) -> None:
    document = engineer.get("/api/v1/openapi.json").json()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert {"200", "401", "403", "404", "422"} <= operation["responses"].keys(), path


def test_areas(world: World, engineer: Client, signed_in: SignedIn) -> None:
    assert [row["code"] for row in engineer.get("/api/v1/areas").json()] == ["341502"]
    assert len(signed_in(world.bureau).get("/api/v1/areas").json()) == 8
    assert to_datetime(TimeUs(0)).year == 1970
