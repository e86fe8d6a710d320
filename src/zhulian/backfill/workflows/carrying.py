"""One import at a time is carried to its end; how far it is stands in its record.

What is carried is known by the platform's ledger; the record says how far it is, and nothing depends on it but that:
a carrier that dies is followed by another, which begins at the same numbers.
"""

import contextlib
import dataclasses
import fcntl
import logging
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from zhulian.backfill import queries
from zhulian.backfill.models import Backfill
from zhulian.backfill.rules import MAY_STOP, carried_elsewhere, wrong_state
from zhulian.backfill.workflows.trail import record_import
from zhulian.organisations.tenancy import SYSTEM
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.readings import TenantId

if TYPE_CHECKING:
    from zhulian.telemetry.backfill.carrying import Platform, Progress

TELL_EVERY_S = 1.0
_EPOCH = date(1970, 1, 1)
_log = logging.getLogger("zhulian.backfill")


class StoppedError(Exception):
    """Somebody stopped the import while it was carried."""


def next_waiting() -> int | None:
    """An import that waits for a carrier, or whose carrier is gone; the oldest first."""
    gone = timezone.now() - timedelta(seconds=queries.STALLED_AFTER_S)
    waiting = Backfill.objects.filter(state="waiting").order_by("id").values_list("id", flat=True).first()
    stalled = Backfill.objects.filter(state="running", touched_at__lt=gone).order_by("id")
    return waiting or stalled.values_list("id", flat=True).first()


def carry(number: int, platform: "Platform", tell: Callable[["Progress"], None] = lambda _: None) -> None:
    """Carry one import to its end, however long it takes. What goes wrong stands in its record.

    Raises BackfillRefused when another process is at it.
    """
    with _alone(number):
        row = queries.record(SYSTEM, number)
        if row.state not in MAY_STOP:
            raise wrong_state(row.state)
        _carry(row, platform, tell)


@contextlib.contextmanager
def _alone(number: int) -> Iterator[None]:
    """Two at once would mix up the days that they lay down, and so the numbers of readings.

    The lock ends with the process, however that ends.
    """
    folder = queries.folder_of(number)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise carried_elsewhere() from fault
        yield


def _carry(row: Backfill, platform: "Platform", tell: Callable[["Progress"], None]) -> None:
    from zhulian.telemetry.backfill.carrying import Carrying, Source  # noqa: PLC0415 - Arrow takes 80 MB

    teller = _Teller(row, tell)
    source = Source(TenantId(row.enterprise_id), queries.path_of(row), row.sha256, queries.layout_of(row), row.filename)
    carrying = Carrying(source, queries.folder_of(row.pk), teller)
    try:
        teller.write(carrying.progress)
        days = carrying.read()
        teller.write(carrying.progress)
        carrying.send(days, platform, row.sent)
    except StoppedError:
        _log.info("import %d was stopped", row.pk)
    except (ZhulianError, OSError) as fault:
        _fail(row, carrying.progress, fault)
    else:
        _finish(row, carrying.progress)
    finally:
        shutil.rmtree(queries.folder_of(row.pk) / "days", ignore_errors=True)


class _Teller:
    """Writes progress down, once a second, and looks whether somebody stopped the import."""

    def __init__(self, row: Backfill, tell: Callable[["Progress"], None]) -> None:
        self._row = row
        self._tell = tell
        self._before = row.progress
        self._told_s = 0.0

    def __call__(self, progress: "Progress") -> None:
        now_s = time.monotonic()
        if now_s - self._told_s >= TELL_EVERY_S:
            self._told_s = now_s
            self.write(progress)

    def write(self, progress: "Progress") -> None:
        """Raises StoppedError."""
        still = Backfill.objects.filter(pk=self._row.pk, state__in=MAY_STOP)
        if not still.update(state="running", touched_at=timezone.now(), **_told(progress, self._before, self._row)):
            raise StoppedError
        self._tell(progress)


def _told(progress: "Progress", before: Mapping[str, Any], row: Backfill) -> dict[str, Any]:
    """Columns of the record; what an earlier carrier brought in stays counted."""
    told = dataclasses.asdict(progress)
    days = [str(_EPOCH + timedelta(days=day)) for day in told.pop("days")]
    for name in ("new", "known", "aside"):
        told[name] += before.get(name, 0)
    columns: dict[str, Any] = {"progress": told, "sent": max(row.sent, progress.sent)}
    return columns | ({"days": days} if progress.is_read else {})


def _fail(row: Backfill, progress: "Progress", fault: ZhulianError | OSError) -> None:
    """What is in stays in; whoever mends the cause lets it go on."""
    _log.warning("import %d: %s", row.pk, fault)
    said = (
        {"zh": f"{fault.what.zh}{fault.next_step.zh}", "en": f"{fault.what.en} {fault.next_step.en}"}
        if isinstance(fault, ZhulianError)
        else {
            "zh": f"磁盘或文件不可用：{fault}。排除后点“继续”。",
            "en": f"Disk or file: {fault}. Mend it, then go on.",
        }
    )
    columns = _told(progress, row.progress, row)
    now = timezone.now()
    Backfill.objects.filter(pk=row.pk, state__in=MAY_STOP).update(
        state="failed", fault=said, ended_at=now, touched_at=now, **columns
    )


def _finish(row: Backfill, progress: "Progress") -> None:
    with transaction.atomic():
        now = timezone.now()
        found = Backfill.objects.filter(pk=row.pk, state__in=MAY_STOP)
        if not found.update(state="done", ended_at=now, touched_at=now, **_told(progress, row.progress, row)):
            return
        note = Text(f"{progress.found} 条读数", f"{progress.found} readings")
        record_import(SYSTEM, "backfill.done", row, str(note))
    if not row.path:
        (queries.folder_of(row.pk) / "upload").unlink(missing_ok=True)
