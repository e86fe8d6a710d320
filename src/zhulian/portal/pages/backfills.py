"""历史数据导入: files of past readings of one enterprise; upload, say what the columns are, look, begin, watch.

Carrying is done by a child of the jobs process (:mod:`zhulian.portal.backfill_carrier`); pages may be left at any time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhulian.backfill import queries, workflows
from zhulian.backfill.queries import BackfillRow
from zhulian.backfill.rules import BackfillRefused
from zhulian.organisations.queries import enterprise
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.portal import exports
from zhulian.portal.exports import Column, as_file, every
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import number, size
from zhulian.vocabulary.errors import Text, ZhulianError

if TYPE_CHECKING:
    from zhulian.telemetry.backfill.preview import Preview

TIME_FORMS = (
    ("auto", Text("年在前，或 1970 年起的计数", "Year first, or a count since 1970")),
    ("mdy", Text("月/日/年", "Month/day/year")),
    ("dmy", Text("日/月/年", "Day/month/year")),
    ("s", Text("1970 年起的秒", "Seconds since 1970")),
    ("ms", Text("1970 年起的毫秒", "Milliseconds since 1970")),
    ("us", Text("1970 年起的微秒", "Microseconds since 1970")),
)
ZONES = (("Asia/Shanghai", Text("北京时间", "China Standard Time")), ("UTC", Text("世界时 UTC", "UTC")))
QUALITY_FORMS = (
    ("opc", Text("OPC：192 为好，0 为坏", "OPC: 192 is good, 0 is bad")),
    ("own", Text("0 好，1 可疑，2 坏", "0 good, 1 uncertain, 2 bad")),
)
MOST_NAMES = 200
"""Names that can be chosen for on the page; those that it has no room for stay as they are."""
COLUMNS: tuple[Column[BackfillRow], ...] = (
    Column(Text("文件", "File"), lambda one: one.filename, 40),
    Column(Text("状态", "State"), lambda one: one.state_words, 12),
    Column(Text("行数", "Rows"), lambda one: one.rows, 12),
    Column(Text("读数", "Readings"), lambda one: one.found, 12),
    Column(Text("新入库", "New"), lambda one: one.new, 12),
    Column(Text("已有", "Known"), lambda one: one.known, 12),
    Column(Text("隔离", "Set aside"), lambda one: one.aside, 12),
    Column(Text("未收", "Refused"), lambda one: one.refused_total, 12),
    Column(Text("导入人", "By"), lambda one: one.person_name, 16),
    Column(Text("上传时间", "Uploaded at"), lambda one: exports.local(one.created_at), 20),
    Column(Text("完成时间", "Ended at"), lambda one: exports.local(one.ended_at), 20),
)


@dataclass(frozen=True, slots=True)
class Named:
    """A name in the file and the point that it is, as people write it; "" leaves it out.

    ``readings`` are those in the rows that were looked at; None when there are more rows and it is in them.
    """

    name: str
    words: str
    readings: int | None


@require_http_methods(["GET", "HEAD", "POST"])
@page
def backfills(request: Visit, enterprise_id: int) -> HttpResponseBase:
    """The enterprise's files, newest first, and the way in for another."""
    found, fault = enterprise(request.rights, enterprise_id), None
    may = workflows.may_backfill(request.rights, enterprise_id)
    if request.method == "POST":
        try:
            return redirect("backfill", _uploaded(request, enterprise_id))
        except (NotVisibleError, NotAllowedError):
            raise
        except ZhulianError as refused:
            fault = refused
    if not may:
        raise PermissionDenied
    text = request.GET.get("q", "")[:120]
    if exports.is_asked(request):
        rows = every(lambda n: queries.backfills(request.rights, enterprise_id, text, n, 500))
        return exports.export(request, Text("历史数据导入", "Imports of past readings"), COLUMNS, rows)
    values = {
        "enterprise": found,
        "found": queries.backfills(
            request.rights, enterprise_id, text, number(request.GET, "page", 1), size(request.GET)
        ),
        "text": text,
        "fault": fault,
        "most_mb": workflows.most_upload_mb(),
    }
    return render(request, "pages/backfills.html", values, status=422 if fault else 200)


def _uploaded(request: Visit, enterprise_id: int) -> int:
    file = request.FILES.get("file")
    if file is None:
        raise BackfillRefused(
            "backfill_no_file",
            Text("没有收到文件。", "No file arrived."),
            Text("请选择一个 CSV 或 Parquet 文件。", "Choose a CSV or Parquet file."),
        )
    return workflows.upload(request.rights, enterprise_id, str(file.name), file.chunks())


@require_safe
@page
def backfill(request: Visit, backfill_id: int) -> HttpResponseBase:
    """One file: a draft with its columns and what it would give, or how far it is and what came of it."""
    return _show(request, backfill_id)


def _show(request: Visit, backfill_id: int, fault: ZhulianError | None = None) -> HttpResponseBase:
    row = queries.backfill(request.rights, backfill_id)
    if not workflows.may_backfill(request.rights, row.enterprise):
        raise PermissionDenied
    values: dict[str, object] = {"row": row, "fault": fault, "refused": _refused_words(row.refused)}
    if row.state == "draft":
        try:
            values |= _draft(request, row)
        except ZhulianError as refused:
            values["fault"] = fault or refused
    else:
        values |= _taken(request, row)
    return render(request, "pages/backfill.html", values, status=422 if fault else 200)


