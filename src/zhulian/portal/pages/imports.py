"""Imports on the pages: choose a file, look at what it would do, correct it, commit, watch, undo.

Committing goes on in a thread of the web process, so that the page can be left; what has been written is known to the
records, and a run that a crash has stopped is continued from its page.
"""

import logging
import threading
from collections.abc import Callable, Sequence

from django.conf import settings
from django.contrib import messages
from django.db import connections
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhulian.imports import queries, workflows
from zhulian.imports.queries import STALLED_AFTER_S, PreviewRow, RunFilter, RunRow, Spot
from zhulian.imports.rules import JUDGEMENT_WORDS, STATE_WORDS, ImportsError, may_still_be_undone
from zhulian.imports.workflows import KINDS, LIMITS, Kind, RowSeen, kind_named
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, RecordsError
from zhulian.organisations.tenancy import Scope
from zhulian.portal import exports
from zhulian.portal.exports import Column, as_file, every
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import number, size
from zhulian.portal.templatetags.zhulian import said
from zhulian.spreadsheets.tables import letter
from zhulian.spreadsheets.writing import XLSX, MarkedRow, TemplateColumn, write_marked, write_template
from zhulian.vocabulary.errors import Text, ZhulianError

_log = logging.getLogger(__name__)
SHOWN = ("fault", "warned", "new", "change", "same")
REASON = Text("导入结果", "Import result")


@require_safe
@page
def imports(request: Visit) -> HttpResponseBase:
    """One's own imports, newest first, and what one may import."""
    wanted = RunFilter(*(request.GET.get(name, "")[:120] for name in ("q", "kind", "state")))
    if exports.is_asked(request):
        rows = every(lambda n: queries.runs(request.rights, wanted, n, 500))
        return exports.export(request, Text("导入记录", "Imports"), COLUMNS, rows)
    values = {
        "found": queries.runs(request.rights, wanted, number(request.GET, "page", 1), size(request.GET)),
        "wanted": wanted,
        "is_narrowed": wanted != RunFilter(),
        "states": STATE_WORDS.items(),
        "kinds": [kind for kind in KINDS.values() if kind.may(request.rights)],
        "titles": {kind.name: kind.title for kind in KINDS.values()},
    }
    return render(request, "pages/imports.html", values)


COLUMNS: tuple[Column[RunRow], ...] = (
    Column(Text("文件", "File"), lambda run: run.filename, 36),
    Column(Text("类别", "Kind"), lambda run: kind_named(run.kind).title, 12),
    Column(Text("状态", "State"), lambda run: run.state_words, 12),
    Column(Text("行数", "Rows"), lambda run: run.total, 10),
    Column(Text("新增", "New"), lambda run: run.counts.created, 10),
    Column(Text("更新", "Changed"), lambda run: run.counts.changed, 10),
    Column(Text("有误", "Faulty"), lambda run: run.counts.fault, 10),
    Column(Text("导入人", "By"), lambda run: run.person_name, 14),
    Column(Text("上传时间", "Uploaded at"), lambda run: exports.local(run.created_at), 20),
    Column(Text("导入时间", "Committed at"), lambda run: exports.local(run.committed_at), 20),
    Column(Text("撤销时间", "Undone at"), lambda run: exports.local(run.undone_at), 20),
)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def import_new(request: Visit, kind: str) -> HttpResponseBase:
    """Choose a file; it is read at once and leads to its preview."""
    found, fault = _allowed(request.rights, kind), None
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            if file is None:
                raise _no_file()
            run = workflows.start(request.rights, kind, str(file.name), file.read(LIMITS.largest_bytes + 1))
            return redirect("import_run", run)
        except (NotVisibleError, NotAllowedError):
            raise
        except ZhulianError as refused:
            fault = refused
    values = {"kind": found, "fault": fault, "most_bytes": LIMITS.largest_bytes, "most_rows": LIMITS.most_rows}
    return render(request, "pages/import_new.html", values, status=422 if fault else 200)


@require_safe
@page
def import_template(request: Visit, kind: str) -> HttpResponseBase:
    """An Excel file to fill in."""
    found = _allowed(request.rights, kind)
    columns = [
        TemplateColumn(
            said(one.title), said(one.help), one.example, one.is_required, one.choices, one.is_text, one.width
        )
        for one in found.fields
    ]
    rows = [(_("列"), _("怎么填"), _("示例"))]
    rows += [(said(one.title), said(one.help), one.example) for one in found.fields]
    name = _("%(kind)s导入模板") % {"kind": said(found.title)}
    return as_file(write_template(said(found.title), columns, _("说明"), rows), name, "xlsx", XLSX)


def _allowed(scope: Scope, name: str) -> Kind:
    kind = kind_named(name)
    if not kind.may(scope):
        raise NotAllowedError
    return kind


def _no_file() -> ImportsError:
    return ImportsError(
        "import_no_file",
        Text("没有收到文件。", "No file arrived."),
        Text("请选择一个 .xlsx 或 .csv 文件。", "Choose an .xlsx or .csv file."),
    )


@require_safe
@page
def import_run(request: Visit, run_id: int) -> HttpResponseBase:
    """The preview, and later the outcome."""
    return _show(request, queries.run(request.rights, run_id))


