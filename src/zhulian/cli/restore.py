"""``zhulian restore FILE``: a platform back from its backup, checked before anything is changed."""

import os
from pathlib import Path

import click

from zhulian.vocabulary.settings import read_settings


@click.command("restore", help="从备份恢复（先停止平台）。 / Bring a backup back; stop the platform first.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--force", is_flag=True, help="替换现有数据，原数据改名保留。 / Replace present data, kept under another name."
)
def command(file: Path, force: bool) -> None:
    """Every file is checked against the manifest; then the data folder is swapped in one step."""
    from zhulian.cli import archive

    settings = read_settings(os.environ)
    archive.read(settings, file.resolve(), force=force)
    click.echo(f"✓ {settings.data.root}")
