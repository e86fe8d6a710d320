"""Everything else pages ask: exports, counts, hours, live values, gateways, and what happens when nobody answers."""

import socket
import threading
import time
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhulian.telemetry.queries import GatewayAskFailed, PointCount, Telemetry, TelemetryRefused, TelemetryUnreachable
from zhulian.vocabulary.readings import PointId, Quality, Reading, TenantId, TimeUs
from zhulian.vocabulary.settings import Settings, read_settings
from zhulian.wire.asks import Ask

MONDAY_US = 1_789_315_200_000_000
MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
OURS, OTHERS, LIVE = TenantId(21), TenantId(22), TenantId(9)
SLOW, FAST, MIXED, SILENT = PointId(1), PointId(2), PointId(3), PointId(4)
EVER = (TimeUs(0), TimeUs(2 * 10**15))


def test_rows_come_ordered_by_time_across_days(telemetry: Telemetry) -> None:
    start, end = TimeUs(MONDAY_US + 5 * HOUR_US), TimeUs(MONDAY_US + 3 * DAY_US)
    rows = list(telemetry.rows(OURS, [SLOW, MIXED, SILENT], start, end))
    assert [row.time_us for row in rows] == list(range(start, end, MINUTE_US))
    assert {row.point for row in rows} == {SLOW}


def test_rows_keep_words_and_quality(telemetry: Telemetry) -> None:
    rows = list(telemetry.rows(OURS, [MIXED], *EVER))
    assert rows[0] == Reading(MIXED, TimeUs(MONDAY_US), 0.0, Quality.GOOD, None)
    assert rows[5] == Reading(MIXED, TimeUs(MONDAY_US + 5 * MINUTE_US), 1e9, Quality.BAD, "运行")


def test_rows_can_be_left_half_way(telemetry: Telemetry) -> None:
    for _ in range(12):
        rows = telemetry.rows(OURS, [SLOW, FAST], *EVER)
        assert len(list(islice(rows, 10))) == 10
        rows.close()  # type: ignore[attr-defined]
    assert list(telemetry.rows(OURS, [], *EVER)) == []


def test_counts_and_first_and_last(telemetry: Telemetry) -> None:
    assert telemetry.counts(OURS, [MIXED, SILENT]) == {
        MIXED: PointCount(MIXED, 30, TimeUs(MONDAY_US), TimeUs(MONDAY_US + 29 * MINUTE_US))
    }
    assert telemetry.counts(OURS, []) == {}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tenant=st.sampled_from([OURS, OTHERS, TenantId(0), TenantId(2**32 - 1)]),
    points=st.lists(st.integers(0, 2**32 - 1) | st.integers(1, 4), max_size=6),
    start=st.integers(-HOUR_US, 2 * HOUR_US),
)
def test_no_question_ever_brings_another_tenants_readings(
    telemetry: Telemetry, tenant: TenantId, points: list[int], start: int
) -> None:
    ids = [PointId(point) for point in points]
    span = (TimeUs(MONDAY_US + start), TimeUs(MONDAY_US + start + HOUR_US))
    mine = (lambda value: value < 1e6 or value == 1e9) if tenant == OURS else (lambda value: value >= 1e6)
    rows = list(telemetry.rows(tenant, ids, *span))
    assert all(mine(row.value) and row.point in ids for row in rows)
    assert set(telemetry.counts(tenant, ids)) <= set(ids)
    if tenant not in {OURS, OTHERS}:
        assert rows == []
        assert telemetry.counts(tenant, ids) == {}
    assert set(telemetry.city_hours({tenant: tenant}, *span).groups) <= {tenant}


def test_ten_thousand_points_in_one_question(telemetry: Telemetry) -> None:
    points = [PointId(point) for point in range(1, 10_001)]
    assert set(telemetry.counts(OURS, points)) == {SLOW, FAST, MIXED}
    assert set(telemetry.latest(LIVE, points)) == {1, 2}


