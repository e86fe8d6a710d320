"""A folder that becomes read-only under a running process, as when the kernel finds a fault in a file system.

A mount cannot be made read-only while files are open for writing, so the calls are refused inside of the process: by a
small library that is compiled from ``read_only.c`` and preloaded. Needs a C compiler and Linux.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zhulian.cli.bench.chain.disk import NoDiskError

SOURCE = Path(__file__).with_name("read_only.c")


class ReadOnly:
    """``environment`` goes to the process; ``folder`` is outside of its data."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            raise NoDiskError("a folder that becomes read-only needs a C compiler (apt-get install gcc libc6-dev)")
        library = folder / "read_only.so"
        command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"]
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own source
        if done.returncode:
            raise NoDiskError(f"{compiler}: {done.stderr.strip()}")
        self._sign = folder / "read only"
        self.environment = {"LD_PRELOAD": str(library), "BENCH_READ_ONLY": str(self._sign)}

    @contextmanager
    def now(self) -> Iterator[None]:
        """Inside, nothing can be changed."""
        self._sign.touch()
        try:
            yield
        finally:
            self._sign.unlink()
