"""The sample's machines: what they show fits their registers, and one of them has rules of alarms offered."""

from dataclasses import dataclass

import numpy as np
import pytest

from zhulian.alarms.rules.templates import offers
from zhulian.cli.demo.factories import FACTORIES, SimulatedMachine
from zhulian.cli.demo.servers import REGISTERS, registers
from zhulian.vocabulary.readings import TimeUs

MACHINES = [machine for factory in FACTORIES for machine in factory.machines]
A_YEAR_S = np.arange(1_760_000_000.0, 1_791_536_000.0, 3_600.0)


@dataclass(frozen=True)
class Named:
    id: int
    name: str
    unit: str


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_point_has_a_value_at_every_moment(machine: SimulatedMachine) -> None:
    assert len(machine.points) == len(machine.signals)
    for signal in machine.signals:
        assert np.isfinite(signal(A_YEAR_S)).all()
    if machine.protocol == "modbus_tcp":
        assert len(registers(machine, lambda: TimeUs(1_764_000_000_000_000))) == REGISTERS


def test_the_compressor_is_offered_rules_whose_limits_its_readings_cross_seldom() -> None:
    machine = next(one for one in MACHINES if "空压机" in one.kind)
    points = [Named(number, point.name, point.unit) for number, point in enumerate(machine.points)]
    found = {offer.template.key: offer for offer in offers(machine.kind, machine.name, points, [])}
    assert found.keys() == {"discharge_hot", "supply_low", "no_data"}
    for key, is_low in (("discharge_hot", False), ("supply_low", True)):
        values, limit = machine.signals[found[key].point](A_YEAR_S), found[key].limit
        assert limit is not None
        beyond = float(np.mean(values < limit if is_low else values > limit))
        assert 0 < beyond < 0.1, key
