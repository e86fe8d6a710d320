"""What goes back: headers that ClickHouse's clients look for, the answer in chunks, errors as they read them."""

import json
import secrets
import uuid
from collections.abc import Iterator

from zhulian.telemetry.answers import Send
from zhulian.telemetry.endpoint.compression import chosen, packed
from zhulian.telemetry.endpoint.incoming import BODY_LATE
from zhulian.telemetry.endpoint.request import Request
from zhulian.telemetry.store.engine import Answer
from zhulian.telemetry.store.errors import StoreError

Headers = list[tuple[bytes, bytes]]
_STATUS = {"store_busy": 503, "store_closed": 503, "store_unreachable": 503, "access_denied": 403}


class Reply:
    """A statement's answer under way. Made and read in a thread; making it runs up to the first chunk."""

    def __init__(self, request: Request, answer: Answer, form: str, written_rows: int | None = None) -> None:
        self._answer = answer
        chunks = iter(answer)
        first = next(chunks, b"")
        tag = secrets.token_hex(8)
        coding = chosen(request.accepted) if first else None
        body = _guarded(first, chunks, tag)
        self._pieces = packed(body, coding) if coding else body
        self.headers = _headers(request, form, tag, coding, written_rows)

    def take(self) -> bytes | None:
        """The next piece, None at the end."""
        return next((piece for piece in self._pieces if piece), None)

    def close(self) -> None:
        """Stop what still runs."""
        self._answer.close()


async def send_fault(send: Send, fault: StoreError) -> None:
    """An error that showed before the answer began."""
    text = _text_of(fault).encode()
    headers: Headers = [
        (b"content-type", b"text/plain; charset=UTF-8"),
        (b"content-length", str(len(text)).encode()),
        (b"x-clickhouse-exception-code", str(fault.number or 1001).encode()),
    ]
    if fault.number == BODY_LATE:
        headers.append((b"connection", b"close"))  # the rest, if it ever came, would be taken for a request
    if fault.number == 516:
        headers.append((b"www-authenticate", b'Basic realm="Zhulian store"'))
    await send({"type": "http.response.start", "status": _STATUS.get(fault.code, 400), "headers": headers})
    await send({"type": "http.response.body", "body": text})


def _guarded(first: bytes, chunks: Iterator[bytes], tag: str) -> Iterator[bytes]:
    """The chunks; an error in between becomes the block that the exception tag announces."""
    yield first
    try:
        yield from chunks
    except StoreError as fault:
        text = _text_of(fault).encode() + b"\n"
        mark = tag.encode()
        yield b"\r\n__exception__\r\n%b\r\n%b%d %b\r\n__exception__\r\n" % (mark, text, len(text), mark)


def _headers(request: Request, form: str, tag: str, coding: str | None, written_rows: int | None) -> Headers:
    headers: Headers = [
        (b"content-type", b"application/octet-stream" if form else b"text/plain; charset=UTF-8"),
        (b"x-clickhouse-query-id", (request.query.get("query_id") or str(uuid.uuid4())).encode("latin-1", "replace")),
        (b"x-clickhouse-timezone", b"UTC"),
        (b"x-clickhouse-exception-tag", tag.encode()),
    ]
    if form:
        headers.append((b"x-clickhouse-format", form.encode()))
    if coding:
        headers.append((b"content-encoding", coding.encode()))
    if written_rows is not None:
        headers.append((b"x-clickhouse-summary", json.dumps({"written_rows": str(written_rows)}).encode()))
    return headers


def _text_of(fault: StoreError) -> str:
    if fault.detail:
        return fault.detail
    return f"Code: {fault.number or 1001}. DB::Exception: {fault.what.en} {fault.next_step.en} ({fault.code.upper()})"
