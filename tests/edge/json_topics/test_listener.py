"""A whole gateway on a real broker, hearing what mosquitto's own client publishes there: ours is another one (paho)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from peers.broker import Broker, Publisher
from peers.fake_platform import FakePlatform
from zhulian.edge.configuration import ConfigurationError, ConfigurationFaults, read_file
from zhulian.edge.gateway import Gateway

TOML = """
[gateway]
name = "车间网关"
status_port = 0
[platform]
url = "{url}"
code = "GOOD-CODE"
[mqtt]
broker = "mqtt://127.0.0.1:{port}"
session = "workshop-1"
[[mqtt.topic]]
topic = "factory/{{machine}}/{{point}}"
value = "v"
time = "ts"
[[mqtt.topic]]
topic = "flat/{{machine}}"
"""

Publish = Callable[..., None]


@pytest.fixture
def broker(need_tool: Callable[[str], Path], tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(need_tool("mosquitto"), tmp_path)
    broker.come()
    yield broker
    broker.leave()


@pytest.fixture
def publish(broker: Broker, need_tool: Callable[[str], Path]) -> Publish:
    return Publisher(need_tool("mosquitto_pub"), broker.port).publish


@asynccontextmanager
async def listening(broker: Broker, folder: Path) -> AsyncIterator[tuple[Gateway, FakePlatform]]:
    async with FakePlatform() as platform:
        path = folder / "gateway.toml"
        path.write_text(TOML.format(url=platform.url, port=broker.port), "utf-8")
        async with Gateway(read_file(path, {}), {}, live_every_s=0.05) as gateway:
            await platform.until(lambda: gateway.listener and gateway.listener.is_connected)
            yield gateway, platform


async def test_plain_messages_become_machines_and_readings(broker: Broker, publish: Publish, tmp_path: Path) -> None:
    async with listening(broker, tmp_path) as (gateway, platform):
        await asyncio.to_thread(publish, "factory/炉1/温度", '{"v": 812.5, "ts": "2026-11-25T08:00:00"}')
        await asyncio.to_thread(publish, "flat/press", '{"speed": 3, "state": "运行"}')
        await asyncio.to_thread(publish, "factory/炉1/温度", "not json")
        await platform.until(lambda: len(platform.rows) >= 3)
        assert sorted(platform.values()) == [0.0, 3.0, 812.5]
        assert "运行" in {row[4] for row in platform.rows}
        assert {device.name for device in platform.declared[-1].devices} == {"炉1", "press"}
        await platform.until(lambda: gateway.listener and gateway.listener.fault)
        assert {fault.code for fault in gateway.picture.faults()} >= {"mqtt_strange_messages"}
        latest = (await gateway.picture.local_status()).values
        assert {(one.device, one.point, one.value) for one in latest} >= {
            ("炉1", "温度", 812.5),
            ("press", "speed", 3.0),
        }


async def test_a_broker_keeps_for_a_session_what_comes_meanwhile(
    broker: Broker, publish: Publish, tmp_path: Path
) -> None:
    async with listening(broker, tmp_path):
        pass
    await asyncio.to_thread(publish, "flat/press", '{"speed": 7}')
    async with listening(broker, tmp_path) as (gateway, platform):
        await platform.until(lambda: gateway.listener and "press" in gateway.listener.machines.stations)
        assert [one.value for one in (await gateway.picture.local_status()).values] == [7.0]


async def test_it_comes_back_when_the_broker_does(broker: Broker, publish: Publish, tmp_path: Path) -> None:
    async with listening(broker, tmp_path) as (gateway, platform):
        broker.leave()
        await platform.until(lambda: gateway.listener and gateway.listener.fault)
        broker.come()
        await platform.until(lambda: gateway.listener and gateway.listener.is_connected)
        await asyncio.to_thread(publish, "flat/press", '{"speed": 9}')
        await platform.until(lambda: 9.0 in platform.values())
        assert gateway.listener is not None
        assert gateway.listener.fault is None


async def test_what_a_broker_retains_is_kept_only_with_its_time(
    broker: Broker, publish: Publish, tmp_path: Path
) -> None:
    await asyncio.to_thread(publish, "factory/炉1/温度", '{"v": 1, "ts": 1764057600000}', "--retain")
    await asyncio.to_thread(publish, "flat/press", '{"speed": 2}', "--retain")
    async with listening(broker, tmp_path) as (_, platform):
        await asyncio.to_thread(publish, "flat/press", '{"speed": 3}')
        await platform.until(lambda: len(platform.rows) >= 2)
        assert platform.values() == [1.0, 3.0]


@pytest.mark.parametrize("version", ["mqttv31", "mqttv311", "mqttv5"])
async def test_many_messages_over_one_connection_of_any_version(
    broker: Broker, publish: Publish, tmp_path: Path, version: str
) -> None:
    lines = [f'{{"speed": {number}}}' for number in range(200)]
    async with listening(broker, tmp_path) as (_, platform):
        await asyncio.to_thread(publish, "flat/press", "\n".join(lines), "--stdin-line", "-V", version)
        await platform.until(lambda: len(platform.rows) >= len(lines))
        assert platform.values() == [float(number) for number in range(200)]


@pytest.mark.parametrize(
    ("given", "told"),
    [('topic = "a/b"', "mqtt.topic.topic"), ('topic = "a/{machine}"\nvalu = "x"', "value"), ("", "topic")],
)
def test_a_file_that_says_it_wrong_is_told_where(tmp_path: Path, given: str, told: str) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text(f'[gateway]\nname = "g"\n[mqtt]\nbroker = "mqtt://127.0.0.1"\n[[mqtt.topic]]\n{given}\n', "utf-8")
    with pytest.raises((ConfigurationError, ConfigurationFaults), match=told):
        read_file(path, {})
