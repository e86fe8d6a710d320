"""One file that holds a whole platform: written by ``zhulian backup``, checked and brought back by ``zhulian restore``.

A gzipped tar with a manifest of SHA-256 sums. Records are copied by :mod:`zhulian.cli.records`, store and journal
together by :mod:`zhulian.telemetry.store.backup`, so both may be in use meanwhile.
"""

import hashlib
import json
import shutil
import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path

from zhulian import __version__
from zhulian.cli import records
from zhulian.telemetry.store.backup import backup_store, restore_store
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.settings import DataFolder, Settings

MANIFEST = "manifest.json"
TELEMETRY = "telemetry"


class ArchiveError(ZhulianError):
    """A backup that cannot be written, or that is not to be trusted."""


def write(settings: Settings, archive: Path) -> int:
    """Back the platform up into ``archive``; whole or not at all. Returns its size in bytes."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent, prefix=".zhulian-backup-") as name:
        folder = Path(name) / "zhulian"
        folder.mkdir()
        _copy(settings, folder)
        sums = {str(path.relative_to(folder)): _sum(path) for path in sorted(folder.rglob("*")) if path.is_file()}
        manifest = {"version": __version__, "sha256": sums}
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        draft = Path(name) / "draft"
        with tarfile.open(draft, "w:gz", compresslevel=1) as tar:
            tar.add(folder, arcname="zhulian")
        draft.chmod(0o600)  # it holds the platform's keys
        draft.replace(archive)
    return archive.stat().st_size


def read(settings: Settings, archive: Path, *, force: bool) -> None:
    """Bring ``archive`` back. Data that is there already is kept beside it, and replaced only with ``force``."""
    root = settings.data.root
    if root.exists() and any(root.iterdir()) and not force:
        raise ArchiveError(
            "data_present",
            Text(f"{root} 里已经有数据，没有动它。", f"{root} holds data already; nothing was changed."),
            Text(
                "请换一个 ZHULIAN_DATA；确要替换就加 --force，原数据会改名保留。",
                "Choose another ZHULIAN_DATA, or add --force: the present data is then kept under another name.",
            ),
        )
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent, prefix=".zhulian-restore-") as name:
        folder = _unpacked(archive, Path(name))
        records.check(settings, folder, force=force)
        fresh = Path(name) / "data"
        _bring_back(settings, folder, DataFolder(fresh))
        with records.brought_back(settings, folder):
            if root.exists():
                root.replace(_free_name(root))
            fresh.replace(root)


def _copy(settings: Settings, folder: Path) -> None:
    data = settings.data
    records.copy(settings, folder)
    backup_store(settings, folder / TELEMETRY)
    for place in (data.keys, data.maps, data.gateways, data.files):
        if place.exists():
            shutil.copytree(place, folder / place.name, ignore=shutil.ignore_patterns("outbox*", "lock", ".incoming-*"))
    _copy_quarantine(data.quarantine, folder / data.quarantine.name)
    for file in (data.revoked, data.root / "sample-city.json"):
        if file.exists():
            shutil.copy2(file, folder / file.name)


def _copy_quarantine(place: Path, copy: Path) -> None:
    """Whole items are written once and never changed; one may be sent again or discarded while this runs."""
    copy.mkdir()
    for file in sorted(place.glob("*")):
        if file.suffix != ".draft":
            with suppress(FileNotFoundError):
                shutil.copy2(file, copy / file.name)


def _bring_back(settings: Settings, folder: Path, fresh: DataFolder) -> None:
    fresh.root.mkdir(mode=0o700)
    for path in folder.iterdir():
        if path.name not in {MANIFEST, TELEMETRY, records.DUMP}:
            shutil.move(path, fresh.root / path.name)
    restore_store(Settings(dict(settings.values) | {"ZHULIAN_DATA": str(fresh.root)}), folder / TELEMETRY)


def _unpacked(archive: Path, into: Path) -> Path:
    """The archive's folder, every file checked against the manifest."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            tar.extractall(into, filter="data")
        folder = into / "zhulian"
        sums: dict[str, str] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["sha256"]
    except (OSError, EOFError, tarfile.TarError, ValueError, KeyError) as fault:
        raise _damaged(archive, str(fault)) from fault
    for name, expected in sums.items():
        if not (folder / name).is_file() or _sum(folder / name) != expected:
            raise _damaged(archive, name)
    return folder


def _damaged(archive: Path, what: str) -> ArchiveError:
    return ArchiveError(
        "archive_damaged",
        Text(f"备份 {archive} 不完整或已损坏（{what}）。", f"The backup {archive} is incomplete or damaged ({what})."),
        Text("什么都没有改动；请换一份备份。", "Nothing was changed; use another backup."),
    )


def _free_name(root: Path) -> Path:
    number = 1
    while (candidate := root.with_name(f"{root.name}.before-restore-{number}")).exists():
        number += 1
    return candidate


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