def test_live_values_and_activity(telemetry: Telemetry) -> None:
    latest = telemetry.latest(LIVE, [PointId(1), PointId(2), PointId(3)])
    assert (latest[PointId(1)].value, latest[PointId(1)].time_us, latest[PointId(1)].text) == (1.5, 1_000_000, None)
    assert (latest[PointId(2)].quality, latest[PointId(2)].text) == (Quality.UNCERTAIN, "运行")
    assert set(latest) == {1, 2}
    assert telemetry.latest(OURS, []) == {}
    assert telemetry.activity()[LIVE].points_live == 2


def test_gateways_and_a_silent_one(telemetry: Telemetry) -> None:
    assert telemetry.gateways()[4].connected is False
    telemetry.announce_configuration(4, 7)
    with pytest.raises(GatewayAskFailed) as failure:
        telemetry.ask(4, Ask(kind="browse"), 0.2)
    assert failure.value.code == "gateway_offline"
    assert failure.value.what.zh
    assert failure.value.next_step.en


def test_the_live_streams_address(telemetry: Telemetry, settings: Settings) -> None:
    url = telemetry.live_stream_url(LIVE, [PointId(1), PointId(2)])
    assert url == f"http://127.0.0.1:{settings.store_port}/live/stream?tenant=9&points=1%2C2"
    assert telemetry.live_headers["authorization"].startswith("Basic ")


def test_threads_share_one_telemetry(telemetry: Telemetry) -> None:
    found: list[int] = []

    def ask() -> None:
        for _ in range(5):
            found.append(telemetry.series(OURS, SLOW, TimeUs(MONDAY_US), TimeUs(MONDAY_US + DAY_US)).total)
            found.append(telemetry.counts(OURS, [SLOW])[SLOW].count // 30)

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(200)
    assert found == [1440] * 100


def test_nobody_there_is_told_at_once_with_a_next_step(nowhere: Settings) -> None:
    """Once of five times is enough: it may be this computer that is slow."""
    assert any(seconds_of_refusals(nowhere) < 2 for _ in range(5))


def seconds_of_refusals(nowhere: Settings) -> float:
    telemetry = Telemetry.connect(nowhere)
    began = time.monotonic()
    for question in (
        lambda: telemetry.latest(OURS, [SLOW]),
        lambda: telemetry.series(OURS, SLOW, *EVER),
        lambda: list(telemetry.rows(OURS, [SLOW], *EVER)),
        lambda: telemetry.counts(OURS, [SLOW]),
        telemetry.activity,
        telemetry.gateways,
    ):
        with pytest.raises(TelemetryUnreachable) as failure:
            question()
        assert failure.value.code == "telemetry_unreachable"
        assert "doctor" in failure.value.next_step.zh
    return time.monotonic() - began


def test_a_process_that_hangs_is_given_up_within_two_seconds(tmp_path: object) -> None:
    """Once of five times is enough, as above."""
    assert any(seconds_of_silence(tmp_path) < 2 for _ in range(5))


def seconds_of_silence(tmp_path: object) -> float:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        telemetry = Telemetry.connect(read_settings({"ZHULIAN_DATA": str(tmp_path), "ZHULIAN_STORE_PORT": str(port)}))
        began = time.monotonic()
        with pytest.raises(TelemetryUnreachable):
            telemetry.series(OURS, SLOW, *EVER)
        with pytest.raises(TelemetryUnreachable):
            telemetry.counts(OURS, [SLOW])
        return time.monotonic() - began


def test_a_wrong_key_is_no_outage(settings: Settings, tmp_path: object) -> None:
    stranger = Telemetry.connect(
        read_settings({"ZHULIAN_DATA": str(tmp_path), "ZHULIAN_STORE_PORT": str(settings.store_port)})
    )
    with pytest.raises(TelemetryRefused):
        stranger.counts(OURS, [SLOW])
    with pytest.raises(TelemetryRefused):
        stranger.activity()
