"""What the gateway may rely on from every driver, tried against a real server of each protocol.

A new protocol joins with a stand in ``peers/stands.py``; a protocol without one fails here.
"""

import asyncio
import socket
import time
from collections.abc import Iterator

import pytest

from peers import strange_server
from peers.ports import free_port
from peers.slow_line import SlowLine
from peers.stands import STANDS, Stand, number
from zhulian.edge.protocols import protocols
from zhulian.edge.protocols.driver import Driver, DriverError, Outcome, RawValue
from zhulian.vocabulary.readings import Quality
from zhulian.wire.configuration import DeviceConfig, PointConfig


@pytest.fixture(scope="module", params=STANDS, ids=lambda stand: stand.protocol)
def stand(request: pytest.FixtureRequest) -> Stand:
    chosen: Stand = request.param
    return chosen


@pytest.fixture(scope="module")
def port(stand: Stand) -> Iterator[int]:
    with stand.serving(0) as listening:
        yield listening


def understandable(fault: DriverError) -> bool:
    words = (fault.what.zh, fault.what.en, fault.next_step.zh, fault.next_step.en)
    return all(words) and bool(fault.code) and not any("Errno" in word for word in words)


def test_every_protocol_has_a_stand() -> None:
    assert {stand.protocol for stand in STANDS} == set(protocols())


async def test_good_points_are_read_scaled(stand: Stand, port: int) -> None:
    async with stand.open(port) as driver:
        found = await driver.read(list(stand.good))
    assert {point: number(found[point.name]) for point in stand.good} == stand.good
    assert {outcome.quality for outcome in found.values() if isinstance(outcome, RawValue)} == {Quality.GOOD}


async def test_words_are_kept_as_words(stand: Stand, port: int) -> None:
    async with stand.open(port) as driver:
        found = await driver.read(list(stand.words))
    assert found == {point.name: RawValue(0.0, words) for point, words in stand.words.items()}


async def test_what_is_not_finite_is_bad_and_never_a_number(stand: Stand, port: int) -> None:
    async with stand.open(port) as driver:
        found = await driver.read(stand.not_numbers)
    assert found == {point.name: RawValue(0.0, None, Quality.BAD) for point in stand.not_numbers}


async def test_one_wrong_point_fails_alone_every_time(stand: Stand, port: int) -> None:
    points = [*stand.good, stand.missing]
    async with stand.open(port) as driver:
        for _ in range(4):
            found = await driver.read(points)
            fault = found[stand.missing.name]
            assert isinstance(fault, DriverError)
            assert fault.code == stand.missing_code
            assert stand.missing.address in fault.what.zh
            assert stand.missing.address in fault.what.en
            assert understandable(fault)
            assert {point: number(found[point.name]) for point in stand.good} == stand.good


async def test_only_wrong_points_is_still_an_answer(stand: Stand, port: int) -> None:
    async with stand.open(port) as driver:
        found = await driver.read([stand.missing, *stand.wrong_points])
    assert found.keys() == {point.name for point in (stand.missing, *stand.wrong_points)}
    for outcome in found.values():
        assert isinstance(outcome, DriverError)
        assert understandable(outcome)


async def test_no_points_is_no_trouble(stand: Stand, port: int) -> None:
    async with stand.open(port) as driver:
        assert await driver.read([]) == {}


async def test_two_readers_at_once_do_not_mix_their_answers(stand: Stand, port: int) -> None:
    halves = list(stand.good.items())[::2], list(stand.good.items())[1::2]
    async with stand.open(port) as driver:
        for _ in range(5):
            answers = await asyncio.gather(*(driver.read([point for point, _ in half]) for half in halves))
            for half, found in zip(halves, answers, strict=True):
                assert [(point, number(found[point.name])) for point, _ in half] == half


async def cause_of_failing(stand: Stand, port: int, timeout_s: float = 30.0, within_s: float = 30.0) -> DriverError:
    """Connect and read; give the fault, which must come in words, and in time unless this computer dozed."""
    for _ in range(5):
        start = time.monotonic()
        with pytest.raises(DriverError) as caught:
            async with stand.open(port, timeout_s) as driver:
                await driver.read(list(stand.good))
        if time.monotonic() - start < within_s:
            break
    else:
        pytest.fail(f"five times not within {within_s} s")
    assert understandable(caught.value)
    assert "127.0.0.1" in caught.value.what.zh
    return caught.value


async def test_a_dead_port_is_named(stand: Stand) -> None:
    assert (await cause_of_failing(stand, free_port())).code == "connection_refused"


async def test_a_silent_machine_is_named(stand: Stand) -> None:
    async with strange_server.serving(strange_server.stay_silent) as silent:
        assert (await cause_of_failing(stand, silent, timeout_s=0.5, within_s=2.0)).code == "timed_out"


async def test_a_machine_that_hangs_up_is_named(stand: Stand) -> None:
    async with strange_server.serving(strange_server.hang_up) as closing:
        assert (await cause_of_failing(stand, closing)).code == "connection_closed"


