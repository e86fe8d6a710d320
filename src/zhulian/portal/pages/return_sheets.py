"""A form as a workbook and back: a column for each question, drop-downs for options, faults by row and column."""

from dataclasses import dataclass, field
from typing import BinaryIO

from django.utils.translation import gettext as _

from zhulian.portal.templatetags.zhulian import said
from zhulian.returns.queries import ReturnPage
from zhulian.returns.rules import NO, YES, Put, read, written
from zhulian.spreadsheets.headers import Words, data_rows, find_header
from zhulian.spreadsheets.reading import read_table
from zhulian.spreadsheets.tables import letter
from zhulian.spreadsheets.writing import TemplateColumn, write_template
from zhulian.vocabulary.errors import Text


@dataclass(frozen=True, slots=True)
class SheetAnswers:
    """What a workbook said: answers by key as typed, and what is wrong by row and column."""

    answers: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def title_of(one: Put) -> str:
    """A column's title: the fact's name with the unit in which it is typed, always in Chinese: people send files on."""
    unit = "（万元）" if one.fact.kind == "fen" else "（%）" if one.fact.kind == "ratio" else ""
    return f"{one.fact.name.zh}{unit}"


def template(shown: ReturnPage) -> BinaryIO:
    """The workbook to fill in: the example row shows how an answer looks."""
    columns = [_column(one) for one in shown.questions]
    rows = [(title_of(one), said(one.question.ask), said(one.question.help)) for one in shown.questions]
    return write_template(shown.row.title, columns, _("填写说明"), rows)


def read_sheet(shown: ReturnPage, body: bytes, filename: str) -> SheetAnswers:
    """The first filled row below the example; unknown columns are left alone."""
    table = read_table(body, filename)
    words = Words({one.question.key: (title_of(one), one.fact.name.zh, one.fact.name.en) for one in shown.questions})
    header = find_header(table, words)
    found = SheetAnswers()
    rows = data_rows(table, header) if header else []
    examples = tuple(_example(one) for one in shown.questions)
    rows = [row for row in rows if tuple(row.texts[: len(examples)]) != examples]
    if header is None or not rows:
        found.faults.append(_("文件里没有找到填写的内容：请用下载的模板，在灰色示例行下面填一行。"))
        return found
    for one in shown.questions:
        column = header.columns.get(one.question.key)
        text = rows[0].text(column) if column is not None else ""
        if column is not None and text.strip():
            _take(found, one, text, f"{letter(column)}{rows[0].number}")
    return found


def _take(found: SheetAnswers, one: Put, text: str, cell: str) -> None:
    """Kept as typed in any case; a wrong one is named as well."""
    value = read(one.question, one.fact, text)
    if isinstance(value, Text):
        found.faults.append(
            _("单元格 %(cell)s（%(title)s）：%(reason)s。")
            % {"cell": cell, "title": title_of(one), "reason": said(value)}
        )
        found.answers[one.question.key] = text
    else:
        found.answers[one.question.key] = written(one.fact, value)


def _column(one: Put) -> TemplateColumn:
    choices = [name.zh for name in one.question.options.values()] if one.fact.kind != "options" else []
    if one.fact.kind == "flag":
        choices = [YES.zh, NO.zh]
    return TemplateColumn(
        title=title_of(one),
        help=said(one.question.ask),
        example=_example(one),
        is_required=one.question.is_needed,
        choices=choices,
        width=24,
    )


def _example(one: Put) -> str:
    if one.fact.kind == "flag":
        return YES.zh
    if one.question.options:
        return next(iter(one.question.options.values())).zh
    return "100"
