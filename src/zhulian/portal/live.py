"""The live stream of values to a browser, as plain ASGI."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any


async def app(
    _scope: MutableMapping[str, Any],
    _receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """Nothing is streamed yet."""
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})
