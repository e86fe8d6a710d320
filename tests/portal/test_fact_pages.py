"""Pages of facts as people use them: state, prove, correct, withdraw, and open the origin of each figure."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from peers import papers
from peers.records import World
from zhulian.audit.models import Entry
from zhulian.evidence import queries, workflows
from zhulian.evidence.models import Document, Fact
from zhulian.evidence.rules import EvidenceClass, of_enterprise
from zhulian.evidence.workflows import NewFact
from zhulian.organisations.models import User
from zhulian.organisations.tenancy import SYSTEM, visible_to
from zhulian.portal.pages.fact_figures import money_words
from zhulian.portal.pages.fact_form import fen_of

SignedIn = Callable[[User | None], Client]


@pytest.fixture
def owner(world: World, signed_in: SignedIn) -> Client:
    return signed_in(world.a.owner)


def post(client: Client, world: World, **form: object) -> object:
    return client.post(f"/enterprises/{world.a.enterprise}/facts/state/", form)


def test_a_figure_is_stated_corrected_and_withdrawn(world: World, owner: Client) -> None:
    post(owner, world, key="business.employees", value="１２０", period="2026-01-31", document="0")
    first = Fact.objects.get()
    assert (first.value, first.evidence_class, first.source) == (120, "C", "statement:enterprise")
    page = owner.get(f"/enterprises/{world.a.enterprise}/facts/state/?key=business.employees").content.decode()
    assert 'value="120"' in page
    post(owner, world, key="business.employees", value="130", period="2026-01-31", document="0")
    origin = owner.get(f"/origin/fact/{Fact.objects.latest('id').pk}/").content.decode()
    assert "更正经过" in origin
    assert "120" in origin
    owner.post(f"/facts/{Fact.objects.latest('id').pk}/withdraw/", {"reason": "抄错了"})
    assert queries.effective(SYSTEM, of_enterprise(world.a.enterprise), "business.employees", date(2026, 2, 1)) is None
    assert Entry.objects.filter(action="fact.withdrawn").exists()


@pytest.mark.parametrize(
    ("typed", "unit", "fen"),
    [
        ("1,280.5", "wan", 12_805_000_00),
        ("0.01", "yuan", 1),
        ("1.2345678901", "yi", 123_456_789_01),
        ("-3", "wan", -3_000_000),
    ],
)
def test_money_is_exact(world: World, owner: Client, typed: str, unit: str, fen: int) -> None:
    post(owner, world, key="business.revenue", value=typed, money_unit=unit, period="2024", document="0")
    assert Fact.objects.get().value == fen
    assert (Fact.objects.get().period_start, Fact.objects.get().period_end) == (date(2024, 1, 1), date(2024, 12, 31))


@pytest.mark.parametrize(
    ("key", "form"),
    [
        ("business.revenue", {"value": "0.001", "money_unit": "yuan", "period": "2024"}),
        ("business.revenue", {"value": "1e9", "period": "2024"}),
        ("business.revenue", {"value": "1", "period": "2999"}),
        ("business.employees", {"value": "a lot", "period": "2026-01-31"}),
        ("business.employees", {"value": "1", "period": "31.31.2026"}),
        ("security.backup", {"value": "perhaps", "period": "2026-01-31"}),
        ("cloud.business_links", {"value": "15", "period": "2026-01-31"}),
    ],
)
def test_what_is_wrong_is_said_at_the_form_and_nothing_typed_is_lost(
    world: World, owner: Client, key: str, form: dict[str, str]
) -> None:
    answer = post(owner, world, key=key, document="0", note="my note", **form)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "my note" in answer.content.decode()  # type: ignore[attr-defined]
    assert not Fact.objects.exists()


def test_a_document_proves_a_figure(world: World, owner: Client) -> None:
    sent = SimpleUploadedFile("发票.jpg", papers.jpeg(papers.photo(1)))
    form = {
        "kind": "invoice",
        "file": sent,
        "invoice_number": "26312000000123456789",
        "amount": "128000",
        "key": "cloud.spend_paid",
    }
    answer = owner.post(f"/enterprises/{world.a.enterprise}/documents/add/", form)
    document = Document.objects.get()
    assert answer.headers["Location"].endswith(f"?key=cloud.spend_paid&document={document.pk}")
    assert document.amount_fen == 128_000_00
    post(owner, world, key="cloud.spend_paid", value="12.8", money_unit="wan", period="2025", document=document.pk)
    fact = Fact.objects.get()
    assert (fact.evidence_class, fact.source) == ("B", f"document:{document.pk}")
    origin = owner.get(f"/origin/fact/{fact.pk}/").content.decode()
    assert "发票.jpg" in origin
    assert document.sha256[:16] in origin


@pytest.mark.parametrize("body", [b"<html>", b"\x00\x00\x00\x18ftypheic", b""])
def test_what_is_no_document_is_told_at_the_form(world: World, owner: Client, body: bytes) -> None:
    form = {"kind": "report", "file": SimpleUploadedFile("x.pdf", body), "party": "乙方公司"}
    answer = owner.post(f"/enterprises/{world.a.enterprise}/documents/add/", form)
    assert answer.status_code == 422
    assert "乙方公司" in answer.content.decode()


def test_a_file_is_never_run_by_the_browser(world: World, owner: Client, settings: object) -> None:
    sent = SimpleUploadedFile("a.pdf", papers.pdf())
    owner.post(f"/enterprises/{world.a.enterprise}/documents/add/", {"kind": "report", "file": sent})
    number = Document.objects.get().pk
    answer = owner.get(f"/documents/{number}/file/?show=1")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert b"".join(answer.streaming_content) == papers.pdf()  # type: ignore[attr-defined]
    next(path for path in Path(settings.ZHULIAN.data.files).rglob("*") if path.is_file()).unlink()  # type: ignore[attr-defined]
    assert owner.get(f"/documents/{number}/file/").status_code == 400


def test_looks_of_others_are_noted_for_the_owner(world: World, owner: Client, signed_in: SignedIn) -> None:
    post(owner, world, key="business.employees", value="120", period="2026-01-31", document="0")
    fact = Fact.objects.get().pk
    owner.get(f"/origin/fact/{fact}/")
    assert not Entry.objects.filter(action="view.fact").exists()
    signed_in(world.bureau).get(f"/origin/fact/{fact}/")
    assert Entry.objects.get(action="view.fact").organisation == world.a.enterprise


def test_a_conflict_stands_side_by_side(world: World, owner: Client, signed_in: SignedIn) -> None:
    for client, value in ((owner, "612"), (signed_in(world.bureau), "480")):
        post(client, world, key="business.employees", value=value, period="2026-01-31", document="0")
    page = owner.get(f"/enterprises/{world.a.enterprise}/facts/?on=2026-02-01").content.decode()
    assert "612" in page
    assert "480" in page
    assert "有冲突" in page
    for client in (owner, signed_in(world.bureau)):
        assert {"612", "480"} <= set(re.findall(r"\d{3}", client.get("/facts/conflicts/").content.decode()))
    rows = b"".join(owner.get("/facts/conflicts/?form=csv")).decode()
    assert "612" in rows
    assert "480" in rows
    before = owner.get(f"/enterprises/{world.a.enterprise}/facts/?on=2026-01-30").content.decode()
    assert "612" not in before


def test_the_origin_of_a_measured_figure_leads_to_machine_and_point(world: World, owner: Client) -> None:
    point = world.a.points[0]
    details = {
        "collector": "machines",
        "method_zh": "逐台清点",
        "method_en": "counted",
        "from": "2026-01-30T00:00:00+08:00",
        "to": "2026-01-31T00:00:00+08:00",
        "readings": 1440,
        "coverage": 0.987,
        "machines": [
            {
                "machine": world.a.machine,
                "name": "m",
                "points": [point],
                "point_names": ["p"],
                "readings": 1440,
                "value": 1,
            },
            {"machine": 999_999, "name": "gone", "points": [], "point_names": [], "readings": 0, "value": 0},
        ],
    }
    new = NewFact(
        subject=of_enterprise(world.a.enterprise),
        key="machines.networked",
        value=1,
        period_end=date(2026, 1, 30),
        evidence_class=EvidenceClass.A,
        source="collector:machines",
        details=details,
    )
    fact = workflows.state(SYSTEM, new)
    page = owner.get(f"/origin/fact/{fact}/", headers={"HX-Request": "true"}).content.decode()
    for piece in (f"/machines/{world.a.machine}/", f"/origin/point/{point}/", "1,440", "98.7%", "逐台清点", "gone"):
        assert piece in page
    assert "/machines/999999/" not in page


def test_the_interface_answers_on_any_day(world: World, owner: Client) -> None:
    post(owner, world, key="business.employees", value="120", period="2026-01-31", document="0")
    address = f"/api/v1/enterprises/{world.a.enterprise}/facts"
    (holding,) = owner.get(f"{address}?on=2026-02-01").json()
    assert (holding["fact"]["value"], holding["is_disputed"]) == (120, False)
    assert owner.get(f"{address}?on=2026-01-30").json() == []
    assert owner.get(f"{address}?known=2020-01-01T00:00:00%2B08:00").json() == []
    assert owner.get(f"{address}?known=2020-01-01T00:00:00").status_code == 422
    chain = owner.get(f"/api/v1/facts/{holding['fact']['id']}").json()
    assert chain["earlier"] == []
    assert owner.get("/api/v1/facts?key=business.employees").json()["total"] == 1


def test_a_pages_statements_do_not_grow(
    world: World, owner: Client, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    scope = visible_to(world.a.owner)
    for number in range(20):
        new = NewFact(
            subject=of_enterprise(world.a.enterprise),
            key="business.employees",
            value=number,
            period_end=date(2026, 1, 1 + number),
        )
        workflows.state(scope, new)
    with django_assert_max_num_queries(16):  # type: ignore[attr-defined]
        owner.get("/facts/")
    with django_assert_max_num_queries(18):  # type: ignore[attr-defined]
        owner.get(f"/enterprises/{world.a.enterprise}/facts/")


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "0.00 元"),
        (999_999, "9,999.99 元"),
        (10_000_00, "1.00 万元"),
        (-150_000_00, "-15.00 万元"),
        (230_000_000_00, "2.30 亿元"),
    ],
)
def test_money_reads_well(fen: int, words: str) -> None:
    assert " ".join(money_words(fen)) == words


def test_amounts_move_digits() -> None:
    assert fen_of("0.29", 100) == 29
    assert fen_of("1.005", 10_000_00) == 1_005_000
