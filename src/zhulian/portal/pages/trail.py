"""操作日志: what was done by whom; one entry with old and new; verification on the screen; the verifiable file.

Auditors and administrators read all of it, owners what concerns their enterprise. There is nothing to edit.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.http import QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from zhulian.audit import queries, workflows
from zhulian.audit.queries import EntryFilter
from zhulian.audit.rules import Sight, Subject
from zhulian.audit.rules.canonical import Entry
from zhulian.organisations import queries as records
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.portal import exports, trail_words
from zhulian.portal.exports import Column
from zhulian.portal.looks import capacity
from zhulian.portal.menu import read_trail
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.vocabulary.clock import SHANGHAI, to_time_us
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.roles import READ_TRAIL
from zhulian.wire.credentials import load_or_create_key, public_text

MOST_ON_SCREEN = 5_000
"""Entries that a page verifies while somebody waits; the command verifies any number."""
MOST_NAMESAKES = 100
PAGES = {"enterprise": "enterprise", "machine": "machine", "gateway": "gateway"}
"""Subject kinds with a page of their own."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as a person reads it."""

    entry: Entry
    sentence: str
    capacity: str
    changes: list[trail_words.Change]

    @property
    def time_us(self) -> int:
        """When."""
        return to_time_us(datetime.fromisoformat(self.entry.time))

    @property
    def in_short(self) -> str:
        """The first changes on one line."""
        return trail_words.in_short(self.changes)

    @property
    def href(self) -> str:
        """The page of what it was done to."""
        name = PAGES.get(self.entry.subject_kind)
        return reverse(name, args=[int(self.entry.subject)]) if name and self.entry.subject.isdigit() else ""


def line(entry: Entry) -> Line:
    """An entry in the language of the page."""
    return Line(entry, trail_words.sentence(entry), trail_words.capacity(entry.capacity), trail_words.changes(entry))


def sight(scope: Scope) -> Sight:
    """Whose entries this person may read; for most people nobody's."""
    return Sight(everything=True) if scope.roles & READ_TRAIL else Sight(owners=scope.owns)


def whole(scope: Scope) -> None:
    """Refuse everybody who may not read all of the trail."""
    if not scope.roles & READ_TRAIL:
        raise NotAllowedError


@require_safe
@page
def trail(request: Visit) -> HttpResponseBase:
    """The newest first; all filters stand in the address."""
    seen, wanted = sight(request.rights), entry_filter(request)
    if exports.is_asked(request):
        rows = map(line, queries.every_entry(seen, wanted))
        source = Text("操作日志（筛选后的表，不可单独校验）", "Audit trail (a filtered table cannot be verified)")
        return exports.export(request, Text("操作日志", "Audit trail"), COLUMNS, rows, source=source)
    found = queries.entries(seen, wanted, number(request.GET, "page", 1), size(request.GET))
    values = {
        "found": found,
        "lines": [line(row) for row in found.rows],
        "asked": request.GET,
        "kept": [(name, request.GET[name]) for name in ("kind", "id", "organisation") if request.GET.get(name)],
        "groups": [(word, trail_words.said(name)) for word, name in trail_words.GROUPS.items()],
        "sizes": PAGE_SIZES,
        "is_narrowed": wanted != EntryFilter(),
        "sees_all": seen.everything,
        "may_read": read_trail(request.rights),
    }
    return render(request, "pages/trail.html", values)


COLUMNS: tuple[Column[Line], ...] = (
    Column(Text("序号", "Number"), lambda row: row.entry.sequence, 10),
    Column(Text("时间", "Time"), lambda row: exports.local(datetime.fromisoformat(row.entry.time)), 20),
    Column(Text("操作人", "Person"), lambda row: trail_words.who(row.entry), 14),
    Column(Text("单位与角色", "Organisation and role"), lambda row: row.capacity, 26),
    Column(Text("操作", "What"), lambda row: row.sentence, 48),
    Column(Text("对象", "Subject"), lambda row: row.entry.subject_name, 30),
    Column(Text("变更", "Changes"), lambda row: trail_words.in_short(row.changes, 100), 60),
    Column(Text("说明", "Note"), lambda row: row.entry.note, 30),
    Column(Text("哈希", "Hash"), lambda row: row.entry.hash, 66),
)


