"""``zhulian telemetry import``: files of past readings into the platform, as the enterprise's page does it.

It may be killed anywhere and run again: it goes on where it was, and what is in already is not counted twice. Exit code
0 when everything went in, 2 when rows were refused (they are listed), 1 when a file could not be imported.
"""

import json
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zhulian.cli.acting import at_records, scope_of
from zhulian.cli.lifeline import die_with_parent
from zhulian.vocabulary.errors import ZhulianError

if TYPE_CHECKING:
    from zhulian.backfill.queries import BackfillRow
    from zhulian.backfill.workflows import Described
    from zhulian.organisations.tenancy import Scope
    from zhulian.telemetry.backfill.layout import Layout

Say = Callable[[str], None]
LOOK_EVERY_S = 1.0


@click.command("import", help="导入历史读数文件（CSV、Parquet）。 / Import files of past readings.")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--enterprise", default="", help="编号、统一社会信用代码或名称 / id, credit code or name")
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="列和点位的对应，TOML / which column is what",
)
@click.option("--dry-run", is_flag=True, help="通读并检查，不写入 / read and check all of it, write nothing")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出 / answer as JSON")
@click.option("--as", "username", default="", help="以此账号的权限执行 / act with this person's rights")
@click.option("--parent", type=int, hidden=True, help="the process with which to end")
@click.option("--resume", type=int, help="继续第几次导入 / go on with this import")
def command(  # noqa: PLR0917 - click hands in one for each option
    files: tuple[Path, ...],
    enterprise: str,
    mapping: Path | None,
    dry_run: bool,
    as_json: bool,
    username: str,
    resume: int | None,
    parent: int | None,
) -> None:
    """Import each of FILES in turn."""
    say: Say = (lambda _text: None) if as_json else (lambda text: click.echo(text, err=True))
    with at_records():
        scope = scope_of(username)
        if resume is not None:
            if parent:
                die_with_parent(parent)
            reports = [_carried(scope, resume, say, follow=not parent)]
        elif not files or not enterprise:
            raise click.UsageError("要有文件和 --enterprise。 / FILES and --enterprise are needed.")
        else:
            number = _enterprise(scope, enterprise)
            wanted = tomllib.loads(mapping.read_text("utf-8")) if mapping else {}
            reports = [_one(scope, number, file, wanted, say, dry_run=dry_run) for file in files]
    click.echo(json.dumps(reports, ensure_ascii=False, indent=1) if as_json else "\n".join(map(_as_text, reports)))
    if any(report.get("state") == "failed" for report in reports):
        raise SystemExit(1)
    if any(report["refused"] for report in reports):
        raise SystemExit(2)


def _one(
    scope: "Scope", enterprise: int, file: Path, wanted: dict[str, Any], say: Say, *, dry_run: bool
) -> dict[str, Any]:
    from zhulian.backfill import queries, workflows
    from zhulian.backfill.rules import NOTHING_NEW

    about = workflows.describe(scope, enterprise, file, int(wanted.get("header", 1)))
    if wanted:
        about = _mapped(scope, enterprise, file, about, wanted)
    if dry_run:
        return _checked(file, about.layout)
    earlier = queries.unfinished(scope, enterprise, about.sha256)
    if earlier is not None:
        return _carried(scope, earlier, say)
    try:
        number = workflows.begin_file(scope, enterprise, file, about)
    except ZhulianError as fault:
        if fault.code != NOTHING_NEW:
            raise
        return _known(file, about.layout, fault)
    return _carried(scope, number, say)


def _mapped(scope: "Scope", enterprise: int, file: Path, about: "Described", wanted: dict[str, Any]) -> "Described":
    """What the mapping file says, over what the titles say by themselves."""
    import msgspec

    from zhulian.backfill.workflows import read_as

    own = {name: value for name, value in wanted.items() if name != "points"}
    chosen = {**msgspec.to_builtins(about.layout), **own}
    about = read_as(scope, enterprise, file, about, chosen, _numbered(about.layout))
    if "points" not in wanted:
        return about
    named = {name: str(text) for name, text in wanted["points"].items()}
    return read_as(scope, enterprise, file, about, chosen, _numbered(about.layout) | named)


def _numbered(layout: "Layout") -> dict[str, str]:
    return {name: f"#{point}" for name, point in layout.points.items()}


