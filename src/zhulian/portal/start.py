"""Waking Django up outside the web server: called by the command line and by ``asgi``."""

import os

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def start_django() -> None:
    """Load settings and rooms; makes the data folder (mode 700) so that SQLite can open its file."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhulian.portal.settings")
    django.setup()
    settings.ZHULIAN.data.root.mkdir(parents=True, exist_ok=True, mode=0o700)


def migrate() -> None:
    """Bring the records to the newest form, and what is derived from them into line; quick when nothing changed."""
    call_command("migrate", interactive=False, verbosity=0)
    from zhulian.organisations.search.workflows import complete  # noqa: PLC0415 - models need Django awake
    from zhulian.organisations.workflows import write_revoked  # noqa: PLC0415
    from zhulian.organisations.workflows.quotas import write_quotas  # noqa: PLC0415

    write_revoked(settings.ZHULIAN.data.revoked)
    write_quotas(settings.ZHULIAN.data.quotas)
    complete()


def pending_migrations() -> int:
    """How many migrations the records still wait for."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
