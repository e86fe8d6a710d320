"""The shapes between a file and its meaning: a table of texts, with remarks on cells that are not what they seem."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from zhulian.vocabulary.errors import Text


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read at most; beyond it the whole file is refused, except for columns: those are named."""

    largest_bytes: int = 20 * 1024 * 1024
    largest_unpacked_bytes: int = 200 * 1024 * 1024
    largest_ratio: int = 150
    """Unpacked to packed size; real workbooks stay below 40."""
    most_rows: int = 50_000
    most_columns: int = 60


class Remark(StrEnum):
    """Why the text of a cell is not simply what somebody typed."""

    NUMBER = "number"
    """Excel holds it as a number, so zeros in front or behind the point may be gone."""
    DATE = "date"
    """Excel holds it as a date; the text is its ISO form."""
    FORMULA = "formula"
    """A formula; the text is the value Excel last showed."""
    FORMULA_UNKNOWN = "formula_unknown"
    """A formula whose value was never stored; the text is empty."""
    DIGITS_LOST = "digits_lost"
    """More than 15 digits held as a number: the last ones are gone for good."""
    ERROR = "error"
    """An error value such as #N/A."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the spreadsheet numbers it (from 1)."""

    number: int
    texts: tuple[str, ...]

    def text(self, column: int) -> str:
        """The cell in ``column`` (from 0), empty beyond the end."""
        return self.texts[column] if 0 <= column < len(self.texts) else ""


@dataclass(frozen=True, slots=True)
class Table:
    """Everything of one sheet that is not empty. ``remarks`` are keyed by (row number, column from 0).

    ``notices`` say what was left out or may surprise: other sheets, hidden rows, external links.
    """

    rows: tuple[Row, ...]
    remarks: Mapping[tuple[int, int], Remark] = field(default_factory=dict)
    merged: tuple[tuple[int, int, int, int], ...] = ()
    """First row, first column, last row, last column of merged cells; rows from 1, columns from 0."""
    notices: tuple[Text, ...] = ()
    sheet: str = ""


def letter(column: int) -> str:
    """What a spreadsheet calls the column (from 0): A, B, …, Z, AA."""
    name = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
