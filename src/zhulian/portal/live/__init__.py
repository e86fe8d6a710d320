"""What browsers are told without asking, as server-sent events in plain ASGI, mounted by ``portal.asgi``.

``GET /live/machine/<id>`` streams the values of a machine's points, ``GET /live/points/1,2,3`` those of the listed ones
that the person may see, from as many enterprises as they belong to; ``GET /live/alarms`` says whenever something about
the alarms in their sight has changed.
"""

from zhulian.portal.live import alarms, values
from zhulian.portal.live.streams import Receive, Scope, Send, stop

__all__ = ["app", "stop"]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one stream. 404 for whatever this person may not see, 503 while telemetry cannot be reached."""
    await (alarms if scope["path"] == "/live/alarms" else values).app(scope, receive, send)
