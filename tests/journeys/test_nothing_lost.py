"""Nothing lost, nothing twice: numbered readings, while processes are killed and the link is cut.

A machine counts its own reads, so each reading carries a number that no other has, and the machine keeps a list of what
it gave away. A gateway polls it; telemetry, web and the gateway are killed with SIGKILL in random order; the link
between gateway and platform is cut for a while. At the end every number that the machine gave away is in the store
exactly once. The only exception that physics allows: a number read in the last moment before the *gateway itself* was
killed, younger than its group commit, was never taken over by anybody; such a number may be missing, never doubled.
"""

import os
import random
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from peers.cuttable_link import CuttableLink
from peers.numbered_machine import NumberedMachine
from peers.platform import Part, Platform, running_platform, wait_until
from zhulian.edge.recorder import COMMIT_EVERY_S

UNITS = (1, 2, 3)
KILLS_EACH = 4
CUT_S = 75.0
GRACE_S = COMMIT_EVERY_S + 0.5
"""How old a number may be at the gateway's death and still not be on its disk: group commit, and a moment for the disk;
longer only by as much as the disk takes at that very moment."""
SEED = 20261124

ENTERPRISE = """
from zhulian.organisations import workflows as w
from zhulian.organisations.models import User
from zhulian.organisations.rules import credit_check_character
from zhulian.organisations.tenancy import SYSTEM as mayor
code = "91341502DEM000019"
firm = w.create_enterprise(mayor, w.NewEnterprise(name="试验厂", credit_code=code + credit_check_character(code),
    industry="C3130", district="341502"))
user = User.objects.get(pk=w.create_user(mayor, "admin", "a-good-long-pass-phrase"))
print(w.create_code(mayor, w.create_gateway(mayor, firm, "试验网关"), user).text)
"""

DEVICE = """
[[device]]
name = "计数器 {unit}"
protocol = "modbus_tcp"
address = "{address}"
options = {{ unit = {unit} }}
poll_s = 0.1
timeout_s = 1.0
[[device.point]]
name = "编号"
address = "holding:0"
type = "uint32"
"""


def gateway_file(folder: Path, platform_url: str, code: str, machine: NumberedMachine) -> Path:
    """The gateway's configuration: three counters on one machine."""
    devices = "".join(DEVICE.format(unit=unit, address=machine.address) for unit in UNITS)
    head = f'[gateway]\nname = "试验网关"\nstatus_port = 0\n[platform]\nurl = "{platform_url}"\ncode = "{code}"\n'
    file = folder / "gateway.toml"
    file.write_text(head + devices, encoding="utf-8")
    return file


def stored(platform: Platform) -> dict[int, dict[int, int]]:
    """Point id → number → how many times it is in the store."""
    rows = platform.store().query("SELECT point, toUInt32(value), count() FROM readings GROUP BY 1, 2").result_rows
    found: dict[int, dict[int, int]] = {}
    for point, number, times in rows:
        found.setdefault(point, {})[number] = times
    return found


def rolled_up(platform: Platform) -> int:
    """Rows as the hourly sums count them."""
    return int(platform.store().query("SELECT sum(rows) FROM hourly").result_rows[0][0])


class Death(NamedTuple):
    """When the gateway was killed, and how old a number may be that went with it."""

    monotonic_s: float
    grace_s: float


def kill_in_random_order(parts: list[Part], link: CuttableLink, disk: Path) -> list[Death]:
    """Kill each part several times, the link cut for a while in between. Returns the gateway's deaths."""
    order = [part for part in parts for _ in range(KILLS_EACH)]
    chance = random.Random(SEED)
    chance.shuffle(order)
    deaths: list[Death] = []
    for count, part in enumerate(order):
        time.sleep(chance.uniform(1.0, 4.0))
        if count == len(order) // 2:
            link.cut()
            cut_at = time.monotonic()
        grace_s = GRACE_S + 2 * seconds_to_write(disk)
        part.kill()
        if part.name == "edge":
            deaths.append(Death(time.monotonic(), grace_s))
        part.start()
    time.sleep(max(0.0, CUT_S - (time.monotonic() - cut_at)))
    link.mend()
    return deaths


def seconds_to_write(disk: Path) -> float:
    """How long a few bytes take to the disk at this moment."""
    began_s = time.monotonic()
    with (disk / "measured").open("wb") as file:
        file.write(bytes(4096))
        file.flush()
        os.fsync(file.fileno())
    return time.monotonic() - began_s


@pytest.mark.endurance
@pytest.mark.timeout(900)
def test_every_number_arrives_exactly_once(tmp_path: Path) -> None:
    with (
        NumberedMachine() as machine,
        running_platform(tmp_path) as platform,
        CuttableLink(platform.ingest_port) as link,
    ):
        platform.environment["ZHULIAN_INGEST_URL"] = f"http://127.0.0.1:{link.port}"
        platform.web.kill()
        platform.web.start()
        platform.wait_ready()
        file = gateway_file(tmp_path, platform.url, platform.django(ENTERPRISE), machine)
        edge = platform.part("edge", "edge", "run", str(file))
        edge.start()
        try:
            wait_until(lambda: stored(platform), 150, "the first numbers are stored")
            deaths = kill_in_random_order([platform.telemetry, platform.web, edge], link, tmp_path)
            platform.wait_ready()
            machine.is_resting = True
            wait_until(lambda: all_arrived(platform, machine, deaths), 300, "everything the gateway took is stored")
        finally:
            edge.stop()
        check(platform)


def may_be_missing(monotonic_s: float, deaths: list[Death]) -> bool:
    """Whether a number served then may have died with the gateway before anybody had taken it over."""
    return any(0 <= death.monotonic_s - monotonic_s <= death.grace_s for death in deaths)


def all_arrived(platform: Platform, machine: NumberedMachine, deaths: list[Death]) -> bool:
    """Whether every number that must be there is there."""
    points = stored(platform)
    wanted = [
        {served.number for served in numbers if not may_be_missing(served.monotonic_s, deaths)}
        for numbers in machine.served.values()
    ]
    return all(any(numbers <= set(found) for found in points.values()) for numbers in wanted)


def check(platform: Platform) -> None:
    """No number twice, neither in the table nor in the hourly sums."""
    points = stored(platform)
    assert len(points) == len(UNITS)
    doubled = {point: [n for n, times in found.items() if times > 1] for point, found in points.items()}
    assert not any(doubled.values()), f"numbers stored more than once: {doubled}"
    assert rolled_up(platform) == sum(len(found) for found in points.values())
