"""Writes tables: xlsx with typed cells and column widths, csv that no spreadsheet will run, and templates to fill in.

Files go to a temporary file on disk row by row, so that a long table needs no memory.
"""

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO, cast

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

Value = str | float | int | bool | date | datetime | None
CSV, XLSX = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_RUNS = re.compile(r"^'*(\s*[=+\-@＝＋－＠]|[\t\r\n])")
_ESCAPED = re.compile(r"^'+(\s*[=+\-@＝＋－＠]|[\t\r\n])")
_HEAD = PatternFill("solid", fgColor="E8EEF0")
_EXAMPLE = Font(color="808080", italic=True)
FAULT, WARNING = PatternFill("solid", fgColor="F8D0CC"), PatternFill("solid", fgColor="FBE8B8")
_LONGEST_CELL = 32_767
"""Excel's own limit of signs in a cell."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column on its way out; ``width`` in signs."""

    title: str
    width: float = 18


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table on its way out. ``notes`` say where it comes from; they get a sheet of their own in Excel.

    ``sample_words`` is the mark of sample data in the reader's language, empty for real data; in a csv it stands in
    every row, because a row that is copied away has to keep it.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    notes: Iterable[tuple[str, str]] = ()
    sample_words: str = ""
    notes_name: str = "说明"


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """A column to fill in: what to write, an example, and a drop-down list where there are only so many answers."""

    title: str
    help: str
    example: str
    is_required: bool = False
    choices: Sequence[str] = ()
    is_text: bool = False
    """Formatted as text, so that Excel keeps every digit of a long code."""
    width: float = 18


