"""Live values: the newest reading of every point, in memory, for pages that must not wait for the store.

Fed by ingest with every durable batch, filled from the store and the journal at start. Arrays instead of objects, so
that 100,000 points cost a few megabytes and a batch costs no Python loop. Event loop's thread only.
"""

import asyncio
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhulian.vocabulary.clock import Clock
from zhulian.vocabulary.freshness import SHORTEST_SILENCE_S
from zhulian.vocabulary.readings import PointId, TenantId, TimeUs
from zhulian.wire.batch import values_of

AHEAD_TRUSTED_US = 60_000_000
"""A kept time further ahead than this came from a clock that was off: anything that arrives later replaces it."""
NEVER_US = int(np.iinfo(np.int64).min)
LIVE_US = int(SHORTEST_SILENCE_S * 1_000_000)
"""A point counts as live when something arrived within this time."""
MINUTE_S = 60
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]


class Latest(msgspec.Struct, frozen=True):
    """The newest reading of a point, as the loopback routes give it out."""

    point: int
    time_us: int
    value: float
    quality: int
    text: str | None
    received_us: int


class Activity(msgspec.Struct, frozen=True):
    """How busy an enterprise is right now."""

    tenant: int
    readings_last_minute: int
    points_live: int
    last_us: int
    received_us: int


class Seen(msgspec.Struct, frozen=True):
    """Points from which something arrived lately, by tenant."""

    as_of_us: int
    within_us: int
    points: dict[int, list[int]]


