"""City-wide counts, and who was heard lately."""

from zhulian.telemetry.queries import Source, Telemetry, TenantRows
from zhulian.vocabulary.readings import PointId, TenantId, TimeUs

MONDAY_US = 1_789_315_200_000_000
MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
OURS, OTHERS, LIVE = TenantId(21), TenantId(22), TenantId(9)
HOURS = [(MONDAY_US, 60 + 3600 + 30), (MONDAY_US + HOUR_US, 60 + 3600), (MONDAY_US + 2 * HOUR_US, 60)]


def test_hours_by_group(telemetry: Telemetry) -> None:
    span = (TimeUs(MONDAY_US), TimeUs(MONDAY_US + 3 * HOUR_US))
    found = telemetry.city_hours({OURS: 1, OTHERS: 2, TenantId(5): 2}, *span)
    assert found.groups == {1: HOURS, 2: HOURS}
    assert found.sums == {at: 2 * rows for at, rows in HOURS}
    assert telemetry.city_hours({OURS: 7, OTHERS: 7}, *span).groups == {7: [(at, 2 * rows) for at, rows in HOURS]}
    assert (found.basis.source, found.basis.share, found.basis.every_us) == (Source.HOUR, 1.0, HOUR_US)
    assert telemetry.city_hours({}, *span).groups == {}


def test_hours_without_a_reading_lower_the_share(telemetry: Telemetry) -> None:
    span = (TimeUs(MONDAY_US - 2 * HOUR_US), TimeUs(MONDAY_US + 2 * HOUR_US))
    assert telemetry.city_hours({OURS: 1}, *span).basis.share == 0.5


def test_the_busiest_come_first(telemetry: Telemetry) -> None:
    span = (TimeUs(MONDAY_US), TimeUs(MONDAY_US + HOUR_US))
    last_us = TimeUs(MONDAY_US + HOUR_US - 1_000_000)
    both = [TenantRows(OURS, 3690, 3, last_us), TenantRows(OTHERS, 3690, 3, last_us)]
    assert telemetry.top([OTHERS, TenantId(5), OURS], *span) == both
    assert telemetry.top([OTHERS, OURS], *span, 1) == both[:1]
    assert telemetry.top([], *span) == []


def test_thousands_of_enterprises_in_several_statements(telemetry: Telemetry) -> None:
    many = [TenantId(number) for number in range(1000, 3500)]
    span = (TimeUs(MONDAY_US), TimeUs(MONDAY_US + HOUR_US))
    assert [each.tenant for each in telemetry.top([*many, OURS], *span)] == [OURS]
    assert set(telemetry.city_hours(dict.fromkeys([*many, OURS], 3), *span).groups) == {3}


def test_who_was_heard_lately(telemetry: Telemetry) -> None:
    found = telemetry.seen()
    assert found.points[LIVE] == {PointId(1), PointId(2)}
    assert found.within_us == 300_000_000
    assert telemetry.seen(0).points == {}
