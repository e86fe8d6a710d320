"""The only writer of this room: a file is taken in, its columns are chosen, it begins, is carried, may be stopped.

What is carried is known by the platform's ledger; these records say how far it is, and nothing depends on them but
that: a carrier that dies is followed by another, which begins at the same numbers.
"""

import contextlib
import dataclasses
import fcntl
import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from zhulian.audit.rules import Subject
from zhulian.audit.workflows import record as put_on_record
from zhulian.backfill import queries
from zhulian.backfill.models import Backfill
from zhulian.backfill.rules import (
    MAY_GO_ON,
    MAY_STOP,
    PointName,
    carried_elsewhere,
    guess,
    matched,
    no_points,
    not_yet_read,
    nothing_new,
    same_point_twice,
    too_large,
    unfinished,
    unknown_point,
    wrong_choice,
    wrong_state,
)
from zhulian.organisations.models import Enterprise
from zhulian.organisations.queries import ENTERPRISE, one_of
from zhulian.organisations.rules import NotAllowedError
from zhulian.organisations.tenancy import SYSTEM, Scope, actor
from zhulian.telemetry.backfill.errors import zone_unknown
from zhulian.telemetry.backfill.layout import Layout, sha256_of
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.readings import TenantId

if TYPE_CHECKING:
    from zhulian.telemetry.backfill.carrying import Platform, Progress
    from zhulian.telemetry.backfill.files import Head

# What reads files is imported where it is needed: Arrow takes 80 MB of every process that has it.

TELL_EVERY_S = 1.0
LEFT_AFTER_S = 86_400
MOST_NAMES = 20_000
"""Of a column with more, a name a row or nearly, it was no column of names."""
_EPOCH = date(1970, 1, 1)
_log = logging.getLogger("zhulian.backfill")


class StoppedError(Exception):
    """Somebody stopped the import while it was carried."""


def may_backfill(scope: Scope, enterprise: int) -> bool:
    """Whether this person may bring history in: the enterprise's engineers and owners, the bureau on its behalf."""
    return scope.may_configure(enterprise) or enterprise in scope.owns or scope.keeps_city


def _enterprise(scope: Scope, enterprise: int) -> int:
    found = one_of(scope.enterprises(), enterprise, ENTERPRISE)
    if not may_backfill(scope, found.pk):
        raise NotAllowedError
    return int(found.pk)


def upload(scope: Scope, enterprise: int, filename: str, pieces: Iterable[bytes]) -> int:
    """Keep an uploaded file as a draft; returns its number. Raises BackfillRefused, BackfillError."""
    owner = _enterprise(scope, enterprise)
    with _landing() as landing:  # a large file takes a while, and nobody else can write to the records in a transaction
        _write(landing / "upload", pieces)
        about = _described(scope, owner, landing / "upload", 1)
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


def name_file(scope: Scope, enterprise: int, path: Path, header: int = 1) -> int:
    """A draft for a file that lies on this machine; the file stays where it is. Raises BackfillError, OSError."""
    owner = _enterprise(scope, enterprise)
    return int(_draft(scope, owner, path.name, _described(scope, owner, path, header), str(path.resolve())).pk)


def _draft(scope: Scope, enterprise: int, filename: str, about: "Described", path: str = "") -> Backfill:
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


class Described(NamedTuple):
    """What a file says about itself: hash, size, what its titles probably mean, and what may name a point."""

    sha256: str
    size_bytes: int
    layout: Layout
    names: list[str]


def _described(scope: Scope, enterprise: int, path: Path, header: int) -> Described:
    from zhulian.telemetry.backfill import files  # noqa: PLC0415

    head = files.look(path, header)
    layout = msgspec.convert({**guess(head.titles), "header": header}, Layout)
    names = names_in(path, head, layout)
    layout = msgspec.structs.replace(layout, points=matched(names, queries.point_names(scope, enterprise)))
    return Described(sha256_of(path), path.stat().st_size, layout, names)


def names_in(path: Path, head: "Head", layout: Layout) -> list[str]:
    """What may name a point: columns of a wide file; of a long one every name from its first row to its last.

    A historian writes point by point, so its first rows name one point only. Raises BackfillError.
    """
    if layout.shape == "wide":
        return [title for title in head.titles if title != layout.time]
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    from zhulian.telemetry.backfill import files  # noqa: PLC0415

    found: dict[str, None] = {}
    for block in files.blocks(path, head, layout.header, [layout.name]):
        names = pc.utf8_trim_whitespace(pc.cast(block.columns[layout.name], pa.utf8()))
        found |= dict.fromkeys(filter(None, pc.unique(names).to_pylist()))
        if len(found) > MOST_NAMES:
            break
    return list(found)[:MOST_NAMES]


