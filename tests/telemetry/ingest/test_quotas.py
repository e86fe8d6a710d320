"""Quotas: the average holds, bursts get in, exceptions count within seconds, and nobody pays for somebody else."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peers.asgi_caller import call
from peers.town import NOW, HandClock, Town, numbered
from zhulian.telemetry.arrivals import AllArrivals
from zhulian.telemetry.ingest.errors import IngestError
from zhulian.telemetry.ingest.quotas import BURST_S, Bucket, Quotas
from zhulian.vocabulary.readings import TenantId, TimeUs
from zhulian.vocabulary.settings import read_settings
from zhulian.wire.credentials import GatewayToken

FAR = TimeUs(2**60)


def sender(gateway: int = 1, tenant: int = 5) -> GatewayToken:
    return GatewayToken(gateway, TenantId(tenant), FAR)


def quotas_in(folder: Path, clock: HandClock, **settings: int) -> Quotas:
    given = {f"ZHULIAN_{name.upper()}": str(value) for name, value in settings.items()}
    return Quotas(read_settings({"ZHULIAN_DATA": str(folder), **given}), clock, AllArrivals())


@given(
    st.lists(st.tuples(st.integers(0, 5_000_000), st.integers(1, 5000)), min_size=1, max_size=60), st.integers(10, 1000)
)
def test_the_average_holds(arrivals: list[tuple[int, int]], rate: int) -> None:
    bucket, now_us, taken, largest = Bucket(), NOW, 0, max(rows for _, rows in arrivals)
    for later_us, rows in arrivals:
        now_us = TimeUs(now_us + later_us)
        if bucket.wait_s(rate, rate * BURST_S, now_us) == 0:
            bucket.take(rows)
            taken += rows
    assert taken <= rate * BURST_S + rate * (now_us - NOW) / 1e6 + largest


def test_the_time_to_come_back_is_enough_and_not_too_long() -> None:
    bucket = Bucket()
    assert bucket.wait_s(10, 600, NOW) == 0
    bucket.take(700)
    wait_s = bucket.wait_s(10, 600, NOW)
    assert bucket.wait_s(10, 600, TimeUs(NOW + int((wait_s - 0.2) * 1e6))) > 0
    assert bucket.wait_s(10, 600, TimeUs(NOW + int(wait_s * 1e6))) == 0


def test_a_gateway_over_its_quota_leaves_the_others_alone(tmp_path: Path) -> None:
    quotas = quotas_in(tmp_path, HandClock(), gateway_rows_per_second=10)
    quotas.admit(sender(1), 5000, 10)
    with pytest.raises(IngestError) as caught:
        quotas.admit(sender(1), 1, 10)
    assert (caught.value.status, caught.value.code) == (429, "over_quota")
    assert caught.value.retry_after_s == 300, "a raised quota is felt soon"
    quotas.admit(sender(2), 1, 10)


def test_an_enterprise_cannot_multiply_its_quota_by_gateways(tmp_path: Path) -> None:
    quotas = quotas_in(tmp_path, HandClock(), enterprise_rows_per_second=10)
    quotas.admit(sender(1), 601, 10)
    with pytest.raises(IngestError):
        quotas.admit(sender(2), 1, 10)
    quotas.admit(sender(3, tenant=6), 1, 10)


def test_bytes_of_a_day_are_bounded_too(tmp_path: Path) -> None:
    clock = HandClock()
    quotas = quotas_in(tmp_path, clock, gateway_mb_per_day=1)
    quotas.admit(sender(), 1, 1_500_000)
    with pytest.raises(IngestError) as caught:
        quotas.admit(sender(), 1, 10)
    assert "1 MB" in caught.value.what.en
    clock.now_us = TimeUs(NOW + 13 * 3600 * 10**6)
    quotas.admit(sender(), 1, 10)


def test_an_exception_counts_within_seconds_and_a_broken_file_keeps_the_last(tmp_path: Path) -> None:
    clock = HandClock()
    quotas = quotas_in(tmp_path, clock, gateway_rows_per_second=10)
    path = tmp_path / "quotas.json"
    for content, expected in [
        (json.dumps({"gateways": {"1": {"rows_per_s": 77}}, "enterprises": {}}), 77),
        ("nonsense", 77),
        (None, 10),
    ]:
        path.unlink() if content is None else path.write_text(content)
        clock.now_us = TimeUs(clock.now_us + 3 * 10**6)
        assert quotas.of("gateway", 1)[0] == expected
    assert quotas.of("enterprise", 1)[0] == 1_000_000


async def test_the_lane_says_so_and_keeps_nothing(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.settings.data.root.mkdir(exist_ok=True)
    town.settings.data.quotas.write_text('{"enterprises": {"5": {"rows_per_s": 1}}}')
    assert (await town.send(1, 61)).status == 200
    answer = await town.send(62, 62)
    assert (answer.status, answer.json()["code"], answer.headers["retry-after"]) == (429, "over_quota", "2")
    assert (await town.send(1, 1, gateway=2, tenant=TenantId(6))).status == 200
    counted = (await call(town.loopback, "GET", "/arrivals/1")).json()
    assert (counted["rows"], counted["over_quota"]) == (61, 1)
    town.clock.now_us = TimeUs(NOW + 2 * 10**6)
    assert (await town.send(62, 62)).json()["duplicate"] is False
    await town.stop()


async def test_a_claim_costs_no_more_than_the_largest_batch(tmp_path: Path) -> None:
    """One request with absurd numbers would otherwise keep all gateways of its enterprise out for years."""
    town = Town(tmp_path)
    assert (await town.send(1, 2**62, numbered(1, 1))).json()["code"] == "batch_row_count"
    assert (await town.send(1, 1, **{"Content-Length": 10**15})).json()["code"] == "body_too_large"
    town.clock.now_us = TimeUs(NOW + 10**6)
    assert (await town.send(1, 10, gateway=2)).status == 200
    await town.stop()
