"""Ports for what a test starts a moment later: until it listens there, nobody else is given the same one.

A port of the kernel's own range may meanwhile go to the next socket that asks for any, in this test process or in one
of those beside it. These lie below that range, and a counter that all of them share gives each out once.
"""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

OURS = range(20_000, 32_000)
_COUNTER = Path(tempfile.gettempdir()) / f"zhulian-test-ports-{os.getuid()}"


def free_port() -> int:
    """A loopback port that nobody uses."""
    with _COUNTER.open("a+") as counter:
        fcntl.flock(counter, fcntl.LOCK_EX)
        counter.seek(0)
        said = counter.read()
        port = _after(int(said) if said else random.choice(OURS))
        while not _is_free(port):
            port = _after(port)
        counter.truncate(0)
        counter.write(str(port))
    return port


def _after(port: int) -> int:
    return port + 1 if port + 1 in OURS else OURS.start


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
