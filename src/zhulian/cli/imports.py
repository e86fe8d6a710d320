"""``zhulian import``: what the import pages do, on the command line, by the same workflows.

``--dry-run`` reads and checks, shows every fault, and leaves nothing behind. Without it all good rows go in.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zhulian.cli.acting import at_records, scope_of

if TYPE_CHECKING:
    from zhulian.imports.queries import PreviewRow, RunRow, Spot
    from zhulian.organisations.tenancy import Scope


@click.group("import")
def command() -> None:
    """Import the register from spreadsheets. 从表格导入企业、设备、场所。"""


def _import(kind: str, file: Path, *, dry_run: bool, as_json: bool, username: str) -> None:
    with at_records():
        from django.db import transaction

        from zhulian.imports import workflows

        scope, is_faulty = scope_of(username), False
        with file.open("rb") as stream:
            body = stream.read(workflows.LIMITS.largest_bytes + 1)  # enough to be refused by its size
        with transaction.atomic():
            run = workflows.start(scope, kind, file.name, body)
            report = _report(scope, run)
            transaction.set_rollback(dry_run)
        if not dry_run:
            if report["new"] or report["changed"]:
                workflows.commit(scope, run)
            else:
                workflows.discard(scope, run)
            report = _report(scope, run) | {"run": run}
        is_faulty = bool(report["faulty"])
    click.echo(json.dumps(report, ensure_ascii=False, indent=1) if as_json else _as_text(report))
    if is_faulty:
        raise SystemExit(2)


def _sub_command(kind: str, help_text: str) -> None:
    @command.command(kind, help=help_text)
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--dry-run", is_flag=True, help="check only, write nothing / 只检查，不写入")
    @click.option("--json", "as_json", is_flag=True, help="answer as JSON / 以 JSON 输出")
    @click.option("--as", "username", default="", help="act with this person's rights / 以此账号的权限执行")
    def run(file: Path, dry_run: bool, as_json: bool, username: str) -> None:
        _import(kind, file, dry_run=dry_run, as_json=as_json, username=username)


_sub_command("enterprises", "Import enterprises from FILE (.xlsx, .csv). 从 FILE 导入企业。")
_sub_command("machines", "Import machines from FILE (.xlsx, .csv). 从 FILE 导入设备台账。")
_sub_command("places", "Import sites, workshops and lines from FILE (.xlsx, .csv). 从 FILE 导入场所、车间、产线。")


@command.command("undo")
@click.argument("run", type=int)
@click.option("--leave-changed", is_flag=True, help="leave records that changed since / 保留之后又变化的记录")
def undo(run: int, leave_changed: bool) -> None:
    """Take import RUN back, within 24 hours. 24 小时内撤销导入 RUN。"""
    with at_records():
        from zhulian.imports import workflows

        done = workflows.undo(scope_of(""), run, leave_changed=leave_changed)
    click.echo(f"已恢复 {done.restored} 条，保留 {done.left} 条。/ {done.restored} records restored, {done.left} left.")


def _report(scope: "Scope", run_id: int) -> dict[str, Any]:
    from zhulian.imports import queries

    run = queries.run(scope, run_id)
    faulty = queries.rows(scope, run_id, "fault", 1, run.total or 1).rows
    warned = queries.rows(scope, run_id, "warned", 1, run.total or 1).rows
    return {
        "kind": run.kind,
        "file": run.filename,
        "state": run.state,
        "rows": run.total,
        "new": run.counts.new,
        "changed": run.counts.change,
        "same": run.counts.same,
        "faulty": run.counts.fault,
        "written": {"created": run.counts.created, "changed": run.counts.changed},
        "notices": [{"zh": notice.zh, "en": notice.en} for notice in run.notices],
        "faults": [_spot(run, row, spot) for row in faulty for spot in row.faults],
        "warnings": [_spot(run, row, spot) for row in warned for spot in row.warnings],
    }


def _spot(run: "RunRow", row: "PreviewRow", spot: "Spot") -> dict[str, Any]:
    from zhulian.spreadsheets.tables import letter

    has_column = 0 <= spot.column < len(run.titles)
    return {
        "row": row.number,
        "column": letter(spot.column) if has_column else "",
        "title": run.titles[spot.column] if has_column else "",
        "field": spot.field,
        "cell": row.cells[spot.column] if has_column and spot.column < len(row.cells) else "",
        "zh": spot.reason.zh,
        "en": spot.reason.en,
    }


def _as_text(report: dict[str, Any]) -> str:
    written = report["written"]
    lines = [
        f"{report['file']}：{report['rows']} 行，新增 {report['new']}，更新 {report['changed']}，"
        f"无变化 {report['same']}，有误 {report['faulty']}。",
        f"{report['rows']} rows: {report['new']} new, {report['changed']} changed, "
        f"{report['same']} the same, {report['faulty']} faulty.",
    ]
    lines += [f"{notice['zh']} / {notice['en']}" for notice in report["notices"]]
    if "run" in report and report["state"] == "committed":
        lines.append(
            f"已写入：新增 {written['created']}，更新 {written['changed']}。撤销：zhulian import undo {report['run']}"
            f" / Written: {written['created']} new, {written['changed']} changed."
        )
    for fault in report["faults"]:
        where = f"{fault['column']} “{fault['title']}”" if fault["column"] else ""
        lines.append(f"第 {fault['row']} 行 {where}：{fault['zh']} / Row {fault['row']}: {fault['en']}")
    return "\n".join(lines)
