"""Refuses bodies that are too large before anything of them is kept, in memory or on disk.

Under ASGI Django writes the whole body to a temporary file before any of its own limits is asked, so this stands in
front of it. Single pages have smaller limits of their own.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.template.loader import render_to_string

from zhulian.vocabulary.errors import Text

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
MOST_BYTES = 32 * 1024 * 1024
"""Larger than the largest file that any page takes, by the frame of a form."""
WORDS = Text(
    "上传的内容超过 32 MB，没有接收。请返回上一页，换小一些的文件。",
    "The upload is larger than 32 MB and was not taken. Go back and choose a smaller file.",
)


class _TooLargeError(Exception):
    """More arrived than was announced."""


def limited(app: App) -> App:
    """``app`` for bodies up to :data:`MOST_BYTES`; others are answered with 413."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _announced(scope) > MOST_BYTES:
            await _refuse(scope, send)
            return
        counted = _Counted(receive)
        try:
            await app(scope, counted, send)
        except _TooLargeError:
            await _refuse(scope, send)

    return answer


class _Counted:
    """Counts what arrives, for bodies whose length was not announced."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._bytes = 0

    async def __call__(self) -> MutableMapping[str, Any]:
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        if self._bytes > MOST_BYTES:
            raise _TooLargeError
        return message


def _announced(scope: Scope) -> int:
    lengths = [value for name, value in scope["headers"] if name.lower() == b"content-length"]
    return int(lengths[0]) if lengths and lengths[0].isdigit() else 0


def _wants_page(scope: Scope) -> bool:
    return any(name.lower() == b"accept" and b"text/html" in value for name, value in scope["headers"])


async def _refuse(scope: Scope, send: Send) -> None:
    """A page for a person, two lines for a program."""
    is_page = _wants_page(scope)
    body = render_to_string("413.html", {"words": WORDS}) if is_page else f"{WORDS.zh}\n{WORDS.en}\n"
    kind = b"text/html; charset=utf-8" if is_page else b"text/plain; charset=utf-8"
    headers = [(b"content-type", kind), (b"cache-control", b"no-store"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
