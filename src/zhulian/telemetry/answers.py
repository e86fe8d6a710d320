"""The little HTTP that raw ASGI apps of this room need: read a body within bounds, answer with JSON, run a stream."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from zhulian.telemetry.ingest import errors
from zhulian.telemetry.ingest.errors import IngestError
from zhulian.telemetry.journal.errors import JournalError
from zhulian.vocabulary.errors import ZhulianError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

JOURNAL_RETRY_S = 5
SILENT_S = 60.0
"""A body of which nothing comes for so long is given up: its sender is gone, or keeps a place from others."""
LEAST_BYTES_PER_S = 1024
"""A body that comes more slowly than this, after its first minute, is given up as well."""
log = logging.getLogger(__name__)


def header(scope: Scope, name: str) -> str | None:
    """The first header called ``name`` (any case), as text."""
    wanted = name.lower().encode()
    for key, value in scope["headers"]:
        if key == wanted:
            return str(value.decode("latin-1"))
    return None


async def read_body(scope: Scope, receive: Receive, limit_bytes: int) -> bytes:
    """The whole body. Raises IngestError when it is larger than ``limit_bytes``, breaks off, stops or only drips."""
    announced = header(scope, "content-length")
    if announced is not None and announced.isdigit() and int(announced) > limit_bytes:
        raise errors.body_too_large(limit_bytes)
    pieces, size = [], 0
    clock = asyncio.get_running_loop().time
    began_s = clock()
    while True:
        due_s = min(began_s + size / LEAST_BYTES_PER_S, clock()) + SILENT_S
        try:
            async with asyncio.timeout_at(due_s):
                message = await receive()
        except TimeoutError:
            raise errors.body_stalled() from None
        if message["type"] == "http.disconnect":
            raise errors.body_broken_off()
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > limit_bytes:
            raise errors.body_too_large(limit_bytes)
        if not message.get("more_body", False):
            return b"".join(pieces)


@asynccontextmanager
async def until_gone(receive: Receive, end: Callable[[], None]) -> AsyncIterator[None]:
    """While inside, ``end`` is called when the other side hangs up: a stream has no other way to hear of it."""

    async def listen() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        end()

    listening = asyncio.create_task(listen())
    try:
        yield
    finally:
        listening.cancel()


async def send_json(send: Send, value: object, status: int = 200, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """``value`` as one JSON answer."""
    body = msgspec.json.encode(value)
    length = (b"content-length", str(len(body)).encode())
    await begin(send, status, [(b"content-type", b"application/json"), length, *headers])
    await send({"type": "http.response.body", "body": body})


async def begin(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    """Status line and headers."""
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def send_error(send: Send, fault: ZhulianError) -> None:
    """``fault`` in the one form in which errors cross the wire, with its status and Retry-After."""
    status, retry_after_s = _status(fault)
    headers = [] if retry_after_s is None else [(b"retry-after", str(retry_after_s).encode())]
    await send_json(send, fault.as_json(), status, headers)


def _status(fault: ZhulianError) -> tuple[int, int | None]:
    if isinstance(fault, IngestError):
        return fault.status, fault.retry_after_s
    if isinstance(fault, JournalError):
        return 503, JOURNAL_RETRY_S
    return 422, None


def answering(app: App) -> App:
    """``app`` with its errors turned into answers; a mistake of ours becomes a 503 and a log line."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            await app(scope, receive, send)
        except ZhulianError as fault:
            await send_error(send, fault)
        except Exception:  # the border of the protocol: a gateway must get an answer and keep its data
            log.exception("%s %s failed", scope["method"], scope["path"])
            await send_error(send, errors.internal())

    return answered
