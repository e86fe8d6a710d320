"""Is anybody there? Asked before a query when nobody answered lately, so that a page waits two seconds at most."""

import threading
import time

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

from zhulian.telemetry.queries.errors import TelemetryUnreachable, unreachable
from zhulian.telemetry.store.place import why_unreachable

FRESH_S = 1.0
_PING = Timeout(connect=0.6, read=1.2)


class Line:
    """The way to one address; remembers for a second whether it was open."""

    def __init__(self, pool: PoolManager, url: str) -> None:
        self._pool = pool
        self.url = url
        self._lock = threading.Lock()
        self._good_s = self._bad_s = -FRESH_S
        self._why: str | None = None

    def check(self) -> None:
        """Raise TelemetryUnreachable when nobody is there."""
        now_s = time.monotonic()
        with self._lock:
            if now_s - self._good_s < FRESH_S:
                return
            if self._why is not None and now_s - self._bad_s < FRESH_S:
                raise unreachable(self.url, self._why)
        try:
            self._pool.request("GET", f"{self.url}/ping", timeout=_PING, retries=False)
        except HTTPError as fault:
            raise self.broken(fault) from fault
        self.works()

    def works(self) -> None:
        """Somebody answered."""
        with self._lock:
            self._good_s, self._why = time.monotonic(), None

    def broken(self, fault: BaseException) -> TelemetryUnreachable:
        """Remember that nobody did; returns what to raise."""
        why = why_unreachable(fault)
        with self._lock:
            self._bad_s, self._good_s, self._why = time.monotonic(), -FRESH_S, why
        return unreachable(self.url, why)
