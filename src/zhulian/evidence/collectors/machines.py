"""Machines on the platform: how many, their share, how long they were online, on how many days of ninety."""

from collections.abc import Iterator
from itertools import chain

from zhulian.evidence.collectors.measured import HOUR_US, Finding, MachineDay, Measured, Part, coverage
from zhulian.vocabulary.errors import Text

VERSION = 1
DAYS = 90
_EPOCH = 719_163
"""1970-01-01 as ``date.toordinal`` counts."""


def collect(measured: Measured) -> Iterator[Finding]:
    """See the catalogue: machines.*."""
    if not measured.machines:
        return
    yield _networked(measured)
    yield from _share(measured)
    if measured.networked:
        yield from _online(measured)
        yield _online_days(measured)


def _part(machine: MachineDay, value: float) -> Part:
    return Part(machine, machine.points, value)


def _networked(measured: Measured) -> Finding:
    method = Text(
        "最近 30 天至少有一条读数的设备，一台计一。",
        "Machines with at least one reading in the last 30 days, each as one.",
    )
    parts = tuple(_part(machine, float(machine.is_networked)) for machine in measured.machines)
    return Finding("machines.networked", len(measured.networked), measured.day, measured.day, method, parts)


def _share(measured: Measured) -> Iterator[Finding]:
    """Only where the enterprise said how many machines it has; more networked than there are is a doubt, no share."""
    total, networked = measured.machines_total, len(measured.networked)
    if not total or networked > total:
        return
    method = Text(
        f"联网 {networked} 台 ÷ 企业登记的生产设备 {total} 台。",
        f"{networked} networked ÷ {total} production machines that the enterprise has on record.",
    )
    more = {"networked": networked, "total": total}
    yield Finding(
        "machines.networked_share", round(networked / total, 4), measured.day, measured.day, method, more=more
    )


def _online(measured: Measured) -> Iterator[Finding]:
    machines = measured.networked
    due = sum(machine.due_us for machine in machines)
    if not due:
        return
    there = sum(machine.there_us for machine in machines)
    method = Text(
        "各设备在线时长之和 ÷ 应在线时长之和；一条读数代表其后三个上报周期，取设备最稳定的点位。",
        "Hours online added up ÷ hours due added up; a reading stands for three reporting intervals, taken from each"
        " machine's steadiest point.",
    )
    parts = tuple(_part(machine, machine.there_us / HOUR_US) for machine in machines)
    more = {"online_h": round(there / HOUR_US, 3), "due_h": round(due / HOUR_US, 3)}
    points = list(chain.from_iterable(machine.points for machine in machines))
    value = round(there / due, 4)
    yield Finding(
        "machines.online_share", value, measured.day, measured.day, method, parts, coverage(points), more=more
    )


def _online_days(measured: Measured) -> Finding:
    last = measured.day.toordinal() - _EPOCH
    machines = measured.networked
    held = {
        day: sum(day in measured.online_days.get(machine.id, ()) for machine in machines)
        for day in range(last - DAYS + 1, last + 1)
    }
    value = sum(2 * count >= len(machines) and count > 0 for count in held.values())
    method = Text(
        f"最近 {DAYS} 天中，至少一半联网设备（{len(machines)} 台）当天有读数的天数。",
        f"Days of the last {DAYS} on which at least half of the {len(machines)} networked machines had a reading.",
    )
    window = range(last - DAYS + 1, last + 1)
    parts = tuple(
        _part(machine, float(sum(day in window for day in measured.online_days.get(machine.id, ()))))
        for machine in machines
    )
    return Finding("machines.online_days_90", value, measured.day, measured.day, method, parts)
