"""Calls an ASGI app in this process: whole requests, and streams that are read chunk by chunk."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

App = Callable[[Any, Any, Any], Awaitable[None]]


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def scope_of(method: str, target: str, headers: Mapping[str, str]) -> dict[str, Any]:
    path, _, query = target.partition("?")
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": pairs}


async def call(
    app: App,
    method: str,
    target: str,
    headers: Mapping[str, str] | None = None,
    *pieces: bytes,
    breaks_off: bool = False,
) -> Answer:
    """One request whose body arrives in ``pieces``; with ``breaks_off`` the sender hangs up after them."""
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages.append({"type": "http.disconnect"} if breaks_off else {"type": "http.request", "body": b""})
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app(scope_of(method, target, headers or {}), receive, send)
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], found, b"".join(message.get("body", b"") for message in sent[1:]))


class OpenStream:
    """An answer that goes on."""

    def __init__(self) -> None:
        self.chunks: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.status = 0

    async def next(self) -> bytes | None:
        """The next piece of the body that is not empty; ``None`` at the end."""
        async with asyncio.timeout(60):
            while (chunk := await self.chunks.get()) == b"":
                pass
            return chunk


@asynccontextmanager
async def stream(app: App, target: str, headers: Mapping[str, str] | None = None) -> AsyncIterator[OpenStream]:
    """GET ``target`` and read along; the caller hangs up when it leaves."""
    opened, hung_up = OpenStream(), asyncio.Event()

    async def receive() -> dict[str, Any]:
        await hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            opened.status = message["status"]
            return
        opened.chunks.put_nowait(message.get("body", b""))
        if not message.get("more_body", False):
            opened.chunks.put_nowait(None)

    running = asyncio.create_task(app(scope_of("GET", target, headers or {}), receive, send))  # type: ignore[arg-type]
    try:
        await asyncio.sleep(0)
        yield opened
    finally:
        hung_up.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(60):
                await running
