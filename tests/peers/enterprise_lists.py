"""Enterprise lists as bureaus send them: 1,200 invented enterprises, and 15 deliberate faults of different kinds.

The workbook has a title, a line with the unit, a header over two rows with merged cells, full-width digits, Chinese
dates and money in 万元 and 元, because that is what arrives.
"""

import io
from dataclasses import dataclass
from typing import Any

import openpyxl

from peers.records import credit_code

HEADER_ROWS = 4
ROWS = 1_200
DISTRICTS = ("金安区", "裕安区", "叶集区", "霍邱县", "舒城县", "金寨县", "霍山县")
_TRADES = (
    "精密机械",
    "纺织科技",
    "食品",
    "电子材料",
    "汽车零部件",
    "建材",
    "竹木制品",
    "生物医药",
    "金属制品",
    "新能源",
)
_INDUSTRIES = ("C3484", "C1751", "C1392", "C3985", "C3670", "C3021", "C2041", "C2761", "33", "金属制品业")
_SIZES = ("大型", "中型", "小型", "微型")


@dataclass(frozen=True)
class Sown:
    """One deliberate fault: where it stands, and a word that the reason has to contain."""

    index: int
    column: str
    value: Any
    reason: str

    @property
    def row(self) -> int:
        """As the spreadsheet numbers it."""
        return HEADER_ROWS + 1 + self.index


COLUMNS = (
    "序号", "name", "credit_code", "industry", "district", "reporting_area", "above_scale", "size",
    "registered_capital_fen", "established_on", "employees", "revenue_fen", "revenue_year", "remark",
)  # fmt: skip

FAULTS: tuple[Sown, ...] = (
    Sown(10, "credit_code", "9134150", "应为 18 位"),
    Sown(50, "credit_code", credit_code(50_050)[:17] + "?", "不应出现"),
    Sown(90, "credit_code", None, "必填"),
    Sown(130, "credit_code", 913415000000012345, "当成数字"),
    Sown(170, "credit_code", credit_code(10_020), "与第 25 行重复"),
    Sown(210, "name", "", "必填"),
    Sown(250, "name", "示例企业00030精密机械有限公司", "与第 35 行重复"),
    Sown(290, "industry", "Z9999", "不在 GB/T 4754"),
    Sown(330, "district", "合肥市", "没有“合肥市”这个地方"),
    Sown(370, "reporting_area", "市开发区", "不在"),
    Sown(410, "registered_capital_fen", "伍佰万", "不是金额"),
    Sown(450, "established_on", "2024年13月", "没有“2024年13月”这一天"),
    Sown(490, "employees", "约八十", "不是数字"),
    Sown(530, "above_scale", "也许", "应为“是”或“否”"),
    Sown(570, "size", "巨型", "应为其中之一"),
)


def enterprise_rows(count: int = ROWS, first: int = 10_000) -> list[list[Any]]:
    """Rows without any fault, in the order of :data:`COLUMNS`."""
    return [_row(index, first) for index in range(count)]


_UPPER = "序号,企业名称,统一社会信用代码,行业,属地,,规模,,注册资本（万元）,成立日期,从业人员（人）,营业收入,,备注"
_LOWER = ",,,,所在县区,统计归属,是否规上,企业规模,,,,金额,收入年度,"


def _row(index: int, first: int) -> list[Any]:
    days = ("2018-05-20", "2019年3月", "2020/7/1", "2021.11.30", 43_831, "20220415", "2016.12")
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    district = DISTRICTS[index % len(DISTRICTS)]
    return [
        index + 1,
        f"示例企业{index:05d}{_TRADES[index % len(_TRADES)]}有限公司",
        credit_code(first + index),
        _INDUSTRIES[index % len(_INDUSTRIES)],
        district,
        "市开发区" if district == "金安区" and index % 2 else "",
        "是" if index % 3 else "否",
        _SIZES[index % 4],
        500 + index,
        days[index % len(days)],
        str(20 + index % 300).translate(wide) if index % 5 == 0 else 20 + index % 300,
        f"{1000 + index}万元" if index % 2 else f"{(1000 + index) * 10_000:,}元",
        2025,
        "",
    ]


def sown(rows: list[list[Any]], faults: tuple[Sown, ...] = FAULTS) -> list[list[Any]]:
    """The rows with the faults put in."""
    for fault in faults:
        rows[fault.index][COLUMNS.index(fault.column)] = fault.value
    return rows


def enterprise_workbook(rows: list[list[Any]]) -> bytes:
    """The rows as a bureau sends them."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "规上企业名单"
    sheet.append(["六安市示例企业名单（演示数据，企业均为虚构）"])
    sheet.append(["制表：示例单位"])
    sheet.append(_UPPER.split(","))
    sheet.append(_LOWER.split(","))
    sheet.cell(4, 12).value = "营业收入"
    for cells in ("A1:N1", "E3:F3", "G3:H3", "L3:M3", *(f"{letter}3:{letter}4" for letter in "ABCDIJKN")):
        sheet.merge_cells(cells)
    for row in rows:
        sheet.append(row)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def faulty_workbook() -> bytes:
    """1,200 rows, 15 faults."""
    return enterprise_workbook(sown(enterprise_rows()))
