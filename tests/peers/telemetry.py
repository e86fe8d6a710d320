"""Telemetry from memory, with the interface of ``zhulian.telemetry.queries.Telemetry``; for tests of portal and API.

Readings are given per enterprise, and like the real store it answers only for the enterprise that is asked for: a test
that asks with the wrong one gets nothing, and so notices.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from zhulian.telemetry.queries import (
    Activity,
    GatewayState,
    Latest,
    PointCount,
    Series,
    Telemetry,
    TelemetryUnreachable,
)
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.readings import PointId, Quality, Reading, TenantId, TimeUs
from zhulian.wire.asks import Ask, Reply

HOUR_US = 3_600_000_000


class FakeTelemetry(Telemetry):
    """Holds readings in lists; ``unreachable`` makes every call fail as an outage would."""

    def __init__(self) -> None:
        self.unreachable = False
        self.readings: dict[TenantId, list[Reading]] = defaultdict(list)
        self.states: dict[int, GatewayState] = {}
        self.replies: list[Reply | Exception] = []
        self.asked: list[tuple[int, Ask]] = []
        self.announced: list[tuple[int, int]] = []

    def give(self, tenant: int, point: int, *values: float, start_us: int, every_us: int = 1_000_000) -> None:
        """Readings of one point, ``every_us`` apart from ``start_us`` on."""
        times = (TimeUs(start_us + index * every_us) for index in range(len(values)))
        found = (Reading(PointId(point), time, value) for time, value in zip(times, values, strict=True))
        self.readings[TenantId(tenant)].extend(found)

    def latest(self, tenant: TenantId, points: Sequence[PointId]) -> dict[PointId, Latest]:
        newest = {reading.point: reading for reading in self._rows(tenant, points)}
        return {
            point: Latest(point, last.time_us, last.value, last.quality, last.text, last.time_us)
            for point, last in newest.items()
        }

    def series(self, tenant: TenantId, point: PointId, start_us: TimeUs, end_us: TimeUs, most: int = 600) -> Series:
        rows = [row for row in self._rows(tenant, [point]) if start_us <= row.time_us < end_us]
        drawn = [row for row in rows if row.quality is not Quality.BAD][-most:]
        values = [row.value for row in drawn]
        return Series(
            point=point,
            start_us=start_us,
            end_us=end_us,
            bucket_s=0.0,
            times_us=[row.time_us for row in drawn],
            means=values,
            lows=values,
            highs=values,
            counts=[1] * len(drawn),
            total=len(rows),
            last_us=rows[-1].time_us if rows else None,
        )

    def rows(self, tenant: TenantId, points: Sequence[PointId], start_us: TimeUs, end_us: TimeUs) -> Iterator[Reading]:
        return (row for row in self._rows(tenant, points) if start_us <= row.time_us < end_us)

    def counts(self, tenant: TenantId, points: Sequence[PointId]) -> dict[PointId, PointCount]:
        grouped: dict[PointId, list[Reading]] = defaultdict(list)
        for row in self._rows(tenant, points):
            grouped[row.point].append(row)
        return {
            point: PointCount(point, len(rows), rows[0].time_us, rows[-1].time_us) for point, rows in grouped.items()
        }

    def hourly(
        self, tenants: Sequence[TenantId], start_us: TimeUs, end_us: TimeUs
    ) -> dict[TenantId, list[tuple[TimeUs, int]]]:
        self._reach()
        return {tenant: self._hours(tenant, start_us, end_us) for tenant in tenants if self.readings[tenant]}

    def activity(self) -> dict[TenantId, Activity]:
        self._reach()
        return {
            tenant: Activity(tenant, len(rows), len({row.point for row in rows}), max(row.time_us for row in rows))
            for tenant, rows in self.readings.items()
            if rows
        }

    def gateways(self) -> dict[int, GatewayState]:
        self._reach()
        return dict(self.states)

    def ask(self, gateway: int, ask: Ask, timeout_s: float) -> Reply:  # noqa: ARG002 - nobody waits
        self._reach()
        self.asked.append((gateway, ask))
        answer = self.replies.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def announce_configuration(self, gateway: int, version: int) -> None:
        self._reach()
        self.announced.append((gateway, version))

    def live_stream_url(self, tenant: TenantId, points: Sequence[PointId]) -> str:
        listed = ",".join(map(str, points))
        return f"http://127.0.0.1:9/live/stream?tenant={tenant}&points={listed}"

    @property
    def live_headers(self) -> dict[str, str]:
        return {"X-ClickHouse-Key": "secret-of-the-store"}

    def close(self) -> None:
        """Nothing is open."""

    def _hours(self, tenant: TenantId, start_us: int, end_us: int) -> list[tuple[TimeUs, int]]:
        counted: dict[int, int] = defaultdict(int)
        for row in self.readings[tenant]:
            if start_us <= row.time_us < end_us:
                counted[row.time_us // HOUR_US * HOUR_US] += 1
        return [(TimeUs(hour), count) for hour, count in sorted(counted.items())]

    def _rows(self, tenant: TenantId, points: Sequence[PointId]) -> list[Reading]:
        self._reach()
        wanted = set(points)
        return sorted((row for row in self.readings[tenant] if row.point in wanted), key=lambda row: row.time_us)

    def _reach(self) -> None:
        if self.unreachable:
            raise TelemetryUnreachable(
                "telemetry_unreachable",
                Text("读不到遥测数据。", "Telemetry cannot be reached."),
                Text("请稍后再试。", "Try again later."),
            )
