"""What the driver does when a device says no: find the culprit, remember it, and lose nothing else."""

import asyncio
import time

import pytest

from peers import strange_modbus
from peers.stands import MODBUS, number, point
from peers.strange_modbus import StrangeDevice
from zhulian.edge.protocols.driver import Driver, DriverError, RawValue
from zhulian.edge.protocols.modbus_tcp import lessons
from zhulian.edge.protocols.modbus_tcp.driver import ModbusTcpDriver
from zhulian.wire.configuration import PointConfig


def registers(*starts: int) -> list[PointConfig]:
    return [point(str(start), f"holding:{start}") for start in starts]


def values(found: dict[str, object]) -> dict[int, float]:
    return {int(name): outcome.value for name, outcome in found.items() if isinstance(outcome, RawValue)}


async def requests_of(driver: Driver, device: StrangeDevice, points: list[PointConfig]) -> int:
    device.asked.clear()
    await driver.read(points)
    return len(device.asked)


async def test_one_hole_costs_its_own_point_and_one_more_request() -> None:
    device, points = StrangeDevice(holes={50}), registers(*range(100))
    async with strange_modbus.serving(device) as port, MODBUS.open(port) as driver:
        found = await driver.read(points)
        assert values(found) == {start: float(start) for start in range(100) if start != 50}
        fault = found["50"]
        assert isinstance(fault, DriverError)
        assert "holding:49 或 holding:51" in fault.next_step.zh
        assert await requests_of(driver, device, points) == 2
        assert sorted(device.asked) == [(3, 0, 50), (3, 51, 49)]
        assert (await driver.read(points))["50"] == fault


async def test_a_hole_in_a_gap_costs_no_point() -> None:
    device, points = StrangeDevice(holes={3}), registers(0, 5, 9)
    async with strange_modbus.serving(device) as port, MODBUS.open(port) as driver:
        for _ in range(2):
            assert values(await driver.read(points)) == {0: 0.0, 5: 5.0, 9: 9.0}
        assert await requests_of(driver, device, points) <= 3


async def test_a_device_that_takes_less_at_once_is_asked_for_less() -> None:
    device, points = StrangeDevice(largest=16), registers(*range(100))
    async with strange_modbus.serving(device) as port, MODBUS.open(port) as driver:
        for _ in range(5):
            assert len(values(await driver.read(points))) == 100
        assert await requests_of(driver, device, points) <= 100 // 8 + 1
        assert max(count for _, _, count in device.asked) <= 16


async def test_coils_too() -> None:
    device = StrangeDevice(largest=10)
    points = [point(str(start), f"coil:{start}") for start in range(40)]
    async with strange_modbus.serving(device) as port, MODBUS.open(port) as driver:
        for _ in range(5):
            assert len(values(await driver.read(points))) == 40
        assert await requests_of(driver, device, points) <= 8


async def test_a_wrong_table_is_not_asked_for_point_by_point() -> None:
    device, points = StrangeDevice(exception=1), registers(*range(60))
    async with strange_modbus.serving(device) as port, MODBUS.open(port) as driver:
        found = await driver.read(points)
        assert {getattr(outcome, "code", "") for outcome in found.values()} == {"modbus_exception_1"}
        assert len(device.asked) == 1
        assert await requests_of(driver, device, points) == 0


async def test_a_refused_point_is_asked_for_again_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "ASK_AGAIN_AFTER_S", 0.0)
    device, points = StrangeDevice(holes={2}), registers(0, 1, 2)
    async with strange_modbus.serving(device) as port, MODBUS.open(port) as driver:
        assert len(values(await driver.read(points))) == 2
        assert len(values(await driver.read(points))) == 2
        device.holes.clear()
        assert len(values(await driver.read(points))) == 3
        assert await requests_of(driver, device, points) == 1


async def test_entering_again_forgets_what_was_learned() -> None:
    device, points = StrangeDevice(holes={2}), registers(0, 1, 2)
    async with strange_modbus.serving(device) as port:
        driver = MODBUS.open(port)
        async with driver:
            await driver.read(points)
        device.holes.clear()
        async with driver:
            assert len(values(await driver.read(points))) == 3


@pytest.mark.parametrize("code", [4, 5, 6, 8, 99])
async def test_a_passing_trouble_is_asked_for_again_next_time(code: int) -> None:
    device, points = StrangeDevice(exception=code), registers(0, 1)
    async with strange_modbus.serving(device) as port, MODBUS.open(port) as driver:
        found = await driver.read(points)
        assert {getattr(outcome, "code", "") for outcome in found.values()} == {f"modbus_exception_{code}"}
        device.exception = 0
        assert values(await driver.read(points)) == {0: 0.0, 1: 1.0}


@pytest.mark.parametrize("code", [10, 11])
async def test_a_serial_gateway_without_its_device_fails_as_a_whole(code: int) -> None:
    device = StrangeDevice(exception=code)
    async with strange_modbus.serving(device) as port, MODBUS.open(port) as driver:
        with pytest.raises(DriverError) as caught:
            await driver.read(registers(0, 200, 400))
        assert caught.value.code == f"modbus_exception_{code}"
        assert len(device.asked) == 1


async def test_another_unit_is_named_with_its_number() -> None:
    async with strange_modbus.serving(StrangeDevice(answers_as=9)) as port, MODBUS.open(port, unit=1) as driver:
        with pytest.raises(DriverError) as caught:
            await driver.read(registers(0))
    assert caught.value.code == "modbus_wrong_unit"
    assert "unit 改成 9" in caught.value.next_step.zh


async def test_a_device_that_drops_quiet_connections_is_read_all_the_same() -> None:
    device = StrangeDevice(hangs_up_after=1)
    async with strange_modbus.serving(device) as port, MODBUS.open(port) as driver:
        for _ in range(3):
            assert number((await driver.read(registers(7)))["7"]) == 7.0
            assert isinstance(driver, ModbusTcpDriver)
            async with asyncio.timeout(60):
                while driver._conversation.is_open:  # noqa: ASYNC110 - its end of the connection has to arrive
                    await asyncio.sleep(0.001)
        assert device.connections == 3


async def test_close_after_frees_the_device_for_others() -> None:
    device = StrangeDevice()
    async with strange_modbus.serving(device) as port, MODBUS.open(port, close_after=True) as driver:
        for _ in range(3):
            await driver.read(registers(0, 300))
    assert device.connections == 3


async def test_a_pause_between_requests_is_kept_across_polls() -> None:
    async with strange_modbus.serving(StrangeDevice()) as port, MODBUS.open(port, request_gap_s=0.05) as driver:
        start = time.monotonic()
        for _ in range(2):
            await driver.read(registers(0, 300))
        assert time.monotonic() - start >= 0.15


async def test_forbidden_ranges_are_never_touched() -> None:
    device, points = StrangeDevice(), registers(0, 3, 6, 9)
    async with strange_modbus.serving(device) as port, MODBUS.open(port, forbidden="40005-40006，holding:9") as driver:
        found = await driver.read(points)
    assert values(found) == {0: 0.0, 3: 3.0, 6: 6.0}
    assert getattr(found["9"], "code", "") == "modbus_forbidden"
    touched = {element for _, start, count in device.asked for element in range(start, start + count)}
    assert not touched & {4, 5, 9}
