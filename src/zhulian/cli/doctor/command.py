"""The command and its checks, part by part; those on alarms stand beside it.

Looks only; changes nothing. Every check is a function that yields :class:`Finding`; a check that cannot look says so.
"""

import importlib.util
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zhulian.cli.doctor.finding import Finding, good
from zhulian.cli.ports import holder, is_taken
from zhulian.vocabulary.clock import Clock, system_clock, to_datetime
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.settings import Settings, read_settings

if TYPE_CHECKING:
    from zhulian.jobs.queries import JobState
    from zhulian.telemetry.queries import Telemetry

LEAST_FREE_MB = 1024
SILENT_AFTER_S = 60
CLOCK_OFF_S = 60
ENTRIES_CHECKED = 2_000
"""Of the audit trail: a fraction of a second."""

Check = Callable[[Settings], Iterator[Finding]]


@click.command("doctor", help="检查平台，指出问题和办法。 / Look for what is wrong, and name the cure.")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 / Print JSON.")
def command(as_json: bool) -> None:
    """Exit code 1 when something needs a person."""
    found = list(examine(read_settings(os.environ)))
    click.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=2) if as_json else _table(found))
    if not all(each.is_good for each in found):
        raise SystemExit(1)


def examine(settings: Settings, clock: Clock = system_clock) -> Iterator[Finding]:
    """Every finding, from the ground up: what rests on a broken part is not looked at."""
    install = list(_install())
    yield from install
    yield from _data_folder(settings)
    if all(each.is_good for each in install):
        yield from _records(settings)
        yield from _trail(settings)
        yield from _jobs(settings, clock)
        yield from _telemetry(settings, clock)
    for part, setting in (
        ("web", "ZHULIAN_PORT"),
        ("ingest", "ZHULIAN_INGEST_PORT"),
        ("store", "ZHULIAN_STORE_PORT"),
    ):
        yield _port(part, int(settings[setting]), setting)


def _install() -> Iterator[Finding]:
    missing = [name for name in ("django", "chdb", "granian", "uvicorn") if importlib.util.find_spec(name) is None]
    if missing:
        names = "、".join(missing)
        cure = Text(
            "请运行 ./run --setup，或 pip install 'zhulian[city]'。",
            "Run ./run --setup, or pip install 'zhulian[city]'.",
        )
        yield Finding("install", False, Text(f"缺少 {names}。", f"Missing: {', '.join(missing)}."), cure)
        return
    yield good("install", "依赖齐全。", "All dependencies are there.")
    built = Path(__file__).resolve().parents[2] / "portal/static/built/app.js"
    if not built.exists():
        cure = Text("请运行 ./run --setup。", "Run ./run --setup.")
        yield Finding("front end", False, Text("前端尚未构建。", "The front end is not built."), cure)


def _data_folder(settings: Settings) -> Iterator[Finding]:
    root = settings.data.root
    if not root.exists():
        cure = Text("首次运行 zhulian up 时会创建。", "The first zhulian up creates it.")
        yield Finding(
            "data", True, Text(f"数据文件夹 {root} 还不存在。", f"The data folder {root} does not exist yet."), cure
        )
        return
    if not os.access(root, os.W_OK | os.X_OK):
        cure = Text(f"请执行 chown -R $(id -un) {root}。", f"Run chown -R $(id -un) {root}.")
        yield Finding("data", False, Text(f"{root} 写不进去。", f"{root} cannot be written."), cure)
    free_mb = shutil.disk_usage(root).free // 2**20
    if free_mb < LEAST_FREE_MB:
        cure = Text(
            "请清理磁盘，或把 ZHULIAN_DATA 移到更大的盘。", "Free some space, or move ZHULIAN_DATA to a larger disk."
        )
        yield Finding("data", False, Text(f"磁盘只剩 {free_mb} MB。", f"Only {free_mb} MB are left on the disk."), cure)
    else:
        yield good("data", f"{root}，剩余 {free_mb:,} MB。", f"{root}, {free_mb:,} MB free.")
    yield from _keys(settings.data.keys)


def _keys(folder: Path) -> Iterator[Finding]:
    for key in sorted(folder.glob("*")) if folder.exists() else []:
        if stat.S_IMODE(key.stat().st_mode) & 0o077:
            cure = Text(f"请执行 chmod 600 {key}。", f"Run chmod 600 {key}.")
            what = Text(f"密钥 {key.name} 别的用户也能读。", f"The key {key.name} can be read by others.")
            yield Finding("keys", False, what, cure)


