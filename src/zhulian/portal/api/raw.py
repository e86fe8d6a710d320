"""Readings as they came: by pages that can be continued, and whole ranges as a file (Arrow, Parquet, csv)."""

from typing import Literal

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from zhulian.audit.rules import Subject
from zhulian.organisations import queries
from zhulian.organisations.queries import PointRow
from zhulian.organisations.tenancy import visible_to
from zhulian.portal.api.access import may
from zhulian.portal.api.answers import READING_REFUSALS
from zhulian.portal.api.asking import Ids, Span, points_of_one, wrong_parameter
from zhulian.portal.api.line_shapes import ReadingOut, RowsOut
from zhulian.portal.api.reading_files import FORMS, PointFile, StreamedFile
from zhulian.portal.looks import taken
from zhulian.portal.telemetry_access import telemetry
from zhulian.telemetry.queries import Cursor
from zhulian.vocabulary.clock import to_datetime
from zhulian.vocabulary.readings import PointId, Quality, Reading, TenantId

router = Router(auth=may("readings:read"))
MOST_POINTS = 100
_FILE = {
    "responses": {
        200: {
            "description": "The file, streamed.",
            "content": {form.media_type: {"schema": {"type": "string", "format": "binary"}} for form in FORMS.values()},
        }
    }
}


class Page(Span):
    """How many readings, and behind which cursor they begin."""

    size: int = Field(1_000, ge=1, le=10_000)
    after: str = Field("", max_length=80)


class File(Span):
    """As what: Parquet, an Arrow IPC stream, or csv."""

    form: Literal["parquet", "arrow", "csv"] = "parquet"


@router.get("/readings", response={200: RowsOut, **READING_REFUSALS})
def readings(request: HttpRequest, points: Query[Ids], wish: Query[Page]) -> object:
    """Readings of up to 100 points of one enterprise, in order of time and point; ``after`` continues a page.

    What arrives late neither repeats nor hides a reading that was there; it is only seen where it is not yet passed.
    """
    tenant, rows = points_of_one(visible_to(request.user), points, MOST_POINTS)
    after = _cursor(wish.after)
    found = telemetry().rows_page(tenant, [row.id for row in rows], *wish.bounds(), after=after, most=wish.size)
    return RowsOut(rows=[_reading(row) for row in found.rows], after=str(found.after) if found.after else None)


@router.get("/readings/file", response=READING_REFUSALS, openapi_extra=_FILE)
def readings_file(request: HttpRequest, points: Query[Ids], wish: Query[File]) -> object:
    """Every reading of up to 100 points of one enterprise, as a file that is streamed while it is read.

    Names, units and machines of the points are in the schema's metadata (``zhulian``), in csv in each row.
    """
    scope = visible_to(request.user)
    tenant, rows = points_of_one(scope, points, MOST_POINTS)
    start_us, end_us = wish.bounds()
    ids = [row.id for row in rows]
    about = sum(extent.rows for extent in telemetry().extents(tenant, ids, start_us, end_us).values())
    subject = Subject("enterprise", tenant, queries.enterprise(scope, tenant).name)
    taken(scope, subject, about, wish.form, owner=tenant, filters=request.get_full_path())
    batches = telemetry().batches(tenant, ids, start_us, end_us)
    return StreamedFile(FORMS[wish.form], PointFile(_described(tenant, rows), batches), f"readings-{tenant}")


def _described(tenant: TenantId, rows: list[PointRow]) -> dict[PointId, dict[str, object]]:
    return {
        row.id: {
            "name": row.name,
            "unit": row.unit,
            "machine": row.machine,
            "enterprise": tenant,
            "address": row.address,
        }
        for row in rows
    }


def _cursor(text: str) -> Cursor | None:
    try:
        return Cursor.parse(text) if text else None
    except ValueError:
        raise wrong_parameter(
            "after 应是上一页给出的值，原样送回", "after is the value that the page before gave, sent back as it is"
        ) from None


def _reading(row: Reading) -> ReadingOut:
    value = None if row.quality is Quality.BAD else row.value
    return ReadingOut(
        point=row.point, time=to_datetime(row.time_us), value=value, text=row.text, quality=int(row.quality)
    )