async def test_another_language_on_the_port_is_named(stand: Stand) -> None:
    async with strange_server.serving(strange_server.speak_http) as web:
        assert (await cause_of_failing(stand, web)).code == stand.not_our_language


async def test_an_unknown_host_is_named(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    device = DeviceConfig(name="x", protocol=stand.protocol, address=stand.device(1).address.replace("127.0.0.1", "m"))
    with pytest.raises(DriverError) as caught:
        await protocols()[stand.protocol].open(device, lambda: 0, None).__aenter__()  # type: ignore[arg-type, return-value]
    assert caught.value.code == "host_unknown"


async def test_a_late_answer_is_never_taken_for_the_next(stand: Stand, port: int) -> None:
    first, second = next(iter(stand.good)), list(stand.good)[-1]
    async with SlowLine(port) as line, stand.open(line.port, timeout_s=2.0) as driver:
        assert number((await read_at_last(driver, first))[first.name]) == stand.good[first]
        line.hold()
        with pytest.raises(DriverError) as caught:
            await driver.read([first])
        assert caught.value.code == "timed_out"
        line.release()
        assert number((await read_at_last(driver, second))[second.name]) == stand.good[second]


async def read_at_last(driver: Driver, point: PointConfig) -> dict[str, Outcome]:
    """As the gateway does, which enters anew what failed: a slow computer is silent, or finds the line dead."""
    for _ in range(5):
        try:
            return await driver.read([point])
        except DriverError:
            await leave_and_enter(driver)
    return await driver.read([point])


async def test_a_killed_machine_is_noticed_and_comes_back(stand: Stand) -> None:
    point = next(iter(stand.good))
    with stand.serving(0) as port:
        driver = stand.open(port, timeout_s=30.0)
        await driver.__aenter__()
        assert number((await driver.read([point]))[point.name]) == stand.good[point]
    start = time.monotonic()
    with pytest.raises(DriverError) as caught:
        await driver.read([point])
    assert caught.value.code in {"connection_closed", "connection_refused"}
    with pytest.raises(DriverError):
        await leave_and_enter(driver)
    assert time.monotonic() - start < 30.0, "noticed, not waited for"
    with stand.serving(port):
        await leave_and_enter(driver)
        assert number((await driver.read([point]))[point.name]) == stand.good[point]
        await driver.__aexit__(None, None, None)


async def leave_and_enter(driver: Driver) -> None:
    await driver.__aexit__(None, None, None)
    await driver.__aenter__()


async def test_nothing_is_left_running(stand: Stand, port: int) -> None:
    before = asyncio.all_tasks()
    for _ in range(2):
        async with stand.open(port) as driver:
            await driver.read(list(stand.good))
    with pytest.raises(DriverError):
        async with stand.open(free_port(), timeout_s=0.5):
            pass
    async with strange_server.serving(strange_server.stay_silent) as silent:
        with pytest.raises(DriverError):
            async with stand.open(silent, timeout_s=0.2) as driver:
                await driver.read(list(stand.good))
    await asyncio.sleep(0)
    assert asyncio.all_tasks() - before == set()


async def test_leaving_a_driver_that_was_never_entered_is_no_trouble(stand: Stand) -> None:
    await stand.open(1).__aexit__(None, None, None)


async def test_browsing_gives_nodes_or_says_that_it_cannot(stand: Stand, port: int) -> None:
    async with stand.open(port) as driver:
        if protocols()[stand.protocol].can_browse:
            assert await driver.browse("")
        else:
            with pytest.raises(DriverError) as caught:
                await driver.browse("")
            assert caught.value.code == "browse_unsupported"
            assert understandable(caught.value)


def test_a_right_configuration_has_no_faults(stand: Stand) -> None:
    assert protocols()[stand.protocol].check(stand.device(4000)) == []


def test_each_wrong_point_is_named_without_connecting(stand: Stand) -> None:
    for wrong in stand.wrong_points:
        device = DeviceConfig(
            name="x", protocol=stand.protocol, address=stand.device(1).address, points=(*stand.good, wrong)
        )
        (fault,) = protocols()[stand.protocol].check(device)
        assert understandable(fault)


@pytest.mark.parametrize("address", ["", "http://192.0.2.10/", "192.0.2.10:70000", "opc.tcp://:4840", "[::1"])
def test_a_wrong_device_address_is_named(stand: Stand, address: str) -> None:
    device = DeviceConfig(name="x", protocol=stand.protocol, address=address)
    assert "device_address" in {fault.code for fault in protocols()[stand.protocol].check(device)}


@pytest.mark.parametrize("options", [{"unknown": 1}, {"unit": "eins"}, {"security": "strong"}, {"password": 7}])
def test_a_wrong_option_is_named(stand: Stand, options: dict[str, object]) -> None:
    device = DeviceConfig(name="x", protocol=stand.protocol, address=stand.device(1).address, options=options)  # type: ignore[arg-type]
    faults = protocols()[stand.protocol].check(device)
    assert faults
    assert all(understandable(fault) for fault in faults)
    assert {fault.code.partition("_")[0] for fault in faults} == {"option"}
