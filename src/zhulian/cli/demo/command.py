"""``zhulian demo``: makes the sample city in this data folder; quick when it is there already."""

import asyncio
import os
from collections.abc import Callable

import click
import msgspec

from zhulian.cli.demo.plan import Plan, free_ports
from zhulian.cli.supervisor import Supervisor, child_environment
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.settings import Settings, read_settings


@click.command("demo", help="建立演示城市（可重复运行）。 / Make the sample city; safe to run again.")
def command() -> None:
    """Records first, then thirty days of history through the real ingest lane."""
    from zhulian.portal.start import migrate, start_django

    settings = read_settings(os.environ)
    start_django()
    migrate()
    _make(settings)
    sign_ins(settings)


def _make(settings: Settings) -> None:
    from zhulian.cli.demo import alarms, city, evidence, looks, plan  # after Django has been woken
    from zhulian.cli.demo.factories import FACTORIES
    from zhulian.cli.demo.people import OTHERS, PEOPLE

    found = plan.load(settings.data) or _new_plan([factory.key for factory in FACTORIES])
    found = msgspec.structs.replace(found, people={one.username: one.role.value for one in (*PEOPLE, *OTHERS)})
    city.make(settings, found, _show)
    evidence.make(settings, system_clock(), _show)
    looks.make()
    alarms.make()
    plan.save(settings.data, found)
    if not found.has_history:
        asyncio.run(_with_telemetry(settings, lambda: _history(settings)))
        plan.save(settings.data, msgspec.structs.replace(found, has_history=True))


def sign_ins(settings: Settings) -> None:
    """Who can sign in where."""
    from zhulian.cli.demo.people import OTHERS, PASSWORD, PEOPLE
    from zhulian.vocabulary.roles import ROLE_NAMES

    click.echo(f"\n  {settings.portal_url}\n")
    for person in PEOPLE:
        role = ROLE_NAMES[person.role]
        click.echo(f"  {person.username:<10} {PASSWORD}   {role.zh} / {role.en}（{person.full_name}）")
    names = " ".join(person.username for person in OTHERS)
    click.echo(f"  同一密码还有 / the same password for: {names}")
    click.echo()


def _new_plan(keys: list[str]) -> Plan:
    ports = free_ports(2 * len(keys))
    return Plan(
        modbus=dict(zip(keys, ports[: len(keys)], strict=True)), opcua=dict(zip(keys, ports[len(keys) :], strict=True))
    )


def _history(settings: Settings) -> None:
    from zhulian.cli.demo import facts, flags, history

    now_us = system_clock()
    facts.collect(now_us, history.write(settings, now_us, _show), _show)
    flags.find(_show)


async def _with_telemetry(settings: Settings, work: Callable[[], None]) -> None:
    """Do ``work`` while the telemetry process runs: the platform's own if it does, else one for the time being."""
    from zhulian.cli.up import telemetry

    wanted = telemetry(settings)
    assert wanted.is_ready is not None  # noqa: S101 - telemetry is probed by its address
    if await wanted.is_ready():
        await asyncio.to_thread(work)
        return
    supervisor = Supervisor([wanted], child_environment(), settings.data.logs, _show)
    try:
        await supervisor.start()
        await asyncio.to_thread(work)
    finally:
        await supervisor.stop()


def _show(line: str) -> None:
    click.echo(f"  {line}")