def _records(settings: Settings) -> Iterator[Finding]:
    from zhulian.portal.databases import is_postgresql

    if not is_postgresql(settings) and not settings.data.records.exists():
        cure = Text("请运行 zhulian migrate，或直接 zhulian up。", "Run zhulian migrate, or just zhulian up.")
        yield Finding("records", True, Text("还没有业务数据库。", "There is no database of records yet."), cure)
        return
    from django.db import DatabaseError

    from zhulian.portal.start import pending_migrations, start_django

    try:
        start_django()
        waiting = pending_migrations()
    except ZhulianError as fault:
        yield Finding("records", False, fault.what, fault.next_step)
        return
    except DatabaseError as fault:
        cure = Text(
            "请从备份恢复：zhulian restore FILE --force。", "Bring a backup back: zhulian restore FILE --force."
        )
        if is_postgresql(settings):
            cure = Text(
                "请核对 ZHULIAN_DATABASE 和 PostgreSQL 服务：pg_isready。",
                "Check ZHULIAN_DATABASE and the server: pg_isready.",
            )
        what = Text(f"业务数据库打不开：{fault}。", f"The records cannot be opened: {fault}.")
        yield Finding("records", False, what, cure)
        return
    if waiting:
        cure = Text("请运行 zhulian migrate。", "Run zhulian migrate.")
        what = Text(f"有 {waiting} 个数据库更新尚未执行。", f"{waiting} migrations have not been applied.")
        yield Finding("records", False, what, cure)
    else:
        yield good("records", "业务数据库是最新的。", "The records are up to date.")
        yield from _search_index()
    if is_postgresql(settings):
        yield from _postgresql()


def _search_index() -> Iterator[Finding]:
    from zhulian.organisations.search.workflows import counts

    wrong = [count for count in counts() if not count.is_right]
    if wrong:
        cure = Text("请运行 zhulian search rebuild。", "Run zhulian search rebuild.")
        yield Finding(
            "search", False, Text("搜索索引与档案不一致。", "The search index differs from the records."), cure
        )
    else:
        yield good("search", "搜索索引与档案一致。", "The search index agrees with the records.")


def _postgresql() -> Iterator[Finding]:
    from django.db import connection

    from zhulian.cli.records import program

    major = connection.cursor().connection.info.server_version // 10_000
    if program("pg_dump") is None:
        cure = Text("请执行 apt-get install postgresql-client。", "Run apt-get install postgresql-client.")
        what = Text("没有 pg_dump，无法备份业务数据。", "Without pg_dump the records cannot be backed up.")
        yield Finding("postgresql", False, what, cure)
    else:
        yield good("postgresql", f"PostgreSQL {major}，可以备份。", f"PostgreSQL {major}; backups are possible.")


def _trail(settings: Settings) -> Iterator[Finding]:
    """Whether the newest entries of the audit trail are whole; all of them is ``zhulian audit check``."""
    from django.db import DatabaseError, connection

    from zhulian.portal.start import start_django

    start_django()
    from zhulian.audit import queries
    from zhulian.wire.credentials import load_or_create_key

    if connection.vendor == "sqlite" and not settings.data.records.exists():
        return
    key = settings.data.keys / "platform.pem"
    if not key.exists():
        return
    try:
        report = queries.check(load_or_create_key(key), ENTRIES_CHECKED)
    except DatabaseError:  # not migrated, or damaged: said above
        return
    if report.fault is None:
        yield good(
            "trail",
            f"操作日志完整（最新 {report.entries:,} 条）。",
            f"The newest {report.entries:,} entries are whole.",
        )
        return
    cure = Text(
        "不要删除任何东西；先 zhulian backup，再运行 zhulian audit check，并与另处保存的链头比对。",
        "Remove nothing. Run zhulian backup, then zhulian audit check, and compare with heads kept elsewhere.",
    )
    zh, en = report.fault.what.zh, report.fault.what.en
    yield Finding("trail", False, Text(f"操作日志被动过：{zh}。", f"The audit trail was tampered with: {en}."), cure)


