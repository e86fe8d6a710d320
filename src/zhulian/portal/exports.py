"""Every list as a file: all rows that the filters on screen leave, as Excel or csv, in a few lines of the list's page.

A list page that is asked with ``form=xlsx`` or ``form=csv`` answers with :func:`export` instead of its page, so the
address of the file is the address of the list, and its filters are read once. The template shows the links with
``{% export_links %}``::

    if exports.is_asked(request):
        return exports.export(request, NAME, COLUMNS, exports.every(lambda n: queries.machines(scope, wanted, n, 500)))
"""

import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Generic, TypeVar
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, HttpRequest

from zhulian.organisations.rules import RecordsError
from zhulian.organisations.tenancy import visible_to
from zhulian.portal.looks import listed, table, taken
from zhulian.portal.templatetags.zhulian import said
from zhulian.spreadsheets.writing import WRITERS, Sheet, Value
from zhulian.spreadsheets.writing import Column as Head
from zhulian.vocabulary.clock import SHANGHAI, system_clock, to_datetime
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import Page

R = TypeVar("R")
SAMPLE, NOTES = Text("演示数据", "Sample data"), Text("说明", "Notes")


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column of a list on its way out: its title, what it takes from a row, its width in signs."""

    title: Text
    value: Callable[[R], Value | Text]
    width: float = 18


class Download(FileResponse):
    """A file on disk in portions, also under ASGI, where Django would first gather the whole of it in memory."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self:
            yield part


def is_asked(request: HttpRequest) -> bool:
    """Whether the list is wanted as a file."""
    return bool(request.GET.get("form"))


def every(page_of: Callable[[int], Page[R]]) -> Iterator[R]:
    """All rows of a paged query, page by page."""
    number, pages = 1, 1
    while number <= pages:
        page = page_of(number)
        yield from page.rows
        number, pages = number + 1, page.pages


def export(
    request: HttpRequest,
    name: Text,
    columns: Sequence[Column[R]],
    rows: Iterable[R],
    *,
    source: Text | None = None,
    hidden: int | None = None,
    is_sample: Callable[[R], bool] | None = None,
    owners: Callable[[R], Iterable[int | None]] | None = None,
) -> Download:
    """The list as the file that ``form`` asks for.

    ``is_sample`` marks the rows of sample data, each by itself and the file in its name. ``owners`` tells whose data a
    row holds: they read who took it along, and the file says how many enterprises rights hide; a list of something else
    that rights may hide counts that itself and says it with ``hidden``.
    """
    counted, scope = _Counted(), visible_to(request.user)
    if owners is not None and hidden is None:
        hidden = scope.hidden_enterprises()
    mark: Column[R] = Column(Text("标记", "Mark"), lambda row: SAMPLE if is_sample and is_sample(row) else "", 12)
    shown = [*columns, mark] if is_sample else columns
    sheet = Sheet(
        name=said(name),
        columns=[Head(said(column.title), column.width) for column in shown],
        rows=counted.over(rows, shown, is_sample, owners),
        notes=_Notes(request, counted, source, hidden),
        notes_name=said(NOTES),
    )
    form = request.GET.get("form", "xlsx")
    file = download(sheet, form, counted)
    where = request.resolver_match.url_name if request.resolver_match else ""
    subject = table(where or "", name)
    listed(scope, subject, counted.owners)
    taken(scope, subject, counted.number, form, filters=request.get_full_path())
    return file


def download(sheet: Sheet, form: str, counted: "_Counted | None" = None) -> Download:
    """A sheet written to disk and sent from there."""
    if form not in WRITERS:
        raise refused("格式只有 csv 和 xlsx", "the forms are csv and xlsx")
    content_type, write = WRITERS[form]
    file = write(sheet)
    has_sample = bool(sheet.sample_words) or (counted is not None and counted.has_sample)
    return as_file(file, sheet.name, form, content_type, is_sample=has_sample)


def as_file(file: BinaryIO, name: str, ending: str, content_type: str, *, is_sample: bool = False) -> Download:
    """Any file under a name in the reader's language with the day, and the mark of sample data."""
    mark = f" {said(SAMPLE)}" if is_sample else ""
    day = to_datetime(system_clock()).astimezone(SHANGHAI).strftime("%Y-%m-%d")
    full = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", f"{name} {day}{mark}.{ending}")
    answer = Download(file, content_type=content_type)
    answer["Content-Disposition"] = f"attachment; filename=\"zhulian.{ending}\"; filename*=UTF-8''{quote(full)}"
    return answer


def local(moment: datetime | None) -> datetime | None:
    """A time of the records as pages show it, in Shanghai; files carry no zones."""
    return moment.astimezone(SHANGHAI).replace(tzinfo=None) if moment else None


class _Counted:
    """Counts rows while they pass, because the notes come after them."""

    def __init__(self) -> None:
        self.number = 0
        self.has_sample = False
        self.owners: set[int | None] = set()

    def over(
        self,
        rows: Iterable[R],
        columns: Sequence[Column[R]],
        is_sample: Callable[[R], bool] | None,
        owners: Callable[[R], Iterable[int | None]] | None,
    ) -> Iterator[Sequence[Value]]:
        for row in rows:
            self.number += 1
            if owners:
                self.owners.update(owners(row))
            self.has_sample = self.has_sample or bool(is_sample and is_sample(row))
            yield [_value(column.value(row)) for column in columns]


@dataclass(frozen=True, slots=True)
class _Notes:
    """What the file says about itself; read after the rows were written."""

    request: HttpRequest
    counted: _Counted
    source: Text | None
    hidden: int | None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        now = to_datetime(system_clock()).astimezone(SHANGHAI)
        if self.counted.has_sample:
            yield said(SAMPLE), said(Text("是", "yes"))
        address = f"{settings.ZHULIAN.portal_url}{self.request.get_full_path()}"
        if self.source is not None:
            yield said(Text("来源", "Source")), said(self.source)
        yield said(Text("列表地址（含筛选）", "Address with filters")), address
        yield said(Text("导出时间", "Exported at")), now.strftime("%Y-%m-%d %H:%M:%S")
        yield said(Text("行数", "Rows")), str(self.counted.number)
        if self.hidden is not None:
            yield said(Text("权限以外", "Beyond your rights")), str(self.hidden)
        yield said(Text("时区", "Time zone")), "Asia/Shanghai (UTC+8)"


def _value(value: Value | Text) -> Value:
    return said(value) if isinstance(value, Text) else value


def refused(zh: str, en: str) -> RecordsError:
    """A wish that no file can fulfil."""
    return RecordsError(
        "export_wrong",
        Text(f"不能这样导出：{zh}。", f"It cannot be exported like this: {en}."),
        Text("请回到页面重新选择。", "Go back to the page and choose again."),
    )
