"""A request of ClickHouse's HTTP interface taken apart: statement, settings, parameters, and rows that follow."""

import email.parser
import email.policy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from urllib.parse import parse_qsl

from zhulian.telemetry.answers import Scope, header
from zhulian.telemetry.endpoint.compression import CODECS, unpacked
from zhulian.telemetry.store.errors import statement_refused
from zhulian.telemetry.store.statements import split_format, takes_body

LARGEST_STATEMENT_BYTES = 16 * 1024 * 1024
HEAD_BYTES = 256 * 1024
# What the interface itself understands or may ignore; everything else in the query string is a setting.
_OWN = frozenset(
    {
        *("query", "default_format", "user", "password", "quota_key", "query_id", "role"),
        *("session_id", "session_timeout", "session_check", "close_session", "client_protocol_version"),
        *("compress", "decompress", "enable_http_compression", "wait_end_of_query", "buffer_size", "stacktrace"),
        *("send_progress_in_http_headers", "http_headers_progress_interval_ms", "add_http_cors_header"),
        "cancel_http_readonly_queries_on_client_close",
    }
)
_INSERT_HEAD = re.compile(rb"\s*(?:/\*.*?\*/\s*)?INSERT\s+INTO\b.*?\bFORMAT\s+(\w+)[ \t;]*(?:\r?\n|\Z)", re.I | re.S)


@dataclass(frozen=True, slots=True)
class Request:
    """What the address and the headers say."""

    query: Mapping[str, str]
    coding: str
    content_type: str
    accepted: str
    default_format: str
    is_reading: bool

    @property
    def settings(self) -> dict[str, str]:
        """Engine settings of this one statement, with ``database`` among them. GET may only read."""
        names = [name for name in self.query if name not in _OWN and not name.startswith("param_")]
        settings = {name: self.query[name] for name in names if self.query[name] or name != "database"}
        if self.is_reading:
            settings["readonly"] = "2"
        return settings


@dataclass(frozen=True, slots=True)
class Work:
    """One statement to run. ``rows`` is None unless it is an INSERT whose rows follow in format ``form``."""

    sql: str
    form: str
    parameters: Mapping[str, str]
    rows: Iterator[bytes] | None


def read_request(scope: Scope) -> Request:
    """The request line and headers."""
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    wants_packed = query.get("enable_http_compression", "0") == "1"
    return Request(
        query,
        (header(scope, "content-encoding") or "").lower(),
        header(scope, "content-type") or "",
        (header(scope, "accept-encoding") or "") if wants_packed else "",
        header(scope, "x-clickhouse-format") or query.get("default_format", "TabSeparated"),
        scope["method"] in {"GET", "HEAD"},
    )


def read_work(request: Request, body: Iterator[bytes]) -> Work:
    """The statement, wherever the client put it: address, body, or form. Blocks while the body arrives."""
    if request.coding and request.coding != "identity":
        if request.coding not in CODECS:
            raise _wrong(f"Content-Encoding {request.coding!r} is not supported; use lz4, zstd, gzip or br")
        body = unpacked(body, request.coding)
    fields = dict(request.query)
    if request.content_type.startswith("multipart/form-data"):
        fields |= _form_fields(request.content_type, _whole(body))
        body = iter(())
    if fields.get("query"):
        body = chain([fields["query"].encode() + b"\n"], body)
    parameters = {name[6:]: value for name, value in fields.items() if name.startswith("param_")}
    return _split(body, request.default_format, parameters)


def _split(body: Iterator[bytes], default_format: str, parameters: Mapping[str, str]) -> Work:
    head = b""
    for chunk in body:
        head += chunk
        if len(head) >= HEAD_BYTES:
            break
    found = _INSERT_HEAD.match(head)
    if found and takes_body(statement := head[: found.start(1)].decode("utf-8", "replace")):
        sql = statement.rstrip()[: -len("FORMAT")]
        return Work(sql, found[1].decode(), parameters, chain([head[found.end() :]], body))
    try:
        text = _whole(chain([head], body)).decode().strip()
    except UnicodeDecodeError as fault:
        raise _wrong(f"the statement is not UTF-8: {fault}") from fault
    if not text:
        raise _wrong("Empty query")
    sql, form = split_format(text)
    return Work(sql, form or default_format, parameters, None)


def _whole(body: Iterator[bytes]) -> bytes:
    pieces, size = [], 0
    for piece in body:
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST_STATEMENT_BYTES:
            raise _wrong(f"the statement is longer than {LARGEST_STATEMENT_BYTES} bytes")
    return b"".join(pieces)


def _form_fields(content_type: str, body: bytes) -> dict[str, str]:
    parser = email.parser.BytesParser(policy=email.policy.HTTP)
    message = parser.parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    fields = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        if part.get_filename():
            raise _wrong("external tables are not supported")
        content = part.get_payload(decode=True)
        fields[str(name)] = content.decode() if isinstance(content, bytes) else ""
    return fields


def _wrong(why: str) -> Exception:
    return statement_refused(f"Code: 62. DB::Exception: {why}. (SYNTAX_ERROR)", 62)
