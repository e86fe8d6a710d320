"""A request's body for code that runs in a thread. What a statement needs is gathered first, without one; of rows that
follow, each step asks the event loop for the next piece. A body that does not come in time is given up."""

import asyncio
from collections import deque
from collections.abc import Iterator

from zhulian.telemetry.answers import SILENT_S, Receive
from zhulian.telemetry.store.errors import StoreError, statement_refused

GATHERED_BYTES = 1024 * 1024
"""Any statement of a page. A sender that stops within it costs nobody a thread."""
BODY_LATE = 209
"""ClickHouse's own number for it (SOCKET_TIMEOUT)."""
WHOLE_S = 600.0
"""The longest body, rows and all. It takes one of the few threads for long bodies meanwhile."""


class Incoming:
    """Iterate it in a thread; nothing piles up, because the next piece is only asked for when it is wanted."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._due_s = self._loop.time() + SILENT_S
        self._gathered: deque[bytes] = deque()
        self._is_over = self._is_given_up = False

    def __iter__(self) -> Iterator[bytes]:
        while self._gathered:
            yield self._gathered.popleft()
        while not self._is_over:
            piece = asyncio.run_coroutine_threadsafe(self._next(), self._loop).result()
            if piece:
                yield piece

    @property
    def is_long(self) -> bool:
        """Whether a thread would have to wait for more of it."""
        return not self._is_over

    async def gather(self) -> None:
        """Take in what comes, up to :data:`GATHERED_BYTES`. Raises StoreError when it stops or breaks off."""
        size = 0
        while not self._is_over and size < GATHERED_BYTES:
            piece = await self._next()
            size += len(piece)
            self._gathered.append(piece)
        self._due_s += WHOLE_S

    async def skip(self) -> None:
        """Read what is left, so that the client hears the answer instead of a broken pipe."""
        while not (self._is_over or self._is_given_up):
            try:
                await self._next()
            except StoreError:
                return

    async def until_gone(self) -> None:
        """Return when the client hangs up."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _next(self) -> bytes:
        try:
            async with asyncio.timeout_at(min(self._due_s, self._loop.time() + SILENT_S)):
                message = await self._receive()
        except TimeoutError:
            self._is_given_up = True
            raise body_late() from None
        if message["type"] == "http.disconnect":
            self._is_over = True
            raise statement_refused("Code: 210. DB::Exception: the request broke off. (NETWORK_ERROR)", 210)
        self._is_over = not message.get("more_body", False)
        return bytes(message.get("body", b""))


def body_late() -> StoreError:
    """Too little of it came for too long."""
    return statement_refused("Code: 209. DB::Exception: the body did not arrive in time. (SOCKET_TIMEOUT)", BODY_LATE)
