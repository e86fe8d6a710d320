"""News of alarms: says when something about those in sight has changed, and how many wait for an acknowledgement.

The page then asks for its list as it is now, with its own filters, so a list is never put together twice. However many
lists are open, a process asks the records once a second for one number (:class:`_Whole`); only when that has moved does
each stream look whether its own has. The first event says how things stand, so that nothing is missed between a page
and its stream.
"""

import asyncio
import json
import time
from functools import partial
from typing import NamedTuple

from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections

from zhulian.alarms import queries
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import Scope as Sight
from zhulian.portal.live.streams import CHECK_RIGHTS_EVERY_S, Receive, Say, Scope, Send, looked_up, refuse, stream
from zhulian.vocabulary.errors import Text

LOOK_EVERY_S = 1.0
STILL_HERE_EVERY_S = 20.0
"""A comment now and then, so that nobody between here and the browser takes a quiet line for a dead one."""
STILL_HERE = b":\n\n"


class News(NamedTuple):
    """What a browser is told."""

    number: int
    waiting: int


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one stream of news; 404 for strangers."""
    if scope["method"] != "GET":
        return await refuse(send, 404)
    try:
        await looked_up(_news, scope)
    except NotVisibleError:
        return await refuse(send, 404)
    await stream(receive, send, [partial(_tell, scope)])
    return None


async def _tell(scope: Scope, say: Say) -> None:
    """Say what is new; NotVisibleError when the person may see nothing any more."""
    seen: int | None = None
    told: News | None = None
    looked_s = said_s = 0.0
    while True:
        whole, now_s = await _whole.number(), time.monotonic()
        if whole != seen or now_s - looked_s >= CHECK_RIGHTS_EVERY_S:
            news = await looked_up(_news, scope)
            seen, looked_s = whole, now_s
        if news != told or now_s - said_s >= STILL_HERE_EVERY_S:
            await say(STILL_HERE if news == told else b"data: %b\n\n" % json.dumps(news._asdict()).encode())
            told, said_s = news, now_s
        await asyncio.sleep(LOOK_EVERY_S)


def _news(sight: Sight) -> News:
    if sight.person is None:
        raise NotVisibleError(Text("报警", "alarm"))
    number = queries.pulse(sight)  # first: what changes meanwhile is told once more
    return News(number, queries.badge(sight))


class _Whole:
    """The pulse of the whole platform, at most a second old; a database that is away leaves the last one."""

    def __init__(self) -> None:
        self._number = 0
        self._asked_s = float("-inf")

    async def number(self) -> int:
        if time.monotonic() - self._asked_s >= LOOK_EVERY_S:
            self._asked_s = time.monotonic()
            self._number = await sync_to_async(self._ask)()
        return self._number

    def _ask(self) -> int:
        close_old_connections()
        try:
            return queries.pulse_of_all()
        except DatabaseError:
            return self._number
        finally:
            close_old_connections()


_whole = _Whole()
