"""Text that PostgreSQL cannot keep is refused with words, wherever it comes in, on both databases."""

from collections.abc import Callable

import pytest
from django.test import Client

from peers.records import World
from zhulian.organisations.models import Enterprise, User

pytestmark = pytest.mark.usefixtures("telemetry")
Browser = Callable[[User | None], Client]
LISTS = [
    *("claims", "desk", "documents", "enterprises", "facts/conflicts", "flags", "gateways", "imports"),
    *("organisations", "people", "reporting"),
]


@pytest.mark.parametrize("name", LISTS)
def test_a_search_for_nul_is_refused_with_a_page(world: World, signed_in: Browser, name: str) -> None:
    answer = signed_in(world.administrator).get(f"/{name}/?q=%00")
    assert answer.status_code == 400
    assert "NUL" in answer.content.decode()


@pytest.mark.parametrize("wish", ["enterprises?text=%00", "facts?key=%00", "points?unit=a%00", "points?%00=1"])
def test_a_program_gets_a_documented_refusal(world: World, signed_in: Browser, wish: str) -> None:
    answer = signed_in(world.bureau).get(f"/api/v1/{wish}")
    assert (answer.status_code, answer.json()["code"]) == (422, "text_unstorable")


def test_nothing_is_saved_of_a_form_or_an_address(world: World, signed_in: Browser) -> None:
    browser, row = signed_in(world.bureau), Enterprise.objects.get(pk=world.a.enterprise)
    typed = {"revision": row.revision, "was": "{}", "legal_representative": "张\0三", "on": ""}
    assert browser.post(f"/enterprises/{row.pk}/edit/", typed).status_code == 400
    assert browser.get("/invitation/a%00b/").status_code == 400
    board = browser.post("/boards/1/save/", rb'{"name":"\u0000"}', content_type="application/json")
    assert board.status_code == 422
    row.refresh_from_db()
    assert "\0" not in row.legal_representative


def test_strangers_are_refused_as_well(client: Client, db: None) -> None:
    assert client.post("/sign-in/", {"login": "a\0b", "password": "x"}).status_code == 400
