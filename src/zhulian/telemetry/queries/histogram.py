"""How often a point had which values."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from zhulian.telemetry.queries import line_statements
from zhulian.telemetry.queries.basis import NOTHING, Question, Source, Standing
from zhulian.telemetry.queries.history import History
from zhulian.telemetry.queries.lines import Bins, Histogram
from zhulian.telemetry.queries.series import Buckets, read_buckets

MOST_BINS = 200
MOST_FOR_EXACT_QUANTILES = 2_000_000
_SLOTS_FOR_COVERAGE = 600


@dataclass(frozen=True, slots=True)
class Cut:
    """How many bins, cut how, and between which values (None: the lowest and the highest)."""

    bins: int
    by: Bins
    low: float | None = None
    high: float | None = None


def read_histogram(history: History, question: Question, cut: Cut, standing: Standing) -> Histogram:
    """See :meth:`Telemetry.histogram`."""
    point, span_us = question.asked.point, question.span_us
    if not question.has_length:
        return Histogram(point, *span_us, cut.by, standing.basis(question, Source.RAW, NOTHING))
    buckets = read_buckets(history, question, _SLOTS_FOR_COVERAGE)
    basis = standing.basis(question, Source.RAW, buckets.entries, buckets.last_us)
    if not buckets.count:
        return Histogram(point, *span_us, cut.by, basis)
    is_exact = cut.by is Bins.WIDTH or buckets.count <= MOST_FOR_EXACT_QUANTILES
    if cut.by is Bins.WIDTH:
        edges = even_edges(*_between(buckets, cut), cut.bins)
    else:
        edges = _quantiles(history, question.values, cut.bins, is_exact)
    counts = _counts(history, question.values, edges)
    return Histogram(point, *span_us, cut.by, basis, edges, counts[1:-1], counts[0], counts[-1], is_exact)


def even_edges(low: float, high: float, bins: int) -> list[float]:
    """``bins + 1`` edges from ``low`` to ``high``; one bin of no width where both are the same."""
    if low == high:
        return [low, high]
    step = (high - low) / bins
    return [*(low + at * step for at in range(bins)), high]


def _between(buckets: Buckets, cut: Cut) -> tuple[float, float]:
    used = [at for at, count in enumerate(buckets.columns[2]) if count]
    low = min(buckets.columns[4][at] for at in used) if cut.low is None else cut.low
    high = max(buckets.columns[5][at] for at in used) if cut.high is None else cut.high
    return low, max(low, high)


def _quantiles(history: History, values: dict[str, Any], bins: int, is_exact: bool) -> list[float]:
    """Edges between equally full bins; equal ones count once."""
    levels = ",".join(repr(at / bins) for at in range(bins + 1))
    sql = line_statements.QUANTILES if is_exact else line_statements.ESTIMATED_QUANTILES
    found = [float(edge) for edge in history.columns(sql % levels, values)[0][0]]
    edges = [found[0], *(later for edge, later in pairwise(found) if later != edge)]
    return edges if len(edges) > 1 else edges * 2


def _counts(history: History, values: dict[str, Any], edges: Sequence[float]) -> list[int]:
    """Readings below the first edge, in each bin, and above the last edge."""
    counts = [0] * (len(edges) + 1)
    for at, count in zip(*history.columns(line_statements.BINS, values | {"edges": list(edges)}), strict=True):
        counts[at] = count
    return counts
