"""Modbus addresses as people write them.

Manuals count from 1 and put the table in front (``40001`` is the first holding register); the protocol counts from 0
within a table. Both ways of writing are understood: ``40001``, ``400001``, ``holding:0``, ``holding:0x10``, ``coil:7``,
and one bit of a register as ``40001.3`` (bit 0 is the lowest).
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum

from zhulian.edge.protocols.driver import DriverError
from zhulian.vocabulary.errors import Text

LARGEST = 0xFFFF
"""The last element of a table, counted from 0."""


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

    @property
    def is_bit(self) -> bool:
        """Whether it names one bit rather than registers."""
        return self.table.holds_bits or self.bit is not None

    def neighbours(self) -> list[str]:
        """The addresses one below and one above, counted from 0: where a value is when the manual counts otherwise."""
        bit = "" if self.bit is None else f".{self.bit}"
        starts = (start for start in (self.start - 1, self.start + 1) if 0 <= start <= LARGEST)
        return [f"{self.table.name.lower()}:{start}{bit}" for start in starts]


_BY_LEADING_DIGIT = {"0": Table.COIL, "1": Table.DISCRETE, "3": Table.INPUT, "4": Table.HOLDING}
_CLASSIC = re.compile(r"(?P<table>[0134])(?P<number>[0-9]{4,5})(?:\.(?P<bit>[0-9]{1,2}))?")
_NAMED = re.compile(
    r"(?P<table>coil|discrete|input|holding):(?P<number>[0-9]{1,5}|0x[0-9a-f]{1,4})(?:\.(?P<bit>[0-9]{1,2}))?"
)
_HEXADECIMAL = re.compile(r"0x([0-9a-f]{1,4})|([0-9a-f]{1,4})h")


def parse(written: str) -> Address:
    """The address in ``written``; :class:`DriverError` says what is wrong with it and how to write it."""
    text = unicodedata.normalize("NFKC", written).strip().lower()  # NFKC: full-width digits, colon and point
    if match := _CLASSIC.fullmatch(text):
        return _address(_BY_LEADING_DIGIT[match["table"]], int(match["number"]) - 1, match["bit"], written)
    if match := _NAMED.fullmatch(text):
        number = int(match["number"], 16 if match["number"].startswith("0x") else 10)
        return _address(Table[match["table"].upper()], number, match["bit"], written)
    raise _unreadable(written, text)


def _address(table: Table, start: int, bit: str | None, written: str) -> Address:
    number = None if bit is None else int(bit)
    if start < 0:
        raise _not_an_address(
            written,
            Text("带表号的编号从 1 起，没有第 0 号", "numbers with the table in front begin at 1"),
            Text(
                f"请写 {table.name.lower()}:0，它与 {written.strip()[:-1]}1 是同一个。",
                f"Write {table.name.lower()}:0, which is the same as {written.strip()[:-1]}1.",
            ),
        )
    if start > LARGEST:
        raise _not_an_address(
            written,
            Text("一张表最多 65536 个", "a table has 65536 elements at most"),
            Text("请核对数字；从 0 起编号最大 65535。", "Check the number; counted from 0 the last one is 65535."),
        )
    if number is not None and (table.holds_bits or number > 15):
        raise _not_an_address(
            written,
            Text("位号只用于寄存器，取 0–15", "only registers have bits, 0 to 15"),
            Text("寄存器请写 40001.3；线圈请直接写 coil:7。", "Write 40001.3 for a register, coil:7 for a coil."),
        )
    return Address(table, start, number)


def _unreadable(written: str, text: str) -> DriverError:
    if match := _HEXADECIMAL.fullmatch(text):
        number = int(match[1] or match[2], 16)
        return _no_table(written, number)
    if text.isdigit() and len(text) <= 5 and int(text) <= LARGEST:
        return _no_table(written, int(text))
    return _not_an_address(
        written,
        Text("写法不认识", "it is written in no known way"),
        Text(
            "请写成 40001（从 1 起编号）、holding:0（从 0 起编号）或 40001.3（某一位）；"
            "四张表是 holding（4）、input（3）、discrete（1）、coil（0）。",
            "Write 40001 (counted from 1), holding:0 (counted from 0) or 40001.3 (one bit);"
            " the tables are holding (4), input (3), discrete (1) and coil (0).",
        ),
    )


def _no_table(written: str, number: int) -> DriverError:
    from_one = Text(f"；若从 1 起编号，请写 {40000 + number}", f"; if it counts from 1, {40000 + number}")
    if not 0 < number < 10000:
        from_one = Text("", "")
    return _not_an_address(
        written,
        Text("没有写是哪张表", "it does not say which table"),
        Text(
            f"保持寄存器：说明书若从 0 起编号，请写 holding:{number}{from_one.zh}。输入寄存器把 holding 换成 input。",
            f"For a holding register write holding:{number} if the manual counts from 0{from_one.en}."
            " For an input register write input in place of holding.",
        ),
    )


def _not_an_address(written: str, why: Text, next_step: Text) -> DriverError:
    return DriverError(
        "modbus_address",
        Text(f"“{written}”不是 Modbus 地址：{why.zh}。", f'"{written}" is no Modbus address: {why.en}.'),
        next_step,
    )
