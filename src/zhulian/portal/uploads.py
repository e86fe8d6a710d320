"""Refuses bodies that are too large before anything of them is kept, in memory or on disk.

Under ASGI Django writes the whole body to a temporary file before any of its own limits is asked, so this stands in
front of it. Single pages have smaller limits of their own; a file of past readings may be larger, but only from
somebody who may import it: nobody else fills the disk.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.template.loader import render_to_string

from zhulian.backfill.workflows import may_backfill, most_upload_mb
from zhulian.organisations.rules import NotVisibleError
from zhulian.portal.live.streams import looked_up
from zhulian.vocabulary.errors import Text

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
MB = 1024 * 1024
FRAME_BYTES = MB
"""Of a form, around its file."""
MOST_BYTES = 32 * MB
"""Larger than the largest file that any other page takes, by the frame of a form."""
_PAST = re.compile(r"/enterprises/(\d{1,18})/history/")


class _TooLargeError(Exception):
    """More arrived than was announced."""


async def nothing_more(_scope: Scope) -> int:
    """No page takes more than :data:`MOST_BYTES`."""
    return 0


async def of_past_readings(scope: Scope) -> int:
    """How much may be sent to the page that imports history; 0 to other pages, and by others than may import."""
    found = _PAST.fullmatch(scope["path"])
    if found is None or scope["method"] != "POST":
        return 0
    try:
        may = await looked_up(lambda sight: may_backfill(sight, int(found[1])), scope)
    except NotVisibleError:
        return 0
    return most_upload_mb() * MB + FRAME_BYTES if may else 0


def limited(app: App, more: Callable[[Scope], Awaitable[int]] = nothing_more) -> App:
    """``app`` for bodies up to :data:`MOST_BYTES`, or ``more`` when that is announced; others are answered with 413."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        most = MOST_BYTES
        if scope["type"] == "http" and _announced(scope) > most:
            most = max(most, await more(scope))
            if _announced(scope) > most:
                await _refuse(scope, send, most)
                return
        counted = _Counted(receive, most)
        try:
            await app(scope, counted, send)
        except _TooLargeError:
            await _refuse(scope, send, most)

    return answer


class _Counted:
    """Counts what arrives, for bodies whose length was not announced."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._bytes = 0

    async def __call__(self) -> MutableMapping[str, Any]:
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        if self._bytes > self._most:
            raise _TooLargeError
        return message


def _announced(scope: Scope) -> int:
    lengths = [value for name, value in scope["headers"] if name.lower() == b"content-length"]
    return int(lengths[0]) if lengths and lengths[0].isdigit() else 0


def _wants_page(scope: Scope) -> bool:
    return any(name.lower() == b"accept" and b"text/html" in value for name, value in scope["headers"])


async def _refuse(scope: Scope, send: Send, most: int) -> None:
    """A page for a person, two lines for a program."""
    words = Text(
        f"上传的内容超过 {most // MB} MB，没有接收。请返回上一页，换小一些的文件。",
        f"The upload is larger than {most // MB} MB and was not taken. Go back and choose a smaller file.",
    )
    is_page = _wants_page(scope)
    body = render_to_string("413.html", {"words": words}) if is_page else f"{words.zh}\n{words.en}\n"
    kind = b"text/html; charset=utf-8" if is_page else b"text/plain; charset=utf-8"
    headers = [(b"content-type", kind), (b"cache-control", b"no-store"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
