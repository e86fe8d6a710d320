"""The live stream of values to a browser, as plain ASGI: ``GET /live/machine/<id>``, mounted by ``portal.asgi``.

Session and rights are checked once at the start and again every minute; then bytes are passed on from the telemetry
process as they come. A stream ends when the browser leaves, when rights end, and at once when the server stops.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

import aiohttp
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections

from zhulian.audit.rules import Subject
from zhulian.organisations import queries
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import NOTHING, visible_to
from zhulian.portal.looks import shown
from zhulian.portal.second_factor import has_or_needs_none
from zhulian.portal.session_rules import person_of
from zhulian.portal.telemetry_access import telemetry
from zhulian.vocabulary.errors import ZhulianError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

CHECK_RIGHTS_EVERY_S = 60.0
RETRY_MS = 3_000
BYE = b"event: bye\ndata: {}\n\n"
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
_open: set[asyncio.Task[None]] = set()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a machine's changes come from. The headers hold the store's key and never leave this process."""

    url: str
    headers: dict[str, str]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one stream. 404 for whatever this person may not see, 503 while telemetry cannot be reached."""
    machine = _machine(scope["path"])
    if scope["method"] != "GET" or machine is None:
        return await _end(send, 404)
    try:
        source = await _source(scope, machine)
    except NotVisibleError:
        return await _end(send, 404)
    except ZhulianError:
        return await _end(send, 503)
    await _stream(scope, receive, send, machine, source)
    return None


def stop() -> None:
    """End every open stream; called when the server stops, because a stream never ends by itself."""
    for task in tuple(_open):
        task.cancel()


async def _stream(scope: Scope, receive: Receive, send: Send, machine: int, source: Source) -> None:
    """Three things run until the first of them ends: relaying, watching for the browser to leave, watching rights."""
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await _say(send, f"retry: {RETRY_MS}\n\n".encode())
    tasks = [
        asyncio.create_task(_relay(source, send)),
        asyncio.create_task(_gone(receive)),
        asyncio.create_task(_rights_end(scope, machine)),
    ]
    _open.update(tasks)
    try:
        done, _pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
            _open.discard(task)
        await asyncio.gather(*tasks, return_exceptions=True)
    if tasks[1] in done:
        return
    with contextlib.suppress(OSError):
        if tasks[2] in done and not tasks[2].cancelled():
            await _say(send, BYE)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _relay(source: Source, send: Send) -> None:
    """Pass events on as they come. When telemetry goes away the stream ends, and the browser comes back by itself."""
    with contextlib.suppress(aiohttp.ClientError, OSError):
        async for part in _events(source):
            await _say(send, part)


async def _events(source: Source) -> AsyncIterator[bytes]:
    patience = aiohttp.ClientTimeout(total=None, sock_connect=3.0, sock_read=60.0)
    async with (
        aiohttp.ClientSession(timeout=patience, trust_env=False) as session,
        session.get(source.url, headers=source.headers) as answer,
    ):
        answer.raise_for_status()
        async for part in answer.content.iter_any():
            yield part


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _rights_end(scope: Scope, machine: int) -> None:
    """Returns when the person may no longer see this: signed out, closed, moved, or the machine was removed."""
    while True:
        await asyncio.sleep(CHECK_RIGHTS_EVERY_S)
        try:
            await _source(scope, machine)
        except NotVisibleError:
            return
        except ZhulianError:
            continue  # telemetry is away for a moment; that is no matter of rights


async def _source(scope: Scope, machine: int) -> Source:
    return await sync_to_async(_looked_up)(_cookie(scope), machine)


def _looked_up(cookie: str, machine: int) -> Source:
    """Outside of Django's requests nobody gives a connection back, or drops one whose server was restarted."""
    close_old_connections()
    try:
        return _visible_source(cookie, machine)
    finally:
        close_old_connections()


def _visible_source(cookie: str, machine: int) -> Source:
    user = person_of(cookie)
    sight = visible_to(user) if user and has_or_needs_none(user) else NOTHING
    found = queries.machine(sight, machine)
    shown(sight, "machine", Subject("machine", found.id, found.name), found.enterprise, is_part=True)
    client = telemetry()
    return Source(client.live_stream_url(found.enterprise, [point.id for point in found.points]), client.live_headers)


def _cookie(scope: Scope) -> str:
    """The session key that the browser sent."""
    jar: SimpleCookie = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            jar.load(value.decode("latin-1"))
    found = jar.get(settings.SESSION_COOKIE_NAME)
    return found.value if found else ""


def _machine(path: str) -> int | None:
    text = path.removeprefix("/live/machine/")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


async def _say(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _end(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"cache-control", b"no-store")]})
    await send({"type": "http.response.body", "body": b""})
