"""The stream behind lists of alarms: says what changed to those who may see it, and ends with their rights."""

import json

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import Client

from peers.alarm_rows import make_alarm, make_rule
from peers.asgi_caller import OpenStream, call, stream
from peers.records import World, make_world
from zhulian.alarms.workflows import acknowledge
from zhulian.organisations.models import User
from zhulian.organisations.tenancy import visible_to
from zhulian.portal import live
from zhulian.portal.live import alarms


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(alarms, "CHECK_RIGHTS_EVERY_S", 0.05)


def cookie_of(user: User) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    return {"cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"}


def prepared() -> tuple[World, int, dict[str, str], dict[str, str]]:
    """A world with an alarm of A, and the cookies of A's and B's engineer."""
    world = make_world()
    row = make_alarm(make_rule(world.a))
    return world, row.pk, cookie_of(world.a.engineer), cookie_of(world.b.engineer)


async def news(opened: OpenStream) -> dict[str, int]:
    while not (part := await opened.next() or b"").startswith(b"data:"):
        assert part
    found: dict[str, int] = json.loads(part.removeprefix(b"data:"))
    return found


@pytest.mark.django_db(transaction=True)
async def test_it_tells_what_changed_and_ends_with_the_rights() -> None:
    world, row, mine, theirs = await sync_to_async(prepared)()
    async with stream(live.app, "/live/alarms", mine) as opened, stream(live.app, "/live/alarms", theirs) as other:
        before, elsewhere = await news(opened), await news(other)
        assert (opened.status, before["waiting"], elsewhere["waiting"]) == (200, 1, 0)
        await sync_to_async(acknowledge)(await sync_to_async(visible_to)(world.a.engineer), row)
        after = await news(opened)
        assert (after["number"] > before["number"], after["waiting"]) == (True, 0)
        await sync_to_async(User.objects.filter(pk=world.a.engineer.pk).update)(is_active=False)
        assert await opened.next() == b"event: bye\ndata: {}\n\n"
        assert await opened.next() is None
        assert other.chunks.empty()


@pytest.mark.django_db(transaction=True)
async def test_strangers_hear_nothing() -> None:
    assert (await call(live.app, "GET", "/live/alarms")).status == 404
    assert (await call(live.app, "POST", "/live/alarms")).status == 404
    assert (await call(live.app, "GET", "/live/machine/1")).status == 404
    assert (await call(live.app, "GET", "/live/nothing/1")).status == 404
