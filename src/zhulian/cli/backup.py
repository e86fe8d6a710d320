"""``zhulian backup FILE``: the whole platform in one file, while it runs."""

import os
from pathlib import Path

import click

from zhulian.vocabulary.settings import read_settings


@click.command("backup", help="备份整个平台到一个文件（运行中也可以）。 / Back the whole platform up into one file.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def command(file: Path) -> None:
    """Records, keys, readings, maps and gateways' identities; mode 600, for it holds the keys."""
    from zhulian.cli import archive

    size = archive.write(read_settings(os.environ), file.resolve())
    click.echo(f"✓ {file} ({size / 2**20:,.1f} MB)")
