"""The libmodbus server as a process, compiled once from ``modbus_server.c``; for ``bench edge`` and the tests."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOURCE = Path(__file__).with_name("modbus_server.c")


class PeerMissing(Exception):  # noqa: N818
    """The compiler or Debian's libmodbus-dev is not on this machine."""


def program() -> Path:
    """The compiled server; compiled at the first call and kept in the temporary folder."""
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:12]
    built = Path(tempfile.gettempdir()) / f"zhulian-modbus-server-{digest}"
    if not built.exists():
        compiler = shutil.which("cc")
        if compiler is None or not Path("/usr/include/modbus/modbus.h").exists():
            raise PeerMissing("needs a C compiler and libmodbus (apt-get install gcc libmodbus-dev)")
        made = built.with_suffix(f".{os.getpid()}")  # another process may be at it too
        subprocess.run([compiler, "-O2", "-I/usr/include/modbus", "-o", made, SOURCE, "-lmodbus"], check=True)  # noqa: S603
        made.replace(built)
    return built


@contextmanager
def serving(port: int = 0, registers: int = 1000, delay_ms: int = 0) -> Iterator[int]:
    """A running server; gives the port it listens on."""
    arguments = [str(program()), str(port), str(registers), str(delay_ms)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdout is not None  # noqa: S101
        try:
            ready, _, listening = process.stdout.readline().decode().partition(" ")
            if ready != "ready":
                raise PeerMissing(f"the server did not start on port {port}")
            yield int(listening)
        finally:
            process.kill()
