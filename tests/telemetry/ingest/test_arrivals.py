"""Late and overtaken readings are stored like any others, and counted by gateway in its own time."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from peers.asgi_caller import call
from peers.town import NOW, Town, numbered
from zhulian.wire import lane

MINUTE_US = 60_000_000


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    town = Town(tmp_path)
    yield town
    await town.stop()


async def counted(town: Town, gateway: int = 1) -> tuple[int, int, int]:
    found = (await call(town.loopback, "GET", f"/arrivals/{gateway}")).json()
    return found["rows"], found["late_rows"], found["overtaken_rows"]


async def test_a_backlog_behind_live_readings_is_late_and_overtaken(town: Town) -> None:
    await town.send(11, 20, numbered(11, 20, NOW - MINUTE_US))
    assert await counted(town) == (10, 0, 0)
    await town.send(1, 10, numbered(1, 10, NOW - 10 * MINUTE_US))
    assert await counted(town) == (20, 10, 10)
    await town.send(1, 10, numbered(1, 10, NOW - 10 * MINUTE_US))
    assert await counted(town) == (20, 10, 10), "what was received before is not counted again"
    assert await counted(town, 2) == (0, 0, 0)


async def test_a_clock_that_is_off_makes_nothing_late(town: Town) -> None:
    behind_us = 60 * MINUTE_US
    await town.send(1, 10, numbered(1, 10, NOW - behind_us), **{lane.H_SENT: NOW - behind_us})
    assert await counted(town) == (10, 0, 0)
