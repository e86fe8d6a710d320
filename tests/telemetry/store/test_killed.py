"""SIGKILL in the middle of insertions: after the same blocks are sent again, every row is there once, sums as well.

A kill leaves the page cache alone, so this shows that re-sending makes whole; that a power cut loses nothing was
measured with the same settings (docs/reference/store.md).
"""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from peers.store_endpoint import steady, table
from zhulian.telemetry.store.embedded import EmbeddedEngine
from zhulian.telemetry.store.engine import Block

NOON_US = 1_790_035_200_000_000
ROWS, BLOCKS = 2000, 40
INSERT_ALL = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[2], sys.argv[3]]
from test_killed import BLOCKS, block
from zhulian.telemetry.store.embedded import EmbeddedEngine
engine = EmbeddedEngine.open(Path(sys.argv[1]), 512)
for number in range(BLOCKS):
    engine.insert(block(number))
    print(number, flush=True)
"""


def block(number: int) -> Block:
    """Over three days, so that one block is several parts and a kill may come between them."""
    start_us = NOON_US + number * 1000
    return Block(f"killed-{number}", table(steady(1, 1, start_us, 100_000_000, [1.0] * ROWS)))


@pytest.mark.parametrize("acknowledged", [1, 4, 11])
def test_killed_between_or_within_blocks(tmp_path: Path, acknowledged: int) -> None:
    here, tests = Path(__file__).parent, Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", INSERT_ALL, str(tmp_path), str(here), str(tests)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        for _ in range(acknowledged):
            assert process.stdout.readline().strip().isdigit()
        process.send_signal(signal.SIGKILL)
    engine = EmbeddedEngine.open(tmp_path, 512)
    try:
        for number in range(acknowledged + 3):
            engine.insert(block(number))
        sql = "SELECT count(), (SELECT sum(rows) FROM hourly) FROM readings"
        expected = ROWS * (acknowledged + 3)
        assert b"".join(engine.query(sql, "TSV")).decode().split() == [str(expected)] * 2
        assert engine.alarms() == []
    finally:
        engine.close()
