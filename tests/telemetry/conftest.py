"""One store process for all tests of the endpoint, the remote engine and the queries."""

from collections.abc import Iterator

import pytest

from peers.store_endpoint import StoreEndpoint, store_endpoint_in


@pytest.fixture(scope="session")
def city_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreEndpoint]:
    """The only server of the cluster called ``city``."""
    with store_endpoint_in(tmp_path_factory.mktemp("cluster") / "store", "city") as running:
        yield running


@pytest.fixture(scope="session")
def store_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreEndpoint]:
    with store_endpoint_in(tmp_path_factory.mktemp("endpoint") / "store") as running:
        yield running
