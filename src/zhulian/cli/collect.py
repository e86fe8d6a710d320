"""``zhulian collect``: the collectors over days of the past, for late readings and for a new collector."""

from datetime import datetime

import click

from zhulian.vocabulary.clock import SHANGHAI

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("collect", help="从遥测汇集过去若干天的事实。 / Collect the facts of past days from telemetry.")
@click.option("--from", "first", type=_DAY, required=True, help="第一天，如 2026-11-01。 / First day.")
@click.option("--to", "last", type=_DAY, required=True, help="最后一天，早于今天。 / Last day, before today.")
@click.option("--enterprise", type=int, help="只汇集这一家（企业编号）。 / Only this enterprise, by its number.")
def command(first: datetime, last: datetime, enterprise: int | None) -> None:
    """Safe to repeat: what is said again changes nothing, what has changed supersedes with the reason."""
    from zhulian.portal.start import start_django

    start_django()
    from zhulian.evidence.workflows.collecting import Collected, collect_range
    from zhulian.portal.telemetry_access import telemetry
    from zhulian.vocabulary.readings import TenantId

    def show(done: int, total: int, so_far: Collected) -> None:
        if done == total or done % 10 == 0:
            click.echo(f"\r  {done}/{total} · +{so_far.stated} ~{so_far.superseded} ={so_far.same}", nl=done == total)

    begin, end = (moment.replace(tzinfo=SHANGHAI).date() for moment in (first, last))
    found = collect_range(telemetry(), begin, end, TenantId(enterprise) if enterprise else None, show=show)
    click.echo(f"{found.words}")
