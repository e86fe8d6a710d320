"""Files as people really have them: encodings, separators, what Excel did to them, and what must not be opened."""

import contextlib
import io
import zipfile
from datetime import datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.spreadsheets.errors import SpreadsheetError
from zhulian.spreadsheets.reading import Limits, read_pasted, read_table
from zhulian.spreadsheets.tables import Remark, letter
from zhulian.spreadsheets.writing import Column, Sheet, harmless, write_csv, write_xlsx

ROWS = [("企业名称", "代码"), ("示例（六安）机械有限公司", "９１３４"), ("甲,乙", "=1+1")]


def texts(body: bytes, name: str = "x") -> list[tuple[str, ...]]:
    return [row.texts for row in read_table(body, name).rows]


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def repacked(body: bytes, **changed: bytes) -> bytes:
    """The same archive with some parts replaced or added (``__`` stands for /, ``_dot_`` for .)."""
    names = {name.replace("__", "/").replace("_dot_", "."): part for name, part in changed.items()}
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename not in names:
                new.writestr(entry.filename, old.read(entry.filename))
        for name, part in names.items():
            new.writestr(name, part)
    return sink.getvalue()


def code_of(body: bytes, name: str = "x.xlsx", limits: Limits | None = None) -> str:
    with pytest.raises(SpreadsheetError) as fault:
        read_table(body, name, limits)
    assert all(fault.value.as_json().values())
    return fault.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_encoding_and_separator_says_the_same(encoding: str, separator: str) -> None:
    text = f"企业名称{separator}代码\r\n示例机械{separator}9134\r\n"
    assert texts(text.encode(encoding)) == [("企业名称", "代码"), ("示例机械", "9134")]


def test_a_declared_separator_is_obeyed_and_not_a_row() -> None:
    assert texts(b"sep=|\r\na|b,c\r\n1|2,5\r\n") == [("a", "b,c"), ("1", "2,5")]


def test_rows_are_numbered_as_the_spreadsheet_does() -> None:
    assert [row.number for row in read_table(b"a,b\n\n,\nc,d\n", "x.csv").rows] == [1, 4]


def test_workbooks_keep_numbers_days_and_errors_apart() -> None:
    table = read_table(workbook(("a", 1.5, 12345678901234567890, datetime(2024, 3, 5), "#N/A", True)), "x.xlsx")  # noqa: DTZ001
    assert table.rows[0].texts[2].startswith("123456789012345")
    assert table.rows[0].texts[:2] + table.rows[0].texts[3:] == ("a", "1.5", "2024-03-05", "#N/A", "是")
    found = [table.remarks.get((1, column)) for column in range(6)]
    assert found == [None, Remark.NUMBER, Remark.DIGITS_LOST, Remark.DATE, Remark.ERROR, None]


def test_formulas_give_their_last_value_or_are_named() -> None:
    body = workbook(("a", "=1+1"))
    assert read_table(body, "x.xlsx").remarks[1, 1] is Remark.FORMULA_UNKNOWN
    sheet = zipfile.ZipFile(io.BytesIO(body)).read("xl/worksheets/sheet1.xml")
    known = sheet.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>").replace(b"<v/>", b"<v>2</v>")
    table = read_table(repacked(body, xl__worksheets__sheet1_dot_xml=known), "x.xlsx")
    assert table.remarks[1, 1] is Remark.FORMULA
    assert table.rows[0].texts == ("a", "2")


def test_hidden_rows_columns_and_sheets_are_said() -> None:
    book = openpyxl.Workbook()
    for number in range(4):
        book.active.append((f"a{number}", "b"))
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["B"].hidden = True
    book.create_sheet("另一张")
    book.create_sheet("藏着").sheet_state = "hidden"
    sink = io.BytesIO()
    book.save(sink)
    table = read_table(sink.getvalue(), "x.xlsx")
    said = "".join(notice.zh for notice in table.notices)
    assert len(table.rows) == 4
    assert "1 行是隐藏的（第 3 行）" in said
    assert "1 列是隐藏的" in said
    assert "没有读：另一张、藏着（其中 1 张是隐藏的）" in said


def test_a_wrong_dimension_does_not_hide_rows() -> None:
    body = workbook(("a", "b"), ("c", "d"))
    sheet = zipfile.ZipFile(io.BytesIO(body)).read("xl/worksheets/sheet1.xml").replace(b'ref="A1:B2"', b'ref="A1"')
    assert len(texts(repacked(body, xl__worksheets__sheet1_dot_xml=sheet))) == 2


def test_external_links_are_not_followed_and_said() -> None:
    body = repacked(workbook(("a",)), xl__externalLinks__externalLink1_dot_xml=b"<x/>")
    assert "没有去读" in read_table(body, "x.xlsx").notices[-1].zh


def test_macros_passwords_and_old_files_are_refused_with_advice() -> None:
    assert code_of(workbook(("a",)), "x.xlsm") == "file_macros"
    assert code_of(repacked(workbook(("a",)), xl__vbaProject_dot_bin=b"x")) == "file_macros"
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    assert code_of(ole + b"Workbook", "x.xls") == "file_old_excel"
    assert code_of(ole + "EncryptedPackage".encode("utf-16-le")) == "file_encrypted"


