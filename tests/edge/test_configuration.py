"""Files as people write them: each mistake is named with its place, in both languages."""

from pathlib import Path

import pytest

from peers.fake_protocol import FakeProtocol
from zhulian.edge.checks import ConfigurationFaults
from zhulian.edge.configuration import read_file
from zhulian.wire.configuration import ConfigurationError

GOOD = """
[gateway]
name = "东车间网关"
[platform]
url = "http://127.0.0.1:8000/"
[[device]]
name = "总电表"
protocol = "fake"
address = "ok"
options = { unit = 1 }
[[device.point]]
name = "有功功率"
address = 40001
unit = "kW"
"""
PROTOCOLS = FakeProtocol().protocols()


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = path / "gateway.toml"
    file.write_bytes(text.encode(encoding))
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_reads_what_chinese_editors_write(tmp_path: Path, encoding: str) -> None:
    read = read_file(write(tmp_path, GOOD.replace("\n", "\r\n"), encoding), PROTOCOLS)
    assert read.name == "东车间网关"
    assert read.state == tmp_path / "state"
    assert read.platform_url == "http://127.0.0.1:8000"
    assert read.devices[0].points[0].address == "40001"
    assert read.devices[0].options == {"unit": 1}


def refused(path: Path, text: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        read_file(write(path, text), PROTOCOLS)
    assert caught.value.what.zh
    assert caught.value.what.en
    assert caught.value.next_step.zh
    return caught.value


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ('name = "总电表"', 'name = “总电表”', "configuration_toml", "第 7 行"),
        ('unit = "kW"', 'unti = "kW"', "configuration_unknown_key", "有功功率"),
        ('unit = "kW"', 'unit = 5', "configuration_field", "有功功率"),
        ('protocol = "fake"', "", "configuration_field", "缺少 protocol"),
        ('protocol = "fake"', 'protocol = "fakke"', "configuration_unknown_protocol", "fakke"),
        ("[platform]", "[platfrom]", "configuration_unknown_key", "platfrom"),
        ('url = "http://127.0.0.1:8000/"', 'url = "127.0.0.1"', "configuration_value", "platform.url"),
        ('unit = "kW"', "scale = nan", "configuration_value", "scale"),
        ('unit = "kW"', "scale = 0", "configuration_value", "scale"),
        ('unit = "kW"', "poll_s = 0", "configuration_value", "poll_s"),
        ('unit = "kW"', "poll_s = inf", "configuration_value", "poll_s"),
        ('unit = "kW"', "deadband = -1", "configuration_value", "deadband"),
        ('unit = "kW"', "low = 5\nhigh = 1", "configuration_value", "low, high"),
        ('unit = "kW"', "id = 5", "configuration_value", "平台分配"),
        ("address = 40001", 'address = "wrong"', "fake_address", "wrong"),
        ('name = "有功功率"', 'name = " "', "configuration_point_name", "为空"),
        ("[gateway]", "[gateway]\nstatus_port = 99999", "configuration_value", "status_port"),
    ],
)  # fmt: skip
def test_each_mistake_is_named(tmp_path: Path, old: str, new: str, code: str, says: str) -> None:
    fault = refused(tmp_path, GOOD.replace(old, new, 1))
    assert fault.code == code
    assert says in fault.what.zh + fault.next_step.zh


def test_a_near_miss_is_recognised(tmp_path: Path) -> None:
    assert "poll_s" in refused(tmp_path, GOOD.replace('unit = "kW"', "pol_s = 5")).next_step.zh.split("？")[0]
    assert "fake" in refused(tmp_path, GOOD.replace('protocol = "fake"', 'protocol = "fak"')).next_step.en.split("?")[0]


def test_all_mistakes_are_listed_together(tmp_path: Path) -> None:
    text = GOOD + "".join(f'[[device.point]]\nname = "p{n}"\naddress = "0"\nscale = 0\n' for n in range(8))
    fault = refused(tmp_path, text)
    assert isinstance(fault, ConfigurationFaults)
    assert len(fault.faults) == 8
    assert "另有 3 处" in fault.what.zh


def test_twins_are_refused(tmp_path: Path) -> None:
    twin = GOOD[GOOD.index("[[device]]") :]
    assert refused(tmp_path, GOOD + twin).code == "configuration_device_name"


def test_a_missing_file_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_file(tmp_path / "none.toml", PROTOCOLS)
    assert caught.value.code == "configuration_missing"
    (tmp_path / "x.toml").write_bytes(b"\xff\xff\xff\x80" * 9)
    with pytest.raises(ConfigurationError) as caught:
        read_file(tmp_path / "x.toml", PROTOCOLS)
    assert caught.value.code == "configuration_encoding"
