"""A whole gateway on a real broker (mosquitto), hearing an edge node of Eclipse Tahu's own library."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt import subscribe

from peers.broker import Broker
from peers.fake_platform import FakePlatform
from zhulian.edge.configuration import read_file
from zhulian.edge.gateway import Gateway

PEER = Path(__file__).resolve().parents[2] / "peers" / "sparkplug"
TOML = """
[gateway]
name = "车间网关"
status_port = 0
[platform]
url = "{url}"
code = "GOOD-CODE"
[sparkplug]
broker = "mqtt://127.0.0.1:{port}"
groups = ["Liuan"]
"""
TEMPERATURE = {"name": "温度", "type": "Double", "value": 21.5}
PROPERTIES = {"engUnit": {"type": "String", "value": "°C"}}
EVERY_TYPE = [
    {"name": "Int8", "type": "Int8", "value": -7},
    {"name": "Int16", "type": "Int16", "value": -300},
    {"name": "Int32", "type": "Int32", "value": -70_000},
    {"name": "Int64", "type": "Int64", "value": -5_000_000_000},
    {"name": "UInt32", "type": "UInt32", "value": 4_000_000_000},
    {"name": "Float", "type": "Float", "value": 0.5},
    {"name": "Double", "type": "Double", "value": 1e-9},
    {"name": "Boolean", "type": "Boolean", "value": True},
    {"name": "String", "type": "String", "value": "运行"},
]
EXPECTED = [-7.0, -300.0, -70_000.0, -5_000_000_000.0, 4_000_000_000.0, 0.5, 1e-9, 1.0, 0.0]


@pytest.fixture
def broker(need_tool: Callable[[str], Path], tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(need_tool("mosquitto"), tmp_path)
    broker.come()
    yield broker
    broker.leave()


class Peer:
    """The node, told what to publish."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def do(self, act: str, device: str = "", metrics: Any = ()) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": act, "device": device, "metrics": list(metrics)}).encode() + b"\n")
        await self.hears(lambda word: word.get("did") == act)

    async def hears(self, wanted: Callable[[dict[str, Any]], bool]) -> None:
        assert self._process.stdout is not None
        async with asyncio.timeout(60):
            while not wanted(json.loads(await self._process.stdout.readline())):
                pass

    async def is_born(self, *metrics: dict[str, Any]) -> None:
        await self.do("birth")
        await self.do("device", "press", metrics)


@asynccontextmanager
async def peer(broker: Broker, node: Path) -> AsyncIterator[Peer]:
    arguments = [str(PEER / "node.js"), f"mqtt://127.0.0.1:{broker.port}", "Liuan", "line1"]
    process = await asyncio.create_subprocess_exec(
        str(node), *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        found = Peer(process)
        await found.hears(lambda word: word.get("on") == "birth")
        yield found
    finally:
        process.kill()
        await process.wait()


@pytest.fixture
def node(need_tool: Callable[[str], Path], need_packages: Callable[[Path], None]) -> Path:
    need_packages(PEER)
    return need_tool("node")


@asynccontextmanager
async def listening(broker: Broker, folder: Path) -> AsyncIterator[tuple[Gateway, FakePlatform]]:
    async with FakePlatform() as platform:
        path = folder / "gateway.toml"
        path.write_text(TOML.format(url=platform.url, port=broker.port), "utf-8")
        async with Gateway(read_file(path, {}), {}, live_every_s=0.05) as gateway:
            assert gateway.host is not None
            await platform.until(lambda: gateway.host and gateway.host.is_connected)
            yield gateway, platform


async def test_a_foreign_node_becomes_a_machine_with_readings(broker: Broker, node: Path, tmp_path: Path) -> None:
    async with listening(broker, tmp_path) as (gateway, platform), peer(broker, node) as line:
        await line.is_born(TEMPERATURE | {"properties": PROPERTIES}, *EVERY_TYPE)
        await platform.until(lambda: len(platform.rows) >= 1 + len(EXPECTED))
        assert sorted(platform.values()) == sorted([21.5, *EXPECTED])
        assert "运行" in {row[4] for row in platform.rows}
        device = platform.declared[-1].devices[-1]
        assert (device.name, device.protocol) == ("line1/press", "sparkplug")
        assert (device.points[0].name, device.points[0].unit) == ("温度", "°C")

        await line.do("deviceData", "press", [TEMPERATURE | {"value": 22.0}])
        await platform.until(lambda: 22.0 in platform.values())
        await line.do("skip")
        await line.do("deviceData", "press", [TEMPERATURE | {"value": 23.0}])
        await line.hears(lambda word: word.get("metrics") == ["Node Control/Rebirth"])
        await platform.until(lambda: 23.0 in platform.values())

        await line.do("death")
        await platform.until(
            lambda: gateway.host and gateway.host.nodes.stations["Liuan/line1/press"].status().state == "unreachable"
        )


async def test_the_host_says_whether_it_is_there(broker: Broker, tmp_path: Path) -> None:
    async with listening(broker, tmp_path):
        assert (await state(broker))["online"] is True
    assert (await state(broker))["online"] is False


async def state(broker: Broker) -> dict[str, Any]:
    message = await asyncio.to_thread(subscribe.simple, "spBv1.0/STATE/zhulian", port=broker.port, hostname="127.0.0.1")
    assert message.retain
    found: dict[str, Any] = json.loads(message.payload)
    return found


async def test_a_broker_that_went_away_is_found_again_and_births_are_asked_for(
    broker: Broker, node: Path, tmp_path: Path
) -> None:
    async with listening(broker, tmp_path) as (gateway, platform):
        host = gateway.host
        assert host is not None
        async with peer(broker, node) as line:
            await line.is_born(TEMPERATURE)
            await platform.until(lambda: 21.5 in platform.values())
        broker.leave()
        await platform.until(lambda: host.fault)
        assert host.fault is not None
        assert host.fault.code in {"broker_gone", "broker_unreachable"}
        assert host.nodes.stations["Liuan/line1/press"].status().state == "unreachable"
        broker.come()
        await platform.until(lambda: host.is_connected)
        async with peer(broker, node) as line:
            await line.is_born(TEMPERATURE | {"value": 30.0})
            await platform.until(lambda: 30.0 in platform.values())
        assert host.fault is None


async def test_machines_stay_known_across_a_restart(broker: Broker, node: Path, tmp_path: Path) -> None:
    async with listening(broker, tmp_path) as (_, platform), peer(broker, node) as line:
        await line.is_born(TEMPERATURE)
        await platform.until(lambda: platform.declared and platform.declared[-1].devices)
    async with listening(broker, tmp_path) as (gateway, platform):
        assert gateway.host is not None
        assert [device.name for device in gateway.host.nodes.devices] == ["line1/press"]
