"""What tests of the records share."""

import pytest

from peers.records import World
from zhulian.desk.models import Message


@pytest.fixture
def world(world: World) -> World:
    """What the making of the world told people is not what these tests look at."""
    Message.objects.all().delete()
    return world
