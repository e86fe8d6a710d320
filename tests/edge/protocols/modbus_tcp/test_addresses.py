"""Modbus addresses: every way of writing one, and a cure for every way of getting it wrong."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.edge.protocols.driver import DriverError
from zhulian.edge.protocols.modbus_tcp.addresses import Address, Table, parse


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("40001", Address(Table.HOLDING, 0)),
        ("400001", Address(Table.HOLDING, 0)),
        ("465536", Address(Table.HOLDING, 65535)),
        ("30010", Address(Table.INPUT, 9)),
        ("10001", Address(Table.DISCRETE, 0)),
        ("00008", Address(Table.COIL, 7)),
        ("holding:0", Address(Table.HOLDING, 0)),
        ("Holding:0x10", Address(Table.HOLDING, 16)),
        ("input:65535", Address(Table.INPUT, 65535)),
        ("coil:7", Address(Table.COIL, 7)),
        ("discrete:3", Address(Table.DISCRETE, 3)),
        ("40001.3", Address(Table.HOLDING, 0, 3)),
        ("input:5.15", Address(Table.INPUT, 5, 15)),
        (" ４０００１．３ ", Address(Table.HOLDING, 0, 3)),
        ("holding：12", Address(Table.HOLDING, 12)),
    ],
)
def test_ways_of_writing(written: str, address: Address) -> None:
    assert parse(written) == address


@pytest.mark.parametrize(
    ("written", "cure"),
    [
        ("0", "holding:0"),
        ("100", "holding:100 if the manual counts from 0; if it counts from 1, 40100"),
        ("9999", "49999"),
        ("40000", "holding:0, which is the same as 40001"),
        ("0x10", "holding:16"),
        ("001AH", "holding:26"),
        ("20001", "holding:20001"),
        ("465537", "65535"),
        ("holding:65536", "65535"),
        ("40001.16", "40001.3"),
        ("coil:3.1", "coil:7"),
        ("00001.1", "coil:7"),
        ("", "40001"),
        ("register 5", "40001"),
        ("40001.", "40001"),
        ("4000l", "40001"),
        ("-1", "40001"),
    ],
)
def test_wrong_ways_are_told_the_right_one(written: str, cure: str) -> None:
    with pytest.raises(DriverError) as caught:
        parse(written)
    assert caught.value.code == "modbus_address"
    assert f"“{written}”" in caught.value.what.zh
    assert cure in caught.value.next_step.en
    assert caught.value.next_step.zh


@given(st.sampled_from(list(Table)), st.integers(0, 65535))
def test_both_ways_of_counting_agree(table: Table, start: int) -> None:
    leading = {Table.COIL: 0, Table.DISCRETE: 1, Table.INPUT: 3, Table.HOLDING: 4}[table]
    assert parse(f"{table.name.lower()}:{start}") == parse(f"{leading}{start + 1:05}") == Address(table, start)


@given(st.text(max_size=12) | st.from_regex(r"[0-9a-z:.]{0,9}", fullmatch=True))
def test_nothing_that_is_written_makes_it_stumble(written: str) -> None:
    with contextlib.suppress(DriverError):
        assert 0 <= parse(written).start <= 65535


def test_neighbours_stay_within_the_table() -> None:
    assert parse("40001").neighbours() == ["holding:1"]
    assert parse("holding:9.3").neighbours() == ["holding:8.3", "holding:10.3"]
    assert parse("coil:65535").neighbours() == ["coil:65534"]
