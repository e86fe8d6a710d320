"""``zhulian migrate``: bring the records to the form that this version expects."""

import click


@click.command("migrate", help="更新数据库结构。 / Bring the records up to date.")
def command() -> None:
    """Quick when there is nothing to do; ``zhulian web`` calls it at every start."""
    from zhulian.portal.start import migrate, start_django

    start_django()
    migrate()
