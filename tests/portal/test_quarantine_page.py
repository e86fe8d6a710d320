"""The quarantine's pages: what lies there is told with its reason, sent again or discarded, and both are on record."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from peers.records import World
from peers.telemetry import FakeTelemetry, aside
from zhulian.audit.models import Entry
from zhulian.organisations.models import User
from zhulian.telemetry.queries import TelemetryRefused
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.errors import Text

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User | None], Client]


@pytest.fixture
def engineer(world: World, telemetry: FakeTelemetry, signed_in: SignedIn) -> Client:
    now = system_clock()
    telemetry.asides += [
        aside(1, world.a.enterprise, world.a.gateway, now),
        aside(2, world.b.enterprise, world.b.gateway, now),
        aside(3, world.a.enterprise, world.a.gateway, now, "sequence_overlap"),
    ]
    return signed_in(world.a.engineer)


def test_an_engineer_sees_the_own_enterprises_and_why(engineer: Client) -> None:
    text = engineer.get("/gateways/quarantine/").content.decode()
    assert text.count("读数的时间不可信") == 2
    assert "2 份等待处理" in text
    assert "让位" not in text, "the shelf as a whole is the administrator's"


@pytest.mark.parametrize(
    ("query", "items"),
    [
        ("reason=sequence_", [3]),
        ("reason=nonsense", [3, 1]),
        ("days=1", [3, 1]),
        ("q=Alderney+gateway", [3, 1]),
        ("q=meter", [3, 1]),
        ("q=value+1", [3, 1]),
        ("q=elsewhere", []),
        ("q=Alderney&reason=time_", [1]),
    ],
)
def test_the_list_is_searched_and_exported_as_it_is_narrowed(engineer: Client, query: str, items: list[int]) -> None:
    text = engineer.get(f"/gateways/quarantine/?{query}").content.decode()
    assert [int(one) for one in re.findall(r'href="/gateways/quarantine/(\d+)/"', text)] == items
    assert ("没有符合条件的读数" in text) == (not items)
    exported = b"".join(engineer.get(f"/gateways/quarantine/?{query}&form=csv"))  # type: ignore[arg-type]
    assert exported.decode("utf-8-sig").count("读数的时间不可信") == len(items)


def test_a_file_of_the_past_is_found_by_its_enterprise(
    world: World, telemetry: FakeTelemetry, signed_in: SignedIn
) -> None:
    telemetry.asides += [aside(n, firm.enterprise, -firm.enterprise, 0) for n, firm in ((1, world.a), (2, world.b))]
    text = signed_in(world.administrator).get(f"/gateways/quarantine/?q={world.b.marker}").content.decode()
    assert ("/gateways/quarantine/1/" in text, "/gateways/quarantine/2/" in text) == (False, True)
    assert (
        "/gateways/quarantine/1/"
        not in signed_in(world.administrator).get("/gateways/quarantine/?days=7").content.decode()
    )


def test_what_cannot_be_sent_again_says_why(engineer: Client) -> None:
    assert "其中一部分已经收到" in engineer.get("/gateways/quarantine/3/").content.decode()
    assert "不能再收" not in engineer.get("/gateways/quarantine/1/").content.decode()


def test_while_telemetry_is_away_nobody_says_that_it_is_empty(engineer: Client, telemetry: FakeTelemetry) -> None:
    telemetry.unreachable = True
    text = engineer.get("/gateways/quarantine/").content.decode()
    assert "现在读不到隔离区" in text
    assert "没有搁置的读数" not in text
    assert text.count("读不到遥测数据") == 1


def test_it_goes_in_with_its_times_moved_and_is_on_record(engineer: Client, telemetry: FakeTelemetry) -> None:
    answer = engineer.post("/gateways/quarantine/1/again/", {"shift_s": "-28800"}, follow=True)
    assert "12 条读数已入库" in answer.content.decode()
    assert [ask.version for _, ask in telemetry.asked] == [-28800]
    entry = Entry.objects.get(action="quarantine.sent_again")
    assert (entry.subject, entry.note) == ("1", "-28800 s")


def test_what_is_refused_again_stays_and_leaves_no_record(engineer: Client, telemetry: FakeTelemetry) -> None:
    telemetry.refusal = TelemetryRefused(
        "time_out_of_reach", Text("仍不可信。", "Still untrue."), Text("请改。", "Mend.")
    )
    answer = engineer.post("/gateways/quarantine/1/again/", {})
    assert (answer.status_code, "仍不可信" in answer.content.decode()) == (422, True)
    assert engineer.post("/gateways/quarantine/1/again/", {"shift_s": "soon"}).status_code == 422
    assert not Entry.objects.filter(action__startswith="quarantine.").exists()
    assert len(telemetry.asides) == 3


def test_discarding_needs_a_reason(engineer: Client, telemetry: FakeTelemetry) -> None:
    assert engineer.post("/gateways/quarantine/1/discard/", {"note": " "}).status_code == 422
    engineer.post("/gateways/quarantine/1/discard/", {"note": "试运行数据"})
    assert [one.id for one in telemetry.asides] == [2, 3]
    assert Entry.objects.get(action="quarantine.discarded").note == "试运行数据"


def test_what_must_not_go_in_again_offers_only_a_download(engineer: Client) -> None:
    text = engineer.get("/gateways/quarantine/3/").content.decode()
    assert "重新入库" not in text
    assert engineer.get("/gateways/quarantine/3/body/?form=csv").content == b"csv of 3"


def test_another_enterprises_item_does_not_exist(engineer: Client) -> None:
    for path in ("", "body/"):
        assert engineer.get(f"/gateways/quarantine/2/{path}").status_code == 404
    for path in ("again/", "discard/"):
        assert engineer.post(f"/gateways/quarantine/2/{path}", {"note": "x"}).status_code == 404
