"""A :class:`Telemetry` on the shared store process; two tenants whose readings are alike but for their values."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from peers.store_endpoint import StoreEndpoint, steady, table
from zhulian.telemetry.queries import Telemetry
from zhulian.telemetry.store.engine import Block
from zhulian.telemetry.store.place import Place
from zhulian.telemetry.store.remote import RemoteEngine
from zhulian.vocabulary.settings import Settings, read_settings

MONDAY_US = 1_789_315_200_000_000
"""2026-09-14 00:00 in Shanghai (a Sunday's 16:00 UTC), so that days and hours begin where the charts' buckets do."""
SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
OURS, OTHERS = 21, 22
SLOW, FAST, MIXED, SILENT = 1, 2, 3, 4


@pytest.fixture(scope="session")
def settings(store_endpoint: StoreEndpoint, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    data = tmp_path_factory.mktemp("data")
    (data / "keys").mkdir()
    (data / "keys" / "store.key").write_text(store_endpoint.key)
    return read_settings({"ZHULIAN_DATA": str(data), "ZHULIAN_STORE_PORT": str(store_endpoint.port)})


@pytest.fixture(scope="session")
def telemetry(settings: Settings, store_endpoint: StoreEndpoint) -> Iterator[Telemetry]:
    engine = RemoteEngine(
        Place("127.0.0.1", store_endpoint.port, "zhulian", store_endpoint.key, "zhulian", is_secure=False)
    )
    for tenant, shift in ((OURS, 0.0), (OTHERS, 1e6)):
        rows = steady(tenant, SLOW, MONDAY_US, MINUTE_US, [shift + i % 60 for i in range(30 * 24 * 60)])
        rows += steady(tenant, FAST, MONDAY_US, SECOND_US, [shift + i for i in range(7200)])
        rows += mixed(tenant, shift)
        engine.insert(Block(f"queries-{tenant}", table(rows)))
    engine.close()
    connected = Telemetry.connect(settings)
    yield connected
    connected.close()


def mixed(tenant: int, shift: float) -> list[tuple[int, int, int, float, str, int]]:
    """Good, uncertain and bad readings with words, one a minute, the newest bad."""
    return [
        (tenant, MIXED, MONDAY_US + i * MINUTE_US, shift + (1e9 if i % 3 == 2 else i), "运行" if i % 2 else "", i % 3)
        for i in range(30)
    ]


@pytest.fixture
def nowhere(tmp_path: Path) -> Settings:
    """Settings that point at a port where nobody listens."""
    return read_settings({"ZHULIAN_DATA": str(tmp_path), "ZHULIAN_STORE_PORT": "9"})
