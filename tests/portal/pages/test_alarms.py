"""The pages of alarms: the list renews itself, a person deals with one, a rule is written, tried and put away."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from peers.alarm_rows import BEGAN, make_alarm, make_rule
from peers.records import World
from peers.telemetry import FakeTelemetry
from zhulian.alarms import queries
from zhulian.alarms.models import Duty, Occurrence, Rule, Shelf
from zhulian.alarms.workflows import RuleDraft, remove_rule, save_rule
from zhulian.organisations.models import Machine, Point, User
from zhulian.organisations.tenancy import SYSTEM, visible_to
from zhulian.portal.session_rules import NOTED_EVERY_S, SEEN
from zhulian.vocabulary.clock import to_time_us

SignedIn = Callable[[User | None], Client]
POLL = {"HTTP_HX_REQUEST": "true", "HTTP_ZHULIAN_UNATTENDED": "1"}


@pytest.fixture
def engineer(world: World, signed_in: SignedIn, telemetry: FakeTelemetry) -> Client:
    del telemetry
    return signed_in(world.a.engineer)


def form(world: World, **more: object) -> dict[str, object]:
    fields = {"machine": world.a.machine, "name": "hot", "kind": "threshold", "points": [world.a.points[0]]}
    return fields | {"priority": "2", "limit": "80", "on_delay_s": "10", "act": "save"} | more


def test_the_list_renews_itself_without_keeping_the_session_awake(world: World, engineer: Client) -> None:
    make_alarm(make_rule(world.a))
    page = engineer.get("/alarms/").content.decode()
    assert f"{world.a.marker} hot" in page
    assert f'data-alarm-news="{queries.pulse(visible_to(world.a.engineer))}"' in page
    session = engineer.session
    session[SEEN] = before_s = time.time() - 2 * NOTED_EVERY_S
    session.save()
    part = engineer.get("/alarms/?state=active", **POLL).content.decode()
    assert "<html" not in part
    assert 'hx-swap-oob="true">1 个正在持续的报警没有人确认' in part
    assert engineer.session[SEEN] == before_s
    engineer.get("/alarms/")
    assert engineer.session[SEEN] > before_s


def test_one_alarm_is_acknowledged_and_shelved(world: World, engineer: Client) -> None:
    row = make_alarm(make_rule(world.a))
    assert engineer.get(f"/alarms/{row.pk}/").status_code == 200
    engineer.post(f"/alarms/{row.pk}/", {"act": "acknowledge", "note": "pump"})
    assert Occurrence.objects.get().note == "pump"
    refused = engineer.post(f"/alarms/{row.pk}/", {"act": "shelve", "hours": "8", "reason": ""})
    assert refused.status_code == 422
    engineer.post(f"/alarms/{row.pk}/", {"act": "shelve", "hours": "8", "reason": "sensor"})
    assert Shelf.objects.get().reason == "sensor"
    assert b"sensor" not in engineer.get("/alarms/").content
    engineer.post(f"/alarms/{row.pk}/", {"act": "unshelve"})
    assert Shelf.objects.get().ended_at


def test_an_alarm_is_drawn_in_its_own_time_with_the_limit_it_was_judged_by(
    world: World, engineer: Client, telemetry: FakeTelemetry
) -> None:
    rule, point = make_rule(world.a), world.a.points[0]
    row = make_alarm(rule, ended_at=BEGAN + timedelta(minutes=2))
    telemetry.give(world.a.enterprise, point, 1.0, 9.0, start_us=to_time_us(BEGAN), every_us=60_000_000)
    chosen = RuleDraft(rule.name, "threshold", 2, [point], {"limit": 8.0, "stale_s": 60.0})
    save_rule(SYSTEM, chosen, rule.pk, rule.revision)
    make_rule(world.a, "hotter", limit=7.0)
    page = engineer.get(f"/alarms/{row.pk}/").content.decode()
    assert f'data-chart="/points/{point}/series.json?alarm={row.pk}"' in page
    assert f"/explore/?p={point}&amp;from=2026-11-01T15:45:00&amp;to=2026-11-01T16:17:00" in page
    drawn = engineer.get(f"/points/{point}/series.json?alarm={row.pk}").json()
    began_ms = BEGAN.timestamp() * 1_000
    assert (drawn["start_ms"], drawn["end_ms"]) == (began_ms - 900_000, began_ms + 1_020_000)
    assert [one["value"] for one in drawn["alarms"]] == [5.0, 7.0], "the limit of then, and those of other rules"
    assert [(one["start"], one["end"]) for one in drawn["marks"]] == [(began_ms, began_ms + 120_000)]
    rule.refresh_from_db()
    remove_rule(SYSTEM, rule.pk, rule.revision)
    assert f"series.json?alarm={row.pk}" in engineer.get(f"/alarms/{row.pk}/").content.decode()
    assert engineer.get(f"/points/{point}/series.json?alarm={row.pk}").json()["alarms"][0]["value"] == 5.0
    for wrong in (f"{world.a.points[1]}/series.json?alarm={row.pk}", f"{point}/series.json?alarm={row.pk + 1}"):
        assert engineer.get(f"/points/{wrong}").status_code == 404


def test_the_page_of_an_alarm_renews_itself_and_leaves_forms_alone_that_still_fit(
    world: World, engineer: Client
) -> None:
    row = make_alarm(make_rule(world.a))

    def part(forms: str) -> str:
        return engineer.get(f"/alarms/{row.pk}/now/?forms={forms}", **POLL).content.decode()

    page = engineer.get(f"/alarms/{row.pk}/").content.decode()
    assert f'data-alarm-news="{queries.pulse(visible_to(world.a.engineer))}"' in page
    assert f'hx-get="/alarms/{row.pk}/now/?forms=acknowledge-shelve"' in page
    same = part("acknowledge-shelve")
    assert "<html" not in same
    assert "还没有恢复" in same
    assert "<form" not in same
    engineer.post(f"/alarms/{row.pk}/", {"act": "acknowledge", "note": "pump"})
    changed = part("acknowledge-shelve")
    assert "pump" in changed
    assert '<div id="alarm-acknowledging" hx-swap-oob="true"></div>' in changed
    assert "alarm-shelving" not in changed
    Occurrence.objects.update(ended_at=row.started_at)
    engineer.post(f"/alarms/{row.pk}/", {"act": "shelve", "hours": "8", "reason": "sensor"})
    ended = part("-shelve")
    assert "还没有恢复" not in ended
    assert 'value="unshelve"' in ended
    assert 'id="alarm-standing" role="status" hx-swap-oob="true"' in ended


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"kind": "rate", "is_low": "1", "limit": "3"},
        {"kind": "state", "wanted": "fault"},
        {"kind": "state", "wanted": "4", "before": "2"},
        {"kind": "absence", "silence_s": "90"},
        {"kind": "expression", "expression": "a > 80 and avg(a, 5m) > 70"},
    ],
)
def test_a_rule_of_every_kind_is_saved_and_read_back(world: World, engineer: Client, more: dict[str, object]) -> None:
    assert engineer.post("/alarms/rules/new/", form(world, **more)).status_code == 302
    row = Rule.objects.get()
    assert row.kind == more.get("kind", "threshold")
    before = dict(row.settings), row.version
    page = engineer.get(f"/alarms/rules/{row.pk}/")
    typed = {name: str(value) for name, value in page.context["typed"].items()}
    answer = engineer.post(f"/alarms/rules/{row.pk}/", form(world) | typed | {"revision": row.revision})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.settings, row.version) == before


@pytest.mark.parametrize(
    "more",
    [
        {"limit": "warm"},
        {"points": []},
        {"name": " "},
        {"kind": "expression", "expression": "a >"},
        {"kind": "expression", "expression": "b > 1"},
        {"kind": "absence", "silence_s": ""},
        {"on_delay_s": "-1"},
        {"kind": "state", "wanted": ""},
        {"kind": "magic"},
    ],
)
def test_what_cannot_be_a_rule_is_said_and_nothing_typed_is_lost(
    world: World, engineer: Client, more: dict[str, object]
) -> None:
    answer = engineer.post("/alarms/rules/new/", form(world, advice="call Wang", **more))
    assert answer.status_code == 422
    assert "call Wang" in answer.content.decode()
    assert not Rule.objects.exists()


def test_a_template_fills_the_form_and_its_limit_wants_to_be_confirmed(world: World, engineer: Client) -> None:
    Machine.objects.filter(pk=world.a.machine).update(kind="空压机")
    Point.objects.filter(pk=world.a.points[0]).update(name="排气温度", unit="℃")
    offered = engineer.get(f"/alarms/rules/new/?machine={world.a.machine}").content.decode()
    assert "template=discharge_hot" in offered
    assert "template=discharge_hot" not in engineer.get(f"/machines/{world.a.machine}/").content.decode()
    page = engineer.get(f"/alarms/rules/new/?machine={world.a.machine}&template=discharge_hot")
    assert page.context["typed"]["limit"] == "105"
    assert page.context["chosen"] == [str(world.a.points[0])]
    typed = form(world) | dict(page.context["typed"])
    assert engineer.post("/alarms/rules/new/", typed).status_code == 422
    assert not Rule.objects.exists()
    assert engineer.post("/alarms/rules/new/", typed | {"confirmed": "1", "limit": "102"}).status_code == 302
    assert Rule.objects.get().settings["limit"] == 102.0
    assert (
        "template=discharge_hot" not in engineer.get(f"/alarms/rules/new/?machine={world.a.machine}").content.decode()
    )


def test_a_rule_is_tried_before_it_is_saved(world: World, engineer: Client, telemetry: FakeTelemetry) -> None:
    said = engineer.post("/alarms/rules/try/", form(world)).content.decode()
    assert "1" in said
    assert not Rule.objects.exists()
    telemetry.unreachable = True
    assert "读不到遥测数据" in engineer.post("/alarms/rules/try/", form(world)).content.decode()


def test_a_rule_is_stopped_started_and_removed(world: World, engineer: Client) -> None:
    rule = make_rule(world.a)
    address = f"/alarms/rules/{rule.pk}/"
    assert engineer.post(address, {"act": "stop", "revision": rule.revision}).status_code == 422
    engineer.post(address, {"act": "stop", "reason": "overhaul", "revision": rule.revision})
    assert Rule.objects.get().out_of_service == "overhaul"
    engineer.post(address, {"act": "start", "revision": rule.revision + 1})
    assert not Rule.objects.get().out_of_service
    stale = engineer.post(address, {"act": "remove", "revision": rule.revision})
    assert stale.status_code == 422
    engineer.post(address, {"act": "remove", "revision": rule.revision + 2})
    assert Rule.objects.get().removed_at
    assert engineer.get(address).status_code == 404


def test_a_machine_says_first_what_is_active_there(world: World, engineer: Client) -> None:
    rule = make_rule(world.a)
    part = f"/machines/{world.a.machine}/alarms/"
    assert f"{world.a.marker} hot" not in engineer.get(part, **POLL).content.decode()
    row = make_alarm(rule)
    assert f"{world.a.marker} hot" in engineer.get(part, **POLL).content.decode()
    page = engineer.get(f"/machines/{world.a.machine}/").content.decode()
    assert page.index("alarms-now") < page.index(f"/alarms/{row.pk}/") < page.index("data-live=")


def test_a_tile_shows_what_is_active_in_one_enterprise(world: World, signed_in: SignedIn) -> None:
    for tenant in (world.a, world.b):
        make_alarm(make_rule(tenant))
    bureau = signed_in(world.bureau)
    assert bureau.get("/alarms/tile/").content.decode().count("<tbody><tr>") == 1
    part = bureau.get(f"/alarms/tile/?enterprise={world.b.enterprise}").content.decode()
    assert f"{world.b.marker} hot" in part
    assert f"{world.a.marker} hot" not in part
    assert (
        "没有正在持续的报警"
        in signed_in(world.a.engineer).get(f"/alarms/tile/?enterprise={world.b.enterprise}").content.decode()
    )


def test_the_roster_and_the_load(world: World, engineer: Client) -> None:
    wanted = {"enterprise": world.a.enterprise, "person": world.a.owner.pk, "level": 2, "start_hour": 8, "end_hour": 20}
    assert engineer.post("/alarms/duty/", wanted).status_code == 302
    assert engineer.post("/alarms/duty/", wanted | {"person": world.b.owner.pk}).status_code == 422
    assert engineer.get("/alarms/duty/").status_code == 200
    engineer.post(f"/alarms/duty/{Duty.objects.get().pk}/remove/")
    assert not Duty.objects.exists()
    make_alarm(make_rule(world.a))
    assert engineer.get("/alarms/load/?days=30").status_code == 200
    assert engineer.get(f"/machines/{world.a.machine}/").status_code == 200


def test_the_interface_lists_what_is_in_sight(world: World, engineer: Client, signed_in: SignedIn) -> None:
    row = make_alarm(make_rule(world.a))
    found = engineer.get("/api/v1/alarms?state=active").json()
    assert [(one["id"], one["standing"]) for one in found["rows"]] == [(row.pk, "unacknowledged")]
    assert signed_in(world.b.engineer).get(f"/api/v1/alarms/{row.pk}").status_code == 404
