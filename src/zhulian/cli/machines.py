"""``zhulian machines``: the sample city's simulated machines, real protocol servers on loopback ports."""

import asyncio
import contextlib
import os
import signal

import click

from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.settings import read_settings


@click.command("machines", help="运行演示城市的模拟设备。 / Serve the sample city's simulated machines.")
def command() -> None:
    """Prints "ready" when all of them listen; SIGTERM ends it."""
    from zhulian.cli.demo import plan

    found = plan.load(read_settings(os.environ).data)
    if found is None:
        raise click.ClickException(
            "这里没有演示城市，请先运行 zhulian demo。 / There is no sample city here; run zhulian demo first."
        )
    asyncio.run(_until_stopped(found))


async def _until_stopped(found: object) -> None:
    from zhulian.cli.demo.plan import Plan
    from zhulian.cli.demo.servers import serve

    assert isinstance(found, Plan)  # noqa: S101 - narrows what load() gave
    serving = asyncio.create_task(serve(found, system_clock, lambda: click.echo("ready")))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await serving
