"""What tests of the portal share: a data folder of their own, two enterprises, and telemetry from memory."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings as DjangoSettings

from peers.records import World, make_world
from peers.telemetry import FakeTelemetry
from zhulian.organisations.models import User
from zhulian.portal.telemetry_access import replaced_by
from zhulian.vocabulary.settings import read_settings


@pytest.fixture(autouse=True)
def own_data_folder(settings: DjangoSettings, tmp_path: Path) -> None:
    """No test touches the data of the person who runs it."""
    settings.ZHULIAN = read_settings({"ZHULIAN_DATA": str(tmp_path / "data")})
    settings.SECRET_KEY = "only-for-tests"
    cache.clear()


@pytest.fixture
def telemetry() -> Iterator[FakeTelemetry]:
    """Readings from memory, in place of the telemetry process."""
    fake = FakeTelemetry()
    with replaced_by(fake):
        yield fake


@pytest.fixture
def world(db: None) -> World:
    """Two enterprises and people of every role."""
    return make_world()


@pytest.fixture
def signed_in() -> Callable[[User | None], Client]:
    """``signed_in(user)`` is a browser in which that person has signed in; ``None`` is a stranger's."""

    def browser(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return browser
