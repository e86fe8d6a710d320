"""谁看过我的数据: who of other organisations looked at one's files, machines and figures, when and how often."""

from dataclasses import dataclass
from datetime import date

from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhulian.audit import queries
from zhulian.audit.queries import Look, LookFilter
from zhulian.portal import exports, trail_words
from zhulian.portal.exports import Column
from zhulian.portal.menu import read_trail
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.pages.trail import sight
from zhulian.vocabulary.clock import to_time_us
from zhulian.vocabulary.errors import Text


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody's looks at one thing on one day, as the owner reads them."""

    look: Look
    capacity: str
    what: str

    @property
    def first_us(self) -> int:
        """The first look of the day."""
        return to_time_us(self.look.first_at)

    @property
    def last_us(self) -> int:
        """The last look of the day."""
        return to_time_us(self.look.last_at)


def line(look: Look) -> Line:
    """In the language of the page."""
    return Line(look, trail_words.capacity(look.capacity), trail_words.said(trail_words.LOOKS[look.what]))


@require_safe
@page
def looks(request: Visit) -> HttpResponseBase:
    """The latest day first; all filters stand in the address."""
    seen, wanted = sight(request.rights), look_filter(request.GET)
    if exports.is_asked(request):
        rows = map(line, queries.every_look(seen, wanted))
        return exports.export(request, Text("谁看过我的数据", "Who looked at my data"), COLUMNS, rows, source=SOURCE)
    found = queries.looks(seen, wanted, number(request.GET, "page", 1), size(request.GET))
    values = {
        "found": found,
        "lines": [line(row) for row in found.rows],
        "times": queries.look_times(seen, wanted),
        "asked": request.GET,
        "kinds": [(word, trail_words.said(name)) for word, name in trail_words.LOOKS.items()],
        "sizes": PAGE_SIZES,
        "is_narrowed": wanted != LookFilter(),
        "sees_all": seen.everything,
        "may_read": read_trail(request.rights),
    }
    return render(request, "pages/looks.html", values)


def look_filter(asked: QueryDict) -> LookFilter:
    """The filters of the list as its address carries them."""
    return LookFilter(
        who=asked.get("who", "")[:80],
        what=asked.get("what", "")[:64],
        since=_day(asked.get("since", "")),
        until=_day(asked.get("until", "")),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


SOURCE = Text("操作日志", "Audit trail")
COLUMNS: tuple[Column[Line], ...] = (
    Column(Text("日期", "Day"), lambda row: row.look.day.isoformat(), 12),
    Column(Text("查看人", "Who"), lambda row: row.look.who, 14),
    Column(Text("单位与角色", "Organisation and role"), lambda row: row.capacity, 26),
    Column(Text("看了什么", "What"), lambda row: row.what, 18),
    Column(Text("对象", "Subject"), lambda row: row.look.subject_name, 30),
    Column(Text("次数", "Times"), lambda row: row.look.times, 8),
    Column(Text("首次", "First"), lambda row: exports.local(row.look.first_at), 20),
    Column(Text("最近一次", "Last"), lambda row: exports.local(row.look.last_at), 20),
    Column(Text("日志序号", "Entry"), lambda row: row.look.sequence, 10),
)
