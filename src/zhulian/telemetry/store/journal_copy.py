"""A copy of the journal's folder while batches are still appended to it: whole up to the moment it was begun."""

import shutil
from pathlib import Path

from zhulian.telemetry.store.errors import backup_refused

ATTEMPTS = 10


def copy_journal(folder: Path, target: Path) -> None:
    """Copy ``folder`` (if there is one) to ``target``; again from the start when a file went away meanwhile.

    The last file may end in the middle of a frame: that batch was not acknowledged when the copy was taken, and the
    journal leaves such an end out when it opens.
    """
    for _ in range(ATTEMPTS):
        if not folder.is_dir():
            return
        names = _names(folder)
        try:
            shutil.copytree(folder, target)
        except (shutil.Error, FileNotFoundError):
            shutil.rmtree(target, ignore_errors=True)
            continue
        if names <= _names(target) and names <= _names(folder):  # nothing was dropped behind the checkpoint
            return
        shutil.rmtree(target)
    raise backup_refused("日志一直在变动", "the journal kept changing")


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.suffix != ".tmp"}
