"""``zhulian search``: the index by which names, codes and pinyin are found, looked at and made again."""

import click


@click.group("search")
def command() -> None:
    """The index of the search. 搜索索引。"""


@command.command("rebuild")
def rebuild() -> None:
    """Make the index again from the records; may run while the platform does. 重建搜索索引。"""
    _wake()
    from zhulian.organisations.search import workflows

    click.echo(f"✓ {workflows.rebuild():,}")


@command.command("check")
def check() -> None:
    """Compare the index with the records; exit code 1 when they differ. 核对搜索索引。"""
    _wake()
    from zhulian.organisations.search import workflows

    counts = workflows.counts()
    for count in counts:
        sign = "✓" if count.is_right else "✗"
        click.echo(f"{sign} {count.kind:<14} {count.present:>9,} / {count.wanted:,}")
    if not all(count.is_right for count in counts):
        raise SystemExit(1)


def _wake() -> None:
    from zhulian.portal.start import start_django

    start_django()
