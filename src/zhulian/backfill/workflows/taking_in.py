"""A file becomes a draft: uploaded through a page, or named where it lies on this machine."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from zhulian.backfill import queries
from zhulian.backfill.models import Backfill
from zhulian.backfill.rules import too_large
from zhulian.backfill.workflows.describing import Described, describe
from zhulian.backfill.workflows.permission import enterprise_for
from zhulian.organisations.tenancy import Scope

LEFT_AFTER_S = 86_400


def upload(scope: Scope, enterprise: int, filename: str, pieces: Iterable[bytes]) -> int:
    """Keep an uploaded file as a draft; returns its number. Raises BackfillRefused, BackfillError."""
    owner = enterprise_for(scope, enterprise)
    with _landing() as landing:  # a large file takes a while, and nobody else can write to the records in a transaction
        _write(landing / "upload", pieces)
        about = describe(scope, owner, landing / "upload", called=filename)
        with transaction.atomic():
            row = _draft(scope, owner, filename, about)
            folder = queries.folder_of(row.pk)
            shutil.rmtree(folder, ignore_errors=True)
            landing.rename(folder)
    return int(row.pk)


@contextlib.contextmanager
def _landing() -> Iterator[Path]:
    """A folder for a file that is not known yet. What an earlier process left half-way, a day ago, goes."""
    root = queries.root()
    root.mkdir(parents=True, exist_ok=True)
    for left in root.glob("landing-*"):
        if time.time() - left.stat().st_mtime > LEFT_AFTER_S:
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="landing-", dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def name_file(scope: Scope, enterprise: int, path: Path, about: Described) -> int:
    """A draft for a file that lies on this machine and stays there, read as ``about`` says; returns its number."""
    return int(_draft(scope, enterprise_for(scope, enterprise), path.name, about, str(path.resolve())).pk)


def _draft(scope: Scope, enterprise: int, filename: str, about: Described, path: str = "") -> Backfill:
    now = timezone.now()
    return Backfill.objects.create(
        enterprise_id=enterprise,
        filename=filename[-200:],
        path=path,
        sha256=about.sha256,
        size_bytes=about.size_bytes,
        layout=msgspec.to_builtins(about.layout),
        names=about.names,
        person_id=scope.person,
        person_name=scope.name,
        created_at=now,
        touched_at=now,
    )


def most_upload_mb() -> int:
    """The largest file that a page takes."""
    return int(settings.ZHULIAN["ZHULIAN_BACKFILL_UPLOAD_MB"])


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    most_mb = most_upload_mb()
    size = 0
    with path.open("wb") as file:
        for piece in pieces:
            size += len(piece)
            if size > most_mb * 2**20:
                raise too_large(most_mb)
            file.write(piece)
