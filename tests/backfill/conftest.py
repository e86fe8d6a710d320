"""What tests of past readings share."""

from pathlib import Path

import pytest
from pytest_django import Settings as DjangoSettings

from peers.records import World, make_world
from zhulian.vocabulary.settings import read_settings


@pytest.fixture(autouse=True)
def own_data_folder(settings: DjangoSettings, tmp_path: Path) -> None:
    """No test touches the data of the person who runs it."""
    settings.ZHULIAN = read_settings({"ZHULIAN_DATA": str(tmp_path / "data"), "ZHULIAN_BACKFILL_UPLOAD_MB": "1"})
    settings.SECRET_KEY = "only-for-tests"


@pytest.fixture
def world(db: None) -> World:
    """Two enterprises and people of every role."""
    return make_world()