class Subscription:
    """Points that someone watches. Keeps only which of them changed, so a slow watcher costs nothing."""

    def __init__(self, tenant: TenantId, points: frozenset[PointId]) -> None:
        self.tenant = tenant
        self.points = points
        self.is_ended = False
        self._changed: set[PointId] = set()
        self._woken = asyncio.Event()

    def notice(self, points: Iterable[int]) -> None:
        """Some points of the tenant changed."""
        hit = self.points.intersection(PointId(point) for point in points)
        if hit:
            self._changed |= hit
            self._woken.set()

    def end(self) -> None:
        """Nothing more will come."""
        self.is_ended = True
        self._woken.set()

    async def changed(self, timeout_s: float) -> set[PointId]:
        """Points that changed since the last call; empty after ``timeout_s`` without a change or at the end."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._woken.wait()
        except TimeoutError:
            return set()
        if not self.is_ended:
            self._woken.clear()
        taken, self._changed = self._changed, set()
        return taken


class LiveValues:
    """The newest reading of every (tenant, point), and how many readings came in the last minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._keys = np.empty(0, np.uint64)  # tenant << 32 | point, sorted
        self._times: Ints = np.empty(0, np.int64)
        self._received: Ints = np.empty(0, np.int64)
        self._values = np.empty(0, np.float64)
        self._qualities = np.empty(0, np.uint8)
        self._texts = np.empty(0, object)
        self._minutes: dict[TenantId, _Minute] = {}
        self._subscriptions: dict[TenantId, list[Subscription]] = {}
        self._is_closing = False

    def __len__(self) -> int:
        return len(self._keys)

    def fill(self, table: pa.Table) -> None:
        """Take the store's own latest readings; when they were received is not known, so their time counts.

        They are older than whatever arrived here before the store could be asked.
        """
        for rows in table.combine_chunks().to_batches():
            times = _times(rows)
            keys = _keys(values_of(rows, "tenant", np.uint32), rows)
            changed = self._apply(keys, rows, times, times, is_from_store=True)
            for tenant in list(self._subscriptions):
                self._notice(tenant, changed[changed >> np.uint64(32) == tenant])

    def take(self, tenant: TenantId, readings: pa.RecordBatch, received_us: TimeUs) -> None:
        """A batch is durable."""
        keys = _keys(tenant, readings)
        received: Ints = np.full(len(keys), received_us, np.int64)
        self._minutes.setdefault(tenant, _Minute()).count(received_us // 1_000_000, len(keys))
        self._notice(tenant, self._apply(keys, readings, _times(readings), received))

    def _notice(self, tenant: TenantId, changed: Keys) -> None:
        watching = self._subscriptions.get(tenant)
        if watching:
            points = (changed & np.uint64(0xFFFFFFFF)).tolist()
            for subscription in watching:
                subscription.notice(points)

    def take_past(self, tenant: TenantId, readings: pa.RecordBatch) -> None:
        """Readings of a file are durable: as if they had been there before the start; nothing arrives now."""
        times = _times(readings)
        self._apply(_keys(tenant, readings), readings, times, times)

    def _apply(
        self, keys: Keys, rows: pa.RecordBatch, times: Ints, received: Ints, *, is_from_store: bool = False
    ) -> Keys:
        """Keep what is newer than what is there; returns the keys that changed."""
        keys, chosen = _newest_rows(keys, times)
        slots = self._slots(keys)
        kept, fresh, trusted_us = self._times[slots], times[chosen], self._clock() + AHEAD_TRUSTED_US
        better = (fresh >= kept) | (kept > trusted_us)
        if is_from_store:  # what arrived later wins where times are equal, or are those of a clock that was off
            better &= (kept == NEVER_US) | ((fresh > kept) & (fresh <= trusted_us))
        slots, chosen = slots[better], chosen[better]
        self._times[slots] = times[chosen]
        self._received[slots] = received[chosen]
        self._values[slots] = values_of(rows, "value", np.float64)[chosen]
        self._qualities[slots] = values_of(rows, "quality", np.uint8)[chosen]
        self._texts[slots] = _texts(rows, chosen)
        return self._keys[slots]

    def _slots(self, keys: Keys) -> Ints:
        """Where each of ``keys`` is kept; those that are new get a place."""
        slots = np.searchsorted(self._keys, keys)
        known = slots < len(self._keys)
        known[known] = self._keys[slots[known]] == keys[known]
        if known.all():
            return slots
        self._make_room(np.sort(keys[~known]))
        return np.searchsorted(self._keys, keys)

    def _make_room(self, fresh: Keys) -> None:
        at = np.searchsorted(self._keys, fresh)
        self._keys = np.insert(self._keys, at, fresh)
        self._times = np.insert(self._times, at, NEVER_US)
        self._received = np.insert(self._received, at, 0)
        self._values = np.insert(self._values, at, 0.0)
        self._qualities = np.insert(self._qualities, at, 0)
        empty = np.full(len(fresh), None, object)
        self._texts = np.insert(self._texts, at, empty)

    def latest(self, tenant: TenantId, points: Sequence[PointId]) -> list[Latest]:
        """The newest reading of each of ``points`` that has one."""
        keys = np.array([tenant << 32 | point for point in points], np.uint64)
        at = np.searchsorted(self._keys, keys)
        inside = at < len(self._keys)
        found = at[inside][self._keys[at[inside]] == keys[inside]]
        return [self._latest_at(slot) for slot in found.tolist()]

    def _latest_at(self, slot: int) -> Latest:
        return Latest(
            int(self._keys[slot]) & 0xFFFFFFFF,
            int(self._times[slot]),
            float(self._values[slot]),
            int(self._qualities[slot]),
            self._texts[slot],
            int(self._received[slot]),
        )

    def activity(self) -> list[Activity]:
        """Every tenant that ever sent anything."""
        if not len(self._keys):
            return []
        now_us = self._clock()
        tenants, starts = np.unique(self._keys >> np.uint64(32), return_index=True)
        live = np.add.reduceat((self._received > now_us - LIVE_US).astype(np.int64), starts)
        last = np.maximum.reduceat(self._times, starts)
        received = np.maximum.reduceat(self._received, starts)
        columns = (tenants.tolist(), live.tolist(), last.tolist(), received.tolist())
        return [
            Activity(tenant, self._last_minute(TenantId(tenant), now_us), points, last_us, received_us)
            for tenant, points, last_us, received_us in zip(*columns, strict=True)
        ]

    def seen(self, within_us: int) -> Seen:
        """From which points something arrived within ``within_us``; after a start, readings count by their own time."""
        now_us = self._clock()
        keys = self._keys[self._received > now_us - within_us]
        tenants, starts = np.unique(keys >> np.uint64(32), return_index=True)
        points = np.split((keys & np.uint64(0xFFFFFFFF)).astype(np.uint32), starts[1:])
        return Seen(
            now_us, within_us, {tenant: found.tolist() for tenant, found in zip(tenants.tolist(), points, strict=False)}
        )

    def _last_minute(self, tenant: TenantId, now_us: TimeUs) -> int:
        minute = self._minutes.get(tenant)
        return minute.total(now_us // 1_000_000) if minute else 0

    def subscribe(self, tenant: TenantId, points: Iterable[PointId]) -> Subscription:
        """Watch ``points``; end with :meth:`unsubscribe`."""
        subscription = Subscription(tenant, frozenset(points))
        self._subscriptions.setdefault(tenant, []).append(subscription)
        if self._is_closing:
            subscription.end()
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop watching."""
        watching = self._subscriptions[subscription.tenant]
        watching.remove(subscription)
        if not watching:
            del self._subscriptions[subscription.tenant]

    def close(self) -> None:
        """End all subscriptions, so that they do not hold up the stop."""
        self._is_closing = True
        for watching in self._subscriptions.values():
            for subscription in watching:
                subscription.end()


class _Minute:
    """Counts by second, for the last sixty seconds."""

    __slots__ = ("_counts", "_seconds")

    def __init__(self) -> None:
        self._counts = np.zeros(MINUTE_S, np.int64)
        self._seconds = np.zeros(MINUTE_S, np.int64)

    def count(self, second: int, rows: int) -> None:
        at = second % MINUTE_S
        if self._seconds[at] != second:
            self._seconds[at], self._counts[at] = second, 0
        self._counts[at] += rows

    def total(self, second: int) -> int:
        return int(self._counts[self._seconds > second - MINUTE_S].sum())


def _keys(tenants: npt.NDArray[np.generic] | TenantId, rows: pa.RecordBatch) -> Keys:
    return np.asarray(tenants, np.uint64) << np.uint64(32) | values_of(rows, "point", np.uint32).astype(np.uint64)


def _times(rows: pa.RecordBatch) -> Ints:
    return values_of(rows, "ts", np.int64)


def _newest_rows(keys: Keys, times: Ints) -> tuple[Keys, Ints]:
    """Every key once, and for each the row with the newest time (the last of equals)."""
    coded = pa.Array.from_buffers(pa.uint64(), len(keys), [None, pa.py_buffer(keys)]).dictionary_encode()
    codes = np.frombuffer(coded.indices.buffers()[1], np.int32)[: len(keys)]
    distinct = np.frombuffer(coded.dictionary.buffers()[1], np.uint64)[: len(coded.dictionary)]
    order: Ints = np.arange(len(keys))
    if np.any(times[1:] < times[:-1]):
        order = np.argsort(times, kind="stable")
    newest: Ints = np.empty(len(distinct), np.int64)
    newest[codes[order]] = order  # of several rows for one key the last assignment stays: the newest
    return distinct, newest


def _texts(rows: pa.RecordBatch, chosen: Ints) -> list[str | None] | None:
    column = rows.column("text")
    if column.null_count == len(column):
        return None
    return [column[row].as_py() or None for row in chosen.tolist()]
