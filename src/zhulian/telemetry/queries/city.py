"""The whole city: readings by hour and group, the busiest enterprises, who was heard lately."""

from collections.abc import Iterator, Mapping, Sequence

from zhulian.telemetry.queries import city_statements
from zhulian.telemetry.queries.basis import Basis, Range, Source
from zhulian.telemetry.queries.buckets import HOUR_US
from zhulian.telemetry.queries.history import History
from zhulian.telemetry.queries.lines import CityHours, TenantRows
from zhulian.telemetry.queries.values import Activity
from zhulian.vocabulary.readings import TenantId, TimeUs

TENANTS_A_STATEMENT = 1000
Hours = Mapping[int, list[tuple[TimeUs, int]]]


def read_city_hours(
    history: History, groups: Mapping[TenantId, int], span_us: Range, now_us: TimeUs, busy: Mapping[TenantId, Activity]
) -> CityHours:
    """See :meth:`Telemetry.city_hours`."""
    found: dict[int, dict[TimeUs, int]] = {}
    for some in _batches(list(groups)):
        values = _within(some, span_us) | {"groups": [groups[tenant] for tenant in some]}
        for group, hour_s, rows in zip(*history.columns(city_statements.CITY_HOURS, values), strict=True):
            hours, hour_us = found.setdefault(group, {}), TimeUs(hour_s * 1_000_000)
            hours[hour_us] = hours.get(hour_us, 0) + rows
    ordered = {group: sorted(hours.items()) for group, hours in found.items()}
    heard = [busy[tenant] for tenant in groups if tenant in busy]
    return CityHours(*span_us, _basis(ordered, span_us, now_us, heard), ordered)


def read_top(history: History, tenants: Sequence[TenantId], span_us: Range, most: int) -> list[TenantRows]:
    """See :meth:`Telemetry.top`."""
    found: list[TenantRows] = []
    for some in _batches(tenants):
        columns = history.columns(city_statements.TOP, _within(some, span_us) | {"most": most})
        found += [TenantRows(*row) for row in zip(*columns, strict=True)]
    return sorted(found, key=lambda each: (-each.rows, each.tenant))[:most]


def _basis(groups: Hours, span_us: Range, now_us: TimeUs, heard: Sequence[Activity]) -> Basis:
    """Here the expected interval is the hour: the share is that of the hours that hold a reading."""
    start_us = span_us[0] // HOUR_US * HOUR_US
    due = -(-(min(span_us[1], now_us) - start_us) // HOUR_US)
    there = {hour_us for hours in groups.values() for hour_us, _ in hours if hour_us < now_us}
    return Basis(
        Source.HOUR,
        len(there) / due if due > 0 else None,
        HOUR_US,
        False,
        max((each.last_us for each in heard), default=None),
        max((each.received_us for each in heard), default=None),
    )


def _batches(tenants: Sequence[TenantId]) -> Iterator[list[TenantId]]:
    return (list(tenants[at : at + TENANTS_A_STATEMENT]) for at in range(0, len(tenants), TENANTS_A_STATEMENT))


def _within(tenants: Sequence[TenantId], span_us: Range) -> dict[str, object]:
    return {"tenants": tenants, "start": span_us[0], "end": span_us[1]}
