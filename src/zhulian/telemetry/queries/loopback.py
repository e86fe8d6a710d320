"""Live values, gateways and their answers: JSON from the telemetry process on this machine."""

from typing import TypeVar
from urllib.parse import urlencode

import msgspec
from urllib3 import BaseHTTPResponse, PoolManager, Timeout
from urllib3.exceptions import HTTPError
from urllib3.util import make_headers

from zhulian.telemetry.endpoint.key import USER
from zhulian.telemetry.queries.errors import GatewayAskFailed, TelemetryRefused, not_now, refused
from zhulian.telemetry.queries.line import Line
from zhulian.vocabulary.errors import ZhulianError

T = TypeVar("T")
CONNECT_S = 0.6
ANSWER_S = 1.2
OUR_WORDS = frozenset({404, 409, 422})
"""What is said with these is said to people, and tells them what to do."""


class Loopback:
    """Calls to the telemetry process, with its key; any number of threads may share it."""

    def __init__(self, pool: PoolManager, line: Line, key: str) -> None:
        self._pool = pool
        self._url = line.url
        self._line = line
        self.headers = make_headers(basic_auth=f"{USER}:{key}")

    def url(self, path: str, **query: object) -> str:
        """The whole address of ``path``."""
        return f"{self._url}{path}" + (f"?{urlencode(query)}" if query else "")

    def get(self, kind: type[T], path: str, answer_s: float = ANSWER_S, **query: object) -> T:
        """GET ``path``; its JSON as ``kind``. Raises TelemetryUnreachable or TelemetryRefused."""
        return _read(self._call("GET", self.url(path, **query), None, answer_s), kind)

    def post(self, kind: type[T], path: str, body: object, answer_s: float = ANSWER_S, **query: object) -> T:
        """POST ``body`` as JSON; its JSON answer as ``kind``. Also raises GatewayAskFailed."""
        return _read(self._call("POST", self.url(path, **query), msgspec.json.encode(body), answer_s), kind)

    def body(self, path: str, **query: object) -> bytes:
        """GET ``path``; the bytes as they are. Raises as :meth:`get` does."""
        answer = self._call("GET", self.url(path, **query), None, ANSWER_S)
        if answer.status != 200:
            raise _fault(answer)
        return bytes(answer.data)

    def put(self, kind: type[T], path: str, body: object, answer_s: float = ANSWER_S) -> T:
        """PUT ``body`` as JSON; its JSON answer as ``kind``."""
        return _read(self._call("PUT", self.url(path), msgspec.json.encode(body), answer_s), kind)

    def deliver(self, kind: type[T], path: str, body: bytes, answer_s: float, **query: object) -> T:
        """POST ``body`` as it is. Also raises TelemetryBusy, when it is to be tried again later."""
        answer = self._call("POST", self.url(path, **query), body, answer_s)
        if answer.status in {429, 503}:
            raise not_now(answer.headers.get("retry-after"))
        return _read(answer, kind)

    def _call(self, method: str, url: str, body: bytes | None, answer_s: float) -> BaseHTTPResponse:
        self._line.check()
        timeout = Timeout(connect=CONNECT_S, read=answer_s)
        try:
            answer = self._pool.request(
                method, url, body=body, headers=self.headers, timeout=timeout, retries=False, redirect=False
            )
        except HTTPError as fault:
            raise self._line.broken(fault) from fault
        self._line.works()
        return answer


def _read(answer: BaseHTTPResponse, kind: type[T]) -> T:
    if answer.status != 200:
        raise _fault(answer)
    try:
        return msgspec.json.decode(answer.data, type=kind)
    except msgspec.DecodeError as fault:
        raise refused(str(fault)) from fault


def _fault(answer: BaseHTTPResponse) -> ZhulianError:
    try:
        told = GatewayAskFailed.from_json(msgspec.json.decode(answer.data, type=dict[str, str]))
    except msgspec.DecodeError:
        return refused(f"HTTP {answer.status}")
    if told.code.startswith("gateway_"):
        return told
    if answer.status in OUR_WORDS:
        return TelemetryRefused(told.code, told.what, told.next_step)
    return refused(f"HTTP {answer.status}: {told}")
