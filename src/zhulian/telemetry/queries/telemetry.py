"""The one object pages hold: :class:`Telemetry`. Answers for one tenant never hold another's readings."""

from collections.abc import Iterator, Mapping, Sequence

from urllib3 import PoolManager

from zhulian.telemetry.endpoint.key import USER, load_or_create_key
from zhulian.telemetry.queries import measuring, statements
from zhulian.telemetry.queries.buckets import DAY_US, MOST_ENTRIES
from zhulian.telemetry.queries.history import History
from zhulian.telemetry.queries.loopback import Loopback
from zhulian.telemetry.queries.series import read_series
from zhulian.telemetry.queries.values import (
    Activity,
    Extent,
    GatewayState,
    Growth,
    Hour,
    Latest,
    PointCount,
    Series,
    Span,
    Watch,
)
from zhulian.telemetry.store import schema
from zhulian.telemetry.store.place import Place
from zhulian.vocabulary.readings import PointId, Quality, Reading, TenantId, TimeUs
from zhulian.vocabulary.settings import Settings
from zhulian.wire.asks import Ask, Reply

POINTS_A_CALL = 1000
"""Ids of points travel in the address; more than this go in several calls."""
ASK_MARGIN_S = 1.0


class Telemetry:
    """Every call may raise TelemetryUnreachable, after two seconds at most when nobody is there."""

    def __init__(self, history: History, loopback: Loopback) -> None:
        self._history = history
        self._loopback = loopback

    @classmethod
    def connect(cls, settings: Settings) -> "Telemetry":
        """For the life of a process. Needs nobody to be there yet: the first call connects, and so does a later one."""
        pool = PoolManager(maxsize=16)
        key = load_or_create_key(settings.data.keys / "store.key")
        here = Place("127.0.0.1", settings.store_port, USER, key, schema.DATABASE, is_secure=False)
        elsewhere = settings["ZHULIAN_TELEMETRY_URL"]
        history = History(Place.parse(elsewhere) if elsewhere else here, pool)
        return cls(history, Loopback(pool, f"http://{here}", key))

    def latest(self, tenant: TenantId, points: Sequence[PointId]) -> dict[PointId, Latest]:
        """The newest reading of each point that ever had one."""
        found: dict[PointId, Latest] = {}
        for start in range(0, len(points), POINTS_A_CALL):
            ids = ",".join(map(str, points[start : start + POINTS_A_CALL]))
            for latest in self._loopback.get(list[Latest], "/live/latest", tenant=tenant, points=ids):
                found[latest.point] = latest
        return found

    def series(self, tenant: TenantId, point: PointId, start_us: TimeUs, end_us: TimeUs, most: int = 600) -> Series:
        """The point in ``[start_us, end_us)`` in at most ``most`` (and never more than 2,000) entries."""
        return read_series(self._history, tenant, point, (start_us, end_us), max(1, min(most, MOST_ENTRIES)))

    def rows(self, tenant: TenantId, points: Sequence[PointId], start_us: TimeUs, end_us: TimeUs) -> Iterator[Reading]:
        """Every reading in ``[start_us, end_us)`` ordered by time, streamed: memory does not grow with the range."""
        values = {"tenant": tenant, "points": list(points), "start": start_us, "end": end_us}
        for day in _column(self._history.columns(statements.DAYS, values)):
            day_us = day * 1_000_000
            bounds = {"start": max(start_us, day_us), "end": min(end_us, day_us + DAY_US)}
            for block in self._history.blocks(statements.ROWS, values | bounds):
                for found, time_us, value, quality, text in zip(*block, strict=True):
                    yield Reading(found, time_us, value, Quality(quality), text or None)

    def counts(self, tenant: TenantId, points: Sequence[PointId]) -> dict[PointId, PointCount]:
        """How much is stored of each point that has anything."""
        columns = self._history.columns(statements.COUNTS, {"tenant": tenant, "points": list(points)})
        return {found[0]: PointCount(*found) for found in zip(*columns, strict=True)}

    def hourly(
        self, tenants: Sequence[TenantId], start_us: TimeUs, end_us: TimeUs
    ) -> dict[TenantId, list[tuple[TimeUs, int]]]:
        """Readings in each hour of ``[start_us, end_us)``, by tenant and in order; hours without any are left out."""
        values = {"tenants": list(tenants), "start": start_us, "end": end_us}
        found: dict[TenantId, list[tuple[TimeUs, int]]] = {}
        for tenant, hour_s, rows in zip(*self._history.columns(statements.HOURLY, values), strict=True):
            found.setdefault(tenant, []).append((TimeUs(hour_s * 1_000_000), rows))
        return found

    def spans(
        self, tenant: TenantId, watches: Sequence[Watch], start_us: TimeUs, end_us: TimeUs
    ) -> dict[PointId, Span]:
        """How long each watched point was there, and above its mark, in the range; silent ones are left out."""
        return measuring.read_spans(self._history, tenant, watches, (start_us, end_us))

    def growth(
        self, tenant: TenantId, points: Sequence[PointId], start_us: TimeUs, end_us: TimeUs
    ) -> dict[PointId, Growth]:
        """By how much each counter grew in ``[start_us, end_us)``."""
        return measuring.read_growth(self._history, tenant, points, (start_us, end_us))

    def extents(
        self, tenant: TenantId, points: Sequence[PointId], start_us: TimeUs, end_us: TimeUs
    ) -> dict[PointId, Extent]:
        """How much is stored of each point in the hours of ``[start_us, end_us)``, and between which values."""
        return measuring.read_extents(self._history, tenant, points, (start_us, end_us))

    def hours(
        self, tenant: TenantId, points: Sequence[PointId], start_us: TimeUs, end_us: TimeUs
    ) -> dict[PointId, list[Hour]]:
        """The hours of ``[start_us, end_us)`` that hold a reading, by point and in order."""
        return measuring.read_hours(self._history, tenant, points, (start_us, end_us))

    def days(
        self, tenant: TenantId, groups: Mapping[PointId, int], start_us: TimeUs, end_us: TimeUs
    ) -> dict[int, frozenset[int]]:
        """On which days (counted from 1970, in the city) a group had a reading; ``groups``: which a point is in."""
        return measuring.read_days(self._history, tenant, groups, (start_us, end_us))

    def activity(self) -> dict[TenantId, Activity]:
        """How busy each tenant is right now."""
        return {found.tenant: found for found in self._loopback.get(list[Activity], "/live/activity")}

    def gateways(self) -> dict[int, GatewayState]:
        """Every gateway that was heard since the telemetry process started."""
        return {found.gateway: found for found in self._loopback.get(list[GatewayState], "/gateways")}

    def ask(self, gateway: int, ask: Ask, timeout_s: float) -> Reply:
        """Let a gateway try or browse a device. Raises GatewayAskFailed gateway_offline or gateway_silent."""
        path = f"/gateways/{gateway}/ask"
        return self._loopback.post(Reply, path, ask, timeout_s + ASK_MARGIN_S, timeout_s=timeout_s)

    def announce_configuration(self, gateway: int, version: int) -> None:
        """Tell a gateway that a newer configuration waits; one that is offline asks by itself when it is back."""
        self._loopback.post(dict[str, object], f"/gateways/{gateway}/configuration", None, version=version)

    def live_stream_url(self, tenant: TenantId, points: Sequence[PointId]) -> str:
        """Where the portal's live stream listens: server-sent events, each a Latest as JSON."""
        return self._loopback.url("/live/stream", tenant=tenant, points=",".join(map(str, points)))

    @property
    def live_headers(self) -> dict[str, str]:
        """What to send along to :meth:`live_stream_url`. It holds the store's key: never hand it to a browser."""
        return dict(self._loopback.headers)

    def close(self) -> None:
        """Let go of the connections."""
        self._history.close()


def _column(columns: Sequence[Sequence[int]]) -> Sequence[int]:
    return columns[0] if columns else ()
