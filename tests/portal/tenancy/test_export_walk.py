"""Every list as a file, as every role: a file holds no more than the page, and every list that exports is walked."""

import inspect
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from peers import doors
from peers.doors import roles
from peers.records import World
from portal.tenancy.test_walk import people, refuse_leaks
from zhulian.organisations.models import User

SignedIn = Callable[[User | None], Client]
LISTS = sorted(name for name, door in doors.DOORS.items() if door.exports)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("name", LISTS)
def test_files_hold_ones_own_part(world: World, signed_in: SignedIn, name: str, form: str) -> None:
    for role, user in people(world).items():
        door = doors.DOORS[name]
        asked = f"{reverse(name, kwargs=door.fill(world.a))}?form={form}"
        answer = signed_in(user).get(asked)
        expected = {302} if user is None else {200} if role in door.open_to else {403, 404}
        assert answer.status_code in expected, f"{role} {asked}"
        text = refuse_leaks(answer, role, world, asked)
        for letter, tenant in (("a", world.a), ("b", world.b)):
            if not roles.sees(role, letter):
                assert tenant.marker.lower() not in text, f"{role} read of {tenant.marker} in {asked}"
            elif user is not None and name in {"enterprises", "machines", "gateways"}:
                assert tenant.marker.lower() in text


def test_every_page_that_makes_a_file_is_walked() -> None:
    patterns = get_resolver("zhulian.portal.pages.urls").url_patterns
    sources = {one.name: inspect.getsource(inspect.unwrap(one.callback)) for one in patterns}
    making = {name for name, source in sources.items() if "is_asked(" in source}
    assert making, "pages are asked for files by another name now; this test has to follow"
    assert making <= set(LISTS)
