"""A whole gateway against a platform that keeps to the contract and misbehaves on demand."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from peers.fake_platform import FakePlatform
from peers.fake_protocol import FakeProtocol
from zhulian.edge import gateway as gateway_module
from zhulian.edge import stream as stream_module
from zhulian.edge.configuration import read_file
from zhulian.edge.enrolment import StateFolder, enrol
from zhulian.edge.faults import EdgeError
from zhulian.edge.gateway import Gateway
from zhulian.edge.link import Link
from zhulian.vocabulary.errors import ZhulianError
from zhulian.wire.asks import Ask
from zhulian.wire.configuration import DeviceConfig, GatewayConfig, PointConfig

TOML = """
[gateway]
name = "东车间网关"
status_port = 0
[platform]
url = "{url}"
code = "{code}"
[[device]]
name = "总电表"
protocol = "fake"
address = "ok"
poll_s = 0.02
[[device.point]]
name = "次数"
address = "count"
unit = "次"
"""


@pytest.fixture
def protocol() -> FakeProtocol:
    return FakeProtocol()


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    async with FakePlatform() as platform:
        yield platform


Start = Callable[..., AbstractAsyncContextManager[Gateway]]


@pytest.fixture
def start(tmp_path: Path, protocol: FakeProtocol, platform: FakePlatform) -> Start:
    @asynccontextmanager
    async def run(code: str = "GOOD-CODE", toml: str = TOML) -> AsyncIterator[Gateway]:
        path = tmp_path / "gateway.toml"
        path.write_text(toml.format(url=platform.url, code=code), "utf-8")
        configuration = read_file(path, protocol.protocols())
        async with Gateway(configuration, protocol.protocols(), live_every_s=0.05) as gateway:
            gateway.uplink._backoff.most_s = 0.1
            yield gateway

    return run


def own_values(platform: FakePlatform) -> list[float]:
    return sorted(platform.values())


def whole(values: list[float]) -> bool:
    """1, 2, 3 … without a hole and each once."""
    return values == [float(number) for number in range(1, len(values) + 1)]


async def test_enrols_declares_and_delivers(
    start: Start, platform: FakePlatform, protocol: FakeProtocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway_module, "FLUSH_WITHIN_S", 60.0)
    monkeypatch.setattr(gateway_module, "DELIVER_WITHIN_S", 60.0)
    async with start() as gateway:
        await platform.until(lambda: len(platform.rows) >= 5)
        assert gateway.session.identity.gateway == 7
        assert gateway.declaration.device_ids == {"总电表": 1000}
        assert {row[0] for row in platform.rows} == {1001}
        await platform.until(lambda: platform.statuses)
        assert platform.statuses[-1].devices[0].name == "总电表"
    assert whole(own_values(platform))
    assert len(platform.rows) == protocol.counts["总电表", "次数"], "what was read last went out before the end"
    assert platform.ledger[platform.batches[0][0]][0][0] == 1


async def test_stopping_puts_everything_read_on_the_disk(
    start: Start, platform: FakePlatform, protocol: FakeProtocol
) -> None:
    counts, loop = protocol.counts, asyncio.get_running_loop()
    took_s: list[float] = []
    while not took_s or min(took_s) >= 3.0:
        assert len(took_s) < 5, took_s  # once it may have been this computer that was slow
        already = counts["总电表", "次数"]
        async with start(code=""):
            await platform.until(lambda already=already: counts["总电表", "次数"] >= already + 7)
            before = loop.time()
        took_s.append(loop.time() - before)
    async with start(code="") as gateway:
        fill = await gateway.recorder.on_disk(gateway.recorder.outbox.fill)
        assert fill.nameless_rows >= 7 * len(took_s)
    assert protocol.closes["总电表"] == protocol.connects["总电表"]


async def test_works_before_enrolment_and_sends_everything_after(
    start: Start, platform: FakePlatform, protocol: FakeProtocol
) -> None:
    async with start(code="") as gateway:
        await platform.until(lambda: protocol.counts["总电表", "次数"] >= 5)
        assert [fault.code for fault in gateway.picture.faults()] == ["not_enrolled"]
        async with Link() as link:
            await enrol(link, gateway.folder, platform.url, "GOOD-CODE", "东车间网关")
        gateway._tell_identity()  # as the look at the files does
        await platform.until(lambda: len(platform.rows) >= 10)
        assert gateway.picture.faults() == []
    assert whole(own_values(platform))


@pytest.mark.parametrize(
    "misbehaviour",
    [["lose", "lose"], ["503", "429"], ["500"], ["expired", "expired"], ["html404"], ["lose", "503", "lose"]],
)
async def test_every_misbehaviour_ends_in_exactly_once(
    start: Start, platform: FakePlatform, misbehaviour: list[str]
) -> None:
    platform.answers.extend(misbehaviour)
    async with start() as gateway:
        await platform.until(lambda: not platform.answers and len(platform.rows) >= 8)
        await platform.until(lambda: gateway.uplink.fault is None)
        assert (await gateway.recorder.on_disk(gateway.recorder.outbox.fill)).set_aside == 0
    assert whole(own_values(platform))
    assert platform.duplicates == misbehaviour.count("lose")
    assert platform.differing == 0


async def test_a_refused_batch_is_set_aside_and_the_rest_goes_on(start: Start, platform: FakePlatform) -> None:
    platform.answers.append("400")
    async with start() as gateway:
        await platform.until(lambda: len(platform.rows) >= 5)
        aside = await gateway.recorder.on_disk(gateway.recorder.outbox.set_aside)
        assert [each.fault["code"] for each in aside] == ["batch_unreadable"]
        lost = aside[0].last - aside[0].first + 1
        await platform.until(lambda: platform.statuses)
    assert min(platform.values()) == lost + 1


async def test_numbers_with_too_many_holes_are_left_behind(start: Start, platform: FakePlatform) -> None:
    platform.answers.extend(["", "scattered"])
    async with start() as gateway:
        await platform.until(lambda: len(platform.batches) >= 3)
        aside = await gateway.recorder.on_disk(gateway.recorder.outbox.set_aside)
    assert [each.fault["code"] for each in aside] == ["sequence_scattered"]
    assert platform.batches[1][0] != platform.batches[0][0] == aside[0].epoch


async def test_an_outage_is_caught_up_live_first(start: Start, platform: FakePlatform, protocol: FakeProtocol) -> None:
    async with start() as gateway:
        await platform.until(lambda: len(platform.rows) >= 3)
        await platform.leave()
        count = protocol.counts["总电表", "次数"]
        await platform.until(lambda: protocol.counts["总电表", "次数"] >= count + 10)
        await platform.until(lambda: gateway.uplink.fault is not None)
        assert gateway.uplink.fault.code == "platform_unreachable"
        await platform.come()
        reached = protocol.counts["总电表", "次数"]
        await platform.until(lambda: max(platform.values()) > reached and whole(own_values(platform)))
        assert gateway.uplink.fault is None
    assert whole(own_values(platform))


@pytest.mark.parametrize("delivered_before", [1, 50])
async def test_a_restored_copy_of_the_outbox_neither_loses_nor_hides_new_readings(
    start: Start, platform: FakePlatform, tmp_path: Path, delivered_before: int
) -> None:
    async with start():
        await platform.until(lambda: len(platform.rows) >= delivered_before)
    first_life = platform.batches[0][0]
    state = tmp_path / "state" / "outbox.sqlite3"
    with sqlite3.connect(state) as database:  # as if the disk image were a day old
        database.execute("UPDATE life SET next = 1")
        database.execute("DELETE FROM batches")
    database.close()
    before = len(platform.rows)
    async with start() as gateway:
        await platform.until(lambda: len(platform.rows) >= before + 5)
        aside = await gateway.recorder.on_disk(gateway.recorder.outbox.set_aside)
        assert {each.fault["code"] for each in aside} <= {"sequence_reused", "sequence_overlap"}
        assert aside
    assert platform.batches[-1][0] != first_life


async def test_a_restored_copy_that_begins_without_a_line_hides_no_new_readings_either(
    start: Start, platform: FakePlatform, tmp_path: Path
) -> None:
    """What never left this machine was not sent before, however often it was tried."""
    async with start():
        await platform.until(lambda: len(platform.rows) >= 5)
    first_life = platform.batches[0][0]
    with sqlite3.connect(tmp_path / "state" / "outbox.sqlite3") as database:
        database.execute("UPDATE life SET next = 1")
        database.execute("DELETE FROM batches")
    database.close()
    before = len(platform.rows)
    await platform.leave()
    async with start() as gateway:
        await platform.until(lambda: gateway.uplink.fault is not None)
        await platform.come()
        await platform.until(lambda: len(platform.rows) >= before + 5)
        aside = await gateway.recorder.on_disk(gateway.recorder.outbox.set_aside)
    assert {each.fault["code"] for each in aside} <= {"sequence_reused", "sequence_overlap"}
    assert min(each.first for each in aside) == 1, "the batch that was tried in vain"
    assert platform.batches[-1][0] != first_life


async def test_a_revoked_gateway_says_so_and_keeps_its_readings(start: Start, platform: FakePlatform) -> None:
    async with start() as gateway:
        await platform.until(lambda: len(platform.rows) >= 2)
        platform.revoked = True
        await platform.until(lambda: gateway.uplink.fault is not None)
        assert gateway.uplink.fault.code == "gateway_revoked"
        platform.revoked = False
        await platform.until(lambda: gateway.uplink.fault is None)
    assert whole(own_values(platform))


async def test_a_clock_that_is_off_is_named(start: Start, platform: FakePlatform) -> None:
    platform.clock_offset_us = 7200_000_000
    async with start() as gateway:
        await platform.until(lambda: gateway.uplink.clock_fault() is not None)
        assert "7200" in gateway.uplink.clock_fault().what.zh


def configured(version: int, *devices: DeviceConfig) -> GatewayConfig:
    return GatewayConfig(version=version, devices=devices)


def press(poll_s: float = 0.05, address: str = "count") -> DeviceConfig:
    point = PointConfig(id=41, name="压力", address=address, unit="MPa")
    return DeviceConfig(id=4, name="压机", protocol="fake", address="ok", poll_s=poll_s, points=(point,))


async def test_a_new_configuration_arrives_without_a_restart(
    start: Start, platform: FakePlatform, protocol: FakeProtocol
) -> None:
    async with start() as gateway:
        await platform.until(lambda: platform.streams)
        platform.configuration = configured(2, press())
        await platform.say(Ask(kind="configuration", version=2))
        await platform.until(lambda: any(row[0] == 41 for row in platform.rows))
        assert protocol.connects["总电表"] == 1, "the machine that did not change keeps its connection"
        platform.configuration = configured(3, press(poll_s=0.06))
        await platform.say(Ask(kind="configuration", version=3))
        await platform.until(lambda: protocol.connects["压机"] == 2)
        assert protocol.connects["总电表"] == 1
        assert (await gateway.picture.gateway_status()).configuration_version == 3
        platform.configuration = configured(4)
        await platform.say(Ask(kind="configuration", version=4))
        await platform.until(lambda: protocol.closes["压机"] == 2)
        assert [machine.device.name for machine in gateway.scheduler.machines] == ["总电表"]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b'{"version": 9, "devices": [{"name": "x"', "configuration_unreadable"),
        (
            msgspec.json.encode(configured(9, msgspec.structs.replace(press(), protocol="modbux"))),
            "configuration_unknown_protocol",
        ),
        (msgspec.json.encode(configured(9, press(address="wrong"))), "fake_address"),
        (msgspec.json.encode(configured(9, press(), press())), "configuration_device_name"),
        (msgspec.json.encode(configured(9, press(poll_s=0.0))), "configuration_value"),
    ],
)
async def test_a_bad_configuration_leaves_the_old_one_running(
    start: Start, platform: FakePlatform, protocol: FakeProtocol, bad: bytes, code: str
) -> None:
    platform.configuration = configured(2, press())
    async with start() as gateway:
        await platform.until(lambda: platform.streams and gateway.desired.remote.version == 2)
        platform.configuration, platform.raw_configuration = configured(9), bad
        await platform.say(Ask(kind="configuration", version=9))
        await platform.until(lambda: gateway.desired.fault is not None)
        assert gateway.desired.fault.code == code
        status = await gateway.picture.gateway_status()
        assert status.configuration_version == 2
        assert status.fault is not None
        assert status.fault["code"] == code
        await platform.until(lambda: protocol.connects["压机"] == 1)


async def test_the_last_configuration_is_used_without_the_platform(
    start: Start, platform: FakePlatform, protocol: FakeProtocol
) -> None:
    platform.configuration = configured(2, press())
    async with start() as gateway:
        await platform.until(lambda: gateway.desired.remote.version == 2)
    await platform.leave()
    reads = len(protocol.reads["压机"])
    async with start() as gateway:
        assert gateway.desired.remote.version == 2
        await platform.until(lambda: len(protocol.reads["压机"]) > reads)
        assert (gateway.folder.root / "configuration.json").stat().st_mode & 0o077 == 0


async def test_try_and_browse_are_answered(
    start: Start, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stream_module.ANSWER_WITHIN_S < 3.0, "a person waits three seconds"
    monkeypatch.setattr(stream_module, "ANSWER_WITHIN_S", 60.0)
    points = (
        PointConfig(name="好", address="3.5"),
        PointConfig(name="坏", address="bad"),
        PointConfig(name="错", address="wrong"),
        PointConfig(name="非数", address="nan"),
    )
    device = DeviceConfig(name="新设备", protocol="fake", address="ok", points=points)
    async with start():
        await platform.until(lambda: platform.streams)
        await platform.say(Ask(kind="try", id="a", device=device))
        reply = await asyncio.wait_for(platform.replies.get(), 100)
        assert [(p.name, p.value, p.quality, (p.fault or {}).get("code")) for p in reply.points] == [
            ("好", 3.5, 0, None),
            ("坏", None, 0, "fake_point"),
            ("错", None, 0, "fake_address"),
            ("非数", 0.0, 2, None),
        ]
        await platform.say(Ask(kind="browse", id="b", device=device, node="n"))
        reply = await asyncio.wait_for(platform.replies.get(), 100)
        assert [node.address for node in reply.nodes] == ["n/a"]
        for address, code in [("dead", "fake_dead"), ("hang", "device_silent"), ("crash", "driver_crashed")]:
            monkeypatch.setattr(stream_module, "ANSWER_WITHIN_S", 0.4 if address == "hang" else 60.0)
            broken = msgspec.structs.replace(device, address=address)
            await platform.say(Ask(kind="try", id=address, device=broken))
            reply = await asyncio.wait_for(platform.replies.get(), 100)
            assert reply.fault is not None
            assert reply.fault["code"] == code


async def test_an_edited_file_is_used_and_a_bad_edit_is_not(
    start: Start, platform: FakePlatform, protocol: FakeProtocol
) -> None:
    async with start() as gateway:
        path = gateway.configuration.path
        text = path.read_text("utf-8")
        path.write_text(text + '[[device]]\nname = "空压机"\nprotocol = "fake"\naddress = "ok"\n', "utf-8")
        await gateway._read_again()
        assert [machine.device.name for machine in gateway.scheduler.machines] == ["总电表", "空压机"]
        assert protocol.connects["总电表"] <= 1
        path.write_text(text + "[[device", "utf-8")
        await gateway._read_again()
        assert gateway.picture.file_fault.code == "configuration_toml"
        assert len(gateway.scheduler.machines) == 2


@pytest.mark.parametrize("code", ["OLD-CODE", "USED-CODE", "NO-CODE"])
async def test_refused_codes_are_named(tmp_path: Path, platform: FakePlatform, code: str) -> None:
    named = {"OLD-CODE": "code_expired", "USED-CODE": "code_used", "NO-CODE": "code_unknown"}[code]
    async with Link() as link:
        with pytest.raises(EdgeError) as caught:
            await enrol(link, StateFolder(tmp_path / "s"), platform.url, code, "n")
    assert caught.value.code == named
    assert StateFolder(tmp_path / "s").identity() is None


async def test_key_and_identity_are_private(tmp_path: Path, platform: FakePlatform) -> None:
    folder = StateFolder(tmp_path / "s")
    async with Link() as link:
        await enrol(link, folder, platform.url + "/", "GOOD-CODE", "n")
    assert {file.stat().st_mode & 0o777 for file in folder.root.iterdir() if file.is_file()} == {0o600}
    assert folder.identity() is not None


async def test_two_gateways_never_share_a_state_folder(start: Start) -> None:
    async with start():
        with pytest.raises(ZhulianError) as caught:
            async with start():
                pass
    assert caught.value.code == "gateway_already_running"


@pytest.mark.parametrize(
    ("url", "code"),
    [("http://127.0.0.1:9", "platform_unreachable"), ("http://nowhere.invalid", "platform_unreachable")],
)
async def test_nobody_there_is_named(url: str, code: str) -> None:
    async with Link() as link:
        with pytest.raises(EdgeError) as caught:
            await link.call("GET", url, timeout_s=5)
    assert caught.value.code == code
