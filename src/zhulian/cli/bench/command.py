"""``zhulian bench NAME``: one headline figure a module of this folder, printed as a table or as JSON."""

import importlib

import click

from zhulian.cli.bench import figures

NAMES = ("audit", "edge", "ingest", "portal", "query")


@click.command("bench", help="测量主要性能数字。 / Measure a headline figure: audit, edge, ingest, portal or query.")
@click.argument("name", type=click.Choice(NAMES))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 / Print JSON.")
def command(name: str, as_json: bool) -> None:
    """Run on idle cores; the peer is measured in the same run."""
    found = importlib.import_module(f"zhulian.cli.bench.{name}").run()
    click.echo(figures.as_json(found) if as_json else figures.as_table(found))
