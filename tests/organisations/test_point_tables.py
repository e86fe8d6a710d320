"""Point tables as people bring them: pasted, saved in old encodings, with titles, merged cells and mistakes."""

import contextlib
import io
import time

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.organisations.point_tables import (
    LIMITS,
    PointTable,
    fault_lines,
    read_file,
    read_pasted,
    template,
)
from zhulian.vocabulary.errors import ZhulianError

PASTED = "点位名称\t地址\t数据类型\t倍率\t单位\n有功功率\t40001\tfloat32\t1\tkW\n温度\t４０００３\tINT16\t０．１\t°C\n"


def found(table: PointTable) -> list[tuple[int, str]]:
    return [(fault.row, fault.column) for fault in table.faults]


def workbook(*rows: list[object], merge: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for cells in merge:
        sheet.merge_cells(cells)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def test_a_pasted_table_is_read() -> None:
    table = read_pasted(PASTED)
    assert not table.faults
    assert [(p.name, p.address, p.type, p.scale, p.unit) for p in table.points] == [
        ("有功功率", "40001", "float32", 1.0, "kW"),
        ("温度", "40003", "int16", 0.1, "°C"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_files_in_every_encoding_say_the_same(encoding: str) -> None:
    text = PASTED.replace("\t", ",").replace("\n", "\r\n")
    assert read_file("点表.csv", text.encode(encoding)).points == read_pasted(PASTED).points


def test_headers_come_in_any_order_and_language() -> None:
    table = read_pasted("Unit\tRegister Address\tRemark\tTag\tFactor\nkW\t40001\tx\tP1\t0.1")
    assert (table.points[0].name, table.points[0].unit, table.points[0].scale) == ("P1", "kW", 0.1)
    assert table.ignored == ("Remark",)
    assert read_pasted("名称\t地址\t换算\nP1\t40001\t0.1").points[0].scale == 0.1


def test_makers_words_and_units_in_headers_are_understood() -> None:
    table = read_pasted("信号名称\tPLC地址（十进制）\t采集周期(s)*\n压力\t40001\t5")
    assert (table.points[0].name, table.points[0].address, table.points[0].poll_s) == ("压力", "40001", 5.0)


def test_a_table_without_header_is_read_in_our_order() -> None:
    table = read_pasted("功率因数\t40001\tuint16\t\t0.001")
    assert (table.points[0].name, table.points[0].scale) == ("功率因数", 0.001)


def test_titles_and_merged_headers_are_skipped() -> None:
    body = workbook(
        ["东车间电表点表"],
        [],
        ["名称", "地址", "换算", None, "单位"],
        [None, None, "倍率", "偏移", None],
        ["功率", 40001, 0.1, 2, "kW"],
        ["电流", 40002, None, None, "A"],
        merge=("A1:E1", "A3:A4", "B3:B4", "C3:D3", "E3:E4"),
    )
    table = read_file("x.xlsx", body)
    assert not table.faults
    assert [(p.name, p.address, p.scale, p.offset, p.unit) for p in table.points] == [
        ("功率", "40001", 0.1, 2.0, "kW"),
        ("电流", "40002", 1.0, 0.0, "A"),
    ]
    assert table.rows == (5, 6)


def test_every_wrong_cell_is_named_by_row_column_and_reason() -> None:
    table = read_pasted(
        "名称\t地址\t类型\t倍率\t上限\n"
        "a\t1\tint16\t1\t1\n"
        "\t2\tint16\tNaN\t1\n"
        "c\t\tint24\tabc\tinf\n"
        "a\t4\tint16\t0\t1,5\n"
        "e\t5\tint16\t1,234.5\t1e999\n"
    )
    assert found(table) == [
        (3, "scale"),
        (3, "name"),
        (4, "scale"),
        (4, "high"),
        (4, "address"),
        (4, "type"),
        (5, "high"),
        (5, "scale"),
        (5, "name"),
        (6, "high"),
    ]
    lines = fault_lines(table.faults)
    assert lines[2].zh == "第 4 行“倍率”：“abc”不是数字。"
    assert lines[2].en == "Row 4, “Scale”: “abc” is no number."
    assert table.points[4].scale == 1234.5


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "table_empty"),
        ("名称,地址\n\n".encode(), "table_empty"),
        ("名称,单位\na,b".encode(), "point_table_header"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "file_old_excel"),
        (b"PK\x03\x04 broken", "file_unreadable"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "file_unreadable"),
        (b"\xff\xff\xff,\xff", "file_unreadable"),
        (b'a,"' + b"x" * 200_000, "file_unreadable"),
        (b"x" * (LIMITS.largest_bytes + 1), "file_too_large"),
        (b"a,1\n" * 20_001, "table_too_long"),
    ],
)
def test_what_cannot_be_read_is_refused_kindly(body: bytes, code: str) -> None:
    with pytest.raises(ZhulianError) as fault:
        read_file("点表", body)
    assert fault.value.code == code
    assert all(fault.value.as_json().values())


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    import zipfile

    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("a.txt", "hello")
    with pytest.raises(ZhulianError):
        read_file("x.xlsx", sink.getvalue())


def test_the_template_can_be_filled_in_and_read_back() -> None:
    table = read_file("模板.xlsx", template().read())
    assert not table.faults
    assert [point.name for point in table.points] == ["有功功率"]


def test_a_large_table_takes_a_moment_only() -> None:
    lines = "\n".join(f"点位 {number}\t{40001 + number}\tfloat32\t0.1\t说明 {'x' * 400}" for number in range(20_000))
    started = time.perf_counter()
    table = read_pasted("名称\t地址\t类型\t倍率\t备注\n" + lines)
    assert len(table.points) == 20_000
    assert not table.faults
    assert time.perf_counter() - started < 15


@given(st.one_of(st.text(max_size=400).map(str.encode), st.binary(max_size=400)))
def test_anything_is_a_table_or_a_kind_refusal(body: bytes) -> None:
    with contextlib.suppress(ZhulianError):
        table = read_file("x", body)
        assert len(table.points) == len(table.rows)
