"""One stream of events to a browser: how it begins, whose it is, and the three ways in which it ends.

It ends when the browser leaves, when rights end (``bye``), and at once when the server stops, because a stream never
ends by itself.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping, Sequence
from http.cookies import SimpleCookie
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections

from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import NOTHING, visible_to
from zhulian.organisations.tenancy import Scope as Sight
from zhulian.portal.second_factor import has_or_needs_none
from zhulian.portal.session_rules import person_of

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Say = Callable[[bytes], Awaitable[None]]
Found = TypeVar("Found")
Work = Callable[[Say], Coroutine[Any, Any, None]]
"""Says something as long as there is something to say. NotVisibleError: rights have ended."""

CHECK_RIGHTS_EVERY_S = 60.0
RETRY_MS = 3_000
BYE = b"event: bye\ndata: {}\n\n"
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
_open: set[asyncio.Task[Any]] = set()


async def stream(receive: Receive, send: Send, works: Sequence[Work]) -> None:
    """The works, and a watch for the browser to leave, run until the first of them ends."""
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    say = _one_at_a_time(send)
    await say(f"retry: {RETRY_MS}\n\n".encode())
    gone = asyncio.create_task(_gone(receive))
    tasks: list[asyncio.Task[Any]] = [gone, *(asyncio.create_task(work(say)) for work in works)]
    _open.update(tasks)
    try:
        done, _pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
            _open.discard(task)
        await asyncio.gather(*tasks, return_exceptions=True)
    if gone in done:
        return
    with contextlib.suppress(OSError):
        if any(not task.cancelled() and isinstance(task.exception(), NotVisibleError) for task in done):
            await say(BYE)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def stop() -> None:
    """End every open stream; called when the server stops."""
    for task in tuple(_open):
        task.cancel()


async def refuse(send: Send, status: int) -> None:
    """No stream: an empty answer with this status."""
    await send({"type": "http.response.start", "status": status, "headers": [(b"cache-control", b"no-store")]})
    await send({"type": "http.response.body", "body": b""})


async def looked_up(look: Callable[[Sight], Found], scope: Scope) -> Found:
    """What ``look`` finds in the records within the rights of the person whose browser this is, as they are now."""
    return await sync_to_async(_looked_up)(look, _cookie(scope))


def _looked_up(look: Callable[[Sight], Found], cookie: str) -> Found:
    """Outside of Django's requests nobody gives a connection back, or drops one whose server was restarted."""
    close_old_connections()
    try:
        user = person_of(cookie)
        return look(visible_to(user) if user and has_or_needs_none(user) else NOTHING)
    finally:
        close_old_connections()


def _cookie(scope: Scope) -> str:
    """The session key that the browser sent."""
    jar: SimpleCookie = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            jar.load(value.decode("latin-1"))
    found = jar.get(settings.SESSION_COOKIE_NAME)
    return found.value if found else ""


def _one_at_a_time(send: Send) -> Say:
    """Whole events from several works, one behind the other."""
    turn = asyncio.Lock()

    async def say(events: bytes) -> None:
        async with turn:
            await send({"type": "http.response.body", "body": events, "more_body": True})

    return say


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
