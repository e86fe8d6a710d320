"""Documents, licences and logos on disk, each kept once under the SHA-256 of its content, in a folder of the data
directory: what it was called can never change what it is.

A file is written beside its place, forced to disk, and then given its name; so a full disk or a power cut leaves
nothing that looks like a document. It is written before the record that names it and never changed afterwards.
Called by ``workflows``, also of the rooms above, and by the doors that hand files out.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from zhulian.organisations.rules import RecordsError
from zhulian.vocabulary.errors import Text

LARGEST_BYTES = 20 * 1024 * 1024
RESERVE_BYTES = 256 * 1024 * 1024
"""Left free for the ledger and the journal: a document is refused before the platform is."""
_HEAD = 4096


class FileError(RecordsError):
    """A file that cannot be kept; nothing was written."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that is on disk but has no place yet; ``keep`` or ``drop`` ends it. ``head`` is its first 4 KiB."""

    draft: Path
    sha256: str
    size_bytes: int
    head: bytes

    def keep(self, root: Path) -> Path:
        """Give it its place; the same content has it already and is not stored again."""
        place = path_of(root, self.sha256)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if place.exists():
            self.drop()
        else:
            self.draft.replace(place)
            _sync_folder(place.parent)
        return place

    def drop(self) -> None:
        """Forget it."""
        self.draft.unlink(missing_ok=True)


def folder() -> Path:
    """Where this platform keeps its files."""
    found: Path = settings.ZHULIAN.data.files
    return found


def receive(root: Path, chunks: Iterable[bytes], most_bytes: int = LARGEST_BYTES) -> Incoming:
    """Write what comes to disk, hashing on the way; refuses what is empty, too large, or would fill the disk."""
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(root).free < RESERVE_BYTES + most_bytes:
            raise _disk_full()
        handle, name = tempfile.mkstemp(dir=root, prefix=".incoming-")
        draft = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                return _write(draft, file.fileno(), chunks, most_bytes)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except OSError as fault:
        raise _disk_full() from fault


def opened(root: Path, sha256: str) -> BinaryIO | None:
    """The file kept under that sum, read once to see that it is still what its name says; ``None`` when it is not."""
    place = path_of(root, sha256)
    if not place.is_file():
        return None
    file = place.open("rb")
    if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
        file.close()
        return None
    file.seek(0)
    return file


def content_of(root: Path, sha256: str) -> bytes | None:
    """The same as bytes, for small files."""
    file = opened(root, sha256)
    if file is None:
        return None
    with file:
        return file.read()


def path_of(root: Path, sha256: str) -> Path:
    """Where a content lies: two characters of its sum make the folder."""
    return root / sha256[:2] / sha256


def _write(draft: Path, number: int, chunks: Iterable[bytes], most_bytes: int) -> Incoming:
    digest, size, head = hashlib.sha256(), 0, b""
    for chunk in chunks:
        size += len(chunk)
        if size > most_bytes:
            raise too_large(most_bytes)
        digest.update(chunk)
        head = (head + chunk)[:_HEAD] if len(head) < _HEAD else head
        _write_all(number, chunk)
    if not size:
        raise _empty()
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


def too_large(most_bytes: int = LARGEST_BYTES) -> FileError:
    """Refused before, or as soon as, that is known."""
    most = most_bytes // 1024**2
    return FileError(
        "file_large",
        Text(f"文件超过 {most} MB。", f"The file has more than {most} MB."),
        Text("请压缩图片，或把 PDF 分成几份上传。", "Make the picture smaller, or split the PDF, and upload that."),
    )


def _empty() -> FileError:
    return FileError(
        "file_empty",
        Text("文件是空的。", "The file is empty."),
        Text("请检查文件后重新选择。", "Check the file and choose it again."),
    )


def _disk_full() -> FileError:
    return FileError(
        "disk_full",
        Text("平台的磁盘快满了，文件没有保存。", "The platform's disk is nearly full; the file was not kept."),
        Text("请稍后再试，并告诉平台管理员。", "Try again later, and tell the platform's administrator."),
    )
