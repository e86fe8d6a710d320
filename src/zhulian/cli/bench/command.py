"""``zhulian bench NAME``: one headline figure a module of this folder, printed as a table or as JSON."""

import importlib
import inspect
from pathlib import Path

import click

from zhulian.cli.bench import figures

NAMES = ("alarms", "audit", "crash", "disk", "edge", "ingest", "portal", "query", "soak")


@click.command("bench", help=f"测量主要性能数字。 / Measure a headline figure: {', '.join(NAMES)}.")
@click.argument("name", type=click.Choice(NAMES))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 / Print JSON.")
@click.option(
    "--rounds", type=click.IntRange(1), help="crash：每种故障多少轮。 / crash: rounds of each kind, 50 by default."
)
@click.option("--hours", type=float, help="soak：多少小时。 / soak: how long, 1 by default.")
@click.option("--rows-per-s", type=click.IntRange(1), help="soak：每秒多少读数。 / soak: readings a second, 100,000.")
@click.option("--report", type=click.Path(dir_okay=False), help="soak：写成 Markdown 报告。 / soak: a Markdown report.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="query：保留一亿行数据的目录，下次直接使用。 / query: where its hundred million rows stay for the next run.",
)
def command(name: str, as_json: bool, **wanted: object) -> None:
    """Run on idle cores; the peer is measured in the same run."""
    given = {option: value for option, value in wanted.items() if value is not None}
    run = importlib.import_module(f"zhulian.cli.bench.{name}").run
    if strange := given.keys() - inspect.signature(run).parameters:
        options = ", ".join(f"--{option.replace('_', '-')}" for option in sorted(strange))
        raise click.UsageError(f"{name} 没有这个选项 / {name} has no such option: {options}")
    found = run(**given)
    click.echo(figures.as_json(found) if as_json else figures.as_table(found))
