"""The live stream of values to a browser, as plain ASGI, mounted by ``portal.asgi``.

``GET /live/machine/<id>`` streams the points of a machine, ``GET /live/points/1,2,3`` those of the listed ones that the
person may see, from as many enterprises as they belong to.

Session and rights are checked once at the start and again every minute; then bytes are passed on from the telemetry
process as they come. A stream ends when the browser leaves, when rights end, and at once when the server stops.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

import aiohttp
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections

from zhulian.audit.rules import Subject
from zhulian.organisations import queries
from zhulian.organisations.queries.placed_points import placed_points
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import NOTHING, visible_to
from zhulian.organisations.tenancy import Scope as Sight
from zhulian.portal.looks import shown
from zhulian.portal.second_factor import has_or_needs_none
from zhulian.portal.session_rules import person_of
from zhulian.portal.telemetry_access import telemetry
from zhulian.vocabulary.errors import ZhulianError
from zhulian.vocabulary.readings import PointId, TenantId

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

CHECK_RIGHTS_EVERY_S = 60.0
RETRY_MS = 3_000
MOST_POINTS = 200
"""In one address: a full dashboard has that many."""
Subjects = int | tuple[int, ...]
"""A machine, or points."""
Say = Callable[[bytes], Awaitable[None]]
BYE = b"event: bye\ndata: {}\n\n"
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
_open: set[asyncio.Task[Any]] = set()


@dataclass(frozen=True, slots=True)
class Source:
    """Where the changes of one enterprise's points come from.

    The headers hold the store's key and never leave this process.
    """

    url: str
    headers: dict[str, str]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one stream. 404 for whatever this person may not see, 503 while telemetry cannot be reached."""
    subject = _subject(scope["path"])
    if scope["method"] != "GET" or subject is None:
        return await _end(send, 404)
    try:
        sources = await _sources(scope, subject)
    except NotVisibleError:
        return await _end(send, 404)
    except ZhulianError:
        return await _end(send, 503)
    await _stream(scope, receive, send, subject, sources)
    return None


def stop() -> None:
    """End every open stream; called when the server stops, because a stream never ends by itself."""
    for task in tuple(_open):
        task.cancel()


async def _stream(scope: Scope, receive: Receive, send: Send, subject: Subjects, sources: list[Source]) -> None:
    """Relays, a watch for the browser to leave and one on rights run until the first of them ends."""
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await _say(send, f"retry: {RETRY_MS}\n\n".encode())
    say = _one_at_a_time(send)
    gone = asyncio.create_task(_gone(receive))
    rights = asyncio.create_task(_rights_end(scope, subject, sources))
    tasks: list[asyncio.Task[Any]] = [gone, rights, *(asyncio.create_task(_relay(source, say)) for source in sources)]
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
        if rights in done and not rights.cancelled() and rights.result():
            await _say(send, BYE)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _relay(source: Source, say: Say) -> None:
    """Pass events on as they come. When telemetry goes away the stream ends, and the browser comes back by itself."""
    with contextlib.suppress(aiohttp.ClientError, OSError):
        rest = b""
        async for part in _events(source):
            whole, end, rest = (rest + part).rpartition(b"\n\n")
            if end:
                await say(whole + end)


def _one_at_a_time(send: Send) -> Say:
    """Whole events from several sources, one behind the other."""
    turn = asyncio.Lock()

    async def say(events: bytes) -> None:
        async with turn:
            await _say(send, events)

    return say


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


async def _rights_end(scope: Scope, subject: Subjects, sources: list[Source]) -> bool:
    """True once the person may see none of this: signed out, closed, moved, or all of it was removed.

    False when it is less or more than at the start: the stream ends, and the browser comes back for what it is now.
    """
    while True:
        await asyncio.sleep(CHECK_RIGHTS_EVERY_S)
        try:
            if await _sources(scope, subject) != sources:
                return False
        except NotVisibleError:
            return True
        except ZhulianError:
            continue  # telemetry is away for a moment; that is no matter of rights


async def _sources(scope: Scope, subject: Subjects) -> list[Source]:
    return await sync_to_async(_looked_up)(_cookie(scope), subject)


def _looked_up(cookie: str, subject: Subjects) -> list[Source]:
    """Outside of Django's requests nobody gives a connection back, or drops one whose server was restarted."""
    close_old_connections()
    try:
        return _visible_sources(cookie, subject)
    finally:
        close_old_connections()


def _visible_sources(cookie: str, subject: Subjects) -> list[Source]:
    user = person_of(cookie)
    sight = visible_to(user) if user and has_or_needs_none(user) else NOTHING
    found = _of_machine(sight, subject) if isinstance(subject, int) else _of_points(sight, subject)
    client = telemetry()
    return [Source(client.live_stream_url(tenant, points), client.live_headers) for tenant, points in found.items()]


def _of_machine(sight: Sight, machine: int) -> Mapping[TenantId, list[PointId]]:
    found = queries.machine(sight, machine)
    shown(sight, "machine", Subject("machine", found.id, found.name), found.enterprise, is_part=True)
    return {found.enterprise: [point.id for point in found.points]}


def _of_points(sight: Sight, points: tuple[int, ...]) -> Mapping[TenantId, list[PointId]]:
    """What is out of sight is left out, as on the page that asks; with nothing left there is no stream."""
    found = placed_points(sight, points)
    if not found:
        raise NotVisibleError(queries.POINT)
    by_enterprise: dict[TenantId, list[PointId]] = {}
    for placed in found:
        about = Subject("machine", placed.point.machine, placed.machine_name)
        shown(sight, "machine", about, placed.enterprise, is_part=True)
        by_enterprise.setdefault(placed.enterprise, []).append(placed.point.id)
    return by_enterprise


def _cookie(scope: Scope) -> str:
    """The session key that the browser sent."""
    jar: SimpleCookie = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            jar.load(value.decode("latin-1"))
    found = jar.get(settings.SESSION_COOKIE_NAME)
    return found.value if found else ""


def _subject(path: str) -> Subjects | None:
    """What the address names: a machine, or some points."""
    kind, _, text = path.removeprefix("/live/").partition("/")
    numbers = text.split(",")
    if len(numbers) > MOST_POINTS or not all(part.isascii() and part.isdigit() and len(part) < 12 for part in numbers):
        return None
    if kind == "points":
        return tuple(sorted({int(part) for part in numbers}))
    return int(text) if kind == "machine" and len(numbers) == 1 else None


async def _say(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _end(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"cache-control", b"no-store")]})
    await send({"type": "http.response.body", "body": b""})
