"""Bodies that are too large are refused before anything of them is read or kept."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from zhulian.portal.uploads import MOST_BYTES, Receive, Scope, Send, limited

Sent = list[MutableMapping[str, Any]]


async def reading(_scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads its whole body, as Django does."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})


def asked(headers: list[tuple[bytes, bytes]], portions: int, size: int) -> tuple[Sent, int]:
    """What was answered, and how many portions were taken."""
    sent: Sent = []
    taken = 0

    async def receive() -> MutableMapping[str, Any]:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": b"x" * size, "more_body": taken < portions}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(limited(reading)({"type": "http", "headers": headers}, receive, send))
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
