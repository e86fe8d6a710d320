"""The one web application that Granian serves: Django, and beside it the live stream, which needs no Django request.

An open stream is cheap in plain ASGI and dear in Django, so ``/live/`` never enters Django's handler.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

from zhulian.portal.start import start_django

start_django()

from django.core.handlers.asgi import ASGIHandler  # noqa: E402 - after the settings are loaded

from zhulian.portal import live, uploads  # noqa: E402 - reads sessions, so it needs Django awake

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_django = uploads.limited(cast(uploads.App, ASGIHandler()), uploads.of_past_readings)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Send ``/live/…`` to the relay and everything else to Django; say yes to start and stop."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"].startswith("/live/"):
        await live.app(scope, receive, send)
    else:
        await _django(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            live.stop()  # a stream never ends by itself, and the server waits for it
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
