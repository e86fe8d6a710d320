"""Who looks at another's data is on record, once a page; who looks at their own is not."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from peers.records import World
from peers.telemetry import FakeTelemetry
from zhulian.audit.models import Entry, Sighting
from zhulian.audit.rules import Subject
from zhulian.audit.rules.actions import ACTIONS
from zhulian.organisations.models import Contact, User
from zhulian.organisations.tenancy import visible_to
from zhulian.portal.looks import listed, may_unmask, table
from zhulian.portal.trail_words import LOOKS
from zhulian.vocabulary.errors import Text

pytestmark = pytest.mark.usefixtures("telemetry")
Browser = Callable[[User | None], Client]

PAGES = [
    ("enterprise", "enterprise", "enterprise"),
    ("factory", "enterprise", "factory"),
    ("machine", "machine", "machine"),
    ("gateway", "gateway", "gateway"),
]


def looks() -> list[tuple[str, int, int]]:
    return list(Sighting.objects.values_list("what", "owner", "times"))


@pytest.mark.parametrize(("name", "of", "what"), PAGES)
def test_a_page_of_another_is_noted_once(world: World, signed_in: Browser, name: str, of: str, what: str) -> None:
    address = reverse(name, args=[getattr(world.a, of)])
    browser = signed_in(world.bureau)
    for _ in range(2):
        assert browser.get(address).status_code == 200
    assert looks() == [(what, world.a.enterprise, 2)]
    entry = Entry.objects.get(action=f"view.{what}")
    assert (entry.actor, entry.organisation) == (world.bureau.pk, world.a.enterprise)
    assert entry.capacity.endswith(" · bureau")


@pytest.mark.parametrize(("name", "of", "what"), PAGES)
def test_ones_own_is_nobody_elses(world: World, signed_in: Browser, name: str, of: str, what: str) -> None:
    signed_in(world.a.owner).get(reverse(name, args=[getattr(world.a, of)]))
    assert looks() == []


def test_whoever_is_refused_has_seen_nothing(world: World, signed_in: Browser) -> None:
    assert signed_in(world.a.owner).get(reverse("enterprise", args=[world.b.enterprise])).status_code == 404
    assert looks() == []


def test_a_house_learns_who_looked_at_its_people(world: World, signed_in: Browser) -> None:
    address = reverse("person", args=[world.a.engineer.pk])
    for user in (world.a.owner, world.a.engineer, world.county_a):
        assert signed_in(user).get(address).status_code == 200
    assert looks() == [("person", world.a.enterprise, 1)]
    assert Entry.objects.get(action="view.person").actor == world.county_a.pk


def test_charts_belong_to_their_page(world: World, signed_in: Browser, telemetry: FakeTelemetry) -> None:
    browser = signed_in(world.county_a)
    browser.get(reverse("machine", args=[world.a.machine]))
    for point in world.a.points:
        browser.get(reverse("point_series", args=[point]))
    assert looks() == [("machine", world.a.enterprise, 1)]


def test_a_chart_alone_is_a_look(world: World, signed_in: Browser) -> None:
    signed_in(world.bureau).get(reverse("point_series", args=[world.a.points[0]]))
    assert looks() == [("machine", world.a.enterprise, 1)]


@pytest.mark.parametrize(
    ("path", "what"), [("enterprises", "enterprise"), ("machines", "machine"), ("gateways", "gateway")]
)
def test_the_interface_notes_it_too(world: World, signed_in: Browser, path: str, what: str) -> None:
    record = getattr(world.a, what)
    assert signed_in(world.bureau).get(f"/api/v1/{path}/{record}").status_code == 200
    assert looks() == [(what, world.a.enterprise, 1)]


def test_readings_over_the_interface_are_noted(world: World, signed_in: Browser) -> None:
    points = ",".join(map(str, world.a.points + world.b.points))
    signed_in(world.bureau).get(f"/api/v1/latest?points={points}")
    assert sorted(looks()) == sorted(("readings", tenant.enterprise, 1) for tenant in (world.a, world.b))


def test_an_export_is_noted_with_its_rows(world: World, signed_in: Browser) -> None:
    answer = signed_in(world.bureau).get(reverse("enterprises") + "?form=csv&q=Alder")
    assert answer.status_code == 200
    entry = Entry.objects.get(action="export.table")
    assert '"rows":[null,1]' in entry.changes
    assert "q=Alder" in entry.note


def test_signing_in_out_and_failing_is_on_record(world: World, client: Client) -> None:
    user = world.a.owner
    user.set_password("long-and-Secret-9")
    user.save()
    for name, password in (("nobody", "x"), (user.username, "wrong"), (user.username, "long-and-Secret-9")):
        client.post(reverse("account_login"), {"login": name, "password": password}, REMOTE_ADDR="192.0.2.9")
    client.post(reverse("account_logout"))
    entries = Entry.objects.filter(action__startswith="session.").order_by("sequence")
    said = [(entry.action, entry.subject_name, entry.note) for entry in entries]
    assert said == [
        ("session.refused", "", "192.0.2.9"),
        ("session.refused", user.last_name, "192.0.2.9"),
        ("session.signed_in", user.last_name, "192.0.2.9"),
        ("session.signed_out", user.last_name, "127.0.0.1"),
    ]


@pytest.mark.parametrize(
    "path", ["/machines/", "/gateways/", "/people/", "/api/v1/machines", "/api/v1/gateways", "/machines/?form=csv"]
)
def test_a_list_is_noted_once_a_day_for_each_house_it_shows(world: World, signed_in: Browser, path: str) -> None:
    browser = signed_in(world.bureau)
    for _ in range(2):
        assert browser.get(path).status_code == 200
    assert sorted(looks()) == sorted(("list", tenant.enterprise, 2) for tenant in (world.a, world.b))
    assert Entry.objects.filter(action="view.list").count() == 2


def test_lists_of_ones_own_need_no_note(world: World, signed_in: Browser) -> None:
    for path in ("/machines/", "/gateways/", "/people/", "/facts/", "/documents/"):
        assert signed_in(world.a.owner).get(path).status_code == 200
    assert looks() == []


def test_a_list_of_many_owners_costs_a_few_statements(world: World) -> None:
    def statements(owners: range) -> int:
        with CaptureQueriesContext(connection) as first:
            listed(visible_to(world.bureau), table("facts", Text("事实", "Facts")), owners)
        return len(first)

    assert statements(range(1_000, 1_001)) <= 9
    assert statements(range(2_000, 2_400)) <= 19  # SQLite takes the entries in portions
    assert statements(range(2_000, 2_400)) <= 5
    assert Sighting.objects.count() == 401
    listed(visible_to(world.bureau), table("facts", Text("事实", "Facts")), range(2_000, 3_200))
    assert Sighting.objects.filter(times=3).count() == 400
    assert Sighting.objects.count() == 1_201


def test_every_look_has_its_word_on_the_owners_page() -> None:
    kinds = {action.removeprefix("view.") for action in ACTIONS if action.startswith("view.")}
    assert kinds - {"repeated"} == set(LOOKS)


def test_personal_numbers_are_shown_to_those_who_keep_the_file_and_ask(world: World) -> None:
    about, owner = Subject("contact", 1, "王"), world.a.enterprise
    own, bureau, engineer = (visible_to(one) for one in (world.a.owner, world.bureau, world.b.engineer))
    assert may_unmask(own, about, owner, is_own=True, is_keeper=True, is_asked=False)
    assert not may_unmask(bureau, about, owner, is_own=False, is_keeper=True, is_asked=False)
    assert not may_unmask(engineer, about, owner, is_own=False, is_keeper=False, is_asked=True)
    assert looks() == []
    assert may_unmask(bureau, about, owner, is_own=False, is_keeper=True, is_asked=True)
    assert looks() == [("contact", world.a.enterprise, 1)]


def test_contacts_of_other_bodies_are_masked_until_asked_for(world: World, signed_in: Browser) -> None:
    body = world.organisations["platform_a"]
    Contact.objects.create(organisation_id=body, name="周", phone="13800001234", email="zhou@example.cn")
    browser, address = signed_in(world.bureau), reverse("organisation", args=[body])
    assert "13800001234" not in browser.get(address).content.decode()
    assert not Entry.objects.filter(action="view.contact").exists()
    assert "13800001234" in browser.get(address + "?whole=1").content.decode()
    entry = Entry.objects.get(action="view.contact")
    assert (entry.actor, entry.subject_kind, entry.subject) == (world.bureau.pk, "organisation", str(body))
