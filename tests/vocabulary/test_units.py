"""Units are named by what they measure; what nobody can tell stays as it is."""

from collections import Counter

import pytest

from zhulian.vocabulary.units import QUANTITIES, named, quantity_of


@pytest.mark.parametrize(
    ("unit", "zh", "en"),
    [
        ("A", "电流 · A", "Current · A"),
        ("°C", "温度 · °C", "Temperature · °C"),
        ("℃", "温度 · ℃", "Temperature · ℃"),
        ("m³/h", "流量 · m³/h", "Flow · m³/h"),
        ("KWH", "能量 · KWH", "Energy · KWH"),
        ("KW", "功率 · KW", "Power · KW"),
        ("件", "件数 · 件", "Pieces · 件"),
    ],
)
def test_a_unit_is_named_by_its_quantity_and_spelled_as_it_was(unit: str, zh: str, en: str) -> None:
    assert (named(unit).zh, named(unit).en) == (zh, en)


@pytest.mark.parametrize("unit", ["", "-", "S", "mS", "pA", "NM", "T", "a", "格", "kWh/t"])
def test_what_nobody_can_tell_stays_as_it_is(unit: str) -> None:
    assert quantity_of(unit) is None
    assert named(unit).zh == named(unit).en == unit


def test_letters_that_differ_in_case_are_told_apart() -> None:
    assert [quantity_of(unit).en for unit in ("Nm", "nm", "MN", "mm")] == [  # type: ignore[union-attr]
        "Torque", "Length", "Force", "Length",
    ]  # fmt: skip


def test_no_unit_measures_two_quantities() -> None:
    spelled = [unit for _, units in QUANTITIES for unit in units.split()]
    assert [unit for unit, times in Counter(spelled).items() if times > 1] == []
    long = [(unit, quantity.en) for quantity, units in QUANTITIES for unit in units.split() if len(unit) > 2]
    loose = {(unit.casefold(), quantity) for unit, quantity in long}
    assert len(loose) == len({unit for unit, _ in loose})
