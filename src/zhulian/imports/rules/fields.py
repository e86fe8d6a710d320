"""The description of one column, and how the cells of a row become a draft with faults and warnings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from zhulian.spreadsheets.cells import Given
from zhulian.spreadsheets.tables import Remark
from zhulian.vocabulary.errors import Text

Value = str | int | bool | None
REQUIRED = Text("必填，不能为空", "is required and empty")


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a kind of import. ``read`` gives the value as the record keeps it, or why there is none."""

    name: str
    title: Text
    aliases: tuple[str, ...]
    help: Text
    example: str
    read: Callable[[Given], "Value | Text"]
    show: Callable[["Value"], Text] = lambda value: Text("" if value is None else str(value), str(value or ""))
    warn: Callable[[Given], Text | None] = lambda _given: None
    is_required: bool = False
    choices: tuple[str, ...] = ()
    is_text: bool = False
    width: int = 18


@dataclass(frozen=True, slots=True)
class Note:
    """One fault or warning; ``field`` is empty for the row as a whole."""

    field: str
    reason: Text


@dataclass(frozen=True, slots=True)
class RowCells:
    """A row as it came. ``remarks`` by column (from 0)."""

    number: int
    cells: Sequence[str]
    remarks: Mapping[int, Remark]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a row says: values of the fields that are not empty, and what is wrong with the others."""

    number: int
    values: Mapping[str, Value]
    faults: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """A draft held against the register. ``changes`` is field → (old, new); a new record has no ``target``."""

    target: int | None = None
    target_name: str = ""
    seen: int | None = None
    changes: Mapping[str, tuple[object, object]] = field(default_factory=dict)
    faults: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()


_FORMULA = Text("是公式，用的是 Excel 上次算出的值", "is a formula; the value that Excel last showed was used")


def read_row(fields: Sequence[Field], mapping: Mapping[str, int], units: Sequence[str], row: RowCells) -> Draft:
    """Every mapped cell of a row, read; an empty cell says nothing, except where something is required."""
    values: dict[str, Value] = {}
    faults: list[Note] = []
    warnings: list[Note] = []
    for one in fields:
        column = mapping.get(one.name)
        if column is None:
            continue
        text = row.cells[column] if column < len(row.cells) else ""
        remark = row.remarks.get(column)
        given = Given(text, remark, units[column] if column < len(units) else "")
        found = _excel_fault(remark) or (one.read(given) if text.strip() else None)
        if isinstance(found, Text):
            faults.append(Note(one.name, found))
        elif found is None and one.is_required:
            faults.append(Note(one.name, REQUIRED))
        elif found is not None:
            values[one.name] = found
            warnings += [Note(one.name, words) for words in (one.warn(given), _excel_warning(remark)) if words]
    return Draft(row.number, values, tuple(faults), tuple(warnings))


def _excel_fault(remark: Remark | None) -> Text | None:
    if remark is Remark.FORMULA_UNKNOWN:
        return Text(
            "是公式，而文件里没有存它的结果；请在 Excel 里打开、保存后再上传，或改成数值",
            "is a formula whose result is not stored; open and save the file in Excel, or enter the value",
        )
    if remark is Remark.ERROR:
        return Text("是 Excel 的错误值，请改成正确内容", "is an error value of Excel; enter what it should be")
    return None


def _excel_warning(remark: Remark | None) -> Text | None:
    return _FORMULA if remark is Remark.FORMULA else None
