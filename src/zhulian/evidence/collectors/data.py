"""The readings themselves: how complete, how valid, from how many points."""

from collections.abc import Iterator

from zhulian.evidence.collectors.measured import Finding, MachineDay, Measured, Part
from zhulian.vocabulary.errors import Text

VERSION = 1


def collect(measured: Measured) -> Iterator[Finding]:
    """data.completeness, data.valid_share, data.points."""
    machines = measured.networked
    if not machines:
        return
    yield from _completeness(measured, machines)
    yield from _valid_share(measured, machines)
    method = Text("最近 30 天至少有一条读数的点位。", "Points with at least one reading in the last 30 days.")
    parts = tuple(
        Part(machine, machine.points, sum(point.month is not None for point in machine.points)) for machine in machines
    )
    total = sum(point.month is not None for machine in machines for point in machine.points)
    yield Finding("data.points", total, measured.day, measured.day, method, parts)


def _completeness(measured: Measured, machines: list[MachineDay]) -> Iterator[Finding]:
    counted = [_due_and_received(machine) for machine in machines]
    due, received = sum(each[0] for each in counted), sum(each[1] for each in counted)
    if not due:
        return
    method = Text(
        f"各点位应上报 {due} 个周期，收到有效读数的 {received} 个；周期取采集周期与最长静默的较大者。",
        f"{received} of {due} reporting intervals held a usable reading; an interval is the longer of poll and longest"
        " silence.",
    )
    parts = tuple(
        Part(machine, machine.points, got / owed if owed else 0.0)
        for machine, (owed, got) in zip(machines, counted, strict=True)
    )
    value = round(received / due, 4)
    more = {"due": due, "received": received}
    yield Finding("data.completeness", value, measured.day, measured.day, method, parts, value, more)


def _due_and_received(machine: MachineDay) -> tuple[int, int]:
    due = received = 0
    for point in machine.points:
        owed = point.due_us // point.every_us
        covered = point.span.covered_us if point.span else 0
        due += owed
        received += min(owed, round(covered / point.every_us))
    return due, received


def _valid_share(measured: Measured, machines: list[MachineDay]) -> Iterator[Finding]:
    spans = [point.span for machine in machines for point in machine.points if point.span is not None]
    rows, good = sum(span.rows for span in spans), sum(span.good for span in spans)
    if not rows:
        return
    method = Text(
        f"当天 {rows} 条读数中，质量正常的 {good} 条。", f"{good} of the day's {rows} readings were of good quality."
    )
    parts = tuple(
        Part(machine, machine.points, sum(point.span.good for point in machine.points if point.span))
        for machine in machines
    )
    more = {"readings": rows, "good": good}
    yield Finding("data.valid_share", round(good / rows, 4), measured.day, measured.day, method, parts, more=more)