def _show(request: Visit, run: RunRow, fault: ZhulianError | None = None) -> HttpResponse:
    kind = kind_named(run.kind)
    show = request.GET.get("show") or ("fault" if run.counts.fault and run.state == "open" else "all")
    found = queries.rows(
        request.rights, run.id, show if show in SHOWN else "", number(request.GET, "page", 1), size(request.GET)
    )
    order = _order(run, kind, found.rows)
    by_name = {one.name: one for one in kind.fields}
    fields = {column: by_name[name] for name, column in run.mapping.items()}
    values = {
        "run": run,
        "kind": kind,
        "fault": fault,
        "found": found,
        "show": show,
        "columns": [(column, _title(run, column), fields[column]) for column in order],
        "lines": [_line(row, run, order, number(request.GET, "edit", 0)) for row in found.rows],
        "mapping": _mapping(run),
        "missing": [one.title for one in kind.fields if one.is_required and one.name not in run.mapping],
        "to_write": run.counts.new + run.counts.change,
        "earlier": queries.earlier_commits(request.rights, run.id) if run.state == "open" else (),
        "may_undo": bool(run.committed_at and may_still_be_undone(run.committed_at, timezone.now())),
        "is_stalled": _is_stalled(run),
        "tabs": _tabs(run),
        "row_query": _row_query(request, found.number),
        "undo_words": _undo_words(run),
    }
    return render(request, "pages/import_run.html", values, status=409 if fault else 200)


def _tabs(run: RunRow) -> list[tuple[str, str, int]]:
    counts = run.counts
    return [
        ("all", _("全部"), run.total),
        ("fault", _("有误"), counts.fault),
        ("warned", _("提示"), counts.warned),
        ("new", _("新增"), counts.new),
        ("change", _("更新"), counts.change),
        ("same", _("无变化"), counts.same),
    ]


def _row_query(request: Visit, page_number: int) -> str:
    """The view to come back to after a correction."""
    query = request.GET.copy()
    query["page"] = str(page_number)
    return f"?{query.urlencode()}"


def _undo_words(run: RunRow) -> str:
    if run.undo_until is None:
        return ""
    until = timezone.localtime(run.undo_until).strftime("%m-%d %H:%M")
    return _("%(until)s 之前可以整体撤销。") % {"until": until}


def _is_stalled(run: RunRow) -> bool:
    quiet_s = (timezone.now() - run.touched_at).total_seconds()
    return run.state == "committing" and quiet_s > STALLED_AFTER_S


def _mapping(run: RunRow) -> list[dict[str, object]]:
    """Each column of the file with its title and the field it is taken for."""
    meanings = {column: field for field, column in run.mapping.items()}
    return [
        {"column": column, "letter": letter(column), "title": title, "field": meanings.get(column, "")}
        for column, title in enumerate(run.titles)
    ]


def _order(run: RunRow, kind: Kind, rows: Sequence[PreviewRow]) -> list[int]:
    """The mapped columns: those that name the record, then those with something to look at, then the others."""
    named = {run.mapping[one.name] for one in kind.fields if one.is_required and one.name in run.mapping}
    told = {spot.column for row in rows for spot in (*row.faults, *row.warnings)}
    told |= {
        run.mapping[name] for row in rows if row.judgement == "change" for name in row.changes if name in run.mapping
    }
    return sorted(
        set(run.mapping.values()), key=lambda column: (column not in named, column not in told | named, column)
    )


def _line(row: PreviewRow, run: RunRow, order: Sequence[int], edited: int) -> dict[str, object]:
    """One row of the preview: a cell for each mapped column, with what is wrong or new in it.

    What is wrong stands beside the row's number as well, where it is in sight however far right its column lies.
    """
    fields = {column: field for field, column in run.mapping.items()}
    cells = [_cell(row, run, column, fields[column], is_edited=row.number == edited) for column in order]
    return {
        "row": row,
        "cells": cells,
        "words": JUDGEMENT_WORDS[row.judgement],
        "told": [
            _told(run, spot, mark) for mark, spots in (("fault", row.faults), ("warn", row.warnings)) for spot in spots
        ],
        "has_input": any(cell["is_input"] for cell in cells),
        "is_edited": row.number == edited,
    }


def _told(run: RunRow, spot: Spot, mark: str) -> dict[str, object]:
    """A reason with the title of its column; a row may also be wrong as a whole."""
    has_cell = spot.column in run.mapping.values()
    return {"mark": mark, "column": spot.column, "title": _title(run, spot.column) if has_cell else "", "spot": spot}


def _title(run: RunRow, column: int) -> str:
    return run.titles[column] or letter(column)


def _cell(row: PreviewRow, run: RunRow, column: int, field: str, *, is_edited: bool) -> dict[str, object]:
    faults = [spot.reason for spot in row.faults if spot.column == column]
    warnings = [spot.reason for spot in row.warnings if spot.column == column]
    change = row.changes.get(field) if row.judgement == "change" else None
    return {
        "column": column,
        "title": _title(run, column),
        "text": row.cells[column] if column < len(row.cells) else "",
        "faults": faults,
        "warnings": warnings,
        "change": change,
        "old": said(change[0]) if change else "",
        "new": said(change[1]) if change else "",
        "is_input": run.state == "open" and bool(faults or is_edited),
        "mark": "fault" if faults else "warn" if warnings else "change" if change else "",
    }


