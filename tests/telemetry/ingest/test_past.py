"""Readings of files beside those of gateways: once, without touching what is live, waiting when there is much to do."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from peers.asgi_caller import Answer, call
from peers.town import NOW, TENANT, Town, numbered
from zhulian.telemetry.ingest import past
from zhulian.telemetry.ingest.ledger import LARGEST_EPOCHS, LARGEST_SOURCES, Ledger, Verdict

EPOCH = "a" * 40
DAY_US = 86_400_000_000


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    town = Town(tmp_path)
    yield town
    await town.stop()


async def send(town: Town, first: int, last: int, body: bytes | None = None, epoch: str = EPOCH) -> Answer:
    target = f"/past?tenant={TENANT}&epoch={epoch}&first={first}&last={last}"
    old = numbered(first, last, NOW - 400 * DAY_US)
    return await call(town.loopback, "POST", target, {}, body or old)


async def test_a_file_goes_in_once_whatever_is_sent_again(town: Town) -> None:
    assert (await send(town, 1, 10)).json()["duplicate"] is False
    assert (await send(town, 1, 10)).json()["duplicate"] is True
    assert (await send(town, 11, 20)).status == 200
    assert (await send(town, 5, 15)).json()["duplicate"] is True
    assert (await send(town, 15, 25)).status == 409
    town.start()
    await town.stop()
    assert sorted(town.engine.values()) == [float(n) for n in range(1, 21)]
    again = Town(town.settings.data.root, town.engine)
    assert (await send(again, 1, 20)).json()["duplicate"] is True
    await again.stop()


async def test_gateways_of_the_same_numbers_are_others(town: Town) -> None:
    assert (await town.send(1, 10, gateway=TENANT)).status == 200
    assert (await send(town, 1, 10)).json()["duplicate"] is False


async def test_old_readings_change_nothing_that_is_live(town: Town) -> None:
    await town.send(1, 3)
    before = town.receiving.live.latest(TENANT, [9])  # type: ignore[list-item]
    await send(town, 1, 10)
    assert town.receiving.live.latest(TENANT, [9]) == before  # type: ignore[list-item]
    assert town.receiving.live.activity()[0].readings_last_minute == 3
    assert town.receiving.arrivals.of(-TENANT).rows == 0


async def test_a_point_that_never_spoke_shows_its_past_and_is_not_live(town: Town) -> None:
    await send(town, 1, 10, numbered(1, 10, NOW - DAY_US, point=77))
    (latest,) = town.receiving.live.latest(TENANT, [77])  # type: ignore[list-item]
    assert latest.value == 10
    assert latest.received_us == latest.time_us == NOW - DAY_US + 10
    assert town.receiving.live.activity()[0].points_live == 0


async def test_no_alarm_hears_of_the_past(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []
    monkeypatch.setattr(town.receiving.alarms, "take", lambda *_: heard.append(1))
    await send(town, 1, 10)
    assert not heard
    await town.send(1, 3)
    assert heard


async def test_after_a_crash_the_past_is_past_still(town: Town) -> None:
    await send(town, 1, 10)
    await town.crash()
    again = Town(town.settings.data.root, town.engine)
    assert again.receiving.live.activity()[0].points_live == 0
    assert (await send(again, 1, 10)).json()["duplicate"] is True
    again.start()
    await again.stop()
    assert set(again.engine.values().values()) == {1}


async def test_it_waits_while_there_is_much_to_store(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "MOST_ROWS_WAITING", 5)
    assert (await send(town, 1, 10)).status == 200
    refused = await send(town, 11, 20)
    assert (refused.status, refused.json()["code"]) == (503, "past_waits")
    assert (await town.send(1, 10)).status == 200, "gateways do not feel it"


async def test_it_leaves_most_of_the_journal_to_gateways(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "JOURNAL_SHARE", 10**9)
    assert (await send(town, 1, 10)).status == 200
    assert (await send(town, 11, 20)).status == 503


async def test_times_that_cannot_be_true_are_set_aside_as_always(town: Town) -> None:
    body = numbered(1, 3, 1_000_000)
    assert (await send(town, 1, 3, body)).json()["code"] == "time_out_of_reach"
    (item,) = (await call(town.loopback, "GET", "/quarantine")).json()["items"]
    assert (item["tenant"], item["gateway"], item["rows"]) == (TENANT, -TENANT, 3)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?tenant=5",
        f"?tenant=0&epoch={EPOCH}&first=1&last=1",
        "?tenant=5&epoch=x&first=1&last=1",
        f"?tenant=5&epoch={EPOCH}&first=2&last=1",
    ],
)
async def test_a_request_without_its_numbers_is_told_so(town: Town, query: str) -> None:
    assert (await call(town.loopback, "POST", f"/past{query}", {}, numbered(1, 1))).status == 400


def test_an_enterprise_may_have_more_files_than_a_gateway_has_lives() -> None:
    ledger = Ledger()
    for number in range(LARGEST_EPOCHS):
        ledger.add(-5, str(number), 1, 1)
        ledger.add(5, str(number), 1, 1)
    assert ledger.judge(5, "new", 1, 1) is Verdict.SCATTERED
    assert ledger.judge(-5, "new", 1, 1) is Verdict.NEW
    assert LARGEST_SOURCES > LARGEST_EPOCHS
