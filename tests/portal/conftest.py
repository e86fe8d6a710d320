"""What tests of the portal share: an empty cache, telemetry from memory, and browsers in which people signed in."""

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from peers.telemetry import FakeTelemetry
from zhulian.organisations.models import User
from zhulian.portal.telemetry_access import replaced_by


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def telemetry() -> Iterator[FakeTelemetry]:
    """Readings from memory, in place of the telemetry process."""
    fake = FakeTelemetry()
    with replaced_by(fake):
        yield fake


@pytest.fixture
def signed_in() -> Callable[[User | None], Client]:
    """``signed_in(user)`` is a browser in which that person has signed in; ``None`` is a stranger's."""

    def browser(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return browser
