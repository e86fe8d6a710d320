"""Power cuts of the whole chain (journal, store, hourly sums) on a real file system, while gateways send."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from peers.disk_in_a_file import DiskInAFile
from peers.numbered_gateway import NumberedGateway, assert_exactly_once
from peers.telemetry_process import TelemetryProcess

CUTS = 4
BETWEEN_S = 3.0

pytestmark = pytest.mark.endurance


@pytest.fixture
def disk(tmp_path: Path, need_tool: Callable[[str], Path]) -> Iterator[DiskInAFile]:
    need_tool("mkfs.ext4")
    if os.geteuid() != 0:
        pytest.skip("a power cut needs a loop device, and that needs root")
    disk = DiskInAFile(tmp_path)
    try:
        disk.mount()
    except subprocess.CalledProcessError as fault:
        pytest.skip(f"a power cut needs a loop device, and this machine gives none: {fault.stderr!r}")
    yield disk
    disk.__exit__()


def test_power_cuts_leave_every_acknowledged_reading_exactly_once(disk: DiskInAFile, tmp_path: Path) -> None:
    telemetry = TelemetryProcess(disk.place / "data")
    telemetry.log = tmp_path / "telemetry.log"
    with telemetry:
        gateways = [NumberedGateway(telemetry, number) for number in (1, 2, 3)]
        for gateway in gateways:
            gateway.start()
        for _ in range(CUTS):
            time.sleep(BETWEEN_S)
            disk.cut_power()
            time.sleep(0.2)  # the process meets the dead disk: nothing more may be acknowledged
            telemetry.kill()
            disk.unmount()
            disk.mount()
            telemetry.start()
        for gateway in gateways:
            gateway.is_wanted = False
            gateway.join(20)
            assert gateway.acknowledged
        assert_exactly_once(telemetry, gateways)
        assert telemetry.json("/health")["store_alarms"] == []
