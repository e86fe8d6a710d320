"""The platform's side of the gateway lane, exactly as the contract says, with knobs that make it misbehave.

Written from ``zhulian.wire``; it keeps a ledger of intervals as the real one does, verifies tokens and assertions, and
stores rows in memory. ``answers`` is a queue of behaviours for the next batches.
"""

import asyncio
from collections import deque
from types import TracebackType
from typing import Any, Self

import jwt
import msgspec
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.readings import TenantId
from zhulian.wire import batch, credentials, lane
from zhulian.wire.asks import Ask, Reply
from zhulian.wire.configuration import GatewayConfig
from zhulian.wire.status import STATUS, GatewayStatus

GATEWAY, TENANT = 7, TenantId(3)


def refusal(code: str) -> ZhulianError:
    return ZhulianError(code, Text(f"{code} 的说明。", f"What {code} means."), Text("下一步。", "Next step."))


class FakePlatform:
    """Portal and lane on one loopback port."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.codes: dict[str, str] = {"GOOD-CODE": "new", "OLD-CODE": "code_expired", "USED-CODE": "code_used"}
        self.public_key = ""
        self.rows: list[tuple[int, int, float, int, str | None]] = []
        self.batches: list[tuple[str, int, int]] = []
        self.bodies: dict[tuple[str, int], bytes] = {}
        self.ledger: dict[str, list[tuple[int, int]]] = {}
        self.duplicates = 0
        self.differing = 0
        """Batches that came again under the same number with other bytes."""
        self.answers: deque[str] = deque()
        """For the next: "lose" (store, then cut), "400", "429", "503", "500", "html404", "expired", "scattered"."""
        self.statuses: list[GatewayStatus] = []
        self.replies: asyncio.Queue[Reply] = asyncio.Queue()
        self.configuration = GatewayConfig(version=1)
        self.raw_configuration: bytes | None = None
        self.declared: list[GatewayConfig] = []
        self.configuration_fetches = 0
        self.revoked = False
        self.clock_offset_us = 0
        self.streams: set[web.StreamResponse] = set()
        self.got_something = asyncio.Event()
        self.port = 0
        self._ids: dict[tuple[str, str], int] = {}
        self._valid_from = 0
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self.come()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave()

    async def come(self) -> None:
        """Listen; after :meth:`leave`, on the same port again."""
        application = web.Application(client_max_size=lane.LARGEST_BATCH_BYTES)
        application.router.add_post(lane.ENROL, self._enrol)
        application.router.add_post(lane.TOKEN, self._token)
        application.router.add_get(lane.CONFIGURATION, self._configuration)
        application.router.add_post(lane.DECLARE, self._declare)
        application.router.add_post(lane.BATCHES, self._batch)
        application.router.add_get(lane.STREAM, self._stream)
        application.router.add_post(lane.REPLIES, self._reply)
        application.router.add_post(STATUS, self._status)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]

    async def leave(self) -> None:
        """Go away with all connections."""
        for stream in list(self.streams):
            if stream._req is not None and stream._req.transport is not None:
                stream._req.transport.abort()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def say(self, ask: Ask) -> None:
        """One line down every open stream."""
        for stream in list(self.streams):
            await stream.write(msgspec.json.encode(ask) + b"\n")

    async def until(self, condition: Any, timeout_s: float = 60.0) -> None:
        """Wait for ``condition()``; re-judged whenever something arrives."""
        async with asyncio.timeout(timeout_s):
            while not condition():
                self.got_something.clear()
                try:
                    async with asyncio.timeout(0.05):
                        await self.got_something.wait()
                except TimeoutError:
                    continue

    def values(self) -> list[float]:
        return [row[2] for row in self.rows]

    # -- portal --------------------------------------------------------------------------------------------------------

    async def _enrol(self, request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read(), type=lane.Enrolment)
        state = self.codes.get(asked.code, "code_unknown")
        if state != "new":
            return _no(400, state)
        self.codes[asked.code] = "code_used"
        credentials.parse_public(asked.public_key)
        self.public_key = asked.public_key
        return _yes(lane.Enrolled(GATEWAY, "六安某某机械有限公司", self.url))

    async def _token(self, request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read(), type=lane.TokenRequest)
        if self.revoked:
            return _no(401, "gateway_revoked")
        assert credentials.claimed_gateway(asked.assertion) == GATEWAY
        credentials.verify_assertion(asked.assertion, self.public_key, system_clock())
        token = credentials.issue_token(self.key, GATEWAY, TENANT, system_clock())
        self._valid_from = jwt.decode(token, options={"verify_signature": False})["iat"]
        return _yes(lane.TokenAnswer(token, credentials.TOKEN_LASTS_S, self.url))

    async def _configuration(self, request: web.Request) -> web.Response:
        if refused := self._unwelcome(request):
            return refused
        self.configuration_fetches += 1
        self.got_something.set()
        etag = f'"{self.configuration.version}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        body = self.raw_configuration or msgspec.json.encode(self.configuration)
        return web.Response(body=body, headers={"ETag": etag, "Content-Type": "application/json"})

    async def _declare(self, request: web.Request) -> web.Response:
        if refused := self._unwelcome(request):
            return refused
        declared = msgspec.json.decode(await request.read(), type=GatewayConfig)
        self.declared.append(declared)
        named = tuple(
            msgspec.structs.replace(
                device,
                id=self._id(device.name, ""),
                points=tuple(msgspec.structs.replace(p, id=self._id(device.name, p.name)) for p in device.points),
            )
            for device in declared.devices
        )
        return _yes(GatewayConfig(version=declared.version, devices=named))

    def _id(self, device: str, point: str) -> int:
        return self._ids.setdefault((device, point), 1000 + len(self._ids))

    # -- lane ----------------------------------------------------------------------------------------------------------

    async def _batch(self, request: web.Request) -> web.StreamResponse:  # noqa: PLR0911 - one for each misbehaviour
        body = await request.read()
        if refused := self._unwelcome(request):
            return refused
        behaviour = self.answers.popleft() if self.answers else ""
        if behaviour == "html404":
            return web.Response(status=404, text="<html>nothing here</html>")
        if behaviour in ("400", "500"):
            return _no(int(behaviour), "batch_unreadable") if behaviour == "400" else web.Response(status=500)
        if behaviour in ("429", "503"):
            return _no(int(behaviour), "busy", {"Retry-After": "0.2"})
        if behaviour == "scattered":
            return _no(409, "sequence_scattered")
        if behaviour == "expired":
            return _no(401, "token_expired")
        epoch = request.headers[lane.H_EPOCH]
        first, last = int(request.headers[lane.H_FIRST]), int(request.headers[lane.H_LAST])
        int(request.headers[lane.H_SENT])
        try:
            rows = batch.decode(body, last - first + 1)
        except batch.BatchError as fault:
            return web.json_response(fault.as_json(), status=400)
        known = self.ledger.setdefault(epoch, [])
        duplicate = any(a <= first and last <= b for a, b in known)
        if not duplicate and any(a <= last and first <= b for a, b in known):
            return _no(409, "sequence_overlap")
        self.differing += self.bodies.setdefault((epoch, first), body) != body
        if not duplicate:
            self._store(epoch, first, last, rows)
        self.duplicates += duplicate
        if behaviour == "lose":
            assert request.transport is not None
            request.transport.abort()
        return _yes(lane.Received(rows.num_rows, duplicate, self.clock_offset_us))

    def _store(self, epoch: str, first: int, last: int, rows: Any) -> None:
        self.ledger[epoch] = _joined([*self.ledger[epoch], (first, last)])
        self.batches.append((epoch, first, last))
        times = rows.column("ts").cast("int64").to_pylist()
        columns = [rows.column(name).to_pylist() for name in ("point", "value", "quality", "text")]
        for point, value, quality, text, time_us in zip(*columns, times, strict=True):
            self.rows.append((point, time_us, value, quality, text))
        self.got_something.set()

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if refused := self._unwelcome(request):
            return refused
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        self.streams.add(response)
        self.got_something.set()
        try:
            while True:
                await asyncio.sleep(lane.PING_S)
                await response.write(msgspec.json.encode(Ask(kind="ping")) + b"\n")
        finally:
            self.streams.discard(response)

    async def _reply(self, request: web.Request) -> web.Response:
        if refused := self._unwelcome(request):
            return refused
        self.replies.put_nowait(msgspec.json.decode(await request.read(), type=Reply))
        return web.Response(status=204)

    async def _status(self, request: web.Request) -> web.Response:
        if refused := self._unwelcome(request):
            return refused
        self.statuses.append(msgspec.json.decode(await request.read(), type=GatewayStatus))
        self.got_something.set()
        return web.Response(status=204)

    def _unwelcome(self, request: web.Request) -> web.Response | None:
        if self.revoked:
            return _no(401, "gateway_revoked")
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            found = credentials.verify_token(token, self.key.public_key(), system_clock())
        except credentials.CredentialError as fault:
            return web.json_response(fault.as_json(), status=401)
        assert found.gateway == GATEWAY
        return None


def _joined(intervals: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(intervals):
        if joined and joined[-1][1] + 1 == first:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined


def _yes(body: msgspec.Struct) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), content_type="application/json")


def _no(status: int, code: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(refusal(code).as_json(), status=status, headers=headers)
