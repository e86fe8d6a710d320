"""Point tables as people have them: pasted from Excel, or a file of the machine's maker (.xlsx, .csv, any encoding).

The connect wizard calls :func:`read_pasted` or :func:`read_file` and shows every wrong cell by row, column and reason;
nothing is saved until there is none. Header names may be Chinese or English, in any order, and a title or merged cells
above them are skipped. A table without a header is read in the order of :data:`COLUMNS`.
"""

import csv
import io
import math
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from zhulian.organisations.rules import MOST_POINTS, Fault, RecordsError, point_faults
from zhulian.vocabulary.errors import Text
from zhulian.wire.configuration import PointConfig

LARGEST_BYTES = 10 * 1024 * 1024
LARGEST_UNPACKED_BYTES = 200 * 1024 * 1024
"""A workbook is a compressed archive; this keeps a small file from filling the memory."""
_MOST_COLUMNS = 60
_HEADER_WITHIN = 20
_ENCODINGS = ("utf-8-sig", "gb18030")
_PLAIN_NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?$", re.ASCII)
_THOUSANDS = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$", re.ASCII)
_NUMBERS = frozenset({"scale", "offset", "poll_s", "deadband", "max_silence_s", "low", "high"})

COLUMNS: dict[str, tuple[Text, tuple[str, ...]]] = {
    "name": (
        Text("点位名称", "Name"),
        ("名称", "点名", "点位", "变量名", "变量名称", "name", "point", "tag"),
    ),
    "address": (
        Text("地址", "Address"),
        ("点位地址", "寄存器", "寄存器地址", "节点", "节点号", "address", "register", "node", "nodeid"),
    ),
    "type": (Text("数据类型", "Type"), ("类型", "type", "datatype", "format")),
    "byte_order": (Text("字节序", "Byte order"), ("字节顺序", "字序", "byteorder", "order", "endian")),
    "scale": (Text("倍率", "Scale"), ("系数", "比例", "乘数", "scale", "factor", "multiplier", "gain")),
    "offset": (Text("偏移", "Offset"), ("偏移量", "offset")),
    "unit": (Text("单位", "Unit"), ("unit", "units")),
    "poll_s": (
        Text("采集周期（秒）", "Poll interval (s)"),
        ("采集周期", "周期", "采样周期", "poll", "polls", "interval", "pollinterval"),
    ),
    "deadband": (Text("死区", "Deadband"), ("deadband",)),
    "max_silence_s": (
        Text("最长静默（秒）", "Longest silence (s)"),
        ("最长静默", "maxsilence", "maxsilences", "longestsilence"),
    ),
    "low": (Text("下限", "Lower limit"), ("最小值", "量程下限", "low", "min", "lowerlimit")),
    "high": (Text("上限", "Upper limit"), ("最大值", "量程上限", "high", "max", "upperlimit")),
}
"""Field → its title, and other words for it that makers use."""
_TYPES = {
    "short": "int16", "int": "int16", "word": "uint16", "ushort": "uint16", "dint": "int32", "long": "int32",
    "dword": "uint32", "ulong": "uint32", "lint": "int64", "float": "float32", "real": "float32",
    "single": "float32", "double": "float64", "lreal": "float64", "bool": "bit", "boolean": "bit", "coil": "bit",
    "短整型": "int16", "整型": "int16", "无符号整型": "uint16", "长整型": "int32",
    "浮点": "float32", "浮点数": "float32", "单精度": "float32", "双精度": "float64", "布尔": "bit", "开关量": "bit",
}  # fmt: skip


class PointTableError(RecordsError):
    """A table that cannot be read at all; single wrong cells are :class:`~zhulian.organisations.rules.Fault`."""


@dataclass(frozen=True, slots=True)
class PointTable:
    """What was found. ``points`` has one entry for each row that could be read; save only when ``faults`` is empty.

    ``rows`` are the numbers of those rows in the sheet, ``columns`` the fields that the header named, and ``ignored``
    the header cells that nobody knows.
    """

    points: tuple[PointConfig, ...]
    rows: tuple[int, ...]
    faults: tuple[Fault, ...]
    columns: tuple[str, ...]
    ignored: tuple[str, ...]


