"""What tests of the evidence share: two enterprises, and a clock whose hands they turn."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings as DjangoSettings

from peers.records import World, make_world
from zhulian.vocabulary.clock import SHANGHAI, to_time_us
from zhulian.vocabulary.readings import TimeUs
from zhulian.vocabulary.settings import read_settings


@pytest.fixture(autouse=True)
def own_data_folder(settings: DjangoSettings, tmp_path: Path) -> None:
    """No test touches the data of the person who runs it."""
    settings.ZHULIAN = read_settings({"ZHULIAN_DATA": str(tmp_path / "data")})
    settings.SECRET_KEY = "only-for-tests"


class Hands:
    """A clock that stands until it is turned."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)

    def __call__(self) -> TimeUs:
        return to_time_us(self.now)

    def turn(self, days: int = 1) -> datetime:
        """Some days later."""
        self.now += timedelta(days=days)
        return self.now


@pytest.fixture
def clock() -> Hands:
    """2 March 2026, nine in the morning."""
    return Hands()


@pytest.fixture
def world(db: None) -> World:
    """Two enterprises and people of every role."""
    return make_world()
