"""The one object pages hold: :class:`Telemetry`. Answers for one tenant never hold another's readings."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from urllib3 import PoolManager

from zhulian.telemetry.alarms.answers import Heard, RulesStanding
from zhulian.telemetry.alarms.events import RuleSet
from zhulian.telemetry.alarms.past import Tried
from zhulian.telemetry.alarms.rules import Rule
from zhulian.telemetry.endpoint.key import USER, load_or_create_key
from zhulian.telemetry.queries import measuring, statements
from zhulian.telemetry.queries.aligned import Grid, read_aligned
from zhulian.telemetry.queries.basis import Asked, Question, Standing
from zhulian.telemetry.queries.buckets import MOST_ENTRIES
from zhulian.telemetry.queries.city import read_city_hours, read_top
from zhulian.telemetry.queries.histogram import MOST_BINS, Cut, read_histogram
from zhulian.telemetry.queries.history import History
from zhulian.telemetry.queries.line import Line
from zhulian.telemetry.queries.lines import (
    Aligned,
    Bins,
    CityHours,
    Fill,
    Histogram,
    Seen,
    Series,
    Shape,
    States,
    TenantRows,
)
from zhulian.telemetry.queries.loopback import Loopback
from zhulian.telemetry.queries.raw import MOST_ROWS_A_PAGE, Cursor, RowsPage, read_batches, read_page, read_rows
from zhulian.telemetry.queries.series import read_series
from zhulian.telemetry.queries.states import read_states
from zhulian.telemetry.queries.storage import Usage, read_days, read_partitions, read_thinned, read_usage
from zhulian.telemetry.queries.values import (
    EVERYTHING,
    Activity,
    Arrivals,
    Aside,
    AsideFilter,
    Asides,
    Extent,
    GatewayState,
    Growth,
    Health,
    Hour,
    Latest,
    PointCount,
    Span,
    Watch,
)
from zhulian.telemetry.retention.due import Erasure, Preview
from zhulian.telemetry.retention.plan import Plan
from zhulian.telemetry.retention.running import Demand, Progress
from zhulian.telemetry.store import schema
from zhulian.telemetry.store.place import Place
from zhulian.telemetry.store.usage import PartitionUse
from zhulian.vocabulary.clock import Clock, system_clock
from zhulian.vocabulary.readings import PointId, Reading, TenantId, TimeUs
from zhulian.vocabulary.settings import Settings
from zhulian.wire.asks import Ask, Reply
from zhulian.wire.lane import Received

if TYPE_CHECKING:
    import pyarrow as pa

POINTS_A_CALL = 1000
"""Ids of points travel in the address; more than this go in several calls."""
ASK_MARGIN_S = 1.0
REPLAY_S = 10.0
"""A batch sent again waits for the disk like any other."""
PAST_S = 30.0
"""So does a batch of the past, behind all others."""
SEEN_WITHIN_US = 300_000_000
LONG_ANSWER_S = 15.0
"""For answers that take the telemetry process some computing."""


class Telemetry:
    """Every call may raise TelemetryUnreachable, after two seconds at most when nobody is there."""

    def __init__(self, history: History, loopback: Loopback, clock: Clock = system_clock) -> None:
        self._history = history
        self._loopback = loopback
        self._clock = clock

    @classmethod
    def connect(cls, settings: Settings) -> "Telemetry":
        """For the life of a process. Needs nobody to be there yet: the first call connects, and so does a later one."""
        pool = PoolManager(maxsize=16)
        key = load_or_create_key(settings.data.keys / "store.key")
        here = Place("127.0.0.1", settings.store_port, USER, key, schema.DATABASE, is_secure=False)
        line = Line(pool, here.url)  # one for both while both are one process: a hang is waited for once
        elsewhere = settings["ZHULIAN_TELEMETRY_URL"]
        place = Place.parse(elsewhere, settings["ZHULIAN_TELEMETRY_CLUSTER"]) if elsewhere else here
        history = History(place, Line(pool, place.url) if elsewhere else line)
        return cls(history, Loopback(pool, line, key))

    def latest(self, tenant: TenantId, points: Sequence[PointId]) -> dict[PointId, Latest]:
        """The newest reading of each point that ever had one."""
        found: dict[PointId, Latest] = {}
        for start in range(0, len(points), POINTS_A_CALL):
            ids = ",".join(map(str, points[start : start + POINTS_A_CALL]))
            for latest in self._loopback.get(list[Latest], "/live/latest", tenant=tenant, points=ids):
                found[latest.point] = latest
        return found

    def series(
        self,
        tenant: TenantId,
        point: PointId,
        start_us: TimeUs,
        end_us: TimeUs,
        most: int = 600,
        *,
        every_us: int | None = None,
        shape: Shape = Shape.ENVELOPE,
    ) -> Series:
        """The point in ``[start_us, end_us)`` in at most ``most`` (and never more than 2,000) entries.

        ``every_us``: how often it is expected (else that is estimated). ``shape`` is what many readings become.
        """
        question = Question(tenant, Asked(point, every_us), (start_us, end_us))
        return read_series(self._history, question, _bounded(most), shape, self._standing(tenant, [point]))

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
        """Several points on one grid of at most ``most`` (and never more than 2,000) slots; what is missing is None."""
        if end_us <= start_us or not asked:
            return Aligned(start_us, end_us, 0, fill, [], {each.point: [] for each in asked}, {})
        standing = self._standing(tenant, [each.point for each in asked])
        grid = Grid.over((start_us, end_us), _bounded(most))
        return read_aligned(self._history, tenant, asked, grid, fill, standing=standing)

    def states(self, tenant: TenantId, asked: Asked, start_us: TimeUs, end_us: TimeUs, most: int = 500) -> States:
        """What the point said from when to when, in at most ``most`` spans, and how long it said each in all."""
        question, standing = Question(tenant, asked, (start_us, end_us)), self._standing(tenant, [asked.point])
        return read_states(self._history, question, _bounded(most), standing)

    def histogram(
        self,
        tenant: TenantId,
        asked: Asked,
        start_us: TimeUs,
        end_us: TimeUs,
        bins: int = 20,
        *,
        by: Bins = Bins.WIDTH,
        low: float | None = None,
        high: float | None = None,
    ) -> Histogram:
        """How often the point had which values; ``low`` and ``high`` bound bins of one width (else the values do)."""
        question, cut = Question(tenant, asked, (start_us, end_us)), Cut(max(1, min(bins, MOST_BINS)), by, low, high)
        return read_histogram(self._history, question, cut, self._standing(tenant, [asked.point]))

    def rows(self, tenant: TenantId, points: Sequence[PointId], start_us: TimeUs, end_us: TimeUs) -> Iterator[Reading]:
        """Every reading in ``[start_us, end_us)`` ordered by time, streamed: memory does not grow with the range."""
        return read_rows(self._history, tenant, points, (start_us, end_us))

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
        """The same by pages of at most ``most`` (and never more than 10,000); ``after`` is where the last one ended."""
        size = max(1, min(most, MOST_ROWS_A_PAGE))
        return read_page(self._history, tenant, points, (start_us, end_us), after=after, most=size)

    def batches(
        self, tenant: TenantId, points: Sequence[PointId], start_us: TimeUs, end_us: TimeUs
    ) -> "Iterator[pa.RecordBatch]":
        """The same as Arrow, for files: columns point, time, value, text ("" for none), quality."""
        return read_batches(self._history, tenant, points, (start_us, end_us))

    def counts(self, tenant: TenantId, points: Sequence[PointId]) -> dict[PointId, PointCount]:
        """How much is stored of each point that has anything."""
        columns = self._history.columns(statements.COUNTS, {"tenant": tenant, "points": list(points)})
        return {found[0]: PointCount(*found) for found in zip(*columns, strict=True)}

    def city_hours(self, groups: Mapping[TenantId, int], start_us: TimeUs, end_us: TimeUs) -> CityHours:
        """Readings of each hour of ``[start_us, end_us)`` by group; ``groups``: which one each enterprise is in."""
        return read_city_hours(self._history, groups, (start_us, end_us), self._clock(), self.activity())

    def top(self, tenants: Sequence[TenantId], start_us: TimeUs, end_us: TimeUs, most: int = 20) -> list[TenantRows]:
        """The ``most`` of ``tenants`` that sent most readings in the hours of the range, busiest first."""
        return read_top(self._history, tenants, (start_us, end_us), most)

    def seen(self, within_us: int = SEEN_WITHIN_US) -> Seen:
        """From which points of the whole city something arrived lately, by enterprise."""
        return self._loopback.get(Seen, "/live/seen", within_us=within_us)

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

    def set_alarm_rules(self, rules: RuleSet) -> None:
        """From now on these rules are judged, and no others."""
        self._loopback.put(dict[str, int], "/alarms/rules", rules, LONG_ANSWER_S)

    def alarm_events(self, after: int, log: str, wait_s: float) -> Heard:
        """What alarms said after event ``after`` of ``log``; waits up to ``wait_s`` for something to be said."""
        answer_s = wait_s + LONG_ANSWER_S
        return self._loopback.get(Heard, "/alarms/events", answer_s, after=after, log=log, wait_s=wait_s)

    def alarms_standing(self, tenants: Sequence[TenantId]) -> RulesStanding:
        """How the rules of these tenants stand right now."""
        return self._loopback.get(RulesStanding, "/alarms/standing", tenants=",".join(map(str, tenants)))

    def attempt_alarm(self, rule: Rule, start_us: TimeUs, end_us: TimeUs) -> Tried:
        """What ``rule`` would have done with the readings of that time; the tenant is the rule's own."""
        return self._loopback.post(Tried, "/alarms/attempt", rule, LONG_ANSWER_S, start=start_us, end=end_us)

    def announce_configuration(self, gateway: int, version: int) -> None:
        """Tell a gateway that a newer configuration waits; one that is offline asks by itself when it is back."""
        self._loopback.post(dict[str, object], f"/gateways/{gateway}/configuration", None, version=version)

    def arrivals(self, gateway: int) -> Arrivals:
        """What came from a gateway since the telemetry process started."""
        return self._loopback.get(Arrivals, f"/arrivals/{gateway}")

    def quarantine(
        self, tenants: Iterable[TenantId] | None, number: int = 1, size: int = 50, wanted: AsideFilter = EVERYTHING
    ) -> Asides:
        """A page of what could not be stored of ``tenants``, or of everybody (None), as far as it is ``wanted``."""
        if wanted.senders is not None and not wanted.senders:
            return Asides()
        whose = "" if tenants is None else ",".join(map(str, sorted(tenants))) or "0"
        senders = ",".join(map(str, sorted(wanted.senders or ())))
        return self._loopback.get(
            Asides, "/quarantine", number=number, size=size, tenants=whose, senders=senders, reason=wanted.reason,
            since_us=wanted.since_us,
        )  # fmt: skip

    def set_aside(self, number: int) -> Aside:
        """One item. Raises TelemetryRefused not_aside."""
        return self._loopback.get(Asides, f"/quarantine/{number}").items[0]

    def set_aside_body(self, number: int, form: str) -> bytes:
        """Its bytes as they came (``form`` "arrow"), or as CSV ("csv"; TelemetryRefused when they hold no readings)."""
        return self._loopback.body(f"/quarantine/{number}/body", form=form)

    def send_again(self, number: int, shift_s: int = 0) -> int:
        """Let the item go in, its times moved; returns its rows. Raises TelemetryRefused with the reason."""
        path = f"/quarantine/{number}/replay"
        return self._loopback.post(Received, path, None, REPLAY_S, shift_s=shift_s).rows

    def take_past(self, tenant: TenantId, epoch: str, first: int, last: int, body: bytes) -> Received:
        """Readings ``first`` to ``last`` of the file called ``epoch`` go in, once. Raises TelemetryBusy, -Refused."""
        numbers = {"tenant": tenant, "epoch": epoch, "first": first, "last": last}
        return self._loopback.deliver(Received, "/past", body, PAST_S, **numbers)

    def discard(self, number: int) -> None:
        """Forget the item for good."""
        self._loopback.post(dict[str, bool], f"/quarantine/{number}/discard", None)

    def health(self) -> Health:
        """What waits in the telemetry process, and how full its disk is."""
        return self._loopback.get(Health, "/health")

    def usage(self) -> Usage:
        """Who uses how much of the store."""
        return read_usage(self._history)

    def partitions(self) -> list[PartitionUse]:
        """Every table's partitions, newest first."""
        return read_partitions(self._history)

    def stored_days(self, tenants: Sequence[TenantId] | None, first: int, last: int) -> dict[int, int]:
        """Readings of ``tenants`` (None: of all) by day of the city, counted from 1970; days without are left out."""
        return read_days(self._history, tenants, first, last)

    def thinned(self, tenants: Sequence[TenantId], first: int, last: int) -> set[tuple[TenantId, int]]:
        """Enterprise and day (of the city, counted from 1970) where only the sums of some readings are left."""
        return read_thinned(self._history, tenants, first, last)

    def set_retention(self, plan: Plan) -> Progress:
        """From now on ``plan`` holds; what is too old already goes, step by step."""
        return self._loopback.put(Progress, "/retention/plan", plan, LONG_ANSWER_S)

    def preview_retention(self, plan: Plan) -> Preview:
        """What ``plan`` would take away if it held now."""
        return self._loopback.post(Preview, "/retention/preview", plan, LONG_ANSWER_S)

    def preview_erasure(self, erasure: Erasure) -> Preview:
        """What a demand would take away now."""
        return self._loopback.post(Preview, "/retention/demand", erasure, LONG_ANSWER_S)

    def erase(self, erasure: Erasure) -> Demand:
        """Delete for good; handed in again under its number it goes on. Its state."""
        return self._loopback.put(Demand, "/retention/demands", erasure, LONG_ANSWER_S)

    def retention(self) -> Progress:
        """How far retention is."""
        return self._loopback.get(Progress, "/retention")

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

    def _standing(self, tenant: TenantId, points: Sequence[PointId]) -> Standing:
        return Standing(self._clock(), self.latest(tenant, points))


def _bounded(most: int) -> int:
    return max(1, min(most, MOST_ENTRIES))
