"""A request's body for code that runs in a thread: each step asks the event loop for the next piece."""

import asyncio
from collections.abc import Iterator

from zhulian.telemetry.answers import Receive
from zhulian.telemetry.store.errors import statement_refused


class Incoming:
    """Iterate it in a thread; nothing piles up, because the next piece is only asked for when it is wanted."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._is_over = False

    def __iter__(self) -> Iterator[bytes]:
        while not self._is_over:
            piece = asyncio.run_coroutine_threadsafe(self._next(), self._loop).result()
            if piece:
                yield piece

    async def skip(self) -> None:
        """Read what is left, so that the client hears the answer instead of a broken pipe."""
        while not self._is_over:
            message = await self._receive()
            self._is_over = message["type"] == "http.disconnect" or not message.get("more_body", False)

    async def until_gone(self) -> None:
        """Return when the client hangs up."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._is_over = True
            raise statement_refused("Code: 210. DB::Exception: the request broke off. (NETWORK_ERROR)", 210)
        self._is_over = not message.get("more_body", False)
        return bytes(message.get("body", b""))
