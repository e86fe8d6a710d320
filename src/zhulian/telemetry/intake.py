"""What came in and what did not, over the loopback, for the portal: the quarantine, and counts by gateway.

=============================================  ==========================================================
``GET /quarantine?tenants=1,2&number=1&size=``  Shown: a page of items, newest first; without tenants of all. More
                                               that narrows: ``senders=7,-1``, ``reason=`` (how the code begins),
                                               ``since_us=``
``GET /quarantine/7``                           Shown with that one item; 404 when it is not there
``GET /quarantine/7/body?form=arrow``           its bytes as they came; ``form=csv``: its readings as CSV
``POST /quarantine/7/replay?shift_s=0``         Received; or the refusal, as a gateway would hear it
``POST /quarantine/7/discard``                  {"discarded": bool}
``GET /arrivals/7``                             Arrivals of gateway 7 since the process started
=============================================  ==========================================================
"""

import asyncio
from collections.abc import Callable
from urllib.parse import parse_qs

import msgspec
import pyarrow as pa
from pyarrow.csv import write_csv

from zhulian.telemetry.answers import Scope, Send, begin, send_json
from zhulian.telemetry.arrivals import AllArrivals
from zhulian.telemetry.ingest import errors
from zhulian.telemetry.quarantine.items import Item, Kept
from zhulian.telemetry.quarantine.replay import Replay
from zhulian.telemetry.quarantine.shelf import Shelf, Totals
from zhulian.wire.batch import decode

LARGEST_SHIFT_S = 100 * 366 * 86_400
LARGEST_PAGE = 10_000


class Shown(msgspec.Struct, frozen=True):
    """Some items, how many there are of those asked for, whose they are, and what the whole shelf holds."""

    items: list[Item]
    total: int
    totals: Totals
    senders: list[int]


class Intake:
    """Answers what the loopback hands on."""

    def __init__(self, shelf: Shelf, replay: Replay, arrivals: AllArrivals) -> None:
        self._shelf = shelf
        self._replay = replay
        self._arrivals = arrivals

    async def serve(self, scope: Scope, send: Send) -> None:
        """One request. Raises IngestError and what sending again raises."""
        match [scope["method"], *scope["path"].strip("/").split("/")]:
            case ["GET", "arrivals", text]:
                await send_json(send, self._arrivals.of(_whole(text, "number")))
            case ["GET", "quarantine"]:
                await send_json(send, self._page(scope))
            case ["GET", "quarantine", text]:
                await send_json(send, self._one(_whole(text, "number")))
            case ["GET", "quarantine", text, "body"]:
                await self._send_body(_whole(text, "number"), _query(scope, "form", "arrow"), send)
            case ["POST", "quarantine", text, "replay"]:
                shift_s = _shift(_query(scope, "shift_s", "0"))
                await send_json(send, await self._replay.send(_whole(text, "number"), shift_s * 1_000_000))
            case ["POST", "quarantine", text, "discard"]:
                discarded = await asyncio.to_thread(self._shelf.discard, _whole(text, "number"))
                await send_json(send, {"discarded": discarded})
            case _:
                raise errors.not_found(scope["path"])

    def _page(self, scope: Scope) -> Shown:
        found = self._shelf.listed(_wanted(scope))
        size = min(_whole(_query(scope, "size", "50"), "size"), LARGEST_PAGE)
        start = max(_whole(_query(scope, "number", "1"), "number") - 1, 0) * size
        senders = sorted({item.gateway for item in found})
        return Shown(found[start : start + size], len(found), self._shelf.totals(), senders)

    def _one(self, number: int) -> Shown:
        found = self._shelf.listed(lambda item: item.id == number)
        if not found:
            raise errors.not_aside(number)
        return Shown(found, 1, self._shelf.totals(), [found[0].gateway])

    async def _send_body(self, number: int, form: str, send: Send) -> None:
        kept = await asyncio.to_thread(self._shelf.get, number)
        if kept is None:
            raise errors.not_aside(number)
        body = kept.body if form == "arrow" else await asyncio.to_thread(_as_csv, kept)
        length = (b"content-length", str(len(body)).encode())
        await begin(send, 200, [(b"content-type", b"application/octet-stream"), length])
        await send({"type": "http.response.body", "body": body})


def _wanted(scope: Scope) -> Callable[[Item], bool]:
    tenants, senders = (_among(_query(scope, name, ""), name) for name in ("tenants", "senders"))
    reason, since_us = _query(scope, "reason", ""), _whole(_query(scope, "since_us", "0"), "since_us")
    return lambda item: (
        (tenants is None or item.tenant in tenants)
        and (senders is None or item.gateway in senders)
        and item.code.startswith(reason)
        and item.at_us >= since_us
    )


def _among(text: str, name: str) -> set[int] | None:
    """Numbers with commas between them, also below zero; None, which is everybody, where there is no text."""
    signs = ((part.removeprefix("-"), -1 if part.startswith("-") else 1) for part in text.split(",") if part)
    return {sign * _whole(digits, name) for digits, sign in signs} or None


def _as_csv(kept: Kept) -> bytes:
    """Point, time, value, text, quality. Raises BatchError for what holds no readings."""
    sink = pa.BufferOutputStream()
    write_csv(decode(kept.body, kept.item.rows), sink)
    return bytes(sink.getvalue())


def _query(scope: Scope, name: str, default: str) -> str:
    query: str = scope["query_string"].decode("latin-1")
    return parse_qs(query).get(name, [default])[-1]


def _whole(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise errors.header_wrong(name, f"“{text}”不是编号", f"“{text}” is no number")
    return int(text)


def _shift(text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10 and int(digits) <= LARGEST_SHIFT_S):
        raise errors.header_wrong("shift_s", f"“{text}”不是秒数", f"“{text}” is no number of seconds")
    return int(text)
