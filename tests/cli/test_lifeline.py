"""A child ends with its parent, also when the parent was gone before the child could ask for that."""

import os
import subprocess
import sys
import time

import pytest

LATE = """
import os, sys, time
from zhulian.cli.lifeline import die_with_parent
parent = int(sys.argv[1])
while os.getppid() == parent:
    time.sleep(0.01)
die_with_parent(parent)
time.sleep(600)
"""
PARENT = f"""
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {LATE!r}, str(os.getpid())], stdout=subprocess.DEVNULL)
print(child.pid, flush=True)
os._exit(0)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's own")
def test_an_orphan_that_asks_too_late_ends_itself() -> None:
    said = subprocess.run([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, check=True).stdout
    deadline = time.monotonic() + 100
    while _lives(int(said)):
        assert time.monotonic() < deadline, "somebody was left behind"
        time.sleep(0.02)


def _lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True
