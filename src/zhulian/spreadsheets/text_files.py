"""Reads csv files and text pasted from a spreadsheet, in the encodings and with the separators that people have."""

import csv
import io
import re
from collections import Counter

from zhulian.spreadsheets import errors
from zhulian.spreadsheets.tables import Limits, Row, Table
from zhulian.spreadsheets.unread import UnreadColumns

_ENCODINGS = ("utf-8-sig", "gb18030")
_SEPARATORS = "\t,;|"
_DECLARED = re.compile(r'^"?sep=([^\w\s]|\t)"?\r?\n', re.IGNORECASE)
_ESCAPED = re.compile(r"^'+(?=\s*[=+\-@＝＋－＠]|[\t\r\n])")
"""What ``writing`` puts before a text that a spreadsheet would run; see :func:`unescaped`."""


def decoded(body: bytes) -> str:
    """UTF-8 with or without byte order mark, GB18030 (which contains GBK and GB2312), or UTF-16 with its mark."""
    encodings = ("utf-16",) if body[:2] in (b"\xff\xfe", b"\xfe\xff") else _ENCODINGS
    if len(encodings) > 1 and b"\0" in body:
        raise errors.unreadable("它不是表格文件", "it is no table")
    for encoding in encodings:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise errors.unreadable("文字编码既不是 UTF-8 也不是 GB18030", "its text is neither UTF-8 nor GB18030")


def read_text(text: str, limits: Limits) -> Table:
    """A table from text; rows are numbered as a spreadsheet would show them."""
    declared = _DECLARED.match(text)
    separator = declared[1] if declared else _separator(text[:20_000])
    rows: list[Row] = []
    unread = UnreadColumns(limits.most_columns)
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1):
            unread.note(cells)
            kept = tuple(unescaped(cell) for cell in cells[: limits.most_columns])
            if any(cell.strip() for cell in kept) and not (declared and number == 1):
                rows.append(Row(number, kept))
            if len(rows) > limits.most_rows:
                raise errors.too_long(limits.most_rows)
    except csv.Error as fault:
        raise errors.unreadable(
            f"引号不成对或单元格过长（{fault}）", f"a quote is not closed or a cell too long ({fault})"
        ) from fault
    if not rows:
        raise errors.no_rows()
    return Table(tuple(rows), notices=unread.notices())


def unescaped(cell: str) -> str:
    """The inverse of ``writing.harmless``: one apostrophe less before what a spreadsheet would run."""
    return cell[1:] if _ESCAPED.match(cell) else cell


def _separator(beginning: str) -> str:
    """The sign that divides most lines; a tab wins over all others, because nobody types it inside a cell."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in beginning.splitlines()[:30] if line.strip()]
    if any("\t" in line for line in lines):
        return "\t"
    found = Counter({sign: sum(sign in line for line in lines) for sign in _SEPARATORS})
    best, number = found.most_common(1)[0]
    return best if number and found[best] > found[","] else ","
