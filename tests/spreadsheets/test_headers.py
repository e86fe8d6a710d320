"""Headers as people build them: titles above, groups merged over columns, single columns merged over rows."""

import io

import openpyxl
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from zhulian.spreadsheets.headers import Header, Words, data_rows, find_header
from zhulian.spreadsheets.reading import read_table

FIELDS = {
    "code": ["信用代码"],
    "name": ["企业名称"],
    "phone": ["联系电话"],
    "person": ["联系人"],
    "revenue": ["营业收入"],
    "staff": ["从业人数"],
    "street": ["注册地址"],
}
WORDS = Words(FIELDS, frozenset({"code", "name"}))
GROUPS = ["基本情况", "经营数据", "联系方式", "备查"]
SHAPES = st.permutations(sorted(FIELDS)).flatmap(
    lambda order: st.tuples(
        st.just(order),
        st.lists(st.sampled_from(["alone", "merged", "grouped"]), min_size=len(order), max_size=len(order)),
        st.integers(0, 3),
        st.booleans(),
    )
)
"""The order of the columns, how each stands in the header, lines of title above, whether a unit stands there."""


def workbook(order: list[str], shapes: list[str], titles: int, has_unit: bool) -> tuple[bytes, int]:
    """A sheet of these columns with three rows of data, and the row of the lowest titles."""
    book = openpyxl.Workbook()
    sheet: Worksheet = book.active  # type: ignore[assignment]
    for number in range(1, titles + 1):
        sheet.cell(number, 1, f"某市企业名单（{number}）")
        sheet.merge_cells(start_row=number, start_column=1, end_row=number, end_column=len(order))
    top = titles + 1
    if has_unit:
        sheet.cell(top, 1, "单位：万元")
        top += 1
    is_tall = any(shape != "alone" for shape in shapes)
    bottom = top + 1 if is_tall else top
    for index, (name, shape) in enumerate(zip(order, shapes, strict=True), start=1):
        _title(sheet, index, top, FIELDS[name][0], shape if is_tall else "flat")
    _groups(sheet, shapes, top)
    for row in range(3):
        for index, name in enumerate(order, start=1):
            sheet.cell(bottom + 1 + row, index, f"{name}-{row}")
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue(), bottom


def _title(sheet: Worksheet, column: int, top: int, title: str, shape: str) -> None:
    sheet.cell(top if shape in {"flat", "merged"} else top + 1, column, title)
    if shape == "merged":
        sheet.merge_cells(start_row=top, start_column=column, end_row=top + 1, end_column=column)


def _groups(sheet: Worksheet, shapes: list[str], top: int) -> None:
    """Each run of grouped columns lies below one merged cell."""
    start = 0
    for number, _ in enumerate(GROUPS):
        while start < len(shapes) and shapes[start] != "grouped":
            start += 1
        end = start
        while end < len(shapes) and shapes[end] == "grouped":
            end += 1
        if start == end:
            return
        sheet.cell(top, start + 1, GROUPS[number])
        if end - start > 1 and end - start < len(shapes):
            sheet.merge_cells(start_row=top, start_column=start + 1, end_row=top, end_column=end)
        start = end


@given(SHAPES)
def test_a_header_is_found_however_its_cells_are_merged(shape: tuple[list[str], list[str], int, bool]) -> None:
    order, shapes, titles, has_unit = shape
    body, bottom = workbook(list(order), shapes, titles, has_unit)
    table = read_table(body, "名单.xlsx")
    found = find_header(table, WORDS)
    assert isinstance(found, Header)
    assert {name: found.columns[name] for name in order} == {name: at for at, name in enumerate(order)}
    assert found.last_row <= bottom  # where every title is merged over both rows, the lower one is empty
    assert set(found.units.values()) == ({"万元"} if has_unit else {""})
    rows = data_rows(table, found)
    assert [row.texts for row in rows] == [tuple(f"{name}-{number}" for name in order) for number in range(3)]
