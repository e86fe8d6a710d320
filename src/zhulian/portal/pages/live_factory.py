"""Machines with what is known of them right now; shared by the pages that show machines.

Two calls to telemetry an enterprise, however many machines it has.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from zhulian.organisations.queries import MachineRow
from zhulian.portal.pages.access import reach
from zhulian.portal.pages.figures import MachineState, PointValue, State, machine_state, point_value
from zhulian.portal.telemetry_access import telemetry
from zhulian.telemetry.queries import GatewayState, Latest
from zhulian.vocabulary.readings import PointId, TenantId, TimeUs
from zhulian.wire.status import DeviceStatus

CLOCK_OFF_S = 60.0
"""A gateway's clock that is further off than this is told to people, and its readings are marked uncertain."""


@dataclass(frozen=True, slots=True)
class LiveMachine:
    """One machine, its points with values, and the state that follows."""

    row: MachineRow
    values: list[PointValue]
    state: MachineState
    device: DeviceStatus | None
    clock_offset_s: float = 0.0
    """By how much its gateway's clock runs ahead."""

    @property
    def clock_is_off(self) -> bool:
        """Whether the times of its readings are in doubt."""
        return abs(self.clock_offset_s) > CLOCK_OFF_S

    @property
    def first_values(self) -> list[PointValue]:
        """What fits on a card."""
        return self.values[:4]

    @property
    def every_s(self) -> float:
        """How often something is to be expected."""
        return min((value.point.reports_every_s for value in self.values), default=60.0)

    @property
    def point_faults(self) -> list[PointValue]:
        """Points that fail while the machine answers."""
        return [value for value in self.values if value.fault]


@dataclass(frozen=True, slots=True)
class LiveMachines:
    """Machines of a page, and why their values are missing if they are."""

    machines: list[LiveMachine]
    outage: str

    def counted(self) -> dict[State, int]:
        """How many machines stand in each state."""
        return {state: sum(one.state.state is state for one in self.machines) for state in State}


def now_us() -> TimeUs:
    """The wall clock of the page."""
    return TimeUs(time.time_ns() // 1000)


def live_machines(rows: Sequence[MachineRow]) -> LiveMachines:
    """``rows`` with their newest values; an outage leaves every value out and says why."""
    latest = reach(lambda: _latest(rows), {})
    states = reach(lambda: telemetry().gateways(), {})
    outage = latest.outage or states.outage
    moment = now_us()
    found = [_live(row, latest.value, states.value.get(row.gateway or 0), moment, outage) for row in rows]
    return LiveMachines(found, outage)


def _latest(rows: Sequence[MachineRow]) -> dict[PointId, Latest]:
    by_tenant: dict[TenantId, list[PointId]] = {}
    for row in rows:
        by_tenant.setdefault(row.enterprise, []).extend(point.id for point in row.points)
    found: dict[PointId, Latest] = {}
    for tenant, points in by_tenant.items():
        if points:
            found |= telemetry().latest(tenant, points)
    return found


def _live(
    row: MachineRow, latest: dict[PointId, Latest], gateway: GatewayState | None, moment: TimeUs, outage: str
) -> LiveMachine:
    device = device_status(row, gateway)
    values = [point_value(point, latest.get(point.id), moment, outage, device) for point in row.points]
    offset_s = gateway.clock_offset_us / 1e6 if gateway else 0.0
    return LiveMachine(row, values, machine_state(row, values, device, gateway, outage), device, offset_s)


def device_status(row: MachineRow, gateway: GatewayState | None) -> DeviceStatus | None:
    """What the gateway says about this machine: by id, or by name while it has none."""
    if gateway is None or gateway.status is None:
        return None
    devices = gateway.status.devices
    by_id = next((device for device in devices if device.id == row.id), None)
    return by_id or next((device for device in devices if not device.id and device.name == row.name), None)