def _carried(scope: "Scope", number: int, say: Say, *, follow: bool = True) -> dict[str, Any]:
    """To its end, here or by the process that is at it already, which is then watched."""
    from zhulian.backfill import queries, workflows
    from zhulian.backfill.rules import CARRIED_ELSEWHERE, MAY_GO_ON, MAY_STOP
    from zhulian.portal.telemetry_access import telemetry

    if queries.backfill(scope, number).state in MAY_GO_ON:
        workflows.begin(scope, number)
    while (row := queries.backfill(scope, number)).state in MAY_STOP:
        try:
            workflows.carry(number, telemetry(), lambda progress: say(_line(progress)))
        except ZhulianError as fault:
            if fault.code != CARRIED_ELSEWHERE or not follow:
                raise
            say(_line(row))
            time.sleep(LOOK_EVERY_S)
    return _report(row)


def _line(progress: Any) -> str:  # noqa: ANN401 - telemetry.backfill.carrying.Progress, or a BackfillRow
    if not progress.is_read:
        return f"读取 {progress.rows:,} 行 / read {progress.rows:,} rows"
    return f"入库 {progress.sent:,} / {progress.found:,} 条 / sent {progress.sent:,} of {progress.found:,}"


def _report(row: "BackfillRow") -> dict[str, Any]:
    from zhulian.backfill.queries import folder_of

    refused = folder_of(row.id) / "refused.csv"
    return {
        "import": row.id,
        "file": row.filename,
        "state": row.state,
        "fault": {"zh": row.fault.zh, "en": row.fault.en} if row.fault else None,
        "rows": row.rows,
        "readings": row.found,
        "new": row.new,
        "known": row.known,
        "set_aside": row.aside,
        "empty": row.empty,
        "refused": row.refused,
        "refused_file": str(refused) if row.refused and refused.exists() else None,
        "days": row.days,
        "seconds": row.seconds,
        "zone": row.layout.zone,
        "points": row.layout.points,
    }


def _known(file: Path, layout: "Layout", fault: ZhulianError) -> dict[str, Any]:
    return {
        "import": None,
        "file": file.name,
        "state": "known",
        "what": {"zh": fault.what.zh, "en": fault.what.en},
        "rows": 0,
        "readings": 0,
        "refused": {},
        "zone": layout.zone,
        "points": layout.points,
    }


def _checked(file: Path, layout: "Layout") -> dict[str, Any]:
    from zhulian.telemetry.backfill.preview import preview

    found = preview(file, layout, None)
    return {
        "import": None,
        "file": file.name,
        "state": "checked",
        "rows": found.rows,
        "readings": found.found,
        "empty": found.empty,
        "refused": found.refused,
        "faults": [{"row": one.row, "column": one.column, "why": one.why, "cell": one.cell} for one in found.examples],
        "unknown": found.unknown,
        "first": _time(found.first_us),
        "last": _time(found.last_us),
        "zone": layout.zone,
        "points": layout.points,
    }


def _time(us: int | None) -> str | None:
    from zhulian.vocabulary.clock import SHANGHAI, to_datetime
    from zhulian.vocabulary.readings import TimeUs

    return None if us is None else to_datetime(TimeUs(us)).astimezone(SHANGHAI).isoformat()


def _as_text(report: dict[str, Any]) -> str:
    from zhulian.telemetry.backfill.rows import REASONS

    lines = [f"{report['file']}：{report['rows']:,} 行 rows，{report['readings']:,} 条读数 readings"]
    if report["state"] == "checked":
        lines[0] += f"，{report['first']} → {report['last']}"
    elif report["state"] == "known":
        lines = [f"{report['file']}：{report['what']['zh']} / {report['what']['en']}"]
    else:
        lines.append(
            f"新增 new {report['new']:,}，已有 known {report['known']:,}，隔离 set aside {report['set_aside']:,}，"
            f"{report['seconds'] or 0:,.1f} s"
        )
    lines += [f"{REASONS[why].zh} / {REASONS[why].en}: {count:,}" for why, count in report["refused"].items()]
    lines += [
        f"第 {one['row']} 行 “{one['column']}” = “{one['cell']}” ({one['why']})" for one in report.get("faults", [])
    ]
    if report.get("refused_file"):
        lines.append(f"→ {report['refused_file']}")
    if report.get("fault"):
        lines.append(f"{report['fault']['zh']} / {report['fault']['en']}")
    return "\n".join(lines)


def _enterprise(scope: "Scope", text: str) -> int:
    from django.db.models import Q

    found = Q(name=text) | Q(credit_code=text) | (Q(pk=int(text)) if text.isdecimal() else Q())
    ids = list(scope.enterprises().filter(found).values_list("id", flat=True)[:2])
    if len(ids) != 1:
        raise click.ClickException(f"没有企业“{text}”。 / There is no enterprise “{text}”.")
    return int(ids[0])
