"""Bodies that are too large are refused before anything of them is read or kept."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from peers.records import World
from zhulian.organisations.models import User
from zhulian.portal.live import streams
from zhulian.portal.uploads import MOST_BYTES, Receive, Scope, Send, limited, nothing_more, of_past_readings

SignedIn = Callable[[User | None], Client]

Sent = list[MutableMapping[str, Any]]


async def reading(_scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads its whole body, as Django does."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})


def asked(
    headers: list[tuple[bytes, bytes]],
    portions: int,
    size: int,
    more: Callable[[Scope], Awaitable[int]] = nothing_more,
) -> tuple[Sent, int]:
    """What was answered, and how many portions were taken."""
    sent: Sent = []
    taken = 0

    async def receive() -> MutableMapping[str, Any]:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": b"x" * size, "more_body": taken < portions}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(limited(reading, more)({"type": "http", "headers": headers}, receive, send))
    return sent, taken


def test_an_announced_200_mb_are_refused_unread() -> None:
    sent, taken = asked([(b"content-length", b"209715200")], 200, 1024 * 1024)
    assert sent[0]["status"] == 413
    assert "32 MB" in sent[1]["body"].decode()
    assert taken == 0


def test_a_person_is_told_on_a_page() -> None:
    sent, _ = asked([(b"content-length", b"209715200"), (b"accept", b"text/html,*/*")], 1, 1)
    assert (b"content-type", b"text/html; charset=utf-8") in sent[0]["headers"]
    assert "<h1>文件太大</h1>" in sent[1]["body"].decode()


def test_a_body_of_unknown_length_is_cut_off() -> None:
    sent, taken = asked([], 200, 1024 * 1024)
    assert sent[0]["status"] == 413
    assert taken == MOST_BYTES // (1024 * 1024) + 1


def test_ordinary_bodies_pass() -> None:
    sent, taken = asked([(b"content-length", b"10")], 1, 10)
    assert sent[0]["status"] == 200
    assert taken == 1


@pytest.mark.django_db
def test_history_may_be_large_from_who_may_import_it(
    world: World, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "close_old_connections", lambda: None)  # the test's transaction is on this one

    def allowed(person: User | None, enterprise: int, method: str = "POST") -> int:
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in signed_in(person).cookies.items())
        path = f"/enterprises/{enterprise}/history/"
        scope = {"path": path, "method": method, "headers": [(b"cookie", cookie.encode())]}
        return async_to_sync(of_past_readings)(scope)

    assert allowed(world.a.owner, world.a.enterprise) > 1024 * 1024 * 1024
    assert allowed(world.a.owner, world.a.enterprise, "GET") == 0
    assert allowed(world.b.owner, world.a.enterprise) == 0
    assert allowed(None, world.a.enterprise) == 0


def test_what_a_page_takes_more_of_passes_and_no_more_than_that() -> None:
    async def more(_scope: Scope) -> int:
        return 2 * MOST_BYTES

    assert asked([(b"content-length", b"%d" % (2 * MOST_BYTES))], 1, 10, more)[0][0]["status"] == 200
    sent, taken = asked([(b"content-length", b"%d" % (2 * MOST_BYTES + 1))], 1, 10, more)
    assert (sent[0]["status"], taken) == (413, 0)
    assert "64 MB" in sent[1]["body"].decode()
