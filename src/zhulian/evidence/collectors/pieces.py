"""Pieces made on the day, from machines that count them."""

from collections.abc import Iterator

from zhulian.evidence.collectors.measured import Finding, MachineDay, Measured, Part, coverage
from zhulian.evidence.collectors.picking import Role
from zhulian.vocabulary.errors import Text

VERSION = 1


def collect(measured: Measured) -> Iterator[Finding]:
    """oee.total_pieces."""
    parts = tuple(part for machine in measured.machines if (part := _part(machine)) is not None)
    if not parts:
        return
    points = [point for part in parts for point in part.points]
    resets = sum(point.growth.resets for point in points if point.growth)
    method = Text(
        f"{len(points)} 个计数点位当天之差相加，归零 {resets} 次已接续。",
        f"Differences of {len(points)} counters over the day, added up; {resets} restarts carried on.",
    )
    total = round(sum(part.value for part in parts))
    more = {"counter_restarts": resets}
    yield Finding("oee.total_pieces", total, measured.day, measured.day, method, parts, coverage(points), more)


def _part(machine: MachineDay) -> Part | None:
    counters = [point for point in machine.having(Role.PIECES) if point.growth is not None and point.growth.rows]
    made = sum(point.growth.amount for point in counters if point.growth is not None)
    return Part(machine, counters, made) if counters else None