def read_pasted(text: str) -> PointTable:
    """A table pasted from a spreadsheet: tab-separated, or comma-separated when it has no tab."""
    if len(text.encode()) > LARGEST_BYTES:
        raise _too_large()
    return _table(_split(text))


def read_file(name: str, body: bytes) -> PointTable:
    """An uploaded file: .xlsx by its content, everything else as CSV in UTF-8 (with or without BOM) or GB18030."""
    if len(body) > LARGEST_BYTES:
        raise _too_large()
    if body[:4] == b"PK\x03\x04":
        return _table(_sheet(body))
    if body[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise _unreadable("这是旧版 .xls（或加了密码的）文件", "this is an old .xls file, or one with a password")
    if b"\0" in body[:4096] and body[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise _unreadable(f"{name} 不是表格文件", f"{name} is no table")
    return _table(_split(_decoded(body)))


def template() -> bytes:
    """An Excel file to fill in: the header in Chinese, two example rows, and what each column means."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "点表"
    sheet.append([title.zh for title, _ in COLUMNS.values()])
    sheet.append(["有功功率", "40001", "float32", "ABCD", 1, 0, "kW", 1, 0.1, 60, 0, 500])
    sheet.append(["冷却水温度", "40003", "int16", "", 0.1, 0, "°C", 5, 0.2, 60, -20, 120])
    sheet.freeze_panes = "A2"
    for letter in "ABCDEFGHIJKL":
        sheet.column_dimensions[letter].width = 16
    meaning = book.create_sheet("说明")
    for row in _MEANINGS:
        meaning.append(row)
    meaning.column_dimensions["A"].width, meaning.column_dimensions["B"].width = 18, 90
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


_MEANINGS = (
    ("列", "怎么填"),
    ("点位名称", "必填，同一设备内不重名。"),
    ("地址", "必填。Modbus 写 40001 或 holding:0；OPC UA 写 ns=2;s=Temperature。"),
    ("数据类型", "Modbus 用：int16 uint16 int32 uint32 int64 uint64 float32 float64 bit；OPC UA 留空。"),
    ("字节序", "两个寄存器以上才需要：ABCD、CDAB、BADC、DCBA；留空为 ABCD。"),
    ("倍率、偏移", "数值 = 原始值 × 倍率 + 偏移；留空为 1 和 0。"),
    ("单位", "例如 kW、°C、件。"),
    ("采集周期（秒）", "留空用设备的采集周期。"),
    ("死区", "变化小于它就不上传；留空为 0。"),
    ("最长静默（秒）", "数值不变也至少隔这么久上传一次；留空为 60。"),
    ("下限、上限", "超出的值会保留，但标为存疑。"),
)


def _decoded(body: bytes) -> str:
    encodings = ("utf-16",) if body[:2] in (b"\xff\xfe", b"\xfe\xff") else _ENCODINGS
    for encoding in encodings:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unreadable("文字编码既不是 UTF-8 也不是 GB18030", "its text is neither UTF-8 nor GB18030")


def _split(text: str) -> list[list[str]]:
    delimiter = "\t" if "\t" in text[:10_000] else ","
    try:
        return [row[:_MOST_COLUMNS] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error as fault:
        raise _unreadable(
            f"引号不成对或单元格过长（{fault}）", f"a quote is not closed or a cell too long ({fault})"
        ) from fault


def _sheet(body: bytes) -> list[list[str]]:
    """The cells of the first sheet that has any, as text; formulas by the value that Excel last showed."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST_UNPACKED_BYTES:
                raise _too_large()
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        for sheet in book.worksheets:
            limit = MOST_POINTS + _HEADER_WITHIN + 2
            found = [
                [_shown(value) for value in row]
                for row in sheet.iter_rows(max_row=limit, max_col=_MOST_COLUMNS, values_only=True)
            ]
            if any(any(row) for row in found):
                return found
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, EOFError, SyntaxError) as fault:
        raise _unreadable("Excel 文件已损坏或不是 .xlsx", "the Excel file is damaged, or no .xlsx") from fault
    return []


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _normal(cell: str) -> str:
    """Full-width digits and letters as ordinary ones, odd blanks gone."""
    return unicodedata.normalize("NFKC", cell).replace("\N{NO-BREAK SPACE}", " ").strip()


def _key(cell: str) -> str:
    return "".join(sign for sign in _normal(cell).lower() if sign.isalnum())


_BY_KEY = {
    _key(word): field for field, (title, words) in COLUMNS.items() for word in (title.zh, title.en, field, *words)
}


def _field(cell: str, *, is_loose: bool) -> str | None:
    """``采集周期(s)*`` is ``采集周期``. Loosely, ``PLC地址`` is ``地址``: our word at its end is enough."""
    key, bare = _key(cell), _key(_normal(cell).split("(")[0])
    exact = _BY_KEY.get(key) or _BY_KEY.get(bare)
    if exact or not is_loose:
        return exact
    ends = (word for word in sorted(_BY_KEY, key=len, reverse=True) if len(word) > 1 and bare.endswith(word))
    return next((_BY_KEY[word] for word in ends), None)


def _table(cells: Sequence[Sequence[str]]) -> PointTable:
    head, columns, ignored = _header(cells)
    body = [(number, row) for number, row in enumerate(cells[head:], head + 1) if any(cell.strip() for cell in row)]
    if not body:
        raise PointTableError(
            "point_table_empty",
            Text("表里没有点位。", "There are no points in the table."),
            Text("请把表头和数据一起复制，或下载模板填写。", "Copy the header with its rows, or fill in the template."),
        )
    if len(body) > MOST_POINTS:
        raise PointTableError(
            "point_table_long",
            Text(f"表里超过 {MOST_POINTS} 行。", f"The table has more than {MOST_POINTS} rows."),
            Text("请按设备拆成几张表，分别导入。", "Split it by machine and import one after the other."),
        )
    return _checked(body, columns, ignored)


def _header(cells: Sequence[Sequence[str]]) -> tuple[int, dict[int, str], tuple[str, ...]]:
    """Where the rows begin, which field each column is, and what nobody knows. A header may have two rows."""
    for is_loose in (False, True):
        for number, row in enumerate(cells[:_HEADER_WITHIN]):
            below = cells[number + 1] if number + 1 < len(cells) else ()
            upper, lower = _columns(row, is_loose=is_loose), _columns(below, is_loose=is_loose)
            if set(upper.values()) >= _WANTED:
                is_second_row = bool(lower) and not any(_at(below, index) for index in _main(upper))
                joined = _first_of_each(lower | upper) if is_second_row else upper
                return number + 1 + is_second_row, joined, _unknown(row, joined)
            if upper and lower and set((lower | upper).values()) >= _WANTED:
                return number + 2, _first_of_each(lower | upper), ()
    if any(_columns(row, is_loose=False) for row in cells[:_HEADER_WITHIN]):
        raise PointTableError(
            "point_table_header",
            Text(
                "表头里没有同时找到“点位名称”和“地址”两列。", "The header has no columns “name” and “address” together."
            ),
            Text(
                "请给这两列加上名称，或下载模板对照。", "Give these two columns a name, or compare with the template."
            ),
        )
    return 0, dict(enumerate(COLUMNS)), ()


_WANTED = {"name", "address"}


def _main(columns: dict[int, str]) -> list[int]:
    return [index for index, field in columns.items() if field in _WANTED]


def _at(row: Sequence[str], index: int) -> str:
    return row[index].strip() if index < len(row) else ""


def _unknown(row: Sequence[str], known: dict[int, str]) -> tuple[str, ...]:
    return tuple(cell.strip() for index, cell in enumerate(row) if cell.strip() and index not in known)


def _columns(row: Sequence[str], *, is_loose: bool) -> dict[int, str]:
    fields = ((index, _field(cell, is_loose=is_loose)) for index, cell in enumerate(row))
    return _first_of_each({index: field for index, field in fields if field is not None})


def _first_of_each(columns: dict[int, str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for index, field in sorted(columns.items()):
        if field not in found.values():
            found[index] = field
    return found


def _checked(
    body: Sequence[tuple[int, Sequence[str]]], columns: dict[int, str], ignored: tuple[str, ...]
) -> PointTable:
    points: list[PointConfig] = []
    rows: list[int] = []
    faults: list[Fault] = []
    for number, row in body:
        given = {field: _normal(row[index]) for index, field in columns.items() if index < len(row)}
        values, wrong = _values(number, given)
        faults += wrong
        points.append(PointConfig(**values))  # type: ignore[arg-type]  # the names are PointConfig's own
        rows.append(number)
    unparsed = {(fault.row, fault.column) for fault in faults}
    faults += [fault for fault in point_faults(points, rows) if (fault.row, fault.column) not in unparsed]
    ordered = tuple(sorted(faults, key=lambda fault: fault.row))
    return PointTable(tuple(points), tuple(rows), ordered, tuple(columns.values()), ignored)


def _values(number: int, given: dict[str, str]) -> tuple[dict[str, str | float], list[Fault]]:
    """The cells as fields of a point; empty ones keep their defaults, unreadable ones too, with a fault."""
    values: dict[str, str | float] = {"name": given.get("name", ""), "address": given.get("address", "")}
    faults: list[Fault] = []
    for field, cell in given.items():
        if not cell or field in values:
            continue
        if field not in _NUMBERS:
            values[field] = _word(field, cell)
            continue
        number_found = _number(cell)
        if isinstance(number_found, Text):
            faults.append(Fault(number, field, number_found))
        else:
            values[field] = number_found
    return values, faults


def _word(field: str, cell: str) -> str:
    if field == "type":
        return _TYPES.get(cell.lower(), cell.lower())
    if field == "byte_order":
        return cell.upper().replace(" ", "").replace("-", "")
    return cell


def _number(cell: str) -> float | Text:
    """The number in a cell, or why there is none."""
    plain = cell.replace(" ", "")
    if _THOUSANDS.match(plain):
        plain = plain.replace(",", "")
    shown = cell[:20]
    if plain.lower().lstrip("+-") in {"nan", "inf", "infinity", "#n/a", "#div/0!", "∞"}:
        return Text(
            f"“{shown}”不是有限的数，请留空或填数字", f"“{shown}” is not a finite number; leave it empty or give one"
        )
    if not _PLAIN_NUMBER.match(plain):
        return Text(f"“{shown}”不是数字", f"“{shown}” is no number")
    value = float(plain)
    return value if math.isfinite(value) else Text(f"“{shown}”太大", f"“{shown}” is too large")


def fault_lines(faults: Iterable[Fault]) -> list[Text]:
    """Each fault as a sentence, with the column's title as the sheet has it."""
    return [_line(fault) for fault in faults]


def _line(fault: Fault) -> Text:
    title = COLUMNS[fault.column][0] if fault.column else Text("整张表", "the table")
    if fault.row == 0:
        return Text(f"{title.zh}：{fault.reason.zh}。", f"{title.en}: {fault.reason.en}.")
    return Text(
        f"第 {fault.row} 行“{title.zh}”：{fault.reason.zh}。", f"Row {fault.row}, “{title.en}”: {fault.reason.en}."
    )


def _too_large() -> PointTableError:
    return PointTableError(
        "point_table_large",
        Text("文件超过 10 MB。", "The file is larger than 10 MB."),
        Text("请只保留点表那一页，或按设备拆开。", "Keep only the sheet with the points, or split it by machine."),
    )


def _unreadable(why_zh: str, why_en: str) -> PointTableError:
    return PointTableError(
        "point_table_unreadable",
        Text(f"这个文件读不了：{why_zh}。", f"The file cannot be read: {why_en}."),
        Text(
            "请在 Excel 里另存为 .xlsx 或 CSV 再上传，也可以直接复制粘贴。",
            "Save it as .xlsx or CSV, or paste its cells.",
        ),
    )
