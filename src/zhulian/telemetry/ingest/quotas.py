"""How much a gateway and an enterprise may send: rows a second and bytes a day, averaged, with room for bursts.

Each limit is a bucket that fills at its rate. A batch is let in while the bucket is not empty and may leave it in debt:
batches larger than a burst get in as well, and the average holds. Defaults are settings; the portal writes exceptions.
"""

import math
from typing import Literal

import msgspec

from zhulian.telemetry.arrivals import AllArrivals
from zhulian.telemetry.ingest import errors
from zhulian.telemetry.ingest.watched import Watched
from zhulian.vocabulary.clock import Clock
from zhulian.vocabulary.readings import TimeUs
from zhulian.vocabulary.settings import Settings
from zhulian.wire.credentials import GatewayToken

BURST_S = 60
"""A minute's worth of rows may come at once: what an outage of some seconds leaves behind."""
DAY_S = 86_400
LONGEST_WAIT_S = 300
"""Gateways are asked to come back after this at the latest, so that a raised limit is felt soon."""
Whose = Literal["gateway", "enterprise"]


class Quota(msgspec.Struct, frozen=True):
    """What may come; None takes the default."""

    rows_per_s: int | None = None
    mb_per_day: int | None = None


class Exceptions(msgspec.Struct, frozen=True):
    """The portal's file: gateway id and enterprise id → quota."""

    gateways: dict[int, Quota] = {}
    enterprises: dict[int, Quota] = {}


class Bucket:
    """Fills at ``rate`` a second up to ``most``."""

    __slots__ = ("_at_us", "_level")

    def __init__(self) -> None:
        self._level = math.inf
        self._at_us = TimeUs(0)

    def wait_s(self, rate: float, most: float, now_us: TimeUs) -> float:
        """Seconds until something may be taken: 0 when now."""
        passed_s = max(0.0, (now_us - self._at_us) / 1e6)  # a clock that was set back gives nothing
        self._level = min(most, self._level + rate * passed_s)
        self._at_us = now_us
        return 0.0 if self._level > 0 else (1 - self._level) / rate

    def take(self, amount: float) -> None:
        """Take ``amount``, into debt if need be."""
        self._level -= amount


class Quotas:
    """All buckets of all senders. Event loop's thread."""

    def __init__(self, settings: Settings, clock: Clock, arrivals: AllArrivals) -> None:
        self._clock = clock
        self._arrivals = arrivals
        self._file = Watched(settings.data.quotas, clock, Exceptions(), _read)
        self._defaults: dict[Whose, tuple[int, int]] = {
            "gateway": _default(settings, "GATEWAY"),
            "enterprise": _default(settings, "ENTERPRISE"),
        }
        self._buckets: dict[tuple[Whose, int], tuple[Bucket, Bucket]] = {}

    def admit(self, sender: GatewayToken, rows: int, size_bytes: int) -> None:
        """Count a batch in. Raises IngestError 429, and then only that it had to wait is counted."""
        try:
            buckets = self._open(sender)
        except errors.IngestError:
            self._arrivals.of(sender.gateway).over_quota += 1
            raise
        for by_rows, by_bytes in buckets:
            by_rows.take(rows)
            by_bytes.take(size_bytes)

    def _open(self, sender: GatewayToken) -> list[tuple[Bucket, Bucket]]:
        """The sender's buckets, gateway and enterprise, none of them empty."""
        now_us, found = self._clock(), []
        both: tuple[tuple[Whose, int], ...] = (("gateway", sender.gateway), ("enterprise", sender.tenant))
        for whose, number in both:
            rows_per_s, mb_per_day = self.of(whose, number)
            by_rows, by_bytes = self._buckets.setdefault((whose, number), (Bucket(), Bucket()))
            wait_s = by_rows.wait_s(rows_per_s, rows_per_s * BURST_S, now_us)
            if wait_s > 0:
                raise errors.over_rows(whose, rows_per_s, _whole(wait_s))
            wait_s = by_bytes.wait_s(mb_per_day * 1e6 / DAY_S, mb_per_day * 1e6, now_us)
            if wait_s > 0:
                raise errors.over_bytes(whose, mb_per_day, _whole(wait_s))
            found.append((by_rows, by_bytes))
        return found

    def of(self, whose: Whose, number: int) -> tuple[int, int]:
        """Rows a second and megabytes a day that hold for one gateway or enterprise."""
        given = self._file.value()
        own = (given.gateways if whose == "gateway" else given.enterprises).get(number, Quota())
        rows_per_s, mb_per_day = self._defaults[whose]
        return own.rows_per_s or rows_per_s, own.mb_per_day or mb_per_day


def _default(settings: Settings, whose: str) -> tuple[int, int]:
    return int(settings[f"ZHULIAN_{whose}_ROWS_PER_SECOND"]), int(settings[f"ZHULIAN_{whose}_MB_PER_DAY"])


def _read(content: bytes) -> Exceptions:
    return msgspec.json.decode(content, type=Exceptions)


def _whole(wait_s: float) -> int:
    return min(math.ceil(wait_s), LONGEST_WAIT_S)
