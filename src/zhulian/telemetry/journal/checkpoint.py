"""The checkpoint: up to which position the store holds everything, and which readings were ever received.

One small file, replaced as a whole. The ledger in it may be newer than the position, never older: every frame after
the position is in the journal and is added again at start.
"""

import secrets
from pathlib import Path

import msgspec

from zhulian.telemetry.journal import sealed
from zhulian.telemetry.journal.errors import checkpoint_unreadable

Intervals = list[tuple[int, int]]
NAME = "checkpoint"


class Checkpoint(msgspec.Struct, frozen=True):
    """``journal`` names this journal for good; ``ledger`` is gateway → epoch → received intervals."""

    journal: str
    position: int = 0
    ledger: dict[int, dict[str, Intervals]] = {}


def load_or_create(folder: Path) -> Checkpoint:
    """The checkpoint in ``folder``, made new with an empty journal. Raises JournalDamagedError, OSError."""
    path = folder / NAME
    if path.exists():
        return _load(path)
    if any(folder.glob("*.journal")):
        raise checkpoint_unreadable(path, "文件缺失，但有日志段 / missing beside journal segments")
    fresh = Checkpoint(secrets.token_hex(8))
    save(folder, fresh)
    return fresh


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Replace the file. Raises OSError."""
    sealed.save(folder / NAME, checkpoint)


def _load(path: Path) -> Checkpoint:
    try:
        return sealed.load(path, Checkpoint)
    except sealed.BrokenSealError as fault:
        raise checkpoint_unreadable(path, str(fault)) from fault