def entry_filter(request: Visit) -> EntryFilter:
    """The filters of the list as its address carries them."""
    asked = request.GET
    action = asked.get("action", "")[:64]
    return EntryFilter(
        person=asked.get("person", "")[:80],
        subject=asked.get("subject", "")[:80],
        kind=asked.get("kind", "")[:32],
        subject_id=asked.get("id", "")[:64],
        actions=(action,) if action else (),
        organisations=_organisations(request.rights, asked),
        since=_midnight(asked.get("since", "")),
        until=_midnight(asked.get("until", ""), days=1),
    )


def _organisations(scope: Scope, asked: QueryDict) -> frozenset[int] | None:
    """The enterprises whose name holds the words that were typed, or the one whose number was linked."""
    text = asked.get("enterprise", "").strip()[:80]
    if not text:
        linked = number(asked, "organisation", 0)
        return frozenset({linked}) if linked else None
    named = records.EnterpriseFilter(text=text)
    return frozenset(row.id for row in records.enterprises(scope, named, 1, MOST_NAMESAKES).rows)


def _midnight(text: str, days: int = 0) -> datetime | None:
    """The beginning of a day in the city, ``days`` later; nothing for what is no day."""
    try:
        return datetime.combine(date.fromisoformat(text) + timedelta(days=days), time.min, SHANGHAI)
    except (ValueError, OverflowError):
        return None


@require_safe
@page
def entry(request: Visit, sequence: int) -> HttpResponseBase:
    """One entry: old and new, hash and the hash before; whether its content gives its hash."""
    found = queries.entry(sight(request.rights), sequence)
    if found is None:
        raise NotVisibleError(Text("记录", "entry"))
    values = {"line": line(found), "is_intact": found.computed_hash() == found.hash}
    return render(request, "pages/trail_entry.html", values)


@require_safe
@page
def check(request: Visit) -> HttpResponseBase:
    """The newest entries verified as an export would be, and the head to keep elsewhere."""
    whole(request.rights)
    key = load_or_create_key(settings.ZHULIAN.data.keys / "platform.pem")
    standing = queries.standing()
    report = queries.check(key, MOST_ON_SCREEN)
    values = {
        "report": report,
        "is_all": report.first == 1,
        "kind": trail_words.said(trail_words.KINDS[report.fault.kind]) if report.fault else "",
        "standing": standing,
        "anchored_us": to_time_us(datetime.fromisoformat(standing.anchor.time)) if standing.anchor else None,
        "key": public_text(key),
    }
    return render(request, "pages/trail_check.html", values)


@require_safe
@page
def file(request: Visit) -> HttpResponseBase:
    """The trail, or ``first`` to ``last`` of it, as a file that verifies with nothing else; streamed."""
    whole(request.rights)
    key = load_or_create_key(settings.ZHULIAN.data.keys / "platform.pem")
    first, last = number(request.GET, "first", 1), number(request.GET, "last", 0)
    subject = Subject("table", "trail", "操作日志")
    workflows.record(
        actor(request.rights),
        "export.trail",
        subject,
        organisation=None,
        changes={"first": (None, first), "last": (None, last or None)},
        capacity=capacity(request.rights),
    )
    workflows.anchor(key)
    lines = queries.trail_lines(key, settings.ZHULIAN["ZHULIAN_AUDIT_HASH"], first, last or None)
    answer = StreamingHttpResponse(lines, content_type="application/jsonl; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="zhulian-audit-{first}.jsonl"'
    return answer
