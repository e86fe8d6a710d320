"""Live values, gateways and health as JSON, for the portal on the same machine; mounted beside the store's SQL.

``telemetry.queries`` is the client. The endpoint in front of it has already checked the key.

=========================================  ==================================================================
``GET /live/latest?tenant=&points=1,2``    list of Latest: only points that ever had a reading
``GET /live/stream?tenant=&points=1,2``    server-sent events, each one Latest; first what is known, then changes
``GET /live/activity``                     list of Activity, one a tenant
``GET /live/seen?within_us=300000000``     Seen: points from which something arrived lately, by tenant
``GET /gateways``                          list of GatewayState
``POST /gateways/7/ask?timeout_s=3``       body Ask → body Reply; 404 gateway_offline, 504 gateway_silent
``POST /gateways/7/configuration?version=``  {"delivered": bool}; an offline gateway asks by itself when it is back
``/quarantine…``, ``GET /arrivals/7``      what could not be stored, what came in; see ``intake``
``POST /past?…``                           a batch of the past from a file → Received; see ``ingest/past``
``GET /health``                            what waits, what is wrong
``/retention…``                            how long things are kept, and what is to go; see ``retention.answering``
``PUT /alarms/rules``                      body RuleSet → {"rules": number}; from now on these are judged
``GET /alarms/events?after=&log=&wait_s=``  Heard: what alarms said after that number; waits for something
``GET /alarms/standing?tenants=1,2``       RulesStanding: active, unknown, waiting to be computed again
``POST /alarms/attempt?start=&end=``       body Rule → Tried: what it would have done with the readings of that time
=========================================  ==================================================================
"""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import parse_qs

import msgspec

from zhulian.telemetry.alarms.events import RuleSet
from zhulian.telemetry.alarms.rules import Rule
from zhulian.telemetry.alarms.running import Alarms
from zhulian.telemetry.answers import (
    App,
    Receive,
    Scope,
    Send,
    answering,
    begin,
    read_body,
    send_json,
    until_gone,
)
from zhulian.telemetry.downlink import Downlink, DownlinkError
from zhulian.telemetry.ingest import errors
from zhulian.telemetry.ingest.past import Past
from zhulian.telemetry.intake import Intake
from zhulian.telemetry.live import LiveValues, Subscription
from zhulian.telemetry.retention import answering as retention_answers
from zhulian.telemetry.retention.running import Retention
from zhulian.vocabulary.readings import PointId, TenantId
from zhulian.wire.asks import Ask
from zhulian.wire.lane import PING_S

T = TypeVar("T")
LARGEST_ASK_BYTES = 1024 * 1024
LARGEST_RULES_BYTES = 64 * 1024 * 1024
LONGEST_ASK_S = 60.0
MOST_POINTS = 10_000