def test_bombs_are_refused_before_they_are_unpacked() -> None:
    dense = repacked(workbook(("a",)), xl__media__x_dot_bin=b"\0" * 20_000_000)
    assert len(dense) < 100_000
    assert code_of(dense) == "file_unpacks_too_large"
    assert code_of(workbook(("a",)), limits=Limits(largest_unpacked_bytes=1_000)) == "file_unpacks_too_large"


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    ("inner", "part"),
    [
        (ENTITIES, "xl__worksheets__sheet1_dot_xml"),
        (ENTITIES, "xl__workbook_dot_xml"),
        (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', "xl__workbook_dot_xml"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd">', "xl__worksheets__sheet1_dot_xml"),
    ],
)
def test_xml_that_defines_its_own_words_is_refused(inner: bytes, part: str) -> None:
    body = workbook(("a",))
    name = part.replace("__", "/").replace("_dot_", ".")
    xml = zipfile.ZipFile(io.BytesIO(body)).read(name)
    start = xml.index(b"?>") + 2 if xml.startswith(b"<?xml") else 0
    assert code_of(repacked(body, **{part: xml[:start] + inner + xml[start:]})) == "file_entities"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "table_empty"),
        (b" ,\n", "table_empty"),
        (b"PK\x03\x04 broken", "file_unreadable"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "file_unreadable"),
        (b"\xff\xff\xff,\xff", "file_unreadable"),
        (b'a,"' + b"x" * 200_000, "file_unreadable"),
    ],
)
def test_what_is_no_table_is_refused_kindly(body: bytes, code: str) -> None:
    assert code_of(body, "x.csv") == code


def test_limits_hold() -> None:
    assert code_of(b"a\n" * 6, "x.csv", Limits(most_rows=5)) == "table_too_long"
    assert code_of(b"a" * 11, "x.csv", Limits(largest_bytes=10)) == "file_too_large"
    assert code_of(workbook(*[("a",)] * 6), limits=Limits(most_rows=5)) == "table_too_long"


@pytest.mark.parametrize("way", ["workbook", "csv", "pasted"])
def test_columns_that_are_not_read_are_named(way: str) -> None:
    rows = [(*(f"列{at}" for at in range(60)), "税率", "", "备注", ""), ("甲", *[""] * 61, "乙", "")]
    text = "\n".join("\t".join(row) for row in rows)
    tables = {
        "workbook": lambda: read_table(workbook(*rows), "x.xlsx"),
        "csv": lambda: read_table(text.replace("\t", ",").encode(), "x.csv"),
        "pasted": lambda: read_pasted(text),
    }
    table = tables[way]()
    assert [len(row.texts) for row in table.rows] == [60, 60]
    (notice,) = table.notices
    assert notice.zh.startswith("只读前 60 列（A 到 BH），BI 到 BK 列没有读（“税率”“备注”）。请把要用的列移到前 60 列")
    assert "are read; columns BI to BK are not (“税率”, “备注”). Move" in notice.en


def test_a_table_that_is_read_whole_says_nothing() -> None:
    assert read_pasted("\t".join([*("ab" * 30), "", " ", ""])).notices == ()
    one = read_pasted("\t".join("a" * 61)).notices[0]
    many = read_pasted("\t".join("abcdefgh" * 10)).notices[0]
    assert ("BI 列没有读（“a”）" in one.zh, "column BI is not (“a”)" in one.en) == (True, True)
    assert ("BI 到 CB 列没有读（“e”“f”“g”等）" in many.zh, "(“e”, “f”, “g” …)" in many.en) == (True, True)


def test_columns_have_letters() -> None:
    assert [letter(column) for column in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


CELL = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=20)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=6), st.sampled_from([write_csv, write_xlsx]))
def test_whatever_is_exported_is_imported_the_same(rows: list[tuple[str, str]], write: object) -> None:
    with write(Sheet("x", [Column("甲"), Column("乙")], rows)) as file:  # type: ignore[operator]
        found = read_table(file.read(), "x").rows
    by_number = {row.number: (row.text(0), row.text(1)) for row in found}
    for number, row in enumerate(rows, 2):
        kept = by_number.get(number, ("", ""))
        assert kept == row or not any(cell.strip() for cell in row)


@given(st.text(st.sampled_from("'=+-@＝a1 \t"), max_size=8))
def test_no_text_is_left_that_a_spreadsheet_would_run(text: str) -> None:
    assert harmless(text).strip()[:1] not in {*"=+-@＝＋－＠"} or harmless(text).startswith("'")


BOOK = workbook(*ROWS)


@given(st.lists(st.tuples(st.integers(0, len(BOOK) - 1), st.integers(0, 255)), min_size=1, max_size=12))
def test_damaged_workbooks_are_read_or_refused_kindly(changes: list[tuple[int, int]]) -> None:
    body = bytearray(BOOK)
    for place, value in changes:
        body[place] = value
    with contextlib.suppress(SpreadsheetError):
        assert read_table(bytes(body), "x.xlsx").rows


@given(st.binary(max_size=300))
def test_anything_is_a_table_or_a_kind_refusal(body: bytes) -> None:
    with contextlib.suppress(SpreadsheetError):
        assert read_table(body, "x").rows
