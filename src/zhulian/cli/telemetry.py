"""``zhulian telemetry``: the process that takes readings and keeps them, and a look at what it holds."""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from zhulian.cli.backfill import command as import_history
from zhulian.vocabulary.errors import ZhulianError
from zhulian.vocabulary.settings import read_settings

command = click.Group("telemetry", help="遥测：接收、保存和提供读数。 / Receive, keep and serve what machines said.")
command.add_command(import_history)

MOST_DETAILS = 20
WORDS = {
    "rows_found": "数据块可读，找回其中缺少的读数 / part readable, lacking readings taken back",
    "part_set_aside": "数据块不可读，移到 set-aside / part unreadable, set aside",
    "sums_remade": "汇总按来源重算 / sums made anew from their source",
    "folds_dropped": "折算多于读数，已去掉，随后重做 / folds of more readings than there are, dropped to be made again",
}


@contextmanager
def _kindly() -> Iterator[None]:
    """Errors as words instead of a traceback."""
    try:
        yield
    except ZhulianError as fault:
        raise click.ClickException(str(fault)) from fault


@command.command("run", help="运行遥测进程，直到被停止。 / Run the telemetry process until it is stopped.")
def run() -> None:
    """Prints the line "ready" when both ports answer; SIGTERM stores what waits and ends it."""
    from zhulian.telemetry import server

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    with _kindly():
        server.run(read_settings(os.environ), lambda: click.echo("ready"))


@command.command("check", help="核对已存读数、汇总、日志和损坏。 / Count what is stored, look for damage.")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。 / Print JSON.")
def check(as_json: bool) -> None:
    """Exit code 1 when something is damaged."""
    from zhulian.telemetry.check import findings

    with _kindly():
        found = list(findings(read_settings(os.environ)))
    is_damaged = any(finding.is_bad for finding in found)
    if as_json:
        lines = [finding._asdict() | {"name": {"zh": finding.name.zh, "en": finding.name.en}} for finding in found]
        click.echo(json.dumps({"is_damaged": is_damaged, "findings": lines}, ensure_ascii=False, indent=2))
        raise SystemExit(is_damaged)
    for finding in found:
        click.echo(f"{'✗' if finding.is_bad else '·'} {finding.value:>14,}  {finding.name}")
        for detail in finding.details[:MOST_DETAILS]:
            click.echo(f"{'':>18}{detail}")
    if is_damaged:
        raise click.ClickException(
            "发现损坏：请先运行 zhulian backup 保留现状，再停下平台运行 zhulian telemetry repair。"
            " / Damage was found: run zhulian backup first, then stop the platform and run zhulian telemetry repair."
        )


@command.command("storage", help="谁占用多少存储。 / Who uses how much of the store.")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。 / Print JSON.")
def storage(as_json: bool) -> None:
    """Tables, enterprises by their numbers, and with --json every partition."""
    from zhulian.telemetry.storing import storage as read

    with _kindly():
        found = read(read_settings(os.environ))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for one in found["tables"]:
        click.echo(f"· {one['name']:<16} {one['rows']:>14,} 行 / rows  {one['size_bytes']:>16,} B")
    for one in found["tenants"]:
        click.echo(f"· 企业 / enterprise {one['tenant']:<8} {one['rows']:>14,} 读数 / readings")


@command.command("repair", help="修复汇总和被搁置的数据块（先停止平台）。 / Put sums and detached parts right.")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出。 / Print JSON.")
def repair(as_json: bool) -> None:
    """Exit code 0 when everything is right afterwards, 1 when something could not be put right."""
    from zhulian.telemetry.repair import repaired

    with _kindly():
        done = list(repaired(read_settings(os.environ)))
    if as_json:
        click.echo(json.dumps([one._asdict() for one in done], ensure_ascii=False, indent=2))
    else:
        for one in done:
            click.echo(f"· {WORDS[one.what]}  {one.where}" + (f"  {one.rows:,}" if one.what == "rows_found" else ""))
        click.echo("没有更多要修复的。 / Nothing is left to repair.")
    raise SystemExit(any(one.what == "part_set_aside" and one.where.startswith("readings/") for one in done))


@command.command("ddl", help="打印建表语句，不执行。 / Print the statements that make the tables; runs nothing.")
@click.option(
    "--cluster", default="", help="集群名（remote_servers 中）。 / Name of the cluster (under remote_servers)."
)
@click.option("--database", default="zhulian", show_default=True, help="集群上的数据库。 / Database on the cluster.")
def ddl(cluster: str, database: str) -> None:
    """What the platform itself runs, for a store of its own or for a cluster."""
    from zhulian.telemetry.store import schema
    from zhulian.telemetry.store.cluster import Cluster

    with _kindly():
        there = Cluster.named(cluster, database) if cluster else None
    made = (there.database_creation, *(order.sql for order in there.creation)) if there else schema.STATEMENTS
    for statement in made:
        click.echo(f"{statement};\n")
