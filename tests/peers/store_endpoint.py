"""Starts :mod:`store_process` and tells where it is; makes tables of readings in one line."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa

from zhulian.telemetry.store.engine import BLOCK_SCHEMA

KEY = "k%&/ey"
Row = tuple[int, int, int, float, str, int]


@dataclass(frozen=True)
class StoreEndpoint:
    port: int
    folder: Path
    key: str = KEY

    def url(self, database: str) -> str:
        """As ``ZHULIAN_TELEMETRY_URL`` has it."""
        return f"clickhouse://zhulian:{quote(self.key, safe='')}@127.0.0.1:{self.port}/{database}"


@contextmanager
def store_endpoint_in(folder: Path, *cluster: str) -> Iterator[StoreEndpoint]:
    """The process on ``folder``; with the name of a cluster, as its only server."""
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "peers.store_process", str(folder), KEY, *cluster],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield StoreEndpoint(int(process.stdout.readline()), folder)
        finally:
            process.stdin.close()
            process.wait(100)


def table(rows: Sequence[Row]) -> pa.Table:
    """Rows of (tenant, point, time_us, value, text, quality) as a block's table."""
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=BLOCK_SCHEMA)


def steady(tenant: int, point: int, start_us: int, step_us: int, values: Sequence[float]) -> list[Row]:
    """One good reading every ``step_us``."""
    return [(tenant, point, start_us + i * step_us, value, "", 0) for i, value in enumerate(values)]