def write_csv(sheet: Sheet) -> BinaryIO:
    """With a byte order mark, because Excel takes the file for GBK without one."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    mark = (sheet.sample_words,) if sheet.sample_words else ()
    writer = csv.writer(text)
    writer.writerow([*(harmless(column.title) for column in sheet.columns), *mark])
    writer.writerows([*map(_csv_cell, row), *mark] for row in sheet.rows)
    text.detach()
    file.seek(0)
    return cast(BinaryIO, file)


def write_xlsx(sheet: Sheet) -> BinaryIO:
    """Numbers, days and times keep their types; texts are texts even when they begin like a formula."""
    book = openpyxl.Workbook(write_only=True)
    table = book.create_sheet(sheet_title(sheet.name))
    table.freeze_panes = "A2"
    _widths(table, [column.width for column in sheet.columns])
    table.append([_head(table, column.title) for column in sheet.columns])
    for row in sheet.rows:
        table.append([xlsx_cell(table, value) for value in row])
    notes = [(sheet.sample_words, "✓")] * bool(sheet.sample_words) + list(sheet.notes)  # after the rows: they count
    if notes:
        page = book.create_sheet(sheet_title(sheet.notes_name))
        _widths(page, [24, 90])
        for line in notes:
            page.append([xlsx_cell(page, value) for value in line])
    return _saved(book)


WRITERS: Mapping[str, tuple[str, Callable[[Sheet], BinaryIO]]] = {"csv": (CSV, write_csv), "xlsx": (XLSX, write_xlsx)}
"""Form → content type and writer."""


def write_template(
    name: str, columns: Sequence[TemplateColumn], help_name: str, help_rows: Sequence[Sequence[str]]
) -> BinaryIO:
    """A workbook to fill in: header, one grey example row, drop-down lists, and a sheet that explains each column."""
    book = openpyxl.Workbook()
    table = book.active
    table.title = sheet_title(name)
    table.freeze_panes = "A3"
    lists = book.create_sheet("lists") if any(column.choices for column in columns) else None
    for index, column in enumerate(columns, 1):
        _template_column(table, lists, index, column)
    if lists is not None:
        lists.sheet_state = "hidden"
    page = book.create_sheet(sheet_title(help_name), 1)
    _widths(page, [28, 90, 28])
    for row in help_rows:
        page.append([ILLEGAL_CHARACTERS_RE.sub("", text) for text in row])
    return _saved(book)


def _template_column(table: Worksheet, lists: Worksheet | None, index: int, column: TemplateColumn) -> None:
    letter = get_column_letter(index)
    table.column_dimensions[letter].width = column.width
    head = table.cell(1, index, f"{column.title}*" if column.is_required else column.title)
    head.font, head.fill = Font(bold=True), _HEAD
    head.comment = Comment(column.help, "zhulian", width=320, height=120)
    example = table.cell(2, index)
    example.value, example.font = column.example, _EXAMPLE
    example.data_type = "s" if column.example else "n"
    if column.is_text:
        for row in range(2, 1_003):
            table.cell(row, index).number_format = "@"
    if column.choices and lists is not None:
        _drop_down(table, lists, index, column)


def _drop_down(table: Worksheet, lists: Worksheet, index: int, column: TemplateColumn) -> None:
    letter = get_column_letter(index)
    for row, choice in enumerate(column.choices, 1):
        lists.cell(row, index, choice)
    area = f"{quote_sheetname('lists')}!${letter}$1:${letter}${len(column.choices)}"
    rule = DataValidation(type="list", formula1=f"={area}", allow_blank=not column.is_required, showErrorMessage=True)
    rule.add(f"{letter}2:{letter}50001")
    table.add_data_validation(rule)


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """A row that goes back to its owner: the cells as they came, and what is wrong by column (from 0)."""

    number: int
    cells: Sequence[str]
    faults: Mapping[int, str]
    warnings: Mapping[int, str]


def write_marked(name: str, titles: Sequence[str], reason_title: str, rows: Iterable[MarkedRow]) -> BinaryIO:
    """The rows as they came with wrong cells coloured and commented, and the reasons in a last column.

    The file can be corrected and uploaded again: the last column is recognised and left out.
    """
    book = openpyxl.Workbook(write_only=True)
    table = book.create_sheet(sheet_title(name))
    table.freeze_panes = "A2"
    _widths(table, [20.0] * len(titles) + [80.0])
    table.append([_head(table, title) for title in (*titles, reason_title)])
    for row in rows:
        cells = [xlsx_cell(table, text) for text in (*row.cells, *[""] * (len(titles) - len(row.cells)))]
        for words, fill in ((row.warnings, WARNING), (row.faults, FAULT)):
            for column, reason in words.items():
                if 0 <= column < len(cells):
                    cells[column].fill = fill
                    cells[column].comment = Comment(ILLEGAL_CHARACTERS_RE.sub("", reason), "zhulian")
        said = [*row.faults.items(), *row.warnings.items()]
        reasons = "；".join(f"{titles[at]}：{words}" if 0 <= at < len(titles) else words for at, words in said)
        table.append([*cells, xlsx_cell(table, reasons)])
    return _saved(book)


def harmless(text: str) -> str:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front; reading takes it off again."""
    clean = ILLEGAL_CHARACTERS_RE.sub("", text)
    return f"'{clean}" if _RUNS.match(clean) else clean


def _csv_cell(value: Value) -> Value:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "milliseconds")
    return harmless(value) if isinstance(value, str) else value


def xlsx_cell(sheet: Worksheet, value: Value) -> Cell:
    """Excel knows no zones: times are handed in as those of Shanghai. A text is a text whatever it begins with."""
    if isinstance(value, str):
        text = ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST_CELL]
        cell = WriteOnlyCell(sheet, f"'{text}" if _ESCAPED.match(text) else text)
        if text:
            cell.data_type = "s"
            cell.quotePrefix = bool(_RUNS.match(text))
        return cell
    cell = WriteOnlyCell(sheet, value.replace(tzinfo=None) if isinstance(value, datetime) else value)
    if isinstance(value, datetime):
        cell.number_format = "yyyy-mm-dd hh:mm:ss"
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    return cell


def sheet_title(name: str) -> str:
    """What Excel accepts as the name of a sheet: 31 signs, none of []:*?/\\ and no apostrophe at an end."""
    return re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", name)[:31].strip("' ") or "Sheet"


def _head(sheet: Worksheet, title: str) -> Cell:
    cell = xlsx_cell(sheet, title)
    cell.font, cell.fill, cell.alignment = Font(bold=True), _HEAD, Alignment(wrap_text=True, vertical="center")
    return cell


def _widths(sheet: Worksheet, widths: Sequence[float]) -> None:
    for index, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(index)].width = width


def _saved(book: Workbook) -> BinaryIO:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    book.save(file)
    file.seek(0)
    return cast(BinaryIO, file)
