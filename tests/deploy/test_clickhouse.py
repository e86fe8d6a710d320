"""The files for a ClickHouse cluster agree with each other, with the code, and with the engine that we test with."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from zhulian.telemetry.store.cluster import SETTINGS

NODES = ["clickhouse-1", "clickhouse-2", "clickhouse-3"]
SECRETS = {"CLICKHOUSE_PASSWORD", "CLICKHOUSE_CLUSTER_SECRET", "CLICKHOUSE_REPLICA_PASSWORD"}
SAID = """
import os, sys
from urllib.parse import urlencode
from chdb.state.sqlitelike import Connection
connection = Connection(sys.argv[1] + "/chdb?" + urlencode({"config-file": sys.argv[1] + "/config.xml"}))
for sql in (
    "SELECT version()",
    "SELECT arrayStringConcat(groupArray(macro || '=' || substitution), ' ') FROM system.macros",
    "SELECT arrayStringConcat(groupArray(host_name || ':' || toString(port)), ' ') FROM system.clusters"
    " WHERE cluster = 'city' AND shard_num = 1",
):
    print(connection.query(sql, "TSV").bytes().decode().strip(), flush=True)
os._exit(0)
"""


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "deploy" / "clickhouse"


@pytest.fixture(scope="module")
def compose(folder: Path) -> dict[str, Any]:
    return dict(yaml.safe_load((folder / "compose.yaml").read_text("utf-8")))


@pytest.fixture(scope="module")
def machine(folder: Path) -> dict[str, Any]:
    return dict(yaml.safe_load((folder / "machine.yaml").read_text("utf-8")))


@pytest.fixture(scope="module")
def configuration(folder: Path) -> ElementTree.Element:
    return ElementTree.parse(folder / "config.d" / "zhulian.xml").getroot()


def test_there_are_three_servers_with_a_volume_each(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert list(services) == NODES
    data = [service["volumes"][0] for service in services.values()]
    assert [volume.split(":")[1] for volume in data] == ["/var/lib/clickhouse"] * 3
    assert {volume.split(":")[0] for volume in data} == set(compose["volumes"])
    for number, (name, service) in enumerate(services.items(), 1):
        assert service["hostname"] == service["environment"]["CLICKHOUSE_NODE"] == name
        assert service["environment"]["CLICKHOUSE_NODE_NUMBER"] == str(number)


def test_both_files_run_the_same_server(compose: dict[str, Any], machine: dict[str, Any]) -> None:
    alone = machine["services"]["clickhouse"]
    for service in compose["services"].values():
        for key in ("image", "healthcheck", "restart", "stop_grace_period", "ulimits"):
            assert service[key] == alone[key], key
        assert set(service["environment"]) == set(alone["environment"])
        assert service["volumes"][1:] == alone["volumes"][1:]
    assert [host.split(":")[0] for host in alone["extra_hosts"]] == NODES


def test_only_this_machine_reaches_the_servers_that_are_tried_on_it(compose: dict[str, Any]) -> None:
    assert all(port.startswith("127.0.0.1:") for one in compose["services"].values() for port in one["ports"])


def test_no_secret_has_a_value_or_a_default(folder: Path, compose: dict[str, Any], machine: dict[str, Any]) -> None:
    for service in (*compose["services"].values(), *machine["services"].values()):
        for name in SECRETS:
            assert re.fullmatch(rf"\$\{{{name}:\?[^}}]+}}", service["environment"][name])
    example = dict(line.split("=") for line in (folder / ".env.example").read_text().splitlines() if "=" in line)
    assert set(example) >= SECRETS
    assert not any(example.values())


def test_the_configuration_takes_from_the_environment_what_compose_gives(
    configuration: ElementTree.Element, compose: dict[str, Any]
) -> None:
    taken = {found for one in configuration.iter() if (found := one.get("from_env"))}
    assert taken >= SECRETS - {"CLICKHOUSE_PASSWORD"}  # that one is read by the image itself
    assert taken <= set(compose["services"][NODES[0]]["environment"])


def test_every_server_is_a_copy_a_keeper_and_a_member_of_its_vote(configuration: ElementTree.Element) -> None:
    for path in ("remote_servers/city/shard/replica/host", "zookeeper/node/host"):
        assert [one.text for one in configuration.findall(path)] == NODES, path
    members = configuration.findall("keeper_server/raft_configuration/server")
    assert [(one.findtext("id"), one.findtext("hostname")) for one in members] == [
        (str(number), name) for number, name in enumerate(NODES, 1)
    ]
    ports = {one.text for one in configuration.findall("zookeeper/node/port")}
    assert ports == {configuration.findtext("keeper_server/tcp_port")}


def test_copies_are_made_by_the_tables_and_the_keeper_writes_to_disk(configuration: ElementTree.Element) -> None:
    assert {one.text for one in configuration.findall("remote_servers/city/shard/internal_replication")} == {"true"}
    assert configuration.findtext("keeper_server/coordination_settings/force_sync") == "true"


def test_people_who_ask_by_hand_have_the_platforms_settings(folder: Path) -> None:
    profile = ElementTree.parse(folder / "users.d" / "zhulian.xml").getroot().find("profiles/default")
    assert profile is not None
    said = {setting.tag: setting.text for setting in profile}
    assert said.pop("async_insert") == "0"
    assert said.items() <= SETTINGS.items()


def test_the_image_is_of_the_series_that_is_tested(repository: Path, compose: dict[str, Any]) -> None:
    locked = re.search(r"^chdb-core==(\d+\.\d+)\.", (repository / "locks" / "city.txt").read_text(), re.MULTILINE)
    assert locked
    image = compose["services"][NODES[0]]["image"]
    assert image == f"clickhouse/clickhouse-server:${{CLICKHOUSE_VERSION:-{locked[1]}}}"


def test_clickhouse_reads_the_configuration_as_it_is_meant(folder: Path, tmp_path: Path) -> None:
    """The engine's own reader merges it, takes what stands in the environment, and says what it understood."""
    (tmp_path / "config.xml").write_text("<clickhouse/>")
    shutil.copytree(folder / "config.d", tmp_path / "config.d")
    given = dict.fromkeys(SECRETS, "secret") | {"CLICKHOUSE_NODE": "clickhouse-2", "CLICKHOUSE_NODE_NUMBER": "2"}
    said = subprocess.run(
        [sys.executable, "-c", SAID, str(tmp_path)],
        env=os.environ | given,
        check=True,
        capture_output=True,
        text=True,
        timeout=200,
    )
    version, macros, hosts = said.stdout.splitlines()
    assert version.startswith("26.9.")
    assert dict(one.split("=") for one in macros.split()) == {
        "cluster": "city",
        "shard": "01",
        "replica": "clickhouse-2",
    }
    assert hosts.split() == [f"{name}:9000" for name in NODES]


def test_compose_itself_accepts_both_files(folder: Path) -> None:
    docker = shutil.which("docker")
    if not docker or subprocess.run([docker, "compose", "version"], check=False, capture_output=True).returncode:
        pytest.skip("no docker with its compose plug-in on this machine")
    given = dict.fromkeys(SECRETS, "secret") | {f"CLICKHOUSE_ADDRESS_{n}": f"192.0.2.{n}" for n in (1, 2, 3)}
    for name in ("compose.yaml", "machine.yaml"):
        subprocess.run(
            [docker, "compose", "-f", str(folder / name), "config", "--quiet"],
            env=os.environ | given | {"CLICKHOUSE_NODE_NUMBER": "1"},
            check=True,
        )