class Loopback:
    """The routes; :meth:`app` is handed to the endpoint."""

    def __init__(
        self,
        live: LiveValues,
        downlink: Downlink,
        health: Callable[[], dict[str, object]],
        intake: Intake | None = None,
        alarms: Alarms | None = None,
        *,
        past: Past | None = None,
        retention: Retention | None = None,
    ) -> None:
        """Without ``intake``, ``alarms``, ``past`` and ``retention`` where nothing is received."""
        self._past = past
        self._retention = retention
        self._alarms = alarms
        self._live = live
        self._intake = intake
        self._downlink = downlink
        self._health = health

    @property
    def app(self) -> App:
        """The ASGI app."""
        return answering(self._serve)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        match [scope["method"], *scope["path"].strip("/").split("/")]:
            case ["GET", "live", what]:
                await self._serve_live(what, scope, receive, send)
            case ["GET", "gateways"]:
                await send_json(send, self._downlink.states())
            case [_, "quarantine" | "arrivals", *_] if self._intake:
                await self._intake.serve(scope, send)
            case ["POST", "past"] if self._past:
                await self._past.serve(scope, receive, send)
            case ["GET", "health"]:
                await send_json(send, self._health())
            case ["POST", "gateways", gateway, "ask"]:
                await self._ask(_number("gateway", gateway), scope, receive, send)
            case ["POST", "gateways", gateway, "configuration"]:
                version = _number("version", _query(scope, "version"))
                delivered = self._downlink.announce(_number("gateway", gateway), version)
                await send_json(send, {"delivered": delivered})
            case [_, "retention", *_] if self._retention is not None:
                await retention_answers.serve(self._retention, scope, receive, send)
            case [_, "alarms", *_] if self._alarms is not None:
                await self._serve_alarms(scope, receive, send, self._alarms)
            case _:
                raise errors.not_found(scope["path"])

    async def _serve_live(self, what: str, scope: Scope, receive: Receive, send: Send) -> None:
        match what:
            case "latest":
                await send_json(send, self._live.latest(*_watched(scope)))
            case "stream":
                await self._stream(scope, receive, send)
            case "activity":
                await send_json(send, self._live.activity())
            case "seen":
                await send_json(send, self._live.seen(_number("within_us", _query(scope, "within_us"))))
            case _:
                raise errors.not_found(scope["path"])

    async def _serve_alarms(self, scope: Scope, receive: Receive, send: Send, alarms: Alarms) -> None:
        match [scope["method"], *scope["path"].strip("/").split("/")]:
            case ["PUT", _, "rules"]:
                rules = await _body(scope, receive, RuleSet, LARGEST_RULES_BYTES)
                await send_json(send, {"rules": await alarms.set_rules(rules)})
            case ["GET", _, "events"]:
                after = _large_number("after", _query(scope, "after", "0"))
                wait_s = _seconds(_query(scope, "wait_s", "0"))
                await send_json(send, await alarms.heard(after, _query(scope, "log"), wait_s))
            case ["GET", _, "standing"]:
                tenants = [_number("tenants", text) for text in _query(scope, "tenants").split(",") if text]
                await send_json(send, alarms.standing(frozenset(tenants)))
            case ["POST", _, "attempt"]:
                rule = await _body(scope, receive, Rule, LARGEST_ASK_BYTES)
                start_us, end_us = (_large_number(name, _query(scope, name)) for name in ("start", "end"))
                await send_json(send, await alarms.attempt(rule, start_us, end_us))
            case _:
                raise errors.not_found(scope["path"])

    async def _ask(self, gateway: int, scope: Scope, receive: Receive, send: Send) -> None:
        ask = await _body(scope, receive, Ask, LARGEST_ASK_BYTES)
        try:
            reply = await self._downlink.ask(gateway, ask, _seconds(_query(scope, "timeout_s", "3")))
        except DownlinkError as fault:
            await send_json(send, fault.as_json(), fault.status)
            return
        await send_json(send, reply)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        tenant, points = _watched(scope)
        watched = self._live.subscribe(tenant, points)
        try:
            await begin(send, 200, [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")])
            await self._send_events(send, tenant, points)
            async with until_gone(receive, watched.end):
                await self._pour(watched, send)
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._live.unsubscribe(watched)

    async def _pour(self, watched: Subscription, send: Send) -> None:
        while not watched.is_ended:
            changed = await watched.changed(PING_S)
            await self._send_events(send, watched.tenant, sorted(changed))

    async def _send_events(self, send: Send, tenant: TenantId, points: list[PointId]) -> None:
        """One event a point; without any, a comment that keeps the line open."""
        events = [b"data: " + msgspec.json.encode(latest) + b"\n\n" for latest in self._live.latest(tenant, points)]
        await send({"type": "http.response.body", "body": b"".join(events) or b": ping\n\n", "more_body": True})


async def _body(scope: Scope, receive: Receive, kind: type[T], limit_bytes: int) -> T:
    try:
        return msgspec.json.decode(await read_body(scope, receive, limit_bytes), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise errors.unreadable(fault) from fault


def _query(scope: Scope, name: str, default: str = "") -> str:
    query: str = scope["query_string"].decode("latin-1")
    return parse_qs(query).get(name, [default])[-1]


def _watched(scope: Scope) -> tuple[TenantId, list[PointId]]:
    tenant = TenantId(_number("tenant", _query(scope, "tenant")))
    texts = [text for text in _query(scope, "points").split(",") if text]
    if len(texts) > MOST_POINTS:
        raise errors.header_wrong("points", f"一次最多 {MOST_POINTS} 个点", f"at most {MOST_POINTS} points at once")
    return tenant, [PointId(_number("points", text)) for text in texts]


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) < 2**32):
        raise errors.header_wrong(name, f"“{text}”不是编号", f"“{text}” is no id")
    return int(text)


def _large_number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise errors.header_wrong(name, f"“{text}”不是编号或时间", f"“{text}” is no number or time")
    return int(text)


def _seconds(text: str) -> float:
    try:
        return min(max(float(text), 0.0), LONGEST_ASK_S)
    except ValueError:
        raise errors.header_wrong("timeout_s", f"“{text}”不是秒数", f"“{text}” is no number of seconds") from None