@require_POST
@page
def import_mapping(request: Visit, run_id: int) -> HttpResponseBase:
    """Say which column is which field."""
    chosen = {
        str(field): int(name.removeprefix("column-"))
        for name, field in request.POST.items()
        if name.startswith("column-") and name.removeprefix("column-").isdigit() and field
    }
    return _act(request, run_id, lambda: workflows.map_columns(request.rights, run_id, chosen), _("列的对应已保存。"))


@require_POST
@page
def import_row(request: Visit, run_id: int) -> HttpResponseBase:
    """Correct the cells of one row."""
    post = request.POST
    seen = RowSeen(number(post, "row", 0), number(post, "revision", 0))
    texts = {
        int(name.removeprefix("cell-")): str(text)
        for name, text in post.items()
        if name.startswith("cell-") and name.removeprefix("cell-").isdigit()
    }
    done = _("第 %(row)s 行已保存并重新核对。") % {"row": seen.number}
    return _act(request, run_id, lambda: workflows.correct_row(request.rights, run_id, seen, texts), done)


@require_POST
@page
def import_commit(request: Visit, run_id: int) -> HttpResponseBase:
    """Begin to write the good rows; or go on after a crash."""
    scope = request.rights
    run = queries.run(scope, run_id)
    if run.state != "committing":
        refused = _refused(lambda: workflows.claim(scope, run_id, number(request.POST, "revision", 0)))
        if refused is not None:
            return _show(request, queries.run(scope, run_id), refused)
    elif not _is_stalled(run):
        return redirect("import_run", run_id)
    begin(lambda: workflows.write_claimed(scope, run_id))
    return redirect("import_run", run_id)


def begin(work: Callable[[], None]) -> None:
    """Do ``work`` beside the request. Tests do it at once."""
    if settings.WORK_AT_ONCE:
        work()
        return
    threading.Thread(target=_work, args=[work], name="import", daemon=True).start()


def _work(work: Callable[[], None]) -> None:
    try:
        work()
    except ZhulianError:
        _log.exception("an import stopped; its page offers to continue it")
    finally:
        connections.close_all()


@require_safe
@page
def import_progress(request: Visit, run_id: int) -> HttpResponseBase:
    """How far a commit is; asked every second by the page, which reloads at the end."""
    run = queries.run(request.rights, run_id)
    answer = render(request, "pages/import_progress.html", {"run": run, "is_stalled": _is_stalled(run)})
    if run.state != "committing":
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@page
def import_undo(request: Visit, run_id: int) -> HttpResponseBase:
    """Take a commit back."""
    leave = request.POST.get("leave_changed") == "1"
    done = _("已撤销，库里恢复到导入之前。")
    return _act(request, run_id, lambda: workflows.undo(request.rights, run_id, leave_changed=leave), done)


@require_POST
@page
def import_discard(request: Visit, run_id: int) -> HttpResponseBase:
    """End an import without writing anything."""
    return _act(request, run_id, lambda: workflows.discard(request.rights, run_id), _("已放弃，没有写入任何内容。"))


def _act(request: Visit, run_id: int, act: Callable[[], object], done: str) -> HttpResponseBase:
    """Do it and go back to the same view of the preview, or say why not."""
    refused = _refused(act)
    if refused is not None:
        return _show(request, queries.run(request.rights, run_id), refused)
    messages.success(request, done)
    query = QueryDict(request.META.get("QUERY_STRING", ""), mutable=True)
    query.pop("edit", None)
    address = reverse("import_run", args=[run_id])
    return redirect(f"{address}?{query.urlencode()}" if query else address)


def _refused(act: Callable[[], object]) -> RecordsError | None:
    try:
        act()
    except (NotVisibleError, NotAllowedError):
        raise
    except RecordsError as fault:
        return fault
    return None


@require_safe
@page
def import_marked(request: Visit, run_id: int) -> HttpResponseBase:
    """The rows that stay out, as they came, with the wrong cells coloured and the reasons beside them."""
    run = queries.run(request.rights, run_id)
    found = every(lambda n: queries.rows(request.rights, run_id, "fault", n, 500))
    titles = [title or letter(column) for column, title in enumerate(run.titles)]
    rows = (MarkedRow(row.number, row.cells, _reasons(row.faults), _reasons(row.warnings)) for row in found)
    name = _("%(file)s 有误的行") % {"file": run.filename.rsplit(".", 1)[0]}
    return as_file(
        write_marked(run.sheet or said(kind_named(run.kind).title), titles, said(REASON), rows), name, "xlsx", XLSX
    )


def _reasons(spots: tuple[Spot, ...]) -> dict[int, str]:
    found: dict[int, list[str]] = {}
    for spot in spots:
        found.setdefault(spot.column, []).append(said(spot.reason))
    return {column: "；".join(reasons) for column, reasons in found.items()}
