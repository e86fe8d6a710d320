"""Answers over a range of time: series, several points on one grid, state time lines, histograms."""

from typing import Literal

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from zhulian.organisations.queries import PointRow
from zhulian.organisations.tenancy import visible_to
from zhulian.portal.api.access import may
from zhulian.portal.api.answers import READING_REFUSALS
from zhulian.portal.api.asking import Ids, Seconds, Span, asked, point_in_sight, points_in_sight, wrong_parameter
from zhulian.portal.api.line_shapes import (
    AlignedOut,
    ColumnOut,
    HistogramOut,
    SeriesOut,
    StatesOut,
    StateSpanOut,
    StateTimeOut,
    basis_out,
    moment,
)
from zhulian.portal.telemetry_access import telemetry
from zhulian.telemetry.queries import Aligned, Bins, Fill, Series, Shape
from zhulian.vocabulary.clock import to_datetime
from zhulian.vocabulary.readings import TimeUs

router = Router(auth=may("readings:read"))
MOST_POINTS = 50
LARGEST = 1e15
"""Between limits of this size, bins still differ."""


class Drawn(Span):
    """How fine, and what many readings become."""

    most: int = Field(600, ge=1, le=2_000)
    shape: Literal["envelope", "line"] = "envelope"


class Grid(Span):
    """How fine, and what stands in a slot; ``grace_s``: how long a value may be carried forward."""

    most: int = Field(600, ge=1, le=2_000)
    fill: Literal["last", "mean"] = "last"
    grace_s: Seconds | None = None


class Line(Span):
    """How many spans; ``grace_s``: how long a reading stands when the next does not come."""

    most: int = Field(500, ge=2, le=2_000)
    grace_s: Seconds | None = None


class Cut(Span):
    """How many bins, how they are cut, and between which values bins of one width lie."""

    bins: int = Field(20, ge=1, le=200)
    by: Literal["width", "quantiles"] = "width"
    low: float | None = Field(None, ge=-LARGEST, le=LARGEST)
    high: float | None = Field(None, ge=-LARGEST, le=LARGEST)


@router.get("/points/{point}/series", response={200: SeriesOut, **READING_REFUSALS})
def series(request: HttpRequest, point: int, wish: Query[Drawn]) -> object:
    """A point from ``start`` to ``end`` (the last hour unless given), down-sampled to at most ``most`` entries."""
    machine, row = point_in_sight(visible_to(request.user), point)
    every_us = asked(row).every_us
    found = telemetry().series(
        machine.enterprise, row.id, *wish.bounds(), wish.most, every_us=every_us, shape=Shape(wish.shape)
    )
    return _series(row, found)


@router.get("/aligned", response={200: AlignedOut, **READING_REFUSALS})
def aligned(request: HttpRequest, points: Query[Ids], wish: Query[Grid]) -> object:
    """Up to 50 points (``points=1,2,3``) on one grid of at most ``most`` slots; null where nothing is known."""
    rows, span = points_in_sight(visible_to(request.user), points, MOST_POINTS), wish.bounds()
    columns: list[ColumnOut] = []
    for tenant, some in rows.items():
        wanted = [asked(row, wish.grace_s) for row in some]
        grid = telemetry().aligned(tenant, wanted, *span, wish.most, fill=Fill(wish.fill))
        columns += [_column(row, grid) for row in some]
    return AlignedOut(
        start=to_datetime(grid.start_us),
        end=to_datetime(grid.end_us),
        step_s=grid.step_us / 1e6,
        fill=grid.fill.value,
        times=[to_datetime(TimeUs(time_us)) for time_us in grid.times_us],
        points=sorted(columns, key=lambda column: column.point),
    )


@router.get("/points/{point}/states", response={200: StatesOut, **READING_REFUSALS})
def states(request: HttpRequest, point: int, wish: Query[Line]) -> object:
    """What a point said from when to when: changes only, at most ``most`` spans, and how long each state lasted."""
    machine, row = point_in_sight(visible_to(request.user), point)
    found = telemetry().states(machine.enterprise, asked(row, wish.grace_s), *wish.bounds(), wish.most)
    return StatesOut(
        point=row.id,
        start=to_datetime(found.start_us),
        end=to_datetime(found.end_us),
        spans=[
            StateSpanOut(
                start=to_datetime(each.start_us),
                end=to_datetime(each.end_us),
                value=each.value,
                text=each.text,
                changes=each.changes,
                there_s=each.there_us / 1e6,
            )
            for each in found.spans
        ],
        times=[
            StateTimeOut(value=each.value, text=each.text, time_s=each.time_us / 1e6, times=each.times)
            for each in found.times
        ],
        basis=basis_out(found.basis),
    )


@router.get("/points/{point}/histogram", response={200: HistogramOut, **READING_REFUSALS})
def histogram(request: HttpRequest, point: int, wish: Query[Cut]) -> object:
    """How often a point had which values: usable readings by bin."""
    if wish.low is not None and wish.high is not None and wish.low > wish.high:
        raise wrong_parameter("low 不能大于 high", "low is not above high")
    machine, row = point_in_sight(visible_to(request.user), point)
    found = telemetry().histogram(
        machine.enterprise, asked(row), *wish.bounds(), wish.bins, by=Bins(wish.by), low=wish.low, high=wish.high
    )
    return HistogramOut(
        point=row.id,
        unit=row.unit,
        start=to_datetime(found.start_us),
        end=to_datetime(found.end_us),
        bins=found.bins.value,
        edges=found.edges,
        counts=found.counts,
        below=found.below,
        above=found.above,
        is_exact=found.is_exact,
        basis=basis_out(found.basis),
    )


def _series(row: PointRow, found: Series) -> SeriesOut:
    return SeriesOut(
        point=row.id,
        unit=row.unit,
        start=to_datetime(found.start_us),
        end=to_datetime(found.end_us),
        bucket_s=found.bucket_s,
        shape=found.shape.value,
        times=[to_datetime(TimeUs(time_us)) for time_us in found.times_us],
        means=found.means,
        lows=found.lows,
        highs=found.highs,
        counts=found.counts,
        total=found.total,
        last=moment(found.last_us),
        basis=basis_out(found.basis),
    )


def _column(row: PointRow, grid: Aligned) -> ColumnOut:
    return ColumnOut(
        point=row.id,
        name=row.name,
        unit=row.unit,
        values=grid.values[row.id],
        basis=basis_out(grid.basis[row.id]) if row.id in grid.basis else None,
    )
