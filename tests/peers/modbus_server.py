"""The independent Modbus machine of the tests: our C source around Debian's libmodbus, compiled once.

Without a compiler or libmodbus the test is skipped and says so; under CI=true, where they were promised, it fails.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from zhulian.cli.bench.peers import modbus


@contextmanager
def serving(port: int = 0, registers: int = 1000, delay_ms: int = 0) -> Iterator[int]:
    """A libmodbus server in its own process; gives its port. What its registers hold is told in the C source."""
    try:
        modbus.program()
    except modbus.PeerMissing as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI=true, and the Modbus peer {missing}", pytrace=False)
        pytest.skip(f"the Modbus peer {missing}")
    with modbus.serving(port, registers, delay_ms) as listening:
        yield listening
