"""Pages while telemetry is away: nobody says that there is nothing, because nobody knows."""

from collections.abc import Callable

import pytest
from django.test import Client

from peers.records import World
from peers.telemetry import FakeTelemetry
from zhulian.organisations.models import User

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User | None], Client]


@pytest.mark.parametrize("page", ["/machines/{machine}/", "/enterprises/{enterprise}/factory/", "/machines/"])
def test_a_value_that_cannot_be_read_is_not_called_never_read(
    page: str, world: World, telemetry: FakeTelemetry, signed_in: SignedIn
) -> None:
    client = signed_in(world.a.engineer)
    address = page.format(machine=world.a.machine, enterprise=world.a.enterprise)
    assert "尚无读数" in client.get(address).content.decode()
    telemetry.unreachable = True
    away = client.get(address).content.decode()
    assert "尚无读数" not in away
    assert "暂时读不到" in away
    assert away.count("<p>现在读不到遥测数据。采集不受影响") == 1


def test_nobody_says_that_no_gateway_is_online(world: World, telemetry: FakeTelemetry, signed_in: SignedIn) -> None:
    client = signed_in(world.a.engineer)
    assert "1 个网关，0 个在线" in client.get("/gateways/").content.decode()
    telemetry.unreachable = True
    away = client.get("/gateways/").content.decode()
    assert "1 个网关，暂时读不到几个在线" in away
    assert "0 个在线" not in away
