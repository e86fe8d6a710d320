"""Waking Django up outside the web server: called by the command line and by ``asgi``."""

import os

import django
from django.conf import settings
from django.core.management import call_command


def start_django() -> None:
    """Load settings and rooms; makes the data folder (mode 700) so that SQLite can open its file."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhulian.portal.settings")
    django.setup()
    settings.ZHULIAN.data.root.mkdir(parents=True, exist_ok=True, mode=0o700)


def migrate() -> None:
    """Bring the records to the newest form; quick when they already are."""
    call_command("migrate", interactive=False, verbosity=0)
