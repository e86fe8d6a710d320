"""Each machine has its own pace and its own faults; in virtual time, so that an hour passes at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise

import msgspec
import pytest

from peers.fake_protocol import FakeProtocol
from peers.virtual_time import run_in_virtual_time
from zhulian.edge.device import LONGEST_QUARANTINE_S, Machine
from zhulian.edge.points import Sample
from zhulian.edge.scheduler import Scheduler
from zhulian.vocabulary.readings import TimeUs
from zhulian.wire.configuration import DeviceConfig, PointConfig


class Basket:
    """Stands in for the recorder; can be closed to make pollers wait."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.room = asyncio.Event()
        self.room.set()

    @property
    def is_full(self) -> bool:
        return not self.room.is_set()

    async def keep(self, samples: Sequence[Sample]) -> None:
        await self.room.wait()
        self.samples += samples


def device(name: str, address: str = "ok", poll_s: float = 1.0, *points: str) -> DeviceConfig:
    named = tuple(PointConfig(name=f"p{number}", address=point) for number, point in enumerate(points or ("count",)))
    return DeviceConfig(name=name, protocol="fake", address=address, poll_s=poll_s, points=named)


Act = Callable[[Scheduler, FakeProtocol, Basket], Awaitable[None]]


def scene(*devices: DeviceConfig) -> Callable[[Act], None]:
    def play(act: Act) -> None:
        async def run() -> None:
            protocol, basket = FakeProtocol(), Basket()
            info = protocol.protocols()["fake"]

            def clock() -> TimeUs:
                return TimeUs(int(asyncio.get_running_loop().time() * 1e6))

            scheduler = Scheduler(lambda each: Machine(each, info, basket, clock, None))  # type: ignore[arg-type]
            await scheduler.apply(devices)
            await act(scheduler, protocol, basket)
            await scheduler.stop()
            assert protocol.closes == protocol.connects, "every connection was closed"

        run_in_virtual_time(run())

    return play


def test_slow_hanging_and_dead_machines_delay_nobody() -> None:
    @scene(
        device("good"), device("slow", "slow:7"), device("hang", "hang"), device("dead", "dead"), device("mad", "crash")
    )
    async def _(scheduler: Scheduler, protocol: FakeProtocol, basket: Basket) -> None:
        await asyncio.sleep(600)
        reads = protocol.reads["good"]
        assert len(reads) in (600, 601)
        assert all(later - earlier == pytest.approx(1.0) for earlier, later in pairwise(reads[1:])), "no drift"
        states = {machine.device.name: machine.status() for machine in scheduler.machines}
        assert states["good"].state == "running"
        assert states["slow"].state == "running"
        assert {name: (status.fault or {}).get("code") for name, status in states.items() if status.fault} == {
            "hang": "device_silent", "dead": "fake_dead", "mad": "driver_crashed",
        }  # fmt: skip
        assert len(protocol.reads["slow"]) == pytest.approx(75, abs=15)


def test_a_dead_machine_is_left_in_peace_and_found_again() -> None:
    @scene(device("press"))
    async def _(scheduler: Scheduler, protocol: FakeProtocol, basket: Basket) -> None:
        await asyncio.sleep(10)
        protocol.behaviour["press"] = "dead"
        await asyncio.sleep(600)
        machine = scheduler.machines[0]
        assert machine.status().state == "unreachable"
        assert 600 / (LONGEST_QUARANTINE_S * 1.2) < machine.failures < 40
        protocol.behaviour["press"] = "ok"
        await asyncio.sleep(LONGEST_QUARANTINE_S * 1.2 + 2)
        assert machine.status().state == "running"
        assert machine.status().fault is None


def test_one_bad_point_leaves_the_others_alone() -> None:
    @scene(device("press", "ok", 1.0, "count", "bad", "missing", "nan", "text"))
    async def _(scheduler: Scheduler, protocol: FakeProtocol, basket: Basket) -> None:
        await asyncio.sleep(300)
        status = scheduler.machines[0].status()
        assert status.state == "partial"
        assert {name: fault["code"] for name, fault in status.point_faults.items()} == {
            "p1": "fake_point", "p2": "point_unanswered",
        }  # fmt: skip
        assert protocol.connects["press"] == 1
        assert len([sample for sample in basket.samples if sample.point == "press\np0"]) in (300, 301)
        assert len([sample for sample in basket.samples if sample.text == "运行"]) in (5, 6)  # once a minute


def test_a_connection_without_any_value_is_not_believed() -> None:
    @scene(device("press", "ok", 1.0, "bad"))
    async def _(scheduler: Scheduler, protocol: FakeProtocol, basket: Basket) -> None:
        await asyncio.sleep(300)
        assert 3 <= protocol.connects["press"] <= 6


def test_machines_are_spread_over_the_second() -> None:
    @scene(*(device(f"m{number}") for number in range(50)))
    async def _(scheduler: Scheduler, protocol: FakeProtocol, basket: Basket) -> None:
        await asyncio.sleep(10)
        phases = sorted(reads[3] % 1.0 for reads in protocol.reads.values())
        assert max(later - earlier for earlier, later in pairwise(phases)) < 0.1


def test_only_what_changed_is_touched() -> None:
    press, oven = device("press"), device("oven")

    @scene(press, oven)
    async def _(scheduler: Scheduler, protocol: FakeProtocol, basket: Basket) -> None:
        await asyncio.sleep(5)
        await scheduler.apply([press, msgspec.structs.replace(oven, poll_s=2.0), device("lathe")])
        await asyncio.sleep(5)
        assert protocol.connects == {"press": 1, "oven": 2, "lathe": 1}
        assert [machine.device.name for machine in scheduler.machines] == ["press", "oven", "lathe"]
        await scheduler.apply([])
        assert not scheduler.machines
        count = len(protocol.reads["press"])
        await asyncio.sleep(10)
        assert len(protocol.reads["press"]) == count


def test_back_pressure_pauses_polling() -> None:
    @scene(device("press"))
    async def _(scheduler: Scheduler, protocol: FakeProtocol, basket: Basket) -> None:
        await asyncio.sleep(5)
        basket.room.clear()
        await asyncio.sleep(100)
        assert len(protocol.reads["press"]) <= 8
        assert scheduler.machines[0].status().state == "paused"
        basket.room.set()
        await asyncio.sleep(5)
        assert scheduler.machines[0].status().state == "running"
        assert [sample.value for sample in basket.samples] == [float(n) for n in range(1, len(basket.samples) + 1)]
