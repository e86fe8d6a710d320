"""A person says how a draft is read: which column is what, and which point a name is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone

from zhulian.backfill import queries
from zhulian.backfill.rules import PointName, matched, same_point_twice, unknown_point, wrong_choice
from zhulian.backfill.workflows.describing import Described, names_in
from zhulian.backfill.workflows.permission import locked
from zhulian.organisations.tenancy import Scope
from zhulian.telemetry.backfill.errors import zone_unknown
from zhulian.telemetry.backfill.layout import Layout


def choose(scope: Scope, number: int, chosen: Mapping[str, Any], points: Mapping[str, str]) -> None:
    """Say how a draft is read. ``points``: name → ``machine / point`` or ``#id``; empty leaves it out."""
    with transaction.atomic():
        row = locked(scope, number, {"draft"})
    before = Described(row.sha256, row.size_bytes, queries.layout_of(row), row.names, row.filename)
    now = read_as(scope, row.enterprise_id, queries.path_of(row), before, chosen, points)
    with transaction.atomic():
        row = locked(scope, number, {"draft"})
        row.layout, row.names, row.touched_at = msgspec.to_builtins(now.layout), now.names, timezone.now()
        row.save()


def read_as(  # noqa: PLR0917 - whose file, which, and how
    scope: Scope, enterprise: int, path: Path, about: Described, chosen: Mapping[str, Any], points: Mapping[str, str]
) -> Described:
    """What a file is when it is read as a person says; nothing is written. Raises BackfillRefused, BackfillError."""
    from zhulian.telemetry.backfill import files  # noqa: PLC0415 - Arrow takes 80 MB

    known = queries.point_names(scope, enterprise)
    layout = _checked({**chosen, "points": _points(points, known)})
    head, names = files.look(path, layout.header, about.called), about.names
    for title in layout.columns[: None if layout.shape == "long" else 1]:
        if title not in head.titles:
            raise wrong_choice(title)
    if _is_read_otherwise(about.layout, layout):  # names of another column or row are others: guess anew
        names = names_in(path, head, layout)
        layout = msgspec.structs.replace(layout, points=matched(names, known))
    return about._replace(layout=layout, names=names)


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
