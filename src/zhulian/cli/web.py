"""``zhulian web``: the portal by itself, one worker, pages and live streams on one port."""

import multiprocessing
import os
import subprocess
import sys

import click

from zhulian.cli.lifeline import die_with_parent
from zhulian.vocabulary.settings import read_settings

STOP_WITHIN_S = 4


@click.command("web", help="运行门户网站。 / Serve the portal.")
def command() -> None:
    """Brings the records up to date first; needs nothing else to be running."""
    from granian.constants import Interfaces
    from granian.server import Server

    # In a process of its own: Django would stay in the memory of this one, which only minds its worker.
    migrated = subprocess.run([sys.executable, "-m", "zhulian.cli.main", "migrate"], check=False)
    if migrated.returncode:
        sys.exit(migrated.returncode)
    settings = read_settings(os.environ)
    Server(
        "zhulian.cli.web:application",
        address=settings["ZHULIAN_HOST"],
        port=int(settings["ZHULIAN_PORT"]),
        interface=Interfaces.ASGI,
        workers=1,
        workers_kill_timeout=STOP_WITHIN_S,
        factory=True,
        log_access=False,
    ).serve()


def application() -> object:
    """Called in the worker: the portal, in a process that never outlives the one above it."""
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        die_with_parent(parent.pid)
    from zhulian.portal.asgi import application as portal

    return portal
