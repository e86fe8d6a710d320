"""Storage, terms and deletions: what is shown to whom, what is asked once more, what the trail says."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from peers.records import World
from peers.retention_rows import make_demand
from peers.telemetry import FakeTelemetry
from zhulian.audit.models import Entry
from zhulian.organisations.models import Enterprise, Point, User
from zhulian.portal import retention_jobs
from zhulian.retention import queries
from zhulian.retention.models import Demand, Term
from zhulian.telemetry.queries import Keep
from zhulian.vocabulary.clock import system_clock

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User | None], Client]
DAY_US = 86_400_000_000


@pytest.fixture
def readings(world: World, telemetry: FakeTelemetry) -> FakeTelemetry:
    start_us = system_clock() - 3 * DAY_US
    telemetry.give(world.a.enterprise, world.a.points[0], 1, 2, 3, start_us=start_us)
    telemetry.give(world.b.enterprise, world.b.points[0], 4, start_us=start_us)
    return telemetry


def test_the_bureau_sees_everybody_and_the_disk(readings: FakeTelemetry, world: World, signed_in: SignedIn) -> None:
    client = signed_in(world.bureau)
    text = client.get("/storage/").content.decode()
    assert world.a.marker in text
    assert world.b.marker in text
    assert "磁盘剩余" in text
    assert "各表占用" in text
    assert "readings" in client.get("/storage/partitions/").content.decode()
    assert world.b.marker not in client.get(f"/storage/?q={world.a.marker}").content.decode()
    rows = client.get("/storage/growth.json").json()["rows"]
    assert sum(row[1] for row in rows) == 4


def test_an_enterprise_sees_its_own(readings: FakeTelemetry, world: World, signed_in: SignedIn) -> None:
    Term.objects.create(enterprise_id=world.a.enterprise, raw_days=90, changed_at="2026-11-01T00:00Z")
    client = signed_in(world.a.owner)
    text = client.get("/storage/").content.decode()
    assert world.a.marker in text
    assert world.b.marker not in text
    assert "90 天" in text
    assert "磁盘剩余" not in text
    assert sum(row[1] for row in client.get("/storage/growth.json").json()["rows"]) == 3
    assert client.get("/storage/partitions/").status_code == 403


def test_an_outage_is_said(readings: FakeTelemetry, world: World, signed_in: SignedIn) -> None:
    readings.unreachable = True
    client = signed_in(world.administrator)
    page = client.get("/storage/").content.decode()
    assert page.count("现在读不到遥测数据。") == 1, "the outage is said once"
    assert page.count("暂时读不到") == 6, "every figure is a dash with its reason"
    assert "家企业有读数" not in page
    assert "没有读数" not in page
    assert "error" in client.get("/storage/growth.json").json()
    blind = client.post("/storage/terms/", {"raw_days": "40"})
    assert "<h1>现在读不到遥测数据。</h1>" in blind.content.decode()
    assert (blind.status_code, blind.headers["Retry-After"]) == (503, "30"), "nobody shortens blindly"
    assert not Term.objects.exists()


def test_shortening_is_asked_once_more_and_on_the_trail(
    readings: FakeTelemetry, world: World, signed_in: SignedIn
) -> None:
    client = signed_in(world.administrator)
    asked = client.post("/storage/terms/", {"raw_days": "40", "hour_days": "400"})
    assert "今晚会移走 4 条原始读数" in asked.content.decode()
    assert not Term.objects.exists()
    client.post("/storage/terms/", {"raw_days": "40", "hour_days": "400", "agreed": "1"})
    assert queries.plan_in_force().everybody == Keep(40, 400)
    entry = Entry.objects.get(action="retention.set")
    assert entry.organisation is None
    assert json.loads(entry.changes)["raw_days"] == [None, 40]
    term = Term.objects.get()
    assert "确认" in client.get(f"/storage/terms/{term.pk}/remove/").content.decode()
    client.post(f"/storage/terms/{term.pk}/remove/", {"agreed": "1"})
    assert not Term.objects.exists()
    assert Entry.objects.filter(action="retention.removed").count() == 1


def test_a_unit_that_stands_alone_is_named_by_what_it_measures(
    readings: FakeTelemetry, world: World, signed_in: SignedIn
) -> None:
    """A bare “A” beside facts of class A says something else."""
    Point.objects.filter(pk=world.a.points[0]).update(unit="A")
    Term.objects.create(unit="A", raw_days=90, changed_at="2026-11-01T00:00Z")
    client = signed_in(world.administrator)
    terms = client.get("/storage/terms/").content.decode()
    assert ">电流 · A</td>" in terms
    assert '<option value="A">电流 · A（1 个点位）</option>' in terms
    assert "电流 · A：90 天" in client.get("/storage/").content.decode()
    client.cookies["zhulian_language"] = "en"
    assert "Current · A: 90 days" in client.get("/storage/").content.decode()
    client.cookies["zhulian_language"] = "zh-hans"
    assert "电流 · A" in client.get("/storage/terms/?form=csv").getvalue().decode()  # type: ignore[attr-defined]
    client.post("/storage/terms/", {"unit": "A", "raw_days": "365", "agreed": "1"})
    assert Entry.objects.get(action="retention.set").subject_name == "电流 · A"
    del readings


@pytest.mark.parametrize("days", ["1", "soon", "99999999"])
def test_terms_that_are_none(days: str, readings: FakeTelemetry, world: World, signed_in: SignedIn) -> None:
    answer = signed_in(world.administrator).post("/storage/terms/", {"raw_days": days, "agreed": "1"})
    assert (answer.status_code, Term.objects.count()) == (422, 0)
    del readings


def test_readings_are_deleted_on_demand(readings: FakeTelemetry, world: World, signed_in: SignedIn) -> None:
    client, point = signed_in(world.a.owner), world.a.points[0]
    form = {
        "enterprise": world.a.enterprise,
        "which": "some",
        "point": point,
        "first": "2026-09-01",
        "last": "2026-09-02",
    }
    assert client.post("/storage/deletions/new/", form).status_code == 422, "without a reason"
    shown = client.post("/storage/deletions/new/", form | {"reason": "试运行"}, follow=True).content.decode()
    assert "3 条原始读数" in shown
    demand = Demand.objects.get()
    retention_jobs.erase(None)  # type: ignore[arg-type] - it looks at no time
    assert readings.erased == [], "nothing goes before it is confirmed"
    assert client.post(f"/storage/deletions/{demand.pk}/", {"name": "别家"}).status_code == 422
    client.post(f"/storage/deletions/{demand.pk}/", {"name": Enterprise.objects.get(pk=world.a.enterprise).name})
    retention_jobs.erase(None)  # type: ignore[arg-type]
    assert [(each.tenant, each.points, each.with_sums) for each in readings.erased] == [
        (world.a.enterprise, (point,), False)
    ]
    assert "删除证明" in client.get(f"/storage/deletions/{demand.pk}/").content.decode()
    actions = Entry.objects.filter(action__startswith="erasure.").order_by("sequence").values_list("action", flat=True)
    assert list(actions) == ["erasure.asked", "erasure.confirmed", "erasure.done"]
    retention_jobs.erase(None)  # type: ignore[arg-type]
    assert len(readings.erased) == 1


def test_points_of_others_cannot_be_named(readings: FakeTelemetry, world: World, signed_in: SignedIn) -> None:
    form = {"enterprise": world.a.enterprise, "which": "some", "point": world.b.points[0], "reason": "x"}
    answer = signed_in(world.a.owner).post(
        "/storage/deletions/new/", form | {"first": "2026-09-01", "last": "2026-09-02"}
    )
    assert (answer.status_code, Demand.objects.count()) == (404, 0)
    del readings


def test_a_demand_may_be_withdrawn_until_it_is_confirmed(
    readings: FakeTelemetry, world: World, signed_in: SignedIn
) -> None:
    demand = make_demand(world.a)
    client = signed_in(world.bureau)
    client.post(f"/storage/deletions/{demand.pk}/withdraw/")
    assert Demand.objects.get().state == "withdrawn"
    name = Enterprise.objects.get(pk=world.a.enterprise).name
    assert client.post(f"/storage/deletions/{demand.pk}/", {"name": name}).status_code == 422
    del readings


def test_every_night_telemetry_is_told_what_holds(readings: FakeTelemetry, world: World) -> None:
    Term.objects.create(enterprise_id=world.a.enterprise, raw_days=90, changed_at="2026-11-01T00:00Z")
    said = retention_jobs.keep(None)  # type: ignore[arg-type]
    assert readings.plans[0].tenants == {world.a.enterprise: Keep(90)}
    assert "2 组期限" in said.zh
