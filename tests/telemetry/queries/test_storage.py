"""What the store holds and whose, on the shared store process: counted from sums, sizes from the parts."""

from zhulian.telemetry.queries import Telemetry
from zhulian.vocabulary.readings import TenantId

MONDAY_US = 1_789_315_200_000_000
DAY_US = 86_400_000_000
OURS, OTHERS = 21, 22
ROWS = 30 * 24 * 60 + 7200 + 30
FIRST = (MONDAY_US + 8 * 3_600_000_000) // DAY_US


def test_each_enterprise_with_its_readings(telemetry: Telemetry) -> None:
    used = telemetry.usage()
    for tenant in (OURS, OTHERS):
        use = used.tenants[TenantId(tenant)]
        assert (use.rows, use.ever) == (ROWS, ROWS)
        assert use.first_s == MONDAY_US // 1_000_000
    assert used.bytes_per_row is not None
    assert 0 < used.bytes_per_row < 40
    assert {"readings", "hourly", "daily"} <= {table.name for table in used.tables}


def test_partitions_add_up_to_their_tables(telemetry: Telemetry) -> None:
    total = sum(one.rows for one in telemetry.partitions() if one.table == "readings")
    assert total == next(one.rows for one in telemetry.usage().tables if one.name == "readings")


def test_growth_by_day_of_the_city_for_some_and_for_all(telemetry: Telemetry) -> None:
    ours = telemetry.stored_days([TenantId(OURS)], FIRST, FIRST + 40)
    assert sum(ours.values()) == ROWS
    assert ours[FIRST + 1] == 24 * 60
    assert telemetry.stored_days([], FIRST, FIRST + 40) == {}
    assert telemetry.stored_days(None, FIRST + 1, FIRST + 1)[FIRST + 1] >= 2 * 24 * 60


def test_nothing_went_yet(telemetry: Telemetry) -> None:
    assert telemetry.thinned([TenantId(OURS)], FIRST, FIRST + 40) == set()
