"""Documents on disk, each stored once under the SHA-256 of its content: what it was called can never change what it is.

A file is written beside its place, forced to disk, and then given its name; so a full disk or a power cut leaves
nothing that looks like a document. Called by ``workflows`` and by the door that hands files out.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from zhulian.evidence.rules import EvidenceError
from zhulian.vocabulary.errors import Text

LARGEST_BYTES = 20 * 1024 * 1024
RESERVE_BYTES = 256 * 1024 * 1024
"""Left free for the ledger and the journal: a document is refused before the platform is."""
_HEAD = 4096


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that is on disk but has no place yet; ``keep`` or ``drop`` ends it."""

    draft: Path
    sha256: str
    size_bytes: int
    head: bytes

    def keep(self, root: Path) -> Path:
        """Give it its place; the same content has it already and is not stored again."""
        place = path_of(root, self.sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            self.drop()
        else:
            self.draft.replace(place)
            _sync_folder(place.parent)
        return place

    def drop(self) -> None:
        """Forget it."""
        self.draft.unlink(missing_ok=True)


def receive(root: Path, chunks: Iterable[bytes]) -> Incoming:
    """Write what comes to disk, hashing on the way; refuses what is empty, too large, or would fill the disk."""
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(root).free < RESERVE_BYTES + LARGEST_BYTES:
            raise _disk_full()
        handle, name = tempfile.mkstemp(dir=root, prefix=".incoming-")
        draft = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                return _write(draft, file.fileno(), chunks)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except OSError as fault:
        raise _disk_full() from fault


def path_of(root: Path, sha256: str) -> Path:
    """Where a content lies: two characters of its sum make the folder."""
    return root / sha256[:2] / sha256


def _write(draft: Path, number: int, chunks: Iterable[bytes]) -> Incoming:
    digest, size, head = hashlib.sha256(), 0, b""
    for chunk in chunks:
        size += len(chunk)
        if size > LARGEST_BYTES:
            raise too_large()
        digest.update(chunk)
        head = (head + chunk)[:_HEAD] if len(head) < _HEAD else head
        _write_all(number, chunk)
    if not size:
        raise EvidenceError(
            "document_empty",
            Text("文件是空的。", "The file is empty."),
            Text("请检查文件后重新选择。", "Check the file and choose it again."),
        )
    os.fsync(number)
    return Incoming(draft, digest.hexdigest(), size, head)


def _write_all(number: int, chunk: bytes) -> None:
    left = memoryview(chunk)
    while left:
        left = left[os.write(number, left) :]


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def too_large() -> EvidenceError:
    """Refused before, or as soon as, that is known."""
    most = LARGEST_BYTES // 1024**2
    return EvidenceError(
        "document_large",
        Text(f"文件超过 {most} MB。", f"The file has more than {most} MB."),
        Text("请压缩图片，或把 PDF 分成几份上传。", "Make the picture smaller, or split the PDF, and upload that."),
    )


def _disk_full() -> EvidenceError:
    return EvidenceError(
        "disk_full",
        Text("平台的磁盘快满了，文件没有保存。", "The platform's disk is nearly full; the file was not kept."),
        Text("请稍后再试，并告诉平台管理员。", "Try again later, and tell the platform's administrator."),
    )
