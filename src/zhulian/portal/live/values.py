"""Live values of a machine, or of any points: bytes of the telemetry process, passed on as they come.

Rights are looked up at the start and again every minute. Where there are less or more points in sight than at the
start, the stream ends, and the browser comes back by itself for what there is now.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import partial

import aiohttp

from zhulian.audit.rules import Subject
from zhulian.organisations import queries
from zhulian.organisations.queries.placed_points import placed_points
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope as Sight
from zhulian.portal.live.streams import CHECK_RIGHTS_EVERY_S, Receive, Say, Scope, Send, looked_up, refuse, stream
from zhulian.portal.looks import shown
from zhulian.portal.telemetry_access import telemetry
from zhulian.vocabulary.errors import ZhulianError
from zhulian.vocabulary.readings import PointId, TenantId

MOST_POINTS = 200
"""In one address: a full dashboard has that many."""
Subjects = int | tuple[int, ...]
"""A machine, or points."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the changes of one enterprise's points come from.

    The headers hold the store's key and never leave this process.
    """

    url: str
    headers: dict[str, str]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one stream of values."""
    subject = subjects(scope["path"])
    if scope["method"] != "GET" or subject is None:
        return await refuse(send, 404)
    try:
        sources = await looked_up(partial(_sources, subject), scope)
    except NotVisibleError:
        return await refuse(send, 404)
    except ZhulianError:
        return await refuse(send, 503)
    watch = partial(_rights_end, scope, subject, sources)
    await stream(receive, send, [watch, *(partial(_relay, source) for source in sources)])
    return None


def subjects(path: str) -> Subjects | None:
    """What the address names: a machine, or some points."""
    kind, _, text = path.removeprefix("/live/").partition("/")
    numbers = text.split(",")
    if len(numbers) > MOST_POINTS or not all(part.isascii() and part.isdigit() and len(part) < 12 for part in numbers):
        return None
    if kind == "points":
        return tuple(sorted({int(part) for part in numbers}))
    return int(text) if kind == "machine" and len(numbers) == 1 else None


async def _relay(source: Source, say: Say) -> None:
    """Pass events on as they come. When telemetry goes away the stream ends, and the browser comes back by itself."""
    with contextlib.suppress(aiohttp.ClientError, OSError):
        rest = b""
        async for part in _events(source):
            whole, end, rest = (rest + part).rpartition(b"\n\n")
            if end:
                await say(whole + end)


async def _events(source: Source) -> AsyncIterator[bytes]:
    patience = aiohttp.ClientTimeout(total=None, sock_connect=3.0, sock_read=60.0)
    async with (
        aiohttp.ClientSession(timeout=patience, trust_env=False) as session,
        session.get(source.url, headers=source.headers) as answer,
    ):
        answer.raise_for_status()
        async for part in answer.content.iter_any():
            yield part


async def _rights_end(scope: Scope, subject: Subjects, sources: list[Source], say: Say) -> None:
    """Comes to its end when what is in sight is less or more than at the start; NotVisibleError when it is nothing."""
    del say
    while True:
        await asyncio.sleep(CHECK_RIGHTS_EVERY_S)
        try:
            if await looked_up(partial(_sources, subject), scope) != sources:
                return
        except NotVisibleError:
            raise
        except ZhulianError:
            continue  # telemetry is away for a moment; that is no matter of rights


def _sources(subject: Subjects, sight: Sight) -> list[Source]:
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
