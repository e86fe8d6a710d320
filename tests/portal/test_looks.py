"""Who looks at another's data is on record, once a page; who looks at their own is not."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from peers.records import World
from peers.telemetry import FakeTelemetry
from zhulian.audit.models import Entry, Sighting
from zhulian.audit.rules import Subject
from zhulian.organisations.models import User
from zhulian.organisations.tenancy import visible_to
from zhulian.portal.looks import may_unmask

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


def test_personal_numbers_are_shown_to_those_who_keep_the_file_and_ask(world: World) -> None:
    about = Subject("contact", 1, "王")
    own, bureau, engineer = (visible_to(one) for one in (world.a.owner, world.bureau, world.b.engineer))
    assert may_unmask(own, about, world.a.enterprise, is_asked=False)
    assert not may_unmask(bureau, about, world.a.enterprise, is_asked=False)
    assert not may_unmask(engineer, about, world.a.enterprise, is_asked=True)
    assert looks() == []
    assert may_unmask(bureau, about, world.a.enterprise, is_asked=True)
    assert looks() == [("contact", world.a.enterprise, 1)]
