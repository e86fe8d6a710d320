"""Reads one sheet of an .xlsx file: values as Excel shows them, and what it hides.

openpyxl gives the values, row by row; a second pass over the sheet's XML (through defusedxml) finds what that reader
leaves out: merged cells, hidden rows and columns, formulas.
"""

import io
import re
import warnings
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from xml.etree.ElementTree import Element, ParseError

import openpyxl
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from zhulian.spreadsheets import errors
from zhulian.spreadsheets.archives import inspect
from zhulian.spreadsheets.tables import Limits, Remark, Row, Table
from zhulian.spreadsheets.unread import UnreadColumns
from zhulian.vocabulary.errors import Text

_BROKEN = (
    zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, IndexError, AttributeError,
    OSError, EOFError, ParseError, SyntaxError, AssertionError, NotImplementedError, RecursionError, OverflowError,
    zipfile.LargeZipFile, zlib.error,
)  # fmt: skip
"""What openpyxl and the XML parser raise over damaged files; to the person all of them mean the same."""
_MOST_DIGITS = 15
"""Excel keeps 15 significant digits of a number (IEEE 754 double, as it shows it)."""
_ERROR = re.compile(r"^#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|GETTING_DATA|SPILL!|CALC!)$")


@dataclass(slots=True)
class _Marks:
    """What the second pass found. Rows from 1, columns from 0."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    formulas: set[tuple[int, int]] = field(default_factory=set)
    unknown: set[tuple[int, int]] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def read_workbook(body: bytes, limits: Limits) -> Table:
    """The first visible sheet that holds anything; the others are named in the notices."""
    contents = inspect(body, limits)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that no table needs
            table = _read(body, limits)
    except _BROKEN as fault:
        raise _refusal(fault) from fault
    if contents.has_external_links:
        table = Table(table.rows, table.remarks, table.merged, (*table.notices, _LINKS), table.sheet)
    return table


def _refusal(fault: BaseException) -> errors.SpreadsheetError:
    """Damaged, unless the parser found entities; openpyxl hands that on as the cause of a fault of its own."""
    cause: BaseException | None = fault
    while cause is not None and not isinstance(cause, DefusedXmlException):
        cause = cause.__cause__
    return errors.entities() if cause else errors.unreadable("Excel 文件已损坏", "the Excel file is damaged")


_LINKS = Text(
    "文件里有指向其他工作簿的链接：没有去读，用的是表里上次保存的数值。",
    "The file links to other workbooks: they were not read; the values last saved in it were used.",
)


def _read(body: bytes, limits: Limits) -> Table:
    book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
    try:
        return _first_filled(book, body, limits)
    finally:
        book.close()


def _first_filled(book: Workbook, body: bytes, limits: Limits) -> Table:
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
    for sheet in sheets:
        unread = UnreadColumns(limits.most_columns)
        values = _values(sheet, limits, unread)
        if values:
            notices = [*unread.notices(), *_sheet_notices(book, sheet)]
            return _table(sheet.title, values, _marks(sheet, body), notices)
    raise errors.no_rows()


def _values(sheet: ReadOnlyWorksheet, limits: Limits, unread: UnreadColumns) -> list[tuple[int, tuple[object, ...]]]:
    """The rows that are not empty, with their numbers. The sheet's own idea of its size is often wrong: ignored."""
    sheet.reset_dimensions()
    found: list[tuple[int, tuple[object, ...]]] = []
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_row=1_048_576), 1):
        unread.note(row)
        kept = row[: limits.most_columns]
        if any(value is not None and value != "" for value in kept):
            found.append((number, kept))
        if len(found) > limits.most_rows:
            raise errors.too_long(limits.most_rows)
    return found


def _marks(sheet: ReadOnlyWorksheet, body: bytes) -> _Marks:
    """openpyxl says which part of the archive the sheet is in this attribute only."""
    marks = _Marks()
    with zipfile.ZipFile(io.BytesIO(body)) as archive, archive.open(sheet._worksheet_path) as stream:
        for _event, element in iterparse(stream, forbid_dtd=True):
            _note(element, marks)
    return marks


