"""The checkpoint: up to which position the store holds everything, and which readings were ever received.

One small file, replaced as a whole. The ledger in it may be newer than the position, never older: every frame after
the position is in the journal and is added again at start.
"""

import os
import secrets
import zlib
from pathlib import Path

import msgspec

from zhulian.telemetry.journal.errors import checkpoint_unreadable
from zhulian.telemetry.journal.segments import sync_folder

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
    """Replace the file; after a power cut there is the old one or the new one, nothing between. Raises OSError."""
    body = msgspec.json.encode(checkpoint)
    draft = folder / f"{NAME}.draft"
    with draft.open("wb") as file:
        file.write(b"%08x\n" % zlib.crc32(body) + body)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / NAME)
    sync_folder(folder)


def _load(path: Path) -> Checkpoint:
    check, _, body = path.read_bytes().partition(b"\n")
    if check != b"%08x" % zlib.crc32(body):
        raise checkpoint_unreadable(path, "校验和不符 / checksum does not fit")
    try:
        return msgspec.json.decode(body, type=Checkpoint)
    except msgspec.DecodeError as fault:
        raise checkpoint_unreadable(path, str(fault)) from fault
