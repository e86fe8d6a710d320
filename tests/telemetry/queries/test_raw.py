"""Raw readings by pages and as Arrow: all of them, once each, in order, whatever arrives in between."""

from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peers.store_endpoint import StoreEndpoint, table
from zhulian.telemetry.queries import Cursor, Telemetry
from zhulian.telemetry.store.engine import Block
from zhulian.telemetry.store.place import Place
from zhulian.telemetry.store.remote import RemoteEngine
from zhulian.vocabulary.readings import PointId, TenantId, TimeUs
from zhulian.vocabulary.settings import Settings

START_US = 1_789_315_200_000_000
MINUTE_US, DAY_US = 60_000_000, 86_400_000_000
OURS, OTHERS = TenantId(51), TenantId(52)
POINTS = [PointId(1), PointId(2), PointId(3)]
SPAN = (TimeUs(START_US), TimeUs(START_US + 3 * DAY_US))
ROWS = sorted(
    (time_us, point, float(step))
    for point in (1, 2)
    for step in range(120)
    for time_us in [START_US + step * 30 * MINUTE_US]
)
TWICE = [(START_US + 70 * 30 * MINUTE_US, 1, 70.5), (START_US + 70 * 30 * MINUTE_US, 1, 70.25)]
"""Three readings of one point at one time: a gateway that was restored may send such."""


@pytest.fixture(scope="module")
def engine(store_endpoint: StoreEndpoint) -> Iterator[RemoteEngine]:
    found = RemoteEngine(
        Place("127.0.0.1", store_endpoint.port, "zhulian", store_endpoint.key, "zhulian", is_secure=False)
    )
    rows = [(OURS, point, time_us, value, "", 0) for time_us, point, value in [*ROWS, *TWICE]]
    found.insert(Block("raw", table([*rows, (OTHERS, 1, START_US, -1.0, "运行", 2)])))
    yield found
    found.close()


@pytest.fixture(scope="module")
def raw(settings: Settings, engine: RemoteEngine) -> Iterator[Telemetry]:
    connected = Telemetry.connect(settings)
    yield connected
    connected.close()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(most=st.integers(1, 400))
def test_pages_hold_every_reading_once(raw: Telemetry, most: int) -> None:
    found, after = [], None
    for _ in range(400):
        page = raw.rows_page(OURS, POINTS, *SPAN, after=after, most=most)
        assert len(page.rows) <= most
        found += page.rows
        after = page.after and Cursor.parse(str(page.after))
        if after is None:
            break
    assert [(row.time_us, row.point) for row in found] == sorted((at, point) for at, point, _ in [*ROWS, *TWICE])
    assert sorted(row.value for row in found) == sorted(value for _, _, value in [*ROWS, *TWICE])


def test_what_arrives_late_moves_no_page(raw: Telemetry, engine: RemoteEngine) -> None:
    tenant = TenantId(53)
    engine.insert(Block("late-1", table([(tenant, 1, START_US + at * MINUTE_US, float(at), "", 0) for at in range(4)])))
    first = raw.rows_page(tenant, POINTS, *SPAN, most=2)
    engine.insert(Block("late-2", table([(tenant, 1, START_US + 1, 9.0, "", 0)])))
    second = raw.rows_page(tenant, POINTS, *SPAN, after=first.after, most=9)
    assert [row.value for row in (*first.rows, *second.rows)] == [0.0, 1.0, 2.0, 3.0]


def test_arrow_holds_the_same_rows(raw: Telemetry) -> None:
    found = pa.Table.from_batches(raw.batches(OURS, POINTS, *SPAN))
    assert found.schema.names == ["point", "time", "value", "text", "quality"]
    assert found.schema.field("time").type == pa.timestamp("us", "UTC")
    assert found["time"].cast(pa.int64()).to_pylist() == [row.time_us for row in raw.rows(OURS, POINTS, *SPAN)]
    assert sum(found["value"].to_pylist()) == sum(value for _, _, value in [*ROWS, *TWICE])
    theirs = pa.Table.from_batches(raw.batches(OTHERS, POINTS, *SPAN))
    assert (theirs["text"].to_pylist(), theirs["quality"].to_pylist()) == (["运行"], [2])
    assert list(raw.batches(TenantId(54), POINTS, *SPAN)) == []


@pytest.mark.parametrize("text", ["", "1", "1.2", "1.2.x", "1.2.3.4", "1.-2.3", f"{10**40}.2.3", "1.2.9999999"])
def test_what_is_no_cursor(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Cursor.parse(text)
