"""The live stream of values to a browser, as plain ASGI."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any


async def app(
    _scope: dict[str, Any],
    _receive: Callable[[], Awaitable[Mapping[str, Any]]],
    send: Callable[[Mapping[str, Any]], Awaitable[None]],
) -> None:
    """Nothing is streamed yet."""
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})