def choose(scope: Scope, number: int, chosen: Mapping[str, Any], points: Mapping[str, str]) -> None:
    """Say how a draft is read. ``points``: name → ``machine / point`` or ``#id``; empty leaves it out."""
    with transaction.atomic():
        row = _locked(scope, number, {"draft"})
    known = queries.point_names(scope, row.enterprise_id)
    layout = _checked({**chosen, "points": _points(points, known)})
    head, names = queries.head(scope, number, layout.header), row.names
    for title in layout.columns[: None if layout.shape == "long" else 1]:
        if title not in head.titles:
            raise wrong_choice(title)
    if _is_read_otherwise(queries.layout_of(row), layout):  # names of another column or row are others: guess anew
        names = names_in(queries.path_of(row), head, layout)
        layout = msgspec.structs.replace(layout, points=matched(names, known))
    with transaction.atomic():
        row = _locked(scope, number, {"draft"})
        row.layout, row.names, row.touched_at = msgspec.to_builtins(layout), names, timezone.now()
        row.save()


def _is_read_otherwise(before: Layout, now: Layout) -> bool:
    return (before.shape, before.name, before.time, before.header) != (now.shape, now.name, now.time, now.header)


def _checked(chosen: Mapping[str, Any]) -> Layout:
    try:
        layout = msgspec.convert(dict(chosen), Layout)
    except msgspec.ValidationError as fault:
        raise wrong_choice(str(fault)) from fault
    _refuse_zone(layout.zone)
    if not layout.time or (layout.shape == "long" and not (layout.name and layout.value)):
        raise wrong_choice("time, name, value")
    if len({*layout.columns}) < len(layout.columns) or not 0 <= layout.header <= 1000:
        raise wrong_choice("columns")
    return layout


def _refuse_zone(zone: str) -> None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 - reads files when it is imported

    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise zone_unknown(zone) from fault


def _points(texts: Mapping[str, str], known: list[PointName]) -> dict[str, int]:
    wanted = {name: text.strip() for name, text in texts.items() if text.strip()}
    ids = matched(wanted.values(), known)
    found: dict[str, int] = {}
    for name, text in wanted.items():
        if text not in ids:
            raise unknown_point(text)
        if ids[text] in found.values():
            raise same_point_twice(text)
        found[name] = ids[text]
    return found


def begin(scope: Scope, number: int) -> None:
    """Let a draft wait for its carrier, or an import that was stopped go on. Raises BackfillRefused."""
    with transaction.atomic():
        row = _locked(scope, number, {"draft"} | MAY_GO_ON)
        if row.state == "draft":
            _begin_draft(scope, row)
        row.state, row.fault, row.touched_at, row.ended_at = "waiting", None, timezone.now(), None
        row.save()


def _begin_draft(scope: Scope, row: Backfill) -> None:
    layout = queries.layout_of(row)
    if not layout.points:
        raise no_points()
    # Two drafts of one file may begin at the same moment, and would both find that the other has not.
    Enterprise.objects.select_for_update(no_key=True).get(pk=row.enterprise_id)
    if queries.unfinished_of(row) is not None:
        raise unfinished()
    points = not_yet_read(layout, queries.earlier_layouts(row))
    if not points:
        raise nothing_new(row.filename)
    row.layout = msgspec.to_builtins(msgspec.structs.replace(layout, points=points))
    row.begun_at = timezone.now()
    _record(scope, "backfill.begun", row, f"{len(points)} points")


def stop(scope: Scope, number: int) -> None:
    """Forget a draft; let what is on its way come to a halt (what is in stays in)."""
    with transaction.atomic():
        row = _locked(scope, number, {"draft"} | MAY_STOP)
        if row.state == "draft":
            folder = queries.folder_of(row.pk)
            row.delete()
            transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))
            return
        row.state, row.ended_at, row.touched_at = "stopped", timezone.now(), timezone.now()
        row.save()
        _record(scope, "backfill.stopped", row, str(row.sent))


def _locked(scope: Scope, number: int, states: Iterable[str]) -> Backfill:
    row = queries.record(scope, number, for_update=True)
    if not may_backfill(scope, row.enterprise_id):
        raise NotAllowedError
    if row.state not in states:
        raise wrong_state(row.state)
    return row


def _record(scope: Scope, action: str, row: Backfill, note: str) -> None:
    subject = Subject("backfill", row.pk, row.filename)
    put_on_record(actor(scope), action, subject, organisation=row.enterprise_id, note=note)


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
    from zhulian.telemetry.backfill.carrying import Carrying, Source  # noqa: PLC0415

    teller = _Teller(row, tell)
    source = Source(TenantId(row.enterprise_id), queries.path_of(row), row.sha256, queries.layout_of(row))
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
        _record(SYSTEM, "backfill.done", row, str(note))
    if not row.path:
        (queries.folder_of(row.pk) / "upload").unlink(missing_ok=True)
