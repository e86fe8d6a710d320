"""A point's chart: buckets from hourly sums where they are wide, from raw rows where not, single readings when few."""

from collections.abc import Sequence
from typing import Any

from zhulian.telemetry.queries import statements
from zhulian.telemetry.queries.buckets import HOUR_US, bucket_start_us, bucket_width_us
from zhulian.telemetry.queries.history import History
from zhulian.telemetry.queries.values import Series
from zhulian.vocabulary.readings import PointId, TenantId, TimeUs


def read_series(
    history: History, tenant: TenantId, point: PointId, span_us: tuple[TimeUs, TimeUs], most: int
) -> Series:
    """See :meth:`Telemetry.series`."""
    start_us, end_us = span_us
    if end_us <= start_us:
        return Series(point, start_us, end_us, 0.0)
    width_us = bucket_width_us(start_us, end_us, most)
    origin_us = bucket_start_us(start_us, width_us)
    values = {"tenant": tenant, "point": point, "start": start_us, "end": end_us}
    wanted = values | {"origin": origin_us, "width": width_us}
    if width_us % HOUR_US == 0:
        buckets = history.columns(statements.WIDE_BUCKETS, wanted | _whole_hours(start_us, end_us))
    else:
        buckets = history.columns(statements.FINE_BUCKETS, wanted)
    if not buckets or not len(buckets[0]):
        return Series(point, start_us, end_us, 0.0)
    total, last_us = sum(buckets[1]), TimeUs(max(buckets[6]))
    if sum(buckets[2]) <= most:
        rows = history.columns(statements.FEW_ROWS, values | {"most": most})
        times, found = (list(rows[0]), list(rows[1])) if rows else ([], [])
        return Series(point, start_us, end_us, 0.0, times, found, found, found, [1] * len(times), total, last_us)
    return Series(point, start_us, end_us, width_us / 1e6, *_usable(buckets, origin_us, width_us), total, last_us)


def _whole_hours(start_us: TimeUs, end_us: TimeUs) -> dict[str, int]:
    first = -(-start_us // HOUR_US) * HOUR_US
    return {"whole_start": first, "whole_end": max(first, end_us // HOUR_US * HOUR_US)}


def _usable(
    buckets: Sequence[Sequence[Any]], origin_us: int, width_us: int
) -> tuple[list[int], list[float], list[float], list[float], list[int]]:
    """Times, means, lows, highs and counts of the buckets that hold a usable reading."""
    times, means, lows, highs, counts = [], [], [], [], []
    for slot, _, count, total, low, high, _ in zip(*buckets, strict=True):
        if count:
            times.append(origin_us + slot * width_us)
            means.append(total / count)
            lows.append(low)
            highs.append(high)
            counts.append(count)
    return times, means, lows, highs, counts
