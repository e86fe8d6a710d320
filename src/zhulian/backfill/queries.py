"""The only reader of this room: imports of the enterprises in sight, their files, and the days that they touch."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from django.conf import settings
from django.db.models import QuerySet

from zhulian.backfill.models import Backfill
from zhulian.backfill.rules import BEGUN, STATE_WORDS, PointName
from zhulian.organisations.models import Point
from zhulian.organisations.queries import one_of
from zhulian.organisations.tenancy import Scope
from zhulian.telemetry.backfill.layout import Layout
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.pages import Page, page_of
from zhulian.vocabulary.readings import TenantId

if TYPE_CHECKING:
    from zhulian.telemetry.backfill.files import Head
    from zhulian.telemetry.backfill.preview import Preview

# What reads files is imported where it is needed: Arrow takes 80 MB of every process that has it.

BACKFILL = Text("历史数据导入", "import of past readings")
STALLED_AFTER_S = 60
"""Without a sign of life for so long, whoever carried it is gone."""


@dataclass(frozen=True, slots=True)
class BackfillRow:
    """One import as pages and the command line show it."""

    id: int
    enterprise: TenantId
    enterprise_name: str
    filename: str
    size_bytes: int
    state: str
    layout: Layout
    names: list[str]
    rows: int
    found: int
    empty: int
    refused: dict[str, int]
    is_read: bool
    sent: int
    new: int
    known: int
    aside: int
    first_us: int | None
    last_us: int | None
    days: int
    fault: Text | None
    person_name: str
    created_at: datetime
    begun_at: datetime | None
    touched_at: datetime
    ended_at: datetime | None
    is_uploaded: bool

    @property
    def state_words(self) -> Text:
        """Where it stands."""
        return STATE_WORDS[self.state]

    @property
    def refused_total(self) -> int:
        """Rows and cells that became no reading."""
        return sum(self.refused.values())

    @property
    def percent(self) -> int | None:
        """How much of it is in; None while it is not known how much there is."""
        return None if not self.is_read else 100 * self.sent // max(self.found, 1)

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return (self.ended_at - self.begun_at).total_seconds() if self.ended_at and self.begun_at else None


def record(scope: Scope, number: int, *, for_update: bool = False) -> Backfill:
    """The record itself, for this room's workflows; others read :func:`backfill`."""
    found = _seen(scope)
    return one_of(found.select_for_update(of=("self",)) if for_update else found, number, BACKFILL)


def backfill(scope: Scope, number: int) -> BackfillRow:
    """One import in sight."""
    return _row(record(scope, number))


def backfills(scope: Scope, enterprise: int, text: str = "", number: int = 1, size: int = 20) -> Page[BackfillRow]:
    """The imports of one enterprise in sight, newest first; two statements."""
    found = _seen(scope).filter(enterprise_id=enterprise).order_by("-id")
    return page_of(found.filter(filename__icontains=text) if text else found, number, size, _row)


def point_names(scope: Scope, enterprise: int) -> list[PointName]:
    """Every point of the enterprise, as names in files are held against them; one statement."""
    rows = scope.points().filter(machine__enterprise_id=enterprise).order_by("machine__name", "id")
    return [_point_name(row) for row in rows.select_related("machine")]


def _point_name(row: Point) -> PointName:
    return PointName(row.pk, row.machine.name, row.name, row.address)


def head(scope: Scope, number: int, header: int) -> "Head":
    """The titles of the file. Raises BackfillError."""
    from zhulian.telemetry.backfill import files  # noqa: PLC0415

    row = record(scope, number)
    return files.look(path_of(row), header, row.filename)


def first_rows(scope: Scope, number: int, header: int) -> list[dict[str, str]]:
    """The first rows of the file. Raises BackfillError."""
    from zhulian.telemetry.backfill.preview import sample  # noqa: PLC0415

    row = record(scope, number)
    return sample(path_of(row), header, row.filename)


def preview_of(scope: Scope, number: int, layout: Layout) -> "Preview":
    """What the beginning of the file would give. Raises BackfillError."""
    from zhulian.telemetry.backfill.preview import preview  # noqa: PLC0415

    row = record(scope, number)
    return preview(path_of(row), layout, called=row.filename)


def folder_of(number: int) -> Path:
    """What belongs to one import: an uploaded file, days on their way, refused rows."""
    return root() / str(number)


def root() -> Path:
    """Where the folders of all imports are."""
    return Path(settings.ZHULIAN.data.backfills)


def path_of(row: Backfill) -> Path:
    """Where the file lies."""
    return Path(row.path) if row.path else folder_of(row.pk) / "upload"


def refused_file(scope: Scope, number: int) -> Path | None:
    """The list of what was refused, if there is one."""
    path = folder_of(record(scope, number).pk) / "refused.csv"
    return path if path.exists() else None


def earlier_layouts(row: Backfill) -> list[Layout]:
    """How the same file was read before, with the points that got readings out of it."""
    same = Backfill.objects.filter(enterprise_id=row.enterprise_id, sha256=row.sha256, state__in=BEGUN)
    return [_with_readings(one) for one in same.exclude(pk=row.pk)]


def _with_readings(row: Backfill) -> Layout:
    """A point whose cells were all refused is as good as never read; before the file is read nobody knows."""
    layout = layout_of(row)
    if not row.progress.get("is_read"):
        return layout
    got = frozenset(row.progress["points"])
    return msgspec.structs.replace(layout, points={name: one for name, one in layout.points.items() if one in got})


def unfinished(scope: Scope, enterprise: int, sha256: str) -> int | None:
    """The number of an import of this file that has begun and not come to its end."""
    found = _seen(scope).filter(enterprise_id=enterprise, sha256=sha256, state__in=BEGUN - {"done"})
    return found.values_list("id", flat=True).first()


def layout_of(row: Backfill) -> Layout:
    """How the file is read."""
    return msgspec.convert(row.layout, Layout)


def imported_days(enterprises: Collection[int]) -> set[tuple[int, date]]:
    """(enterprise, day) of the city's calendar that hold readings from files, or will; one statement."""
    begun = Backfill.objects.filter(enterprise_id__in=enterprises, state__in=BEGUN)
    rows = begun.values_list("enterprise_id", "days")
    return {(enterprise, date.fromisoformat(day)) for enterprise, days in rows for day in days}


def _seen(scope: Scope) -> QuerySet[Backfill]:
    return Backfill.objects.filter(enterprise__in=scope.enterprises()).select_related("enterprise")


def _row(row: Backfill) -> BackfillRow:
    told: dict[str, Any] = row.progress
    return BackfillRow(
        id=row.pk,
        enterprise=TenantId(row.enterprise_id),
        enterprise_name=row.enterprise.name,
        filename=row.filename,
        size_bytes=row.size_bytes,
        state=row.state,
        layout=layout_of(row),
        names=row.names,
        rows=told.get("rows", 0),
        found=told.get("found", 0),
        empty=told.get("empty", 0),
        refused=told.get("refused", {}),
        is_read=told.get("is_read", False),
        sent=row.sent,
        new=told.get("new", 0),
        known=told.get("known", 0),
        aside=told.get("aside", 0),
        first_us=told.get("first_us"),
        last_us=told.get("last_us"),
        days=len(row.days),
        fault=Text(row.fault["zh"], row.fault["en"]) if row.fault else None,
        person_name=row.person_name,
        created_at=row.created_at,
        begun_at=row.begun_at,
        touched_at=row.touched_at,
        ended_at=row.ended_at,
        is_uploaded=not row.path,
    )
