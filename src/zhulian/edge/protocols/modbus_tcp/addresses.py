"""Modbus addresses as people write them, and the register types.

Manuals count from 1 and put the table in front (``40001`` is the first holding register); the protocol counts from 0
within a table. Both ways of writing are understood: ``40001``, ``400001``, ``holding:0``, ``coil:7``, and one bit of a
register as ``40001.3`` (bit 0 is the lowest).
"""

import re
from dataclasses import dataclass
from enum import IntEnum

from zhulian.edge.protocols.driver import DriverError
from zhulian.vocabulary.errors import Text


class Table(IntEnum):
    """The four tables; the value is the function code that reads it (Modbus V1.1b3, 6.1 to 6.4)."""

    COIL = 1
    DISCRETE = 2
    HOLDING = 3
    INPUT = 4

    @property
    def holds_bits(self) -> bool:
        """Whether an element is one bit, not a register of sixteen."""
        return self in {Table.COIL, Table.DISCRETE}


@dataclass(frozen=True, slots=True)
class Address:
    """``start`` counts from 0, as on the wire. ``bit`` picks one bit of a register."""

    table: Table
    start: int
    bit: int | None = None


_BY_LEADING_DIGIT = {"0": Table.COIL, "1": Table.DISCRETE, "3": Table.INPUT, "4": Table.HOLDING}
_BY_NAME = {"coil": Table.COIL, "discrete": Table.DISCRETE, "input": Table.INPUT, "holding": Table.HOLDING}
_CLASSIC = re.compile(r"([0134])(\d{4,5})(?:\.(\d{1,2}))?")
_NAMED = re.compile(r"(coil|discrete|input|holding):(\d{1,5})(?:\.(\d{1,2}))?", re.IGNORECASE)


def parse(written: str) -> Address:
    """The address in ``written``; :class:`DriverError` says how to write it."""
    text = written.strip()
    if match := _CLASSIC.fullmatch(text):
        address = _address(_BY_LEADING_DIGIT[match[1]], int(match[2]) - 1, match[3])
    elif match := _NAMED.fullmatch(text):
        address = _address(_BY_NAME[match[1].lower()], int(match[2]), match[3])
    else:
        address = None
    if address is None:
        raise _unreadable(written)
    return address


def _address(table: Table, start: int, bit: str | None) -> Address | None:
    number = None if bit is None else int(bit)
    if not 0 <= start <= 0xFFFF or (number is not None and (table.holds_bits or number > 15)):
        return None
    return Address(table, start, number)


def _unreadable(written: str) -> DriverError:
    return DriverError(
        "modbus_address",
        Text(f"“{written}”不是 Modbus 地址。", f'"{written}" is no Modbus address.'),
        Text(
            "请写成 40001（从 1 起编号）、holding:0（从 0 起编号）或 40001.3（某一位）；"
            "也可用 coil、discrete、input，位编号为 0–15。",
            "Write 40001 (counted from 1), holding:0 (counted from 0) or 40001.3 (one bit);"
            " coil, discrete and input work too, bits run from 0 to 15.",
        ),
    )
