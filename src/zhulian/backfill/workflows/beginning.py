"""A draft begins, or an import that was stopped goes on; either may be stopped."""

import shutil
from pathlib import Path

import msgspec
from django.db import transaction
from django.utils import timezone

from zhulian.backfill import queries
from zhulian.backfill.models import Backfill
from zhulian.backfill.rules import MAY_GO_ON, MAY_STOP, no_points, not_yet_read, nothing_new, unfinished
from zhulian.backfill.workflows.describing import Described
from zhulian.backfill.workflows.permission import locked
from zhulian.backfill.workflows.taking_in import name_file
from zhulian.backfill.workflows.trail import record_import
from zhulian.organisations.models import Enterprise
from zhulian.organisations.tenancy import Scope


def begin(scope: Scope, number: int) -> None:
    """Let a draft wait for its carrier, or an import that was stopped go on. Raises BackfillRefused."""
    with transaction.atomic():
        row = locked(scope, number, {"draft"} | MAY_GO_ON)
        if row.state == "draft":
            _begin_draft(scope, row)
        row.state, row.fault, row.touched_at, row.ended_at = "waiting", None, timezone.now(), None
        row.save()


def begin_file(scope: Scope, enterprise: int, path: Path, about: Described) -> int:
    """Let a file that lies on this machine begin; its number. Raises BackfillRefused, and then there is no draft."""
    with transaction.atomic():
        number = name_file(scope, enterprise, path, about)
        begin(scope, number)
    return number


def _begin_draft(scope: Scope, row: Backfill) -> None:
    layout = queries.layout_of(row)
    if not layout.points:
        raise no_points()
    # Two drafts of one file may begin at the same moment, and would both find that the other has not.
    Enterprise.objects.select_for_update(no_key=True).get(pk=row.enterprise_id)
    if queries.unfinished(scope, row.enterprise_id, row.sha256) is not None:
        raise unfinished()
    points = not_yet_read(layout, queries.earlier_layouts(row))
    if not points:
        raise nothing_new(row.filename)
    row.layout = msgspec.to_builtins(msgspec.structs.replace(layout, points=points))
    row.begun_at = timezone.now()
    record_import(scope, "backfill.begun", row, f"{len(points)} points")


def stop(scope: Scope, number: int) -> None:
    """Forget a draft; let what is on its way come to a halt (what is in stays in)."""
    with transaction.atomic():
        row = locked(scope, number, {"draft"} | MAY_STOP)
        if row.state == "draft":
            folder = queries.folder_of(row.pk)
            row.delete()
            transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))
            return
        row.state, row.ended_at, row.touched_at = "stopped", timezone.now(), timezone.now()
        row.save()
        record_import(scope, "backfill.stopped", row, str(row.sent))
