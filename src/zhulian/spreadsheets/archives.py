"""Looks at an .xlsx file from outside, before anything is unpacked: size, bombs, macros, passwords, links."""

import io
import zipfile
from dataclasses import dataclass

from zhulian.spreadsheets import errors
from zhulian.spreadsheets.tables import Limits

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_MOST_ENTRIES = 5_000
_SMALL_BYTES = 4 * 1024 * 1024
"""A sheet of equal rows packs very well; below this nobody is hurt."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What stands in the archive's directory."""

    has_external_links: bool


def refuse_ole(body: bytes) -> None:
    """Old .xls files and workbooks with a password share one container; each is refused with its own advice."""
    raise errors.encrypted() if _ENCRYPTED_PACKAGE in body else errors.old_excel()


def inspect(body: bytes, limits: Limits) -> Contents:
    """Refuse what must not be opened. A lying directory does not help: unpacking stops at the size it declares."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as fault:
        raise errors.unreadable("Excel 文件已损坏", "the Excel file is damaged") from fault
    _refuse_bombs(entries, len(body), limits)
    names = {entry.filename.lower() for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        raise errors.encrypted()
    if any(name.endswith("vbaproject.bin") for name in names):
        raise errors.macros()
    if "xl/workbook.xml" not in names:
        raise errors.unreadable("它是压缩包，但不是 .xlsx 工作簿", "it is an archive, but no .xlsx workbook")
    return Contents(any(name.startswith("xl/externallinks/") for name in names))


def _refuse_bombs(entries: list[zipfile.ZipInfo], packed_bytes: int, limits: Limits) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    dense = any(
        entry.file_size > _SMALL_BYTES and entry.file_size > limits.largest_ratio * max(entry.compress_size, 1)
        for entry in entries
    )
    overlapping = sum(entry.compress_size for entry in entries) > packed_bytes
    if unpacked > limits.largest_unpacked_bytes or dense or overlapping or len(entries) > _MOST_ENTRIES:
        raise errors.zip_bomb(unpacked)
