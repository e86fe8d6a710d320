"""Point tables as people have them: pasted from Excel, or a file of the machine's maker (.xlsx, .csv, any encoding).

The connect wizard calls :func:`read_pasted` or :func:`read_file` and shows every wrong cell by row, column and reason;
nothing is saved until there is none. Header names may be Chinese or English, in any order, and a title or merged cells
above them are skipped. A table without a header is read in the order of :data:`COLUMNS`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from zhulian.organisations.rules import BYTE_ORDERS, MOST_POINTS, POINT_TYPES, Fault, RecordsError, point_faults
from zhulian.spreadsheets import reading
from zhulian.spreadsheets.cells import number as number_in
from zhulian.spreadsheets.cells import plain
from zhulian.spreadsheets.errors import no_rows, too_long
from zhulian.spreadsheets.headers import Words, data_rows, find_header, names_any
from zhulian.spreadsheets.tables import Limits, Row, Table
from zhulian.spreadsheets.writing import TemplateColumn, write_template
from zhulian.vocabulary.errors import Text
from zhulian.wire.configuration import PointConfig

LIMITS = Limits(largest_bytes=10 * 1024 * 1024, most_rows=MOST_POINTS + 20)
_WANTED = frozenset({"name", "address"})
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
    "scale": (
        Text("倍率", "Scale"),
        ("系数", "换算", "换算系数", "比例", "乘数", "scale", "factor", "multiplier", "gain"),
    ),
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
_WORDS = Words({name: (title.zh, title.en, *words) for name, (title, words) in COLUMNS.items()}, _WANTED)
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

    ``rows`` are the numbers of those rows in the sheet, ``columns`` the fields that the header named, ``ignored`` the
    header cells that nobody knows, and ``notices`` what else of the file was not read.
    """

    points: tuple[PointConfig, ...]
    rows: tuple[int, ...]
    faults: tuple[Fault, ...]
    columns: tuple[str, ...]
    ignored: tuple[str, ...]
    notices: tuple[Text, ...] = ()


def read_pasted(text: str) -> PointTable:
    """A table pasted from a spreadsheet: tab-separated, or comma-separated when it has no tab."""
    return _table(reading.read_pasted(text, LIMITS))


def read_file(filename: str, body: bytes) -> PointTable:
    """An uploaded file: .xlsx, or csv in UTF-8 or GB18030."""
    return _table(reading.read_table(body, filename, LIMITS))


def template() -> BinaryIO:
    """An Excel file to fill in: the header in Chinese, an example row, drop-down lists, what each column means."""
    columns = [
        TemplateColumn(
            title.zh, _MEANINGS[name], _EXAMPLE.get(name, ""), name in _WANTED, _CHOICES.get(name, ()), width=16
        )
        for name, (title, _words) in COLUMNS.items()
    ]
    meanings = [("列", "怎么填"), *((COLUMNS[name][0].zh, meaning) for name, meaning in _MEANINGS.items())]
    return write_template("点表", columns, "说明", meanings)


_MEANINGS = {
    "name": "必填，同一设备内不重名。",
    "address": "必填。Modbus 写 40001 或 holding:0；OPC UA 写 ns=2;s=Temperature。",
    "type": "Modbus 要填；OPC UA 留空。",
    "byte_order": "两个寄存器以上才需要；留空为 ABCD。",
    "scale": "数值 = 原始值 × 倍率 + 偏移；留空为 1。",
    "offset": "留空为 0。",
    "unit": "例如 kW、°C、件。",
    "poll_s": "留空用设备的采集周期。",
    "deadband": "变化小于它就不上传；留空为 0。",
    "max_silence_s": "数值不变也至少隔这么久上传一次；留空为 60。",
    "low": "低于它的值会保留，但标为存疑。",
    "high": "高于它的值会保留，但标为存疑。",
}
_EXAMPLE = {
    "name": "有功功率", "address": "40001", "type": "float32", "byte_order": "ABCD", "scale": "1", "offset": "0",
    "unit": "kW", "poll_s": "1", "deadband": "0.1", "max_silence_s": "60", "low": "0", "high": "500",
}  # fmt: skip
_CHOICES = {"type": sorted(POINT_TYPES - {""}), "byte_order": sorted(BYTE_ORDERS - {""})}


def _table(table: Table) -> PointTable:
    header = find_header(table, _WORDS)
    if header is None and names_any(table, _WORDS):
        raise _no_header()
    columns = dict(header.columns) if header else {name: index for index, name in enumerate(COLUMNS)}
    body = data_rows(table, header) if header else list(table.rows)
    if not body:
        raise no_rows()
    if len(body) > MOST_POINTS:
        raise too_long(MOST_POINTS)
    checked = _checked(body, columns, header.unknown() if header else ())
    return replace(checked, notices=table.notices)


def _no_header() -> PointTableError:
    return PointTableError(
        "point_table_header",
        Text("表头里没有同时找到“点位名称”和“地址”两列。", "The header has no columns “name” and “address” together."),
        Text("请给这两列加上名称，或下载模板对照。", "Give these two columns a name, or compare with the template."),
    )


def _checked(body: Sequence[Row], columns: Mapping[str, int], ignored: tuple[str, ...]) -> PointTable:
    points: list[PointConfig] = []
    faults: list[Fault] = []
    for row in body:
        values, wrong = _values(row.number, {field: plain(row.text(index)) for field, index in columns.items()})
        faults += wrong
        points.append(PointConfig(**values))  # type: ignore[arg-type]  # the names are PointConfig's own
    rows = tuple(row.number for row in body)
    unparsed = {(fault.row, fault.column) for fault in faults}
    faults += [fault for fault in point_faults(points, rows) if (fault.row, fault.column) not in unparsed]
    ordered = tuple(sorted(faults, key=lambda fault: fault.row))
    return PointTable(tuple(points), rows, ordered, tuple(columns), ignored)


def _values(row: int, given: dict[str, str]) -> tuple[dict[str, str | float], list[Fault]]:
    """The cells as fields of a point; empty ones keep their defaults, unreadable ones too, with a fault."""
    values: dict[str, str | float] = {"name": given.get("name", ""), "address": given.get("address", "")}
    faults: list[Fault] = []
    for field, cell in given.items():
        if not cell or field in values:
            continue
        if field not in _NUMBERS:
            values[field] = _word(field, cell)
            continue
        number_found = number_in(cell)
        if isinstance(number_found, Text):
            faults.append(Fault(row, field, number_found))
        else:
            values[field] = number_found
    return values, faults


def _word(field: str, cell: str) -> str:
    if field == "type":
        return _TYPES.get(cell.lower(), cell.lower())
    if field == "byte_order":
        return cell.upper().replace(" ", "").replace("-", "")
    return cell


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
