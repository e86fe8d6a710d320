"""What collectors ask of the past: how long a point was there, above something, what it added up to, how it grew.

Everything is counted by the store; what comes back is a row a point, or an hour. Many points go in several statements.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from math import inf
from typing import Any

from zhulian.telemetry.queries import folds, statements
from zhulian.telemetry.queries.buckets import DAY_US
from zhulian.telemetry.queries.history import History
from zhulian.telemetry.queries.values import Extent, Growth, Hour, Span, Watch
from zhulian.vocabulary.readings import PointId, TenantId, TimeUs

POINTS_A_STATEMENT = 500
LONGEST_GRACE_US = DAY_US
Range = tuple[TimeUs, TimeUs]


def read_spans(history: History, tenant: TenantId, watches: Sequence[Watch], span_us: Range) -> dict[PointId, Span]:
    """See :meth:`Telemetry.spans`."""
    found: dict[PointId, Span] = {}
    marked, others = [each for each in watches if each.above < inf], [each for each in watches if each.above == inf]
    for some in chain(_batches(marked), _batches(others)):
        longest = min(max(watch.grace_us for watch in some), LONGEST_GRACE_US)
        values = _of(tenant, [watch.point for watch in some], span_us) | {
            "from": span_us[0] - longest,
            "graces": [min(watch.grace_us, longest) for watch in some],
            "covers": [watch.cover_us for watch in some],
            "aboves": [watch.above for watch in some],
        }
        statement = statements.SPANS
        if some[0].above == inf:  # how long a mark was passed is known of raw rows only
            shortest = [min(grace, cover) for grace, cover in zip(values["graces"], values["covers"], strict=True)]
            folded = folds.with_folds(history, folds.STOOD, values | {"shortest": shortest})
            statement, values = (folds.SPANS, folded) if folded else (statement, values)
        for row in _rows(history, statement, values):
            found[row[0]] = Span(*row)
    return found


def read_growth(history: History, tenant: TenantId, points: Sequence[PointId], span_us: Range) -> dict[PointId, Growth]:
    """See :meth:`Telemetry.growth`."""
    found: dict[PointId, Growth] = {}
    for some in _batches(points):
        for row in _rows(history, statements.GROWTH, _of(tenant, some, span_us) | {"from": span_us[0] - DAY_US}):
            found[row[0]] = Growth(*row)
    return found


def read_extents(
    history: History, tenant: TenantId, points: Sequence[PointId], span_us: Range
) -> dict[PointId, Extent]:
    """See :meth:`Telemetry.extents`."""
    found: dict[PointId, Extent] = {}
    for some in _batches(points):
        for point, rows, count, low, high, first_us, last_us in _rows(
            history, statements.EXTENTS, _of(tenant, some, span_us)
        ):
            found[point] = Extent(
                point, rows, count, low if count else None, high if count else None, first_us, last_us
            )
    return found


def read_hours(
    history: History, tenant: TenantId, points: Sequence[PointId], span_us: Range
) -> dict[PointId, list[Hour]]:
    """See :meth:`Telemetry.hours`."""
    found: dict[PointId, list[Hour]] = {}
    for some in _batches(points):
        for point, hour_s, rows, count, total, low, high in _rows(
            history, statements.POINT_HOURS, _of(tenant, some, span_us)
        ):
            seen = (total / count, low, high) if count else (None, None, None)
            found.setdefault(point, []).append(Hour(TimeUs(hour_s * 1_000_000), rows, count, *seen))
    return found


def read_days(
    history: History, tenant: TenantId, groups: Mapping[PointId, int], span_us: Range
) -> dict[int, frozenset[int]]:
    """See :meth:`Telemetry.days`."""
    found: dict[int, set[int]] = {}
    for some in _batches(list(groups.items())):
        values = _of(tenant, [point for point, _ in some], span_us) | {"groups": [group for _, group in some]}
        for group, day in _rows(history, statements.GROUP_DAYS, values):
            found.setdefault(group, set()).add(day)
    return {group: frozenset(days) for group, days in found.items()}


def _batches(given: Sequence[Any]) -> Iterator[list[Any]]:
    return (list(given[at : at + POINTS_A_STATEMENT]) for at in range(0, len(given), POINTS_A_STATEMENT))


def _of(tenant: TenantId, points: Sequence[PointId], span_us: Range) -> dict[str, Any]:
    return {"tenant": tenant, "points": list(points), "start": span_us[0], "end": span_us[1]}


def _rows(history: History, sql: str, values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    return zip(*history.columns(sql, values), strict=True)
