"""Telemetry from memory, with the interface of ``zhulian.telemetry.queries.Telemetry``; for tests of portal and API.

Readings are given per enterprise, and like the real store it answers only for the enterprise that is asked for: a test
that asks with the wrong one gets nothing, and so notices.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from peers import telemetry_truth as truth
from zhulian.telemetry.alarms.rules import Rule
from zhulian.telemetry.queries import (
    Activity,
    Aligned,
    Arrivals,
    Aside,
    AsideFilter,
    Asides,
    Asked,
    Basis,
    Bins,
    CityHours,
    Cursor,
    Demand,
    Erasure,
    Extent,
    Fill,
    GatewayState,
    Growth,
    Health,
    Histogram,
    Hour,
    Latest,
    PartitionUse,
    Plan,
    PointCount,
    Preview,
    Progress,
    RowsPage,
    RulesStanding,
    Seen,
    Series,
    Shape,
    Source,
    Span,
    States,
    TableUse,
    Telemetry,
    TelemetryRefused,
    TelemetryUnreachable,
    TenantRows,
    TenantUse,
    Tried,
    Usage,
    Watch,
)
from zhulian.telemetry.queries.values import EVERYTHING, DiskUse, JournalUse, ShelfTotals
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.readings import PointId, Reading, TenantId, TimeUs
from zhulian.wire.asks import Ask, Reply


class FakeTelemetry(Telemetry):
    """Holds readings in lists; ``unreachable`` makes every call fail as an outage would."""

    def __init__(self) -> None:
        self.unreachable = False
        self.readings: dict[TenantId, list[Reading]] = defaultdict(list)
        self.gateway_states: dict[int, GatewayState] = {}
        self.replies: list[Reply | Exception] = []
        self.asked: list[tuple[int, Ask]] = []
        self.announced: list[tuple[int, int]] = []
        self.asides: list[Aside] = []
        self.plans: list[Plan] = []
        self.thin: set[tuple[TenantId, int]] = set()
        self.erased: list[Erasure] = []
        self.refusal: TelemetryRefused | None = None
        """What sending an item again meets."""

    def give(self, tenant: int, point: int, *values: float, start_us: int, every_us: int = 1_000_000) -> None:
        """Readings of one point, ``every_us`` apart from ``start_us`` on."""
        times = (TimeUs(start_us + index * every_us) for index in range(len(values)))
        found = (Reading(PointId(point), time, value) for time, value in zip(times, values, strict=True))
        self.readings[TenantId(tenant)].extend(found)

    def alarms_standing(self, tenants: Sequence[TenantId]) -> RulesStanding:
        """No rule is active or unknown."""
        del tenants
        self._reach()
        return RulesStanding(0, (), (), 0, 0, 0, 0)

    def attempt_alarm(self, rule: Rule, start_us: TimeUs, end_us: TimeUs) -> Tried:
        """One alarm of a minute, whatever the rule."""
        del rule
        self._reach()
        return Tried(((start_us, start_us + 60_000_000, 9.0),), 100, start_us, end_us)

    def health(self) -> Health:
        """A disk with room, nothing waiting."""
        self._reach()
        return Health(JournalUse(5_000_000, 64_000_000), 0, ShelfTotals(), DiskUse(40_000_000_000, 100_000_000_000))

    def usage(self) -> Usage:
        self._reach()
        tenants = {}
        for tenant, rows in self.readings.items():
            if rows:
                times = [row.time_us // 1_000_000 for row in rows]
                tenants[tenant] = TenantUse(tenant, len(rows), len(rows), min(times), max(times))
        total = sum(use.rows for use in tenants.values())
        return Usage([TableUse("readings", total, total * 2, 1, 1)] if total else [], tenants, 0, None)

    def partitions(self) -> list[PartitionUse]:
        self._reach()
        return [PartitionUse("readings", "2026-09-01", 10, 20, 1)]

    def stored_days(self, tenants: Sequence[TenantId] | None, first: int, last: int) -> dict[int, int]:
        self._reach()
        found: dict[int, int] = defaultdict(int)
        for tenant, rows in self.readings.items():
            for row in rows if tenants is None or tenant in tenants else ():
                found[(row.time_us // 1_000_000 + 28_800) // 86_400] += 1
        return {day: count for day, count in found.items() if first <= day <= last}

    def thinned(self, tenants: Sequence[TenantId], first: int, last: int) -> set[tuple[TenantId, int]]:
        self._reach()
        return {(tenant, day) for tenant, day in self.thin if tenant in tenants and first <= day <= last}

    def set_retention(self, plan: Plan) -> Progress:
        self._reach()
        self.plans.append(plan)
        return Progress()

    def preview_retention(self, plan: Plan) -> Preview:
        """Everything goes where a limit holds for everybody; without, nothing."""
        self._reach()
        rows = sum(map(len, self.readings.values())) if plan.everybody.raw_days else 0
        return Preview(rows, int(rows > 0))

    def preview_erasure(self, erasure: Erasure) -> Preview:
        self._reach()
        tenant = TenantId(erasure.tenant)
        wanted = {row.point for row in self.readings[tenant]} if erasure.points is None else set(erasure.points)
        return Preview(sum(row.point in wanted for row in self.readings[tenant]), 1)

    def erase(self, erasure: Erasure) -> Demand:
        self._reach()
        self.erased.append(erasure)
        return Demand(erasure.number, is_done=True, steps_done=1, steps=1, rows=3)

    def retention(self) -> Progress:
        self._reach()
        return Progress()

    def latest(self, tenant: TenantId, points: Sequence[PointId]) -> dict[PointId, Latest]:
        newest = {reading.point: reading for reading in self._rows(tenant, points)}
        return {
            point: Latest(point, last.time_us, last.value, last.quality, last.text, last.time_us)
            for point, last in newest.items()
        }

    def series(
        self,
        tenant: TenantId,
        point: PointId,
        start_us: TimeUs,
        end_us: TimeUs,
        most: int = 600,
        *,
        every_us: int | None = None,
        shape: Shape = Shape.ENVELOPE,  # noqa: ARG002 - few readings have no other
    ) -> Series:
        rows = self._rows(tenant, [point])
        return truth.series(rows, Asked(point, every_us), (start_us, end_us), most, system_clock())

    def aligned(
        self,
        tenant: TenantId,
        asked: Sequence[Asked],
        start_us: TimeUs,
        end_us: TimeUs,
        most: int = 600,
        *,
        fill: Fill = Fill.LAST,
    ) -> Aligned:
        rows = {each.point: self._rows(tenant, [each.point]) for each in asked}
        return truth.aligned(rows, asked, (start_us, end_us), most, fill, now_us=system_clock())

    def states(self, tenant: TenantId, asked: Asked, start_us: TimeUs, end_us: TimeUs, most: int = 500) -> States:  # noqa: ARG002 - never too many
        return truth.states(self._rows(tenant, [asked.point]), asked, (start_us, end_us), system_clock())

    def histogram(
        self,
        tenant: TenantId,
        asked: Asked,
        start_us: TimeUs,
        end_us: TimeUs,
        bins: int = 20,
        *,
        by: Bins = Bins.WIDTH,  # noqa: ARG002 - bins of one width only
        low: float | None = None,
        high: float | None = None,
    ) -> Histogram:
        rows, span = self._rows(tenant, [asked.point]), (start_us, end_us)
        return truth.histogram(rows, asked, span, bins, (low, high), now_us=system_clock())

    def rows(self, tenant: TenantId, points: Sequence[PointId], start_us: TimeUs, end_us: TimeUs) -> Iterator[Reading]:
        return (row for row in self._rows(tenant, points) if start_us <= row.time_us < end_us)

    def rows_page(
        self,
        tenant: TenantId,
        points: Sequence[PointId],
        start_us: TimeUs,
        end_us: TimeUs,
        *,
        after: Cursor | None = None,
        most: int = 1000,
    ) -> RowsPage:
        rows = sorted(self.rows(tenant, points, start_us, end_us), key=lambda row: (row.time_us, row.point))
        left = [row for row in rows if after is None or (row.time_us, row.point) > (after.time_us, after.point)]
        last = left[most - 1] if len(left) > most else None
        return RowsPage(left[:most], Cursor(last.time_us, last.point) if last else None)

    def batches(
        self, tenant: TenantId, points: Sequence[PointId], start_us: TimeUs, end_us: TimeUs
    ) -> Iterator[pa.RecordBatch]:
        rows = list(self.rows(tenant, points, start_us, end_us))
        if rows:
            columns = ([row.point for row in rows], [row.time_us for row in rows], [row.value for row in rows],
                       [row.text or "" for row in rows], [int(row.quality) for row in rows])  # fmt: skip
            kinds = (pa.uint32(), pa.timestamp("us", "UTC"), pa.float64(), pa.utf8(), pa.uint8())
            arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, ["point", "time", "value", "text", "quality"])

    def counts(self, tenant: TenantId, points: Sequence[PointId]) -> dict[PointId, PointCount]:
        grouped: dict[PointId, list[Reading]] = defaultdict(list)
        for row in self._rows(tenant, points):
            grouped[row.point].append(row)
        return {
            point: PointCount(point, len(rows), rows[0].time_us, rows[-1].time_us) for point, rows in grouped.items()
        }

    def city_hours(self, groups: Mapping[TenantId, int], start_us: TimeUs, end_us: TimeUs) -> CityHours:
        self._reach()
        found: dict[int, dict[TimeUs, int]] = {}
        for tenant, group in groups.items():
            for hour, rows in self._hours(tenant, start_us, end_us):
                hours = found.setdefault(group, {})
                hours[hour] = hours.get(hour, 0) + rows
        basis = Basis(Source.HOUR, None, truth.HOUR_US, False, None, None)
        return CityHours(start_us, end_us, basis, {group: sorted(hours.items()) for group, hours in found.items()})

    def top(self, tenants: Sequence[TenantId], start_us: TimeUs, end_us: TimeUs, most: int = 20) -> list[TenantRows]:
        self._reach()
        found = []
        for tenant in tenants:
            rows = [row for row in self.readings[tenant] if start_us <= row.time_us < end_us]
            if rows:
                last = max(row.time_us for row in rows)
                found.append(TenantRows(tenant, len(rows), len({row.point for row in rows}), last))
        return sorted(found, key=lambda each: (-each.rows, each.tenant))[:most]

    def seen(self, within_us: int = 300_000_000) -> Seen:
        self._reach()
        now = system_clock()
        found = {
            tenant: frozenset(row.point for row in rows if row.time_us > now - within_us)
            for tenant, rows in self.readings.items()
        }
        return Seen(now, within_us, {tenant: points for tenant, points in found.items() if points})

    def spans(
        self, tenant: TenantId, watches: Sequence[Watch], start_us: TimeUs, end_us: TimeUs
    ) -> dict[PointId, Span]:
        found = {}
        for watch in watches:
            rows = truth.within(self._rows(tenant, [watch.point]), (TimeUs(start_us - watch.grace_us), end_us))
            if rows:
                found[watch.point] = truth.watched(watch, rows, (start_us, end_us))
        return found

    def growth(
        self, tenant: TenantId, points: Sequence[PointId], start_us: TimeUs, end_us: TimeUs
    ) -> dict[PointId, Growth]:
        found = {}
        for point in points:
            rows = truth.within(self._rows(tenant, [point]), (TimeUs(start_us - 24 * truth.HOUR_US), end_us))
            if rows:
                found[point] = truth.growth(point, rows, start_us)
        return found

    def extents(
        self, tenant: TenantId, points: Sequence[PointId], start_us: TimeUs, end_us: TimeUs
    ) -> dict[PointId, Extent]:
        found = {}
        for point in points:
            rows = truth.within(self._rows(tenant, [point]), (start_us, end_us))
            if rows:
                found[point] = truth.extent(point, rows)
        return found

    def hours(
        self, tenant: TenantId, points: Sequence[PointId], start_us: TimeUs, end_us: TimeUs
    ) -> dict[PointId, list[Hour]]:
        found = {}
        for point in points:
            rows = truth.within(self._rows(tenant, [point]), (start_us, end_us))
            if rows:
                found[point] = truth.hours(rows)
        return found

    def days(
        self, tenant: TenantId, groups: Mapping[PointId, int], start_us: TimeUs, end_us: TimeUs
    ) -> dict[int, frozenset[int]]:
        found: dict[int, set[int]] = {}
        for row in self._rows(tenant, list(groups)):
            if start_us <= row.time_us < end_us:
                found.setdefault(groups[row.point], set()).add((row.time_us // 1_000_000 + 28_800) // 86_400)
        return {group: frozenset(days) for group, days in found.items()}

    def activity(self) -> dict[TenantId, Activity]:
        self._reach()
        return {
            tenant: Activity(tenant, len(rows), len({row.point for row in rows}), last, last)
            for tenant, rows in self.readings.items()
            for last in [max((row.time_us for row in rows), default=None)]
            if last is not None
        }

    def gateways(self) -> dict[int, GatewayState]:
        self._reach()
        return dict(self.gateway_states)

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

    def arrivals(self, gateway: int) -> Arrivals:
        self._reach()
        return Arrivals(gateway, 120, 7, 3, 2)

    def quarantine(
        self, tenants: Iterable[TenantId] | None, number: int = 1, size: int = 50, wanted: AsideFilter = EVERYTHING
    ) -> Asides:
        self._reach()
        whose = None if tenants is None else set(tenants)
        found = [
            one
            for one in reversed(self.asides)
            if (whose is None or one.tenant in whose)
            and (wanted.senders is None or one.gateway in wanted.senders)
            and one.code.startswith(wanted.reason)
            and one.at_us >= wanted.since_us
        ]
        totals = ShelfTotals(len(self.asides), sum(one.rows for one in self.asides))
        senders = sorted({one.gateway for one in found})
        return Asides(found[(number - 1) * size : number * size], len(found), totals, senders)

    def set_aside(self, number: int) -> Aside:
        self._reach()
        for one in self.asides:
            if one.id == number:
                return one
        raise TelemetryRefused("not_aside", Text("没有。", "There is none."), Text("", ""))

    def set_aside_body(self, number: int, form: str) -> bytes:
        return f"{form} of {self.set_aside(number).id}".encode()

    def send_again(self, number: int, shift_s: int = 0) -> int:
        found = self.set_aside(number)
        self.asked.append((number, Ask(kind="ping", version=shift_s)))
        if self.refusal is not None:
            raise self.refusal
        self.asides.remove(found)
        return found.rows

    def discard(self, number: int) -> None:
        self.asked.append((number, Ask(kind="ping")))
        self.asides.remove(self.set_aside(number))

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
                counted[row.time_us // truth.HOUR_US * truth.HOUR_US] += 1
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


def aside(number: int, tenant: int, gateway: int, at_us: int, code: str = "time_out_of_reach") -> Aside:
    """An item of the quarantine."""
    words = ("读数的时间不可信。", "The time of a reading cannot be true.")
    return Aside(number, "batch", TimeUs(at_us), TenantId(tenant), gateway, 12, 345, code, *words)