def _jobs(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """Whether the platform's own work is done: a worker that lives, no job stuck, none failing."""
    from django.db import DatabaseError, connection

    from zhulian.portal.start import start_django

    start_django()
    from zhulian.jobs import queries

    if connection.vendor == "sqlite" and not settings.data.records.exists():
        return
    try:
        now = to_datetime(clock())
        if not queries.living_workers(now):
            cure = Text("请运行 zhulian up，或单独运行 zhulian jobs。", "Run zhulian up, or zhulian jobs alone.")
            yield Finding("jobs", False, Text("没有任务进程在运行。", "No process carries out jobs."), cure)
        troubled = [state for state in queries.job_states(now) if state.is_stuck or state.is_failing]
        yield from (_troubled_job(state) for state in troubled)
        if not troubled:
            yield good("jobs", "定时任务都正常。", "All jobs are well.")
    except DatabaseError:  # not migrated, or damaged: said above
        return


def _troubled_job(state: "JobState") -> Finding:
    title, minutes = state.job.title, state.job.within.total_seconds() / 60
    if state.is_stuck:
        what = Text(
            f"任务“{title.zh}”运行超过 {minutes:g} 分钟仍未结束。",
            f'The job "{title.en}" has been running for more than {minutes:g} minutes.',
        )
        cure = Text(
            "请看 logs/jobs.log；停掉任务进程，它会被重新启动并重做。",
            "See logs/jobs.log; end the jobs process: it is started again and the run repeated.",
        )
        return Finding("jobs", False, what, cure)
    error = state.last.error if state.last else ""
    what = Text(f"任务“{title.zh}”失败：{error[:200]}", f'The job "{title.en}" failed: {error[:200]}')
    cure = Text(
        "排除原因后，在“平台管理 · 定时任务”页立即运行。",
        "Remove the cause, then run it from the administrator's page of jobs.",
    )
    return Finding("jobs", False, what, cure)


def _telemetry(settings: Settings, clock: Clock) -> Iterator[Finding]:
    from zhulian.telemetry.check import findings
    from zhulian.telemetry.queries import Telemetry

    try:
        for each in findings(settings):
            if each.is_bad:
                cure = Text(
                    "请先 zhulian backup，再看 docs/explanation/exactly-once.md。",
                    "Run zhulian backup, then see docs/explanation/exactly-once.md.",
                )
                yield Finding(
                    "store", False, Text(f"{each.name.zh}：{each.value:,}", f"{each.name.en}: {each.value:,}"), cure
                )
        if not is_taken(settings.store_port):
            cure = Text("请运行 zhulian up。", "Run zhulian up.")
            yield Finding("telemetry", False, Text("遥测进程没有运行。", "The telemetry process does not run."), cure)
            return
        yield good("telemetry", "遥测进程在运行。", "The telemetry process runs.")
        telemetry = Telemetry.connect(settings)
        aside = telemetry.quarantine(None, 1, 1).totals
        yield good(
            "quarantine",
            f"隔离区有 {aside.items} 份（{aside.rows} 条读数）等人处理。",
            f"{aside.items} items ({aside.rows} readings) wait for somebody in the quarantine.",
        )
        yield from _gateways(telemetry, clock)
        yield from _alarms(settings, telemetry, clock)
    except ZhulianError as fault:
        yield Finding("telemetry", False, fault.what, fault.next_step)


def _alarms(settings: Settings, telemetry: "Telemetry", clock: Clock) -> Iterator[Finding]:
    from django.db import DatabaseError, connection

    from zhulian.cli.doctor import alarms
    from zhulian.portal.start import start_django

    start_django()
    if connection.vendor == "sqlite" and not settings.data.records.exists():
        return
    with suppress(DatabaseError):  # not migrated, or damaged: said above
        yield from alarms.findings(telemetry, clock)


def _gateways(telemetry: "Telemetry", clock: Clock) -> Iterator[Finding]:
    for state in telemetry.gateways().values():
        name = f"gateway {state.gateway}"
        silent_s = (clock() - state.last_heard_us) // 1_000_000
        if silent_s > SILENT_AFTER_S:
            cure = Text(
                "请在网关上运行 zhulian edge status CONFIG.toml。",
                "On the gateway, run zhulian edge status CONFIG.toml.",
            )
            yield Finding(name, False, Text(f"{silent_s} 秒没有消息。", f"Silent for {silent_s} s."), cure)
        elif abs(state.clock_offset_us) > CLOCK_OFF_S * 1_000_000:
            offset_s = state.clock_offset_us // 1_000_000
            cure = Text("请在网关上启用时间同步（NTP）。", "Switch time synchronisation (NTP) on at the gateway.")
            yield Finding(name, False, Text(f"时钟相差 {offset_s} 秒。", f"Its clock is off by {offset_s} s."), cure)
        else:
            yield good(name, "正常。", "Well.")


def _port(part: str, port: int, setting: str) -> Finding:
    who = holder(port)
    if who and "zhulian" not in who:
        what = Text(f"端口 {port} 被别的程序占用：{who}。", f"Port {port} is taken by another program: {who}.")
        cure = Text(
            f"请停掉那个程序，或把 {setting} 设为另一个端口。",
            f"Stop that program, or set {setting} to another port.",
        )
        return Finding(part, False, what, cure)
    if is_taken(port):
        return good(part, f"端口 {port} 有应答。", f"Port {port} answers.")
    cure = Text("若平台应在运行，请执行 zhulian up。", "If the platform should run, run zhulian up.")
    return Finding(part, False, Text(f"端口 {port} 没有应答。", f"Nothing answers on port {port}."), cure)


def _table(found: list[Finding]) -> str:
    lines = []
    for each in found:
        lines.append(f"{'✓' if each.is_good else '✗'} {each.part:<12} {each.what}")
        if each.cure.zh:
            lines.append(f"  {'':<12} → {each.cure}")
    return "\n".join(lines)