def _note(element: Element, marks: _Marks) -> None:
    tag = element.tag.rpartition("}")[2]
    if tag == "c":
        _note_cell(element, marks)
    elif tag == "row":
        if element.get("hidden") in {"1", "true"} and element.get("r", "").isdigit():
            marks.hidden_rows.add(int(element.get("r", "0")))
        element.clear()
    elif tag == "col" and element.get("hidden") in {"1", "true"}:
        first, last = int(element.get("min", "1")), int(element.get("max", "1"))
        marks.hidden_columns.update(range(first - 1, min(last, first + 500)))
    elif tag == "mergeCell":
        left, top, right, bottom = range_boundaries(element.get("ref", "A1"))
        marks.merged.append((top, left - 1, bottom, right - 1))


def _note_cell(element: Element, marks: _Marks) -> None:
    parts = {child.tag.rpartition("}")[2]: child.text for child in element}
    if "f" in parts and element.get("r"):
        row, column = coordinate_to_tuple(element.get("r", "A1"))
        marks.formulas.add((row, column - 1))
        if not parts.get("v"):
            marks.unknown.add((row, column - 1))


def _table(title: str, values: list[tuple[int, tuple[object, ...]]], marks: _Marks, notices: list[Text]) -> Table:
    remarks: dict[tuple[int, int], Remark] = dict.fromkeys(marks.formulas, Remark.FORMULA)
    remarks |= dict.fromkeys(marks.unknown, Remark.FORMULA_UNKNOWN)
    rows = []
    for number, cells in values:
        shown = [_shown(value) for value in cells]
        for column, (_text, remark) in enumerate(shown):
            at = (number, column)
            if (
                remark is not None
                and at not in marks.unknown
                and (remark is not Remark.NUMBER or at not in marks.formulas)
            ):
                remarks[at] = remark
        rows.append(Row(number, tuple(text for text, _remark in shown)))
    hidden = [*_hidden_rows(marks, rows), *_hidden_columns(marks, rows)]
    return Table(tuple(rows), remarks, tuple(marks.merged), (*notices, *hidden), title)


def _shown(value: object) -> tuple[str, Remark | None]:
    """A value as text, and what Excel made of it."""
    if value is None:
        return "", None
    if isinstance(value, bool):
        return ("是" if value else "否"), None
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        whole_day = value.time() == time()
        return (value.date().isoformat() if whole_day else value.isoformat(" ", "seconds")), Remark.DATE
    if isinstance(value, date | time | timedelta):
        return str(value), Remark.DATE if isinstance(value, date) else None
    text = str(value)
    return text, Remark.ERROR if _ERROR.match(text) else None


def _number(value: float) -> tuple[str, Remark]:
    """Never in scientific notation: a person compares digits."""
    if abs(value) >= 10**_MOST_DIGITS:
        return f"{value:.0f}"[:40], Remark.DIGITS_LOST
    text = f"{value:.15g}"
    return (text if "e" not in text else f"{value:.15f}".rstrip("0")), Remark.NUMBER


def _sheet_notices(book: Workbook, read: ReadOnlyWorksheet) -> list[Text]:
    others = [sheet for sheet in book.worksheets if sheet is not read]
    if not others:
        return []
    names = "、".join(sheet.title[:30] for sheet in others[:5])
    hidden = sum(sheet.sheet_state != "visible" for sheet in others)
    zh, en = (
        f"只读了工作表“{read.title[:30]}”；没有读：{names}",
        f"Only the sheet “{read.title[:30]}” was read, not {names}",
    )
    if hidden:
        zh, en = f"{zh}（其中 {hidden} 张是隐藏的）", f"{en} ({hidden} of them hidden)"
    return [Text(f"{zh}。", f"{en}.")]


def _hidden_rows(marks: _Marks, rows: list[Row]) -> list[Text]:
    found = sorted(marks.hidden_rows & {row.number for row in rows})
    if not found:
        return []
    named = "、".join(map(str, found[:8])) + (" …" if len(found) > 8 else "")
    return [
        Text(
            f"表里有 {len(found)} 行是隐藏的（第 {named} 行），也一起读了。",
            f"{len(found)} rows of the sheet are hidden ({named}); they were read as well.",
        )
    ]


def _hidden_columns(marks: _Marks, rows: list[Row]) -> list[Text]:
    widest = max((len(row.texts) for row in rows), default=0)
    found = sorted(column for column in marks.hidden_columns if column < widest)
    if not found:
        return []
    return [
        Text(
            f"表里有 {len(found)} 列是隐藏的，也一起读了。", f"{len(found)} columns are hidden; they were read as well."
        )
    ]
