"""The gateway lane as an ASGI app, served on the public port; paths, headers and answers are in ``wire.lane``."""

import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from zhulian.telemetry.answers import (
    App,
    Receive,
    Scope,
    Send,
    answering,
    begin,
    header,
    read_body,
    send_json,
    until_gone,
)
from zhulian.telemetry.downlink import Downlink, Stream
from zhulian.telemetry.ingest import errors
from zhulian.telemetry.ingest.admission import Admission
from zhulian.telemetry.ingest.reception import Reception
from zhulian.telemetry.journal.frames import BatchFrame
from zhulian.vocabulary.clock import Clock
from zhulian.vocabulary.readings import TimeUs
from zhulian.wire import lane
from zhulian.wire.asks import Reply
from zhulian.wire.credentials import CredentialError, GatewayToken
from zhulian.wire.status import STATUS, GatewayStatus

LARGEST_MESSAGE_BYTES = 4 * 1024 * 1024
"""Replies and status: a browse of a large machine fits."""
LARGEST_NUMBER = 2**62
_EPOCH = re.compile(r"[A-Za-z0-9_-]{1,64}")
Handler = Callable[[GatewayToken, Scope, Receive, Send], Awaitable[None]]
T = TypeVar("T")


class Lane:
    """Routes of the lane; :meth:`app` is what the server serves."""

    def __init__(self, admission: Admission, reception: Reception, downlink: Downlink, clock: Clock) -> None:
        self._admission = admission
        self._reception = reception
        self._downlink = downlink
        self._clock = clock
        self._routes: dict[str, tuple[str, Handler]] = {
            lane.BATCHES: ("POST", self._take_batch),
            lane.STREAM: ("GET", self._stream),
            lane.REPLIES: ("POST", self._take_reply),
            STATUS: ("POST", self._take_status),
        }

    @property
    def app(self) -> App:
        """The ASGI app."""
        return answering(self._serve)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, handler = self._routes.get(scope["path"], ("", None))
        if handler is None:
            raise errors.not_found(scope["path"])
        if scope["method"] != method:
            raise errors.wrong_method(method)
        gateway = self._identify(scope)
        self._downlink.heard(gateway.gateway)
        await handler(gateway, scope, receive, send)

    def _identify(self, scope: Scope) -> GatewayToken:
        try:
            return self._admission.identify(header(scope, "authorization"))
        except CredentialError as fault:
            raise errors.IngestError(401, fault.code, fault.what, fault.next_step) from fault

    async def _take_batch(self, gateway: GatewayToken, scope: Scope, receive: Receive, send: Send) -> None:
        epoch, first, last, offset_us = self._numbers(scope)
        self._downlink.heard(gateway.gateway, offset_us)
        size_bytes = _announced_size(scope)
        with self._admission.at_once(gateway.gateway, size_bytes):
            rows = min(last - first + 1, lane.LARGEST_BATCH_ROWS)  # what is only claimed costs no more than the truth
            self._admission.quotas.admit(gateway, rows, size_bytes)
            body = await read_body(scope, receive, lane.LARGEST_BATCH_BYTES)
            frame = BatchFrame(gateway.gateway, gateway.tenant, epoch, first, last, self._clock(), offset_us, body)
            received = await self._reception.take(frame)
        await send_json(send, received)

    def _numbers(self, scope: Scope) -> tuple[str, int, int, int]:
        epoch = header(scope, lane.H_EPOCH) or ""
        if not _EPOCH.fullmatch(epoch):
            raise errors.header_wrong(lane.H_EPOCH, "应为 1 到 64 个字母数字", "1 to 64 letters and digits are wanted")
        first, last = _whole_number(scope, lane.H_FIRST, 1), _whole_number(scope, lane.H_LAST, 1)
        if last < first:
            raise errors.header_wrong(lane.H_LAST, f"小于首序号 {first}", f"it is smaller than the first, {first}")
        return epoch, first, last, _whole_number(scope, lane.H_SENT, 0) - self._clock()

    async def _stream(self, gateway: GatewayToken, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - a stream needs the connection only
        stream = self._downlink.open_stream(gateway.gateway)
        try:
            await begin(send, 200, [(b"content-type", b"application/x-ndjson"), (b"cache-control", b"no-store")])
            await send({"type": "http.response.body", "body": b"", "more_body": True})
            async with until_gone(receive, stream.end):
                await self._pour(gateway.gateway, stream, send)
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._downlink.close_stream(gateway.gateway, stream)

    async def _pour(self, gateway: int, stream: Stream, send: Send) -> None:
        while (ask := await stream.next_ask()) is not None and gateway not in self._admission.revoked:
            await send({"type": "http.response.body", "body": msgspec.json.encode(ask) + b"\n", "more_body": True})

    async def _take_reply(self, gateway: GatewayToken, scope: Scope, receive: Receive, send: Send) -> None:
        reply = await _message(scope, receive, Reply)
        await send_json(send, {"taken": self._downlink.answer(gateway.gateway, reply)})

    async def _take_status(self, gateway: GatewayToken, scope: Scope, receive: Receive, send: Send) -> None:
        self._downlink.report(gateway.gateway, await _message(scope, receive, GatewayStatus))
        await send_json(send, {"clock_us": TimeUs(self._clock())})


async def _message(scope: Scope, receive: Receive, kind: type[T]) -> T:
    body = await read_body(scope, receive, LARGEST_MESSAGE_BYTES)
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise errors.unreadable(fault) from fault


def _whole_number(scope: Scope, name: str, least: int) -> int:
    text = header(scope, name)
    if text is None:
        raise errors.header_wrong(name, "缺少", "it is missing")
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and least <= int(text) <= LARGEST_NUMBER):
        raise errors.header_wrong(name, f"应为 {least} 以上的整数", f"a whole number from {least} is wanted")
    return int(text)


def _announced_size(scope: Scope) -> int:
    """What the body will take; without a length, or with too large a one, as much as it may."""
    text = header(scope, "content-length") or ""
    return min(int(text), lane.LARGEST_BATCH_BYTES) if text.isdigit() else lane.LARGEST_BATCH_BYTES
