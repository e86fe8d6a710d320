"""Finds the header of a table: below titles, over one to three rows, with merged cells, and words of the maker's own.

A reader of a table hands in its :class:`Words`; what comes back says which column is which field, in which unit, and
where the data begin. ``Header.titles`` are shown to the person, who may map the columns differently.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zhulian.spreadsheets.tables import Row, Table

HEADER_WITHIN = 20
"""Rows in which a header is looked for."""
_TALLEST = 3
_UNIT = re.compile(r"[(（\[【]\s*(?:单位)?[:：]?\s*(亿元|万元|千元|元|yuan|cny|万|亿)\s*[)）\]】]", re.IGNORECASE)
_UNIT_LINE = re.compile(r"单位\s*[:：]\s*(?:人民币)?\s*(亿元|万元|千元|元)")


def key(text: str) -> str:
    """A title without what people vary: width, case, blanks, punctuation."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).lower() if sign.isalnum())


def bare(text: str) -> str:
    """The key of a title without its remark: ``采集周期(s)*`` is ``采集周期``."""
    return key(unicodedata.normalize("NFKC", text).split("(")[0])


@dataclass(frozen=True, slots=True)
class Words:
    """Which titles mean which field. ``wanted`` are the fields without which a row of cells is no header."""

    fields: Mapping[str, Sequence[str]]
    wanted: frozenset[str] = frozenset()

    def by_key(self) -> dict[str, str]:
        """Key → field; the first field that claims a word keeps it."""
        found: dict[str, str] = {}
        for field, words in self.fields.items():
            for word in (field, *words):
                found.setdefault(key(word), field)
        return found


@dataclass(frozen=True, slots=True)
class Header:
    """``first_row`` and ``last_row`` as the spreadsheet numbers them; ``columns`` is field → column (from 0)."""

    first_row: int
    last_row: int
    titles: tuple[str, ...]
    columns: Mapping[str, int]
    units: Mapping[int, str]

    def unknown(self) -> tuple[str, ...]:
        """The titles that nobody knows."""
        known = set(self.columns.values())
        return tuple(title for index, title in enumerate(self.titles) if title and index not in known)


def find_header(table: Table, words: Words) -> Header | None:
    """The rows whose cells name most fields, exact words before loose ones; ``None`` when no row names the wanted."""
    grid = _grid(table)
    for is_loose in (False, True):
        found = [
            header
            for first in sorted(grid)
            for tall in range(1, _TALLEST + 1)
            if (header := _header(table, grid, first, tall, words, is_loose=is_loose)) is not None
        ]
        complete = [header for header in found if header.columns.keys() >= words.wanted]
        if complete:
            return max(complete, key=lambda one: (len(one.columns), -(one.last_row - one.first_row), -one.first_row))
    return None


def names_any(table: Table, words: Words) -> bool:
    """Whether some row looks like a header that is not complete."""
    known = words.by_key()
    return any(key(text) in known for row in table.rows[:HEADER_WITHIN] for text in row.texts if text.strip())


def guess(titles: Sequence[str], words: Words) -> dict[str, int]:
    """Field → column for titles that are known already: exact words first, then loose ones for what is left."""
    known = words.by_key()
    found: dict[str, int] = {}
    for is_loose in (False, True):
        for column, title in enumerate(titles):
            field = _field([title], known, is_loose=is_loose)
            if field is not None and field not in found and column not in found.values():
                found[field] = column
    return found


def first_rows(table: Table, row: int) -> Header:
    """The header that a person pointed at: one row, nothing guessed."""
    titles = next((one.texts for one in table.rows if one.number == row), ())
    return Header(row, row, tuple(title.strip() for title in titles), {}, _units(table, titles, row))


def _grid(table: Table) -> dict[int, list[str]]:
    """The first rows with merged cells filled, so that each column has its title in every row of the header."""
    rows = table.rows[:HEADER_WITHIN]
    width = max((len(row.texts) for row in rows), default=0)
    grid = {row.number: [row.text(column).strip() for column in range(width)] for row in rows}
    for top, left, bottom, right in table.merged:
        whole_line = left == 0 and right + 1 >= width and top == bottom  # a title over the whole table
        if top not in grid or whole_line:
            continue
        for number in range(top, min(bottom, top + _TALLEST) + 1):
            if number in grid:
                grid[number][left : right + 1] = [grid[top][left]] * (min(right + 1, width) - left)
    return grid


def _header(
    table: Table, grid: Mapping[int, list[str]], first: int, tall: int, words: Words, *, is_loose: bool
) -> Header | None:
    rows = [grid[number] for number in range(first, first + tall) if number in grid]
    if len(rows) != tall:
        return None
    known = words.by_key()
    columns: dict[str, int] = {}
    stacks = [_stack([row[index] for row in rows]) for index in range(len(rows[0]))]
    for index, stack in enumerate(stacks):
        field = _field(_names(stack), known, is_loose=is_loose) if stack else None
        if field is not None and field not in columns:
            columns[field] = index
    if not columns or not _all_rows_are_used(rows, columns, known, is_loose=is_loose):
        return None
    titles = tuple(" ".join(stack) for stack in stacks)
    return Header(first, first + tall - 1, titles, columns, _units(table, titles, first))


def _all_rows_are_used(
    rows: Sequence[Sequence[str]], columns: Mapping[str, int], known: Mapping[str, str], *, is_loose: bool
) -> bool:
    """A data row under a header says nothing to the header; the lowest row has to name a field by itself."""
    lowest = rows[-1]
    above = rows[-2] if len(rows) > 1 else [""] * len(lowest)
    return any(
        lowest[index] and lowest[index] != above[index] and _field([lowest[index]], known, is_loose=is_loose) == field
        for field, index in columns.items()
    )


def _stack(cells: Sequence[str]) -> list[str]:
    """The different words above each other."""
    found: list[str] = []
    for cell in cells:
        if cell and (not found or found[-1] != cell):
            found.append(" ".join(cell.split()))
    return found


def _names(stack: Sequence[str]) -> list[str]:
    """What a column may be called: its lowest title, all of them together."""
    return [stack[-1], " ".join(stack)]


def _field(names: Sequence[str], known: Mapping[str, str], *, is_loose: bool) -> str | None:
    """``PLC地址`` is ``地址`` when read loosely: our word at its end is enough."""
    for name in names:
        exact = known.get(key(name)) or known.get(bare(name))
        if exact or not is_loose:
            if exact:
                return exact
            continue
        ends = (word for word in sorted(known, key=len, reverse=True) if len(word) > 1 and bare(name).endswith(word))
        loose = next((known[word] for word in ends), None)
        if loose:
            return loose
    return None


def _units(table: Table, titles: Sequence[str], first: int) -> dict[int, str]:
    """Column → unit of money, from its own title, or from a line “单位：万元” above the header for all of them."""
    above = " ".join(text for row in table.rows if row.number < first for text in row.texts)
    general = _UNIT_LINE.search(above)
    found = {index: match[1] for index, title in enumerate(titles) if (match := _UNIT.search(title))}
    return {index: found.get(index, general[1] if general else "") for index in range(len(titles))}


def data_rows(table: Table, header: Header) -> list[Row]:
    """The rows below the header that hold anything."""
    return [row for row in table.rows if row.number > header.last_row]
