"""Options of a Modbus device, judged before any connection."""

import pytest

from peers.stands import MODBUS
from zhulian.edge.protocols import protocols
from zhulian.edge.protocols.driver import DriverError
from zhulian.edge.protocols.modbus_tcp.addresses import Table
from zhulian.edge.protocols.modbus_tcp.options import forbidden_ranges
from zhulian.edge.protocols.unreachable import host_and_port
from zhulian.wire.configuration import OptionValue


def codes(**options: OptionValue) -> set[str]:
    return {fault.code for fault in protocols()["modbus_tcp"].check(MODBUS.device(502, **options))}


@pytest.mark.parametrize(
    "options",
    [
        {"unit": 247},
        {"max_registers": 2},
        {"gap": 0},
        {"forbidden": "40100-40120，coil:7"},
        {"request_gap_s": 1},
    ],
)
def test_what_may_be_set(options: dict[str, OptionValue]) -> None:
    assert codes(**options) == set()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"unit": 256}, "option_range"),
        ({"unit": True}, "option_type"),
        ({"max_registers": 126}, "option_range"),
        ({"max_registers": 0}, "option_range"),
        ({"max_registers": 1}, "modbus_too_wide"),
        ({"gap": -1}, "option_range"),
        ({"connect_delay_s": -0.5}, "option_range"),
        ({"forbidden": "40120-40100"}, "option_forbidden"),
        ({"forbidden": "40100-30120"}, "option_forbidden"),
        ({"forbidden": "100-120"}, "modbus_address"),
        ({"forbidden": "40003"}, "modbus_forbidden"),
    ],
)
def test_what_may_not(options: dict[str, OptionValue], code: str) -> None:
    assert codes(**options) == {code}


def test_ranges_are_counted_from_zero_and_include_both_ends() -> None:
    assert forbidden_ranges("40100-40120,30005") == ((Table.HOLDING, 99, 119), (Table.INPUT, 4, 4))


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("192.0.2.10", ("192.0.2.10", 502)),
        ("192.0.2.10:5020", ("192.0.2.10", 5020)),
        (" 192.0.2.10：502 ", ("192.0.2.10", 502)),
        ("[2001:db8::1]:503", ("2001:db8::1", 503)),
        ("[2001:db8::1]", ("2001:db8::1", 502)),
        ("press-3.plant.example", ("press-3.plant.example", 502)),
        ("冲床.example:502", ("冲床.example", 502)),
    ],
)
def test_device_addresses(written: str, place: tuple[str, int]) -> None:
    assert host_and_port(written, 502) == place


@pytest.mark.parametrize(
    "written", ["", ":502", "2001:db8::1", "a..b", "x:0", "x:65536", "x:y", "//x", "a b", "x" * 70]
)
def test_what_is_no_device_address(written: str) -> None:
    with pytest.raises(DriverError) as caught:
        host_and_port(written, 502)
    assert caught.value.code == "device_address"
