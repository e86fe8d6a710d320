"""``zhulian edge`` as a person meets it, and that it needs nothing beyond the base install."""

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from peers.fake_platform import FakePlatform
from peers.fake_protocol import FakeProtocol
from peers.ports import free_port
from zhulian.cli import edge as edge_command
from zhulian.edge.configuration import read_file
from zhulian.edge.gateway import Gateway
from zhulian.wire.configuration import DeviceConfig, GatewayConfig, PointConfig

DEVICE = """
[[device]]
name = "总电表"
protocol = "fake"
address = "{address}"
[[device.point]]
name = "有功功率"
address = "3.25"
unit = "kW"
"""
PROTOCOL = FakeProtocol()


@pytest.fixture(autouse=True)
def fake_protocols(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_command, "known_protocols", PROTOCOL.protocols)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


def config(
    folder: Path, device: str = DEVICE.format(address="ok"), port: int = 0, url: str = "http://127.0.0.1:9"
) -> str:
    file = folder / "gateway.toml"
    text = f'[gateway]\nname = "东车间网关"\nstatus_port = {port}\n[platform]\nurl = "{url}"\n{device}'
    file.write_text(text, "utf-8")
    return str(file)


def call(*arguments: str, language: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(edge_command.command, arguments, env={"LANG": language} if language else None)
    return result.exit_code, result.output


def test_try_prints_value_and_unit(tmp_path: Path) -> None:
    code, output = call("try", config(tmp_path))
    assert code == 0
    head, row = output.splitlines()
    assert head.split() == ["设备", "点位", "地址", "值", "用时"]
    assert "3.25 kW" in row
    assert edge_command.width(head[: head.index("值")]) == edge_command.width(row[: row.rindex("3.25")])


def test_try_names_each_cause_and_fails(tmp_path: Path) -> None:
    bad = DEVICE.format(address="ok") + '[[device.point]]\nname = "坏"\naddress = "bad"\n'
    code, output = call("try", config(tmp_path, bad + DEVICE.format(address="dead").replace("总电表", "死机")))
    assert code == 1
    assert "3.25 kW" in output
    assert "✗ 读不到 坏。请检查。" in output
    assert "死机 拒绝连接" in output


def test_words_follow_the_language(tmp_path: Path) -> None:
    assert "machine" in call("try", config(tmp_path), "--lang", "en")[1]
    assert "machine" in call("try", config(tmp_path), language="en_GB.UTF-8")[1]
    assert "设备" in call("try", config(tmp_path), language="C.UTF-8")[1]


def test_try_includes_what_the_platform_configured(tmp_path: Path) -> None:
    path = config(tmp_path, device="")
    assert call("try", path)[0] == 1
    (tmp_path / "state").mkdir()
    press = DeviceConfig(
        id=1, name="压机", protocol="fake", address="ok", points=(PointConfig(id=2, name="压力", address="7"),)
    )
    kept = msgspec.json.encode(GatewayConfig(version=2, devices=(press,)))
    (tmp_path / "state" / "configuration.json").write_bytes(kept)
    code, output = call("try", path)
    assert code == 0
    assert "压机" in output


def test_a_bad_file_is_explained(tmp_path: Path) -> None:
    code, output = call("run", config(tmp_path, "[[device]]\nname = 1\n"))
    assert code == 1
    assert "第 1 个设备" in output
    code, output = call("status", str(tmp_path / "none.toml"), "--lang", "en")
    assert code == 1
    assert "cannot be opened" in output


def test_status_says_kindly_that_it_is_not_running(tmp_path: Path) -> None:
    code, output = call("status", config(tmp_path, port=free_port()))
    assert code == 1
    assert "没有在运行" in output
    assert "zhulian edge run" in output


async def test_status_and_page_of_a_running_gateway(tmp_path: Path) -> None:
    path = config(tmp_path, DEVICE.format(address="ok").replace("总电表", "总<b>电表"), free_port())
    async with Gateway(read_file(Path(path), PROTOCOL.protocols()), PROTOCOL.protocols()) as gateway:
        async with asyncio.timeout(60):
            while not gateway.scheduler.machines[0].last_good_us:  # noqa: ASYNC110 - it is looked at from outside
                await asyncio.sleep(0.02)
        code, output = await asyncio.to_thread(call, "status", path)
        assert code == 0
        assert "东车间网关" in output
        assert "正常" in output
        code, output = await asyncio.to_thread(call, "status", path, "--json")
        assert json.loads(output)["values"][0]["value"] == 3.25
        port = gateway.configuration.status_port
        answer = await gateway.link.call("GET", f"http://127.0.0.1:{port}/?lang=en")
        page = answer.body.decode()
        assert "3.25 kW" in page
        assert "Waiting to be sent" in page
        assert "总&lt;b&gt;电表" in page
        assert "<b>电表" not in page
        strange = await gateway.link.call("GET", f"http://127.0.0.1:{port}/", headers={"Host": "evil.example"})
        assert strange.status == 403


async def test_a_taken_status_port_does_not_stop_the_gateway(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        path = config(tmp_path, port=taken.getsockname()[1])
        async with Gateway(read_file(Path(path), PROTOCOL.protocols()), PROTOCOL.protocols()) as gateway:
            assert "status_port_taken" in [fault.code for fault in gateway.picture.faults()]


async def test_enrol_prints_who_it_is_or_why_not(tmp_path: Path) -> None:
    async with FakePlatform() as platform:
        path = config(tmp_path, url=platform.url)
        code, output = await asyncio.to_thread(call, "enrol", path, "OLD-CODE")
        assert code == 1
        assert "code_expired" in output
        code, output = await asyncio.to_thread(call, "enrol", path, "GOOD-CODE")
        assert code == 0
        assert "六安某某机械有限公司" in output
    code, output = await asyncio.to_thread(call, "enrol", path, "GOOD-CODE", "--lang", "en")
    assert code == 1
    assert "cannot be reached" in output


BASE_ONLY = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in sys.argv[1].split():
            raise ImportError(f"{name} is not part of the base install")
sys.meta_path.insert(0, Blocked())
import importlib, pkgutil
import zhulian.cli.edge, zhulian.edge
for module in pkgutil.walk_packages(zhulian.edge.__path__, "zhulian.edge."):
    importlib.import_module(module.name)
from zhulian.edge.protocols import protocols
print(len(protocols()))
"""


def test_needs_the_base_install_only() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BASE_ONLY, "django chdb pandas clickhouse_connect uvicorn openpyxl pymodbus"],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 2


RUN = """
import sys
sys.path.insert(0, sys.argv[2])
from peers.fake_protocol import FakeProtocol
from peers.ports import free_port
from zhulian.cli import edge
edge.known_protocols = FakeProtocol().protocols
edge.command(["run", sys.argv[1], "--lang", "en"])
"""


def test_sigterm_ends_it_cleanly_within_three_seconds(tmp_path: Path) -> None:
    """Once of five times is enough: it may be this computer that is slow."""
    assert any(seconds_to_end(tmp_path) < 3 for _ in range(5))


def seconds_to_end(tmp_path: Path) -> float:
    tests = str(Path(__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, config(tmp_path), tests],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    watchdog = threading.Timer(100, process.kill)
    watchdog.start()
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Running:")
    began_s = time.monotonic()
    process.terminate()
    assert process.wait() == 0
    took_s = time.monotonic() - began_s
    watchdog.cancel()
    process.stdout.close()
    return took_s
