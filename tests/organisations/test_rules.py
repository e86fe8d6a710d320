"""Codes and point tables: pure decisions."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.organisations import rules
from zhulian.wire.configuration import DeviceConfig, PointConfig


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91110000600037341L", "91440300708461136T"])
def test_codes_from_real_licences_pass(code: str) -> None:
    assert rules.checked_credit_code(f" {code[:8]} {code[8:].lower()} ") == code


@given(st.text(rules.CREDIT_ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.data())
def test_any_single_mistyped_sign_is_noticed(first: str, place: int, data: st.DataObject) -> None:
    code = first + rules.credit_check_character(first)
    assert rules.checked_credit_code(code) == code
    other = data.draw(st.sampled_from([sign for sign in rules.CREDIT_ALPHABET if sign != code[place]]))
    with pytest.raises(rules.RecordsError) as fault:
        rules.checked_credit_code(code[:place] + other + code[place + 1 :])
    assert fault.value.code == "credit_code_wrong"


@pytest.mark.parametrize(
    ("given_code", "says"), [("9135", "4"), ("91350100M00O100Y43", "O"), ("91350100M000100Y44", "3")]
)
def test_a_wrong_code_is_told_why(given_code: str, says: str) -> None:
    with pytest.raises(rules.RecordsError) as fault:
        rules.checked_credit_code(given_code)
    assert says in fault.value.what.zh
    assert says in fault.value.what.en


@pytest.mark.parametrize(
    ("given_code", "kept"), [("c3360", "C3360"), ("3360", "C3360"), ("33", "C33"), ("C", "C"), ("44", "D44")]
)
def test_an_industry_is_kept_in_one_form(given_code: str, kept: str) -> None:
    assert rules.checked_industry(given_code) == kept


@pytest.mark.parametrize("given_code", ["", "Z", "B3360", "98", "00", "C336012", "五金"])
def test_an_unknown_industry_is_refused(given_code: str) -> None:
    with pytest.raises(rules.RecordsError):
        rules.checked_industry(given_code)


def test_industries_have_names() -> None:
    assert rules.industry_name("C3360").zh == "金属制品业"
    assert rules.industry_name("A").zh == "农、林、牧、渔业"
    assert rules.industry_name("X9").zh == "X9"


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"address": ""}, "address"),
        ({"type": "int24"}, "type"),
        ({"byte_order": "ACBD"}, "byte_order"),
        ({"scale": 0.0}, "scale"),
        ({"scale": math.nan}, "scale"),
        ({"offset": math.inf}, "offset"),
        ({"poll_s": 0.001}, "poll_s"),
        ({"deadband": -1.0}, "deadband"),
        ({"max_silence_s": 0.5}, "max_silence_s"),
        ({"low": 5.0, "high": 5.0}, "low"),
        ({"low": -math.inf}, "low"),
        ({"unit": "u" * 25}, "unit"),
    ],
)
def test_a_wrong_cell_is_named(changes: dict[str, object], column: str) -> None:
    good = {"name": "功率", "address": "40001"}
    faults = rules.point_faults([PointConfig(**(good | changes))], [7])  # type: ignore[arg-type]
    assert [(fault.row, fault.column) for fault in faults] == [(7, column)]
    assert faults[0].reason.zh
    assert faults[0].reason.en


def test_two_points_of_one_name_are_noticed() -> None:
    points = [PointConfig(name=name, address="1") for name in ("a", "b", "a ")]
    assert [(fault.row, fault.column) for fault in rules.point_faults(points)] == [(3, "name")]


def test_a_device_without_an_address_is_refused() -> None:
    with pytest.raises(rules.RecordsError) as fault:
        rules.check_device(DeviceConfig(name="m", protocol="modbus_tcp", address=" "))
    assert fault.value.code == "machine_wrong"
