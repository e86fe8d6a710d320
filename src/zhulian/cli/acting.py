"""What commands that act on the records share: Django awake, a person's rights, sentences for refusals."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from zhulian.vocabulary.errors import ZhulianError

if TYPE_CHECKING:
    from zhulian.organisations.tenancy import Scope
    from zhulian.vocabulary.settings import DataFolder


@contextmanager
def at_records() -> Iterator["DataFolder"]:
    """Settings loaded, folder there, migrations done; what is refused within is a sentence, not a traceback."""
    from django.conf import settings

    from zhulian.portal.start import migrate, start_django

    try:
        start_django()
        migrate()
        yield settings.ZHULIAN.data
    except ZhulianError as fault:
        raise click.ClickException(str(fault)) from fault


def scope_of(username: str) -> "Scope":
    """The rights of an account; of the platform itself when none is named."""
    from zhulian.organisations.models import User
    from zhulian.organisations.tenancy import SYSTEM, visible_to

    if not username:
        return SYSTEM
    user = User.objects.filter(username=username).first()
    if user is None:
        raise click.ClickException(f"没有账号“{username}”。 / There is no account “{username}”.")
    return visible_to(user)