def _draft(request: Visit, row: BackfillRow) -> dict[str, object]:
    head = queries.head(request.rights, row.id, row.layout.header)
    points = queries.point_names(request.rights, row.enterprise)
    seen = queries.preview_of(request.rights, row.id, row.layout)
    names = _names(row, seen, {one.id: one.words for one in points})
    return {
        "titles": head.titles,
        "sample": [
            [one.get(title, "") for title in head.titles]
            for one in queries.first_rows(request.rights, row.id, row.layout.header)
        ],
        "seen": seen,
        "points": points,
        "names": names[:MOST_NAMES],
        "unlisted": max(len(names) - MOST_NAMES, 0),
        "time_forms": TIME_FORMS,
        "zones": ZONES,
        "quality_forms": QUALITY_FORMS,
        "refused": _refused_words(seen.refused),
        "examples": [(one, _reason(one.why)) for one in seen.examples[:20]],
    }


def _taken(request: Visit, row: BackfillRow) -> dict[str, object]:
    """What the file was read as, once that is settled."""
    words = {one.id: one.words for one in queries.point_names(request.rights, row.enterprise)}
    taken = [(name, words.get(point, f"#{point}")) for name, point in sorted(row.layout.points.items())]
    zone = row.layout.zone
    return {"zone": dict(ZONES).get(zone, Text(zone, zone)), "taken": taken[:MOST_NAMES]}


def _names(row: BackfillRow, seen: "Preview", words: dict[int, str]) -> list[Named]:
    points = row.layout.points
    nothing = 0 if seen.is_whole else None
    known = [Named(name, words.get(point, ""), seen.by_point.get(point, nothing)) for name, point in points.items()]
    others = (name for name in {**dict.fromkeys(row.names), **seen.unknown} if name not in points)
    left = [Named(name, "", seen.unknown.get(name, nothing)) for name in others]
    return [*sorted(known, key=lambda one: one.name), *left]


def _reason(why: str) -> Text:
    from zhulian.telemetry.backfill.rows import REASONS  # noqa: PLC0415 - Arrow takes 80 MB of the process

    return REASONS[why]  # type: ignore[index]


def _refused_words(counts: dict[str, int]) -> list[tuple[Text, int]]:
    return [(_reason(why), count) for why, count in counts.items()] if counts else []


@require_POST
@page
def backfill_columns(request: Visit, backfill_id: int) -> HttpResponseBase:
    """Say which column is what, and which point each name is."""
    post = request.POST
    wanted = ("shape", "time", "name", "value", "quality", "time_form", "zone", "quality_form")
    chosen: dict[str, object] = {name: post[name] for name in wanted if name in post}
    if chosen.get("shape") == "wide":
        chosen |= {"name": "", "value": "", "quality": ""}
    chosen["header"] = number(post, "header", 1)
    kept = queries.backfill(request.rights, backfill_id).layout.points
    points = {name: f"#{point}" for name, point in kept.items()}
    points |= dict(zip(post.getlist("named"), post.getlist("point"), strict=False))
    return _act(
        request, backfill_id, lambda: workflows.choose(request.rights, backfill_id, chosen, points), _("设定已保存。")
    )


@require_POST
@page
def backfill_begin(request: Visit, backfill_id: int) -> HttpResponseBase:
    """Begin, or go on."""
    return _act(
        request, backfill_id, lambda: workflows.begin(request.rights, backfill_id), _("已开始，可以离开这一页。")
    )


@require_POST
@page
def backfill_stop(request: Visit, backfill_id: int) -> HttpResponseBase:
    """Stop it; a draft is forgotten."""
    row = queries.backfill(request.rights, backfill_id)
    if row.state == "draft":
        workflows.stop(request.rights, backfill_id)
        messages.success(request, _("已放弃，没有读数入库。"))
        return redirect("backfills", row.enterprise)
    return _act(
        request,
        backfill_id,
        lambda: workflows.stop(request.rights, backfill_id),
        _("已停止；已入库的读数保留，可以随时继续。"),
    )


def _act(request: Visit, backfill_id: int, act: Callable[[], None], done: str) -> HttpResponseBase:
    try:
        act()
    except (NotVisibleError, NotAllowedError):
        raise
    except ZhulianError as fault:
        return _show(request, backfill_id, fault)
    messages.success(request, done)
    return redirect("backfill", backfill_id)


@require_safe
@page
def backfill_progress(request: Visit, backfill_id: int) -> HttpResponseBase:
    """How far it is; asked every two seconds by the page, which loads anew at the end."""
    row = queries.backfill(request.rights, backfill_id)
    if not workflows.may_backfill(request.rights, row.enterprise):
        raise PermissionDenied
    answer = render(request, "pages/backfill_progress.html", {"row": row})
    if row.state not in {"waiting", "running"}:
        answer["HX-Refresh"] = "true"
    return answer


@require_safe
@page
def backfill_refused(request: Visit, backfill_id: int) -> HttpResponseBase:
    """What became no reading, row by row."""
    row = queries.backfill(request.rights, backfill_id)
    if not workflows.may_backfill(request.rights, row.enterprise):
        raise PermissionDenied
    path = queries.refused_file(request.rights, backfill_id)
    if path is None:
        return redirect("backfill", backfill_id)
    name = _("%(file)s 未收的行") % {"file": row.filename.rsplit(".", 1)[0]}
    return as_file(path.open("rb"), name, "csv", "text/csv; charset=utf-8")
