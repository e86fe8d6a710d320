"""``zhulian bench alarms``: 10,000 rules over 100,000 points at one reading a second, beside a plain Python loop.

A hundred gateways send a thousand readings each a second; every tenth point is watched, by all five kinds of rule.
Measured is the processor time that alarms cost, files included, as a share of one core, and the time from a durable
batch to its events on disk. The peer judges the same thresholds, rates, states and silences reading by reading with a
dictionary a rule, without delays, several points, late data or files.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from zhulian.cli.bench.figures import Figure, measured
from zhulian.telemetry.alarms.events import EventLog, RuleSet
from zhulian.telemetry.alarms.judging import Rows
from zhulian.telemetry.alarms.rules import Kind, Rule
from zhulian.telemetry.alarms.running import Alarms
from zhulian.vocabulary.readings import TenantId, TimeUs
from zhulian.wire.batch import SCHEMA

GATEWAYS, POINTS_EACH, EVERY = 100, 1_000, 10
RULES = GATEWAYS * POINTS_EACH // EVERY
SECONDS, WARM_UP = 40, 10
START_US = 1_800_000_000_000_000
S = 1_000_000
LIBRARIES = ("numpy", "pyarrow")


def run() -> list[Figure]:
    """The share of a core, and the way from batch to event."""
    start = time.monotonic()
    batches = [list(_second(number)) for number in range(SECONDS)]
    rules = tuple(_rules())
    ours, latencies_ms, events = asyncio.run(_ours(rules, batches))
    peer = _peer(rules, batches)
    figures = [
        ("share_of_a_core", ours, "%", peer),
        ("batch_to_event_p50", _percentile(latencies_ms, 50), "ms", None),
        ("batch_to_event_p99", _percentile(latencies_ms, 99), "ms", None),
        ("events", events / (SECONDS - WARM_UP), "events/s", None),
    ]
    return [_figure(*found, time.monotonic() - start) for found in figures]


def _figure(name: str, value: float, unit: str, peer: float | None, seconds: float) -> Figure:
    return measured(
        f"alarms.{name}", value, unit, seconds=seconds, libraries=LIBRARIES,
        peer="Python loop a reading" if peer else "", peer_value=peer,
    )  # fmt: skip


def _rules() -> Iterator[Rule]:
    for number in range(RULES):
        gateway, point = divmod(number * EVERY, POINTS_EACH)
        yield _rule(number, gateway + 1, gateway * POINTS_EACH + point)


def _rule(number: int, tenant: int, point: int) -> Rule:
    """Of twenty rules: eight thresholds (half with delays), three of each other kind."""
    kinds = [Kind.THRESHOLD] * 8 + [Kind.RATE, Kind.STATE, Kind.ABSENCE, Kind.EXPRESSION] * 3
    kind = kinds[number % 20]
    return Rule(
        id=number + 1, version=1, tenant=tenant, kind=kind, since_us=START_US - 1,
        points=(point, point + 1) if kind is Kind.EXPRESSION else (point,),
        limit={Kind.THRESHOLD: 53.0, Kind.RATE: 300.0, Kind.STATE: 55.0}.get(kind, 0.0), hysteresis=2.0,
        silence_s=30.0, expression="a > 52 and avg(b, 10s) > 50" if kind is Kind.EXPRESSION else "",
        on_delay_s=5.0 if number % 2 else 0.0, off_delay_s=5.0 if number % 2 else 0.0, stale_s=30.0,
    )  # fmt: skip


def _second(number: int) -> Iterator[tuple[int, pa.RecordBatch]]:
    """One batch a gateway: values around fifty that wander by their own rhythm."""
    for gateway in range(GATEWAYS):
        points = np.arange(gateway * POINTS_EACH, (gateway + 1) * POINTS_EACH, dtype=np.uint32)
        value = np.round(50 + 6 * np.sin(number / 40 + points * 0.7) + np.sin(number * 1.3 + points), 1)
        ts = np.full(POINTS_EACH, START_US + number * S, np.int64)
        yield gateway + 1, _batch(points, ts, value)


def _batch(points: np.ndarray, ts: np.ndarray, value: np.ndarray) -> pa.RecordBatch:
    columns = [
        pa.array(points, pa.uint32()),
        pa.array(ts, pa.int64()).cast(pa.timestamp("us", tz="UTC")),
        pa.array(value, pa.float64()),
        pa.nulls(len(points), pa.utf8()),
        pa.array(np.zeros(len(points), np.uint8), pa.uint8()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


async def _ours(
    rules: tuple[Rule, ...], batches: list[list[tuple[int, pa.RecordBatch]]]
) -> tuple[float, list[float], int]:
    clock = [START_US]
    with tempfile.TemporaryDirectory() as folder:
        alarms = Alarms(EventLog(Path(folder)), _nothing_earlier, lambda: 1 << 60, lambda: TimeUs(clock[0]))
        await alarms.set_rules(RuleSet(1, rules))
        await _settle(alarms)
        latencies_ms: list[float] = []
        cpu_start = events_start = 0.0
        for number, second in enumerate(batches):
            if number == WARM_UP:
                cpu_start, events_start = time.process_time(), alarms.said
                latencies_ms.clear()
            clock[0] = START_US + number * S + S // 2
            for end, (tenant, batch) in enumerate(second):
                await _take(alarms, tenant, end, batch, latencies_ms)
            clock[0] += S // 2
            await alarms.tick()
            await alarms.flush()
            await alarms.before_checkpoint()
        share = (time.process_time() - cpu_start) / (SECONDS - WARM_UP) * 100
        count = int(alarms.said - events_start)
        await alarms.close()
    return share, latencies_ms, count


async def _settle(alarms: Alarms) -> None:
    """New rules look at what may have come since they were written; that is no part of the figure."""
    while alarms.standing(frozenset()).due:
        await alarms.tick()
        await asyncio.sleep(0.01)


async def _take(alarms: Alarms, tenant: int, end: int, batch: pa.RecordBatch, latencies_ms: list[float]) -> None:
    before, start = alarms.said, time.perf_counter()
    alarms.take(TenantId(tenant), end, batch)
    if alarms.said > before:
        await alarms.flush()
        latencies_ms.append((time.perf_counter() - start) * 1000)


def _nothing_earlier(_points: object, _start_us: int, _end_us: int) -> Rows:
    return Rows.none()


def _peer(rules: tuple[Rule, ...], batches: list[list[tuple[int, pa.RecordBatch]]]) -> float:
    """The same rules as anybody would first write them."""
    watching: dict[tuple[int, int], list[Rule]] = {}
    for rule in rules:
        watching.setdefault((rule.tenant, rule.points[0]), []).append(rule)
    active: set[int] = set()
    last: dict[int, tuple[int, float]] = {}
    cpu_start = 0.0
    for number, second in enumerate(batches):
        if number == WARM_UP:
            cpu_start = time.process_time()
        for tenant, batch in second:
            points = batch.column("point").to_pylist()
            times = batch.column("ts").cast(pa.int64()).to_pylist()
            for point, time_us, value in zip(points, times, batch.column("value").to_pylist(), strict=True):
                for rule in watching.get((tenant, point), ()):
                    _judge(rule, time_us, value, active, last)
    return (time.process_time() - cpu_start) / (SECONDS - WARM_UP) * 100


def _judge(rule: Rule, time_us: int, value: float, active: set[int], last: dict[int, tuple[int, float]]) -> None:
    before_us, before = last.get(rule.id, (time_us, value))
    last[rule.id] = (time_us, value)
    measured_value = value
    if rule.kind is Kind.RATE:
        passed = (time_us - before_us) / 60_000_000
        measured_value = (value - before) / passed if passed else 0.0
    is_beyond = value == rule.limit if rule.kind is Kind.STATE else measured_value > rule.limit
    if rule.kind is Kind.ABSENCE:
        is_beyond = time_us - before_us > rule.silence_s * S
    if is_beyond and rule.id not in active:
        active.add(rule.id)
    elif rule.id in active and measured_value <= rule.limit - rule.hysteresis:
        active.discard(rule.id)


def _percentile(values: list[float], rank: float) -> float:
    return float(np.percentile(values, rank)) if values else 0.0
