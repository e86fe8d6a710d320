"""``zhulian telemetry``: the process that takes readings and keeps them, and a look at what it holds."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from zhulian.vocabulary.errors import ZhulianError
from zhulian.vocabulary.settings import read_settings

command = click.Group("telemetry", help="遥测：接收、保存和提供读数。 / Receive, keep and serve what machines said.")


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


@command.command("check", help="核对已存读数、日志和损坏。 / Count what is stored, look for damage.")
def check() -> None:
    """Exit code 1 when something is damaged."""
    from zhulian.telemetry.check import findings

    is_damaged = False
    with _kindly():
        for finding in findings(read_settings(os.environ)):
            is_damaged |= finding.is_bad
            click.echo(f"{'✗' if finding.is_bad else '·'} {finding.value:>14,}  {finding.name}")
    if is_damaged:
        raise click.ClickException(
            "发现损坏：请先运行 zhulian backup 保留现状，再看 docs/explanation/exactly-once.md。"
            " / Damage was found: run zhulian backup first, then see docs/explanation/exactly-once.md."
        )
